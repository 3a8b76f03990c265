/** Adding and changing cameras: with streams or not at all, and what it can do is asked without holding anybody up. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { HubError, type ErrorCode } from '#core/base/errors.ts';
import { silentLogger } from '#core/base/logger.ts';
import { CameraRegistry } from '#core/cameras/registry.ts';
import { openSecretBox } from '#core/cameras/secret-box.ts';
import { CameraSidecar } from '#core/cameras/sidecar.ts';
import type { OnvifDescription, OnvifTarget } from '#core/domain/onvif.ts';
import { CameraAsker, type AskOnvif } from '#core/hub/camera-asker.ts';
import { Enrolment } from '#core/hub/enrolment.ts';
import { OnvifFinder } from '#core/hub/onvif-finder.ts';
import { openStore, type Store } from '#core/store/store.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const never = new AbortController().signal;
const clock = new ManualClock();
let folder: string;
let store: Store;
let registry: CameraRegistry;
let enrolment: Enrolment;
let asked: OnvifTarget[];
let failure: ErrorCode | null;
let streamUrl: string | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-enrolment-'));
  store = openStore(':memory:', clock);
  const secrets = openSecretBox(join(folder, 'key'));
  const sidecar = new CameraSidecar(join(folder, 'cameras.json'), silentLogger);
  registry = new CameraRegistry({ cameras: store.cameras, secrets, sidecar, clock, logger: silentLogger });
  asked = [];
  failure = null;
  streamUrl = 'rtsp://10.0.0.2/main';
  const ask: AskOnvif = (_operation: string, target: OnvifTarget) => {
    asked.push(target);
    return failure === null ? Promise.resolve(answer(target.url)) : Promise.reject(new HubError(failure, 'No.'));
  };
  const asker = new CameraAsker({ ask, credentials: (camera) => registry.credentials(camera) });
  const finder = new OnvifFinder({ ask, openPorts: () => Promise.resolve({ open: [8080], failure: null }) });
  enrolment = new Enrolment({ registry, finder, asker, clock, logger: silentLogger });
});
afterEach(() => {
  enrolment.stop();
  store.close();
  removeFolder(folder);
});

function answer(url: string): OnvifDescription {
  return {
    url,
    info: { make: 'Acme', model: 'Dome', firmware: '1.2', serial: '', hardware: '' },
    clock: { cameraMs: null, offsetMs: 0, timeZone: null, source: 'unknown' },
    profiles: [
      {
        token: 'm',
        name: 'm',
        service: 'media2',
        source: 's',
        streamUrl,
        snapshotUrl: null,
        video: null,
        audio: null,
        ptz: true,
      },
    ],
    chosen: { main: 'm', sub: null },
    ptz: null,
    imaging: null,
    events: { pullPoint: true, base: false, signals: ['motion'] },
    relays: [],
    talk: true,
    problems: [],
  };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('adding by the ONVIF address alone', () => {
  it('takes the streams from the camera, the port where it answers, and seals the password', async () => {
    const camera = await enrolment.add({ name: 'Porch', onvifUrl: 'admin:p%40ss@10.0.0.2' }, never);
    expect(camera).toMatchObject({
      url: 'rtsp://10.0.0.2/main',
      subUrl: null,
      onvifUrl: 'http://10.0.0.2:8080/onvif/device_service',
      onvif: { make: 'Acme', model: 'Dome', mainProfile: 'm', ptz: false, talk: true, signals: ['motion'] },
      username: 'admin',
    });
    expect(registry.credentials(camera)).toEqual({ username: 'admin', password: 'p@ss' });
    expect(JSON.stringify(registry.list())).not.toContain('p@ss');
    expect(asked[0]).toMatchObject({ username: 'admin', password: 'p@ss', cameraName: 'Porch' });
  });

  it.each(['camera_wrong_password', 'camera_silent', 'camera_clock'] as const)(
    'adds nothing when the camera fails with %s',
    async (code) => {
      failure = code;
      await expect(enrolment.add({ name: 'Porch', onvifUrl: '10.0.0.2:80' }, never)).rejects.toMatchObject({ code });
      expect(registry.list()).toEqual([]);
    },
  );

  it('adds nothing when the camera names no stream, or no address is given', async () => {
    streamUrl = null;
    await expect(enrolment.add({ name: 'Porch', onvifUrl: '10.0.0.2:80' }, never)).rejects.toMatchObject({
      code: 'camera_no_video',
    });
    await expect(enrolment.add({ name: 'Porch' }, never)).rejects.toMatchObject({ code: 'bad_request' });
    expect(registry.list()).toEqual([]);
  });
});

describe('adding by the stream and the ONVIF address', () => {
  it('is done at once; what the camera can do is known soon after', async () => {
    const camera = await enrolment.add({ name: 'Porch', url: 'rtsp://10.0.0.2/x', onvifUrl: '10.0.0.2' }, never);
    expect(camera).toMatchObject({ url: 'rtsp://10.0.0.2/x', onvif: null });
    await expect.poll(() => registry.get(camera.id).onvif?.model).toBe('Dome');
    expect(registry.get(camera.id)).toMatchObject({
      url: 'rtsp://10.0.0.2/x',
      onvifUrl: 'http://10.0.0.2:8080/onvif/device_service',
    });
  });

  it('is done whatever the camera says to that, and F15: is asked once', async () => {
    failure = 'camera_wrong_password';
    const camera = await enrolment.add({ name: 'Porch', url: 'rtsp://10.0.0.2/x', onvifUrl: '10.0.0.2:80' }, never);
    await settle();
    await expect(enrolment.describe(registry.get(camera.id), never)).rejects.toMatchObject({
      code: 'camera_wrong_password',
    });
    enrolment.change(camera.id, { name: 'Other name' });
    await settle();
    expect(asked).toHaveLength(1);
    enrolment.change(camera.id, { password: 'another' });
    await expect.poll(() => asked.length).toBe(2);
    expect(asked[1]?.password).toBe('another');
  });

  it('a new address makes void what was known of the old one; a removed camera is not brought back', async () => {
    const camera = await enrolment.add({ name: 'Porch', url: 'rtsp://10.0.0.2/x', onvifUrl: '10.0.0.2:80' }, never);
    await expect.poll(() => registry.get(camera.id).onvif?.model).toBe('Dome');
    failure = 'camera_silent';
    expect(enrolment.change(camera.id, { onvifUrl: '10.0.0.3:80' }).onvif).toBeNull();
    await expect.poll(() => asked.at(-1)?.url).toBe('http://10.0.0.3:80/onvif/device_service');
    registry.remove(camera.id, (_id, removeRow) => removeRow());
    enrolment.remember(camera, answer(camera.onvifUrl ?? ''));
    expect(registry.list()).toEqual([]);
  });
});
