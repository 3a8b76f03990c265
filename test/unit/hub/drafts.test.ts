/** Cameras that are being added: shown to who looks, gone soon after, and their password kept from other hosts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { Drafts } from '#core/hub/drafts.ts';
import type { Kept } from '#core/hub/kept-password.ts';

const kept: Kept = {
  urls: ['rtsp://10.0.0.2/a', 'http://10.0.0.2/onvif/device_service'],
  username: 'admin',
  password: 'kept',
};
let clock: ManualClock;
let drafts: Drafts;
let gone: (CameraId | null)[];
beforeEach(() => {
  clock = new ManualClock();
  drafts = new Drafts({ kept: (id) => (id === 'c000000000000' ? kept : null), clock });
  gone = [];
  drafts.changed.on((id) => gone.push(id));
});
afterEach(() => {
  drafts.stop();
});
const pass = (ms: number): void => {
  clock.advance(ms);
  drafts.tick();
};
const passwordOf = (id: CameraId): string | null => {
  const camera = drafts.find(id);
  return camera && drafts.credentials(camera).password;
};

describe('a draft', () => {
  it('is pulled, without sound, recorded nowhere and analysed by nobody', () => {
    const id = drafts.add({ url: 'rtsp://admin:pa%40ss@10.0.0.9/main', subUrl: 'rtsp://10.0.0.9/sub' });
    expect(drafts.find(id)).toMatchObject({
      url: 'rtsp://10.0.0.9/main',
      subUrl: 'rtsp://10.0.0.9/sub',
      record: 'off',
      audio: false,
      sealedPassword: null,
      detect: { enabled: false },
    });
    expect(passwordOf(id)).toBe('pa@ss');
    expect(gone).toEqual([null]);
  });

  it('is gone 20 s after nobody looks any more', () => {
    const id = drafts.add({ url: 'rtsp://10.0.0.9/main' });
    const leave = drafts.watch(id);
    pass(60_000);
    expect(drafts.find(id)).not.toBeNull();
    leave();
    pass(19_999);
    expect(drafts.find(id)).not.toBeNull();
    pass(1);
    expect(drafts.find(id)).toBeNull();
    expect(gone).toEqual([null, id]);
  });

  it('that nobody ever looked at is gone after 20 s, and one that is looked at after ten minutes', () => {
    const unseen = drafts.add({ url: 'rtsp://10.0.0.9/main' });
    const seen = drafts.add({ url: 'rtsp://10.0.0.9/main' });
    drafts.watch(seen);
    pass(20_000);
    expect([drafts.find(unseen) === null, drafts.find(seen) === null]).toEqual([true, false]);
    pass(580_000);
    expect(drafts.list()).toEqual([]);
  });

  it('gives way to a newer one when nobody looks at it; a fifth that all are looked at is refused', () => {
    const ids = Array.from({ length: 4 }, () => drafts.add({ url: 'rtsp://10.0.0.9/main' }));
    for (const id of ids.slice(1)) drafts.watch(id);
    const fifth = drafts.add({ url: 'rtsp://10.0.0.9/main' });
    expect(drafts.find(ids[0] ?? '')).toBeNull();
    drafts.watch(fifth);
    expect(() => drafts.add({ url: 'rtsp://10.0.0.9/main' })).toThrow(
      expect.objectContaining({ code: 'too_many' }) as Error,
    );
    expect(drafts.list()).toHaveLength(4);
  });

  it('of a camera of the home uses its password, at its own host alone', () => {
    const cameraId = 'c000000000000';
    const own = drafts.add({ url: 'rtsp://10.0.0.2/other', subUrl: 'rtsp://10.0.0.2/sub', cameraId });
    expect(passwordOf(own)).toBe('kept');
    const elsewhere = drafts.add({ url: 'rtsp://10.0.0.66/a', cameraId });
    expect(passwordOf(elsewhere)).toBeNull();
    const mixed = drafts.add({ url: 'rtsp://10.0.0.2/a', subUrl: 'rtsp://10.0.0.66/b', cameraId });
    expect(drafts.find(mixed)?.subUrl).toBeNull();
  });

  it('at an address of another kind is refused and nothing is pulled', () => {
    expect(() => drafts.add({ url: 'exec:ls' })).toThrow(
      expect.objectContaining({ code: 'unsupported_source' }) as Error,
    );
    expect(gone).toEqual([]);
  });
});
