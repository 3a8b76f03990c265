import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { silentLogger } from '#core/base/logger.ts';
import { CameraRegistry } from '#core/cameras/registry.ts';
import { openSecretBox } from '#core/cameras/secret-box.ts';
import { CameraSidecar } from '#core/cameras/sidecar.ts';
import { withoutSecrets } from '#core/log.ts';
import { openStore } from '#core/store/store.ts';
import { removeFolder } from '../../support/remove-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-secret-'));
});
afterEach(() => {
  removeFolder(folder);
});

function registry(): CameraRegistry {
  return new CameraRegistry({
    cameras: openStore(':memory:', new ManualClock()).cameras,
    secrets: openSecretBox(join(folder, 'secret.key')),
    sidecar: new CameraSidecar(join(folder, 'cameras.json'), silentLogger),
    clock: new ManualClock(),
    logger: silentLogger,
  });
}

describe('the secret box', () => {
  it('opens what it sealed, and nothing that was changed or sealed elsewhere', () => {
    const box = openSecretBox(join(folder, 'secret.key'));
    const other = openSecretBox(join(folder, 'other.key'));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (plain) => {
        const sealed = box.seal(plain);
        expect(box.open(sealed)).toBe(plain);
        expect(box.seal(plain)).not.toBe(sealed);
        expect(() => other.open(sealed)).toThrow();
        const last = sealed.at(-3) === 'A' ? 'B' : 'A';
        expect(() => box.open(`${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`)).toThrow();
      }),
      { numRuns: 50, examples: [['пароль 密码 🔑'], ['']] },
    );
    expect(() => box.open('nonsense')).toThrow();
  });

  it('keeps its key to the owner and refuses one that is damaged', () => {
    const path = join(folder, 'secret.key');
    openSecretBox(path);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(path, 'short');
    expect(() => openSecretBox(path)).toThrow(/key file/);
  });
});

describe('F14: a password in an address', () => {
  it('is taken out and sealed, with every printable character, and given only to who connects', () => {
    const cameras = registry();
    const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));
    const marks = Array.from(printable).filter((mark) => !/[a-z0-9]/i.test(mark));
    for (const password of [`a${marks.join('')}`, ...marks.map((mark) => `a${mark}b`)]) {
      const typed = cameras.add({ name: 'x', url: 'rtsp://127.0.0.1/a', username: 'admin', password });
      expect(cameras.credentials(typed)).toEqual({ username: 'admin', password });
      const inUrl = cameras.add({ name: 'x', url: `rtsp://admin:${encodeURIComponent(password)}@127.0.0.1/a` });
      expect(cameras.credentials(inUrl)).toEqual({ username: 'admin', password });
      expect(inUrl.url).toBe('rtsp://127.0.0.1/a');
    }
    expect(readFileSync(join(folder, 'cameras.json'), 'utf8')).not.toContain('admin:');
  });

  it('stays when other things are changed, and goes when it is taken away', () => {
    const cameras = registry();
    const { id } = cameras.add({ name: 'x', url: 'rtsp://a:b@127.0.0.1/a' });
    expect(cameras.credentials(cameras.change(id, { name: 'y', url: 'rtsp://127.0.0.1/b' })).password).toBe('b');
    expect(cameras.credentials(cameras.change(id, { password: null })).password).toBeNull();
  });
});

describe('cameras.json', () => {
  it('gives back what was there, and nothing where it was damaged', () => {
    const cameras = registry();
    const added = cameras.add({ name: 'Porch', url: 'rtsp://a:b@127.0.0.1/a', detect: { minArea: 0.1 } });
    cameras.add({ name: 'Demo', url: 'rtsp://127.0.0.1/d' }, { demo: true });
    const path = join(folder, 'cameras.json');
    expect(new CameraSidecar(path, silentLogger).read()).toEqual([added]);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 80));
    expect(new CameraSidecar(path, silentLogger).read()).toEqual([]);
  });
});

describe('the log', () => {
  it.each([
    ['"url":"rtsp://admin:p@ss@10.0.0.1/x"', 'p@ss'],
    ['GET /open?key=abc123def', 'abc123def'],
    ['Authorization: Bearer abc.DEF-123', 'abc.DEF-123'],
    ['http://cam/cgi?user=a&password=hunter2&x=1', 'hunter2'],
  ])('has no secret of %s', (line, secret) => {
    expect(withoutSecrets(line)).not.toContain(secret);
  });
});

describe('certificates of cameras', () => {
  it('the first one at an address is kept, also in the copy beside the database; a person can have them forgotten', () => {
    const home = registry();
    const { id } = home.add({ name: 'Door', url: 'rtsps://192.0.2.5/main' });
    home.pin(id, '192.0.2.5:322', 'AA:01');
    home.pin(id, '192.0.2.5:322', 'BB:02');
    expect(home.get(id).tlsPins).toEqual({ '192.0.2.5:322': 'AA:01' });
    const beside = new CameraSidecar(join(folder, 'cameras.json'), silentLogger).read();
    expect(beside[0]?.tlsPins).toEqual({ '192.0.2.5:322': 'AA:01' });
    expect(home.forgetPins(id).tlsPins).toEqual({});
    home.pin(id, '192.0.2.5:322', 'BB:02');
    expect(home.get(id).tlsPins).toEqual({ '192.0.2.5:322': 'BB:02' });
    home.pin('caaaaaaaaaaaa', '192.0.2.5:322', 'CC:03');
  });
});
