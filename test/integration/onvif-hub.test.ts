/** ONVIF through the API, whole: the hub as a person starts it, and virtual cameras in a process of their own. */
import { existsSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnswerOf } from '#core/api/routes.ts';
import type { Camera, Event } from '#core/api/schemas.ts';
import * as o from '#core/api/onvif-schemas.ts';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { startTlsFront, whyNoOpenssl } from '../support/tls-front.ts';
import { skipFor } from '../support/tools.ts';
import { startOnvifCameras, type OnvifCameras, type RunningOnvifCamera } from '../support/onvif-camera.ts';

const user = { username: 'admin', password: 'p@ss/wörd#1?' };
const sixteen = 16;

let hub: HubProcess;
let cameras: OnvifCameras;
let one: RunningOnvifCamera;
let porch: Camera;

beforeAll(async () => {
  [hub, cameras] = await Promise.all([
    startHub({ port: 29_760 }),
    startOnvifCameras(sixteen, { ...user, discovery: true }),
  ]);
  one = camera(0);
});
afterAll(async () => {
  await Promise.all([hub.stop(), cameras.stop()]);
});

function camera(index: number): RunningOnvifCamera {
  const found = cameras.cameras[index];
  if (!found) throw new Error(`There is no camera ${index}.`);
  return found;
}

interface Failure {
  status: number;
  code: string;
  message: string;
}
async function fails(method: string, path: string, body?: unknown): Promise<Failure> {
  const answer = await fetch(hub.base + path, {
    method,
    headers: {
      authorization: `Bearer ${hub.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { error } = (await answer.json()) as { error?: Omit<Failure, 'status'> };
  if (!error) throw new Error(`${method} ${path} was expected to fail.`);
  return { status: answer.status, ...error };
}

describe('a camera that is added by its ONVIF address alone', () => {
  it('is described first, then recorded from its main stream and analysed from its sub stream', async () => {
    porch = await hub.call<Camera>('POST', '/api/cameras', {
      name: 'Porch',
      onvifUrl: `127.0.0.1:${one.onvifPort}`,
      room: 'Front',
      ...user,
    });
    expect(porch).toMatchObject({
      url: one.url,
      subUrl: one.subUrl,
      onvifUrl: one.onvifUrl,
      room: 'Front',
      hasPassword: true,
      onvif: { make: 'Porchlight', mainProfile: 'main', subProfile: 'sub', ptz: true, imaging: true, talk: true },
    });
    await until('recording', 15, async () => {
      const { streams } = await hub.call<Camera>('GET', `/api/cameras/${porch.id}`);
      return streams.every(({ state }) => state === 'streaming') && streams[0]?.recording;
    });
  });

  it('is taken for what it is when the device service is typed as the address', async () => {
    const typed = await hub.call<Camera>('POST', '/api/cameras', { name: 'Typed', url: one.onvifUrl, ...user });
    expect(typed).toMatchObject({ url: one.url, subUrl: one.subUrl, onvifUrl: one.onvifUrl });
    await hub.call('DELETE', `/api/cameras/${typed.id}`);
  });

  it('F15: with a wrong password is refused after one try, and not tried again', async () => {
    const other = camera(1);
    const body = { name: 'Locked', onvifUrl: other.onvifUrl, ...user, password: 'wrong' };
    const before = await other.figures();
    const answer = await fails('POST', '/api/cameras', body);
    expect(answer).toMatchObject({ status: 422, code: 'camera_wrong_password' });
    expect(answer.message).toContain('Locked');
    const tried = (await other.figures()).onvif.wrongPasswords - before.onvif.wrongPasswords;
    expect(tried).toBeLessThanOrEqual(2);
    expect((await fails('POST', '/api/cameras', body)).code).toBe('camera_wrong_password');
    expect((await other.figures()).onvif.wrongPasswords - before.onvif.wrongPasswords).toBe(tried);
  });

  it('F15: with a password that turned wrong is asked once, however often a page asks', async () => {
    const locked = await hub.call<Camera>('POST', '/api/cameras', {
      name: 'Turned',
      url: camera(1).url,
      record: 'off',
      ...user,
    });
    const path = `/api/cameras/${locked.id}`;
    expect(await fails('GET', `${path}/ptz`)).toMatchObject({
      code: 'not_offered',
      message: expect.stringMatching(/^Camera 'Turned' was added by its stream address alone/) as string,
    });
    await hub.call('PATCH', path, { onvifUrl: camera(1).onvifUrl, username: 'admin', password: 'stale' });
    for (let i = 0; i < 5; i++) expect((await fails('GET', `${path}/ptz`)).code).toBe('camera_wrong_password');
    const { wrongPasswords } = (await camera(1).figures()).onvif;
    for (let i = 0; i < 5; i++) await fails('GET', `${path}/care`);
    expect((await camera(1).figures()).onvif.wrongPasswords).toBe(wrongPasswords);
    await hub.call('PATCH', path, { password: user.password });
    expect((await hub.call<AnswerOf<'ptzState'>>('GET', `${path}/ptz`)).abilities.continuous).toBe(true);
    const known = (): Promise<Camera> => hub.call<Camera>('GET', path);
    await until('it is known what it offers', 15, async () => (await known()).onvif?.model === 'Virtual camera');
    await hub.call('DELETE', path);
  });
});

describe('looking for cameras', () => {
  const search = (accept: string, body: object): Promise<Response> =>
    fetch(`${hub.base}/api/cameras/discover`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json', accept },
      body: JSON.stringify(body),
    });

  it('tells each as it answers, marks the ones that are here, and adds none', async () => {
    // By multicast: asked directly, one port that several programs share answers with one of them.
    const answer = await search('application/x-ndjson', { timeoutMs: 3_000 });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const text = await answer.text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => o.discoverLine.parse(JSON.parse(line)));
    const devices = lines.flatMap((line) => ('device' in line ? [line.device] : []));
    expect(devices.find(({ url }) => url === one.onvifUrl)?.addedAs).toBe(porch.id);
    expect(devices.find(({ url }) => url === camera(3).onvifUrl)).toMatchObject({
      addedAs: null,
      address: '127.0.0.1',
    });
    expect(lines.at(-1)).toEqual({ problems: [] });
    expect((await hub.call<{ cameras: Camera[] }>('GET', '/api/cameras')).cameras).toHaveLength(1);
  });

  it('answers as a whole in JSON; no more than two go on at once, and who goes away ends theirs', async () => {
    const whole = o.discoverResult.parse(await (await search('*/*', { timeoutMs: 2_000 })).json());
    expect(whole.devices.length).toBeGreaterThan(0);
    const gone = new AbortController();
    const open = [1, 2].map(() => hold(gone.signal));
    await until('both go on', 15, async () => (await fails('POST', '/api/cameras/discover', {})).code === 'too_many');
    gone.abort();
    await Promise.all(open);
    await until('both are over', 15, async () => (await search('*/*', { timeoutMs: 500, address: '127.0.0.1' })).ok);
  });

  async function hold(signal: AbortSignal): Promise<void> {
    const body = JSON.stringify({ timeoutMs: 10_000 });
    const headers = { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' };
    await fetch(`${hub.base}/api/cameras/discover`, { method: 'POST', headers, body, signal }).catch(
      (error: unknown) => error,
    );
  }
});

describe('trying an address', () => {
  const probe = (url: string, extra: object = user): Promise<AnswerOf<'probeCamera'>> =>
    hub.call('POST', '/api/cameras/probe', { url, ...extra });
  const refused = (url: string, extra: object = user): Promise<Failure> =>
    fails('POST', '/api/cameras/probe', { url, ...extra });

  it('over ONVIF says what the camera offers, and measures its main stream', async () => {
    const answer = o.probeResult.parse(await probe(`127.0.0.1:${one.onvifPort}`));
    expect(answer).toMatchObject({
      kind: 'onvif',
      main: one.url,
      sub: one.subUrl,
      video: { width: 1280, height: 720 },
    });
    expect(answer.onvif?.profiles.map(({ token }) => token)).toEqual(['main', 'sub']);
    expect(answer.onvif?.problems).toEqual([]);
    expect(answer.firstPictureMs).toBeGreaterThan(0);
    expect(answer.picture).toMatch(/^data:image\/jpeg;base64,/);
    expect(JSON.stringify(answer)).not.toContain('p@ss');
  });

  it('tells a web server from a camera, and a closed port from an open one', async () => {
    expect(await refused(hub.base)).toMatchObject({ status: 422, code: 'camera_not_onvif' });
    const closed = await closedPort();
    const answer = await refused(`127.0.0.1:${closed}`);
    expect(answer.code).toBe('camera_refused_connection');
    expect(answer.message).toContain(String(closed));
    expect((await refused('no-such-camera.invalid')).code).toBe('camera_host_not_found');
  });

  it('still describes the camera when its stream can not be had (453)', async () => {
    const busy = camera(2);
    await busy.fault({ kind: 'connection_cap', sessions: 0 });
    const answer = await probe(busy.onvifUrl);
    expect(answer.kind).toBe('onvif');
    expect(answer.video).toBeUndefined();
    expect(answer.onvif?.problems.join(' ')).toMatch(/could not be measured/);
    expect((await refused(busy.url)).code).toBe('camera_too_many_connections');
    await busy.fault({ kind: 'none' });
  });

  it('is over when its asker goes away', async () => {
    const slow = camera(3);
    await slow.fault({ kind: 'slow_soap', bytesPerSecond: 20 });
    const gone = new AbortController();
    const asked = Array.from({ length: 4 }, () =>
      fetch(`${hub.base}/api/cameras/probe`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ url: slow.onvifUrl, ...user }),
        signal: gone.signal,
      }).catch((error: unknown) => error),
    );
    await until('all four tries are going on', 15, async () => (await refused(slow.onvifUrl)).code === 'too_many');
    gone.abort();
    await Promise.all(asked);
    await slow.fault({ kind: 'none' });
    // Four places were taken; they are free at once, not when the deadlines are over.
    await until('another try is let in', 15, async () => (await refused(hub.base)).code === 'camera_not_onvif');
  });
});

async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a camera that moves', () => {
  const ptz = (body: object): Promise<unknown> => hub.call('POST', `/api/cameras/${porch.id}/ptz`, body);
  const state = async (): Promise<AnswerOf<'ptzState'>> =>
    o.ptzState.parse(await hub.call('GET', `/api/cameras/${porch.id}/ptz`));

  it('stops by itself when nobody says that it shall go on', async () => {
    const { moves } = (await one.figures()).ptz;
    await ptz({ action: 'move', pan: 0.5, timeoutMs: 400 });
    expect((await one.figures()).ptz.moves).toBe(moves + 1);
    await until('it stopped', 15, async () => !(await one.figures()).ptz.moving);
    expect((await state()).position?.pan).toBeGreaterThan(0);
  });

  it('keeps presets', async () => {
    await ptz({ action: 'save_preset', name: 'Letterbox' });
    const { presets } = await state();
    const saved = presets.find(({ name }) => name === 'Letterbox');
    await ptz({ action: 'rename_preset', preset: saved?.token, name: 'Gate, near' });
    expect((await state()).presets.map(({ name }) => name)).toContain('Gate, near');
    await ptz({ action: 'delete_preset', preset: saved?.token });
    expect((await state()).presets).toHaveLength(presets.length - 1);
  });
});

describe('looking after a camera', () => {
  const care = async (): Promise<AnswerOf<'care'>> =>
    o.care.parse(await hub.call('GET', `/api/cameras/${porch.id}/care`));

  it('shows a wrong clock and sets it', async () => {
    await one.fault({ kind: 'clock', offsetMs: 3_600_000 });
    await until('it says so', 15, async () =>
      /2 hours|60 minutes|1 hours? ahead/.test((await care()).clockProblem ?? ''),
    );
    const clock = await hub.call<AnswerOf<'setCameraClock'>>('POST', `/api/cameras/${porch.id}/care/clock`);
    expect(Math.abs(clock.offsetMs)).toBeLessThan(2_500);
    expect((await care()).clockProblem).toBeNull();
  });

  it('proposes what should be set otherwise, and sets it', async () => {
    await hub.call('PATCH', `/api/cameras/${porch.id}/care/encoders`, { token: 'encoder_main', keyframeEvery: 150 });
    const { recommended } = await care();
    expect(recommended).toMatchObject([
      { encoder: 'encoder_main', setting: 'keyframeEvery', to: 'every 2 s (30 pictures)' },
    ]);
    const after = o.care.parse(await hub.call('POST', `/api/cameras/${porch.id}/care/recommended`));
    expect(after.recommended).toEqual([]);
    expect((await one.figures()).encoders[0]).toMatchObject({ gov: 30 });
  });

  it('sets its picture and switches its outputs', async () => {
    const imaging = await hub.call('PATCH', `/api/cameras/${porch.id}/imaging`, { brightness: 70 });
    expect(o.imagingState.parse(imaging).brightness).toBe(70);
    const { relays } = await care();
    await hub.call('POST', `/api/cameras/${porch.id}/relays/${relays[0]?.token ?? ''}`, { active: true });
    expect((await one.figures()).relays[0]?.active).toBe(true);
  });
});

describe("a camera's own events", () => {
  it('become events with pictures, and record on a camera that records on events', async () => {
    const path = `/api/cameras/${porch.id}`;
    await hub.call('PATCH', path, { record: 'events', detect: { source: 'camera', labels: ['person'] } });
    const watch = async (): Promise<AnswerOf<'care'>['watch']> =>
      (await hub.call<AnswerOf<'care'>>('GET', `${path}/care`)).watch;
    await until('it is listened to', 10, async () => (await watch())?.state === 'watching');
    const fromMs = Date.now();
    await one.raise('person', true);
    const seen = await until('the event', 10, async () => {
      const { events } = await hub.call<{ events: Event[] }>('GET', `/api/events?cameraId=${porch.id}`);
      return events[0];
    });
    expect(seen).toMatchObject({ label: 'person', source: 'camera', endMs: null });
    const picture = await fetch(hub.base + seen.snapshotUrl, { headers: { authorization: `Bearer ${hub.token}` } });
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    await one.raise('person', false);
    await until('its end', 10, async () => (await hub.call<Event>('GET', `/api/events/${seen.id}`)).endMs);
    await until('its recording', 10, async () => {
      const range = `from=${fromMs - 2_000}&to=${Date.now() + 1_000}`;
      const { spans } = await hub.call<AnswerOf<'recordings'>>('GET', `/api/recordings?cameraId=${porch.id}&${range}`);
      return spans.some((span) => span.startMs <= seen.startMs + 1_000 && span.endMs >= seen.startMs + 1_000);
    });
  });
});

describe('a camera that is being added', () => {
  it('is shown live and leaves nothing behind', async () => {
    const shown = camera(4);
    const { id } = await hub.call<{ id: string }>('POST', '/api/cameras/drafts', {
      url: shown.url,
      subUrl: shown.subUrl,
      ...user,
    });
    const socket = new WebSocket(`${hub.base.replace('http', 'ws')}/api/cameras/${id}/live?stream=sub`, {
      headers: { authorization: `Bearer ${hub.token}` },
    });
    const media = new Promise<void>((resolve, reject) => {
      socket.on('message', (_data, binary) => {
        if (binary) resolve();
      });
      socket.on('error', reject);
    });
    await media;
    expect((await hub.call<{ cameras: Camera[] }>('GET', '/api/cameras')).cameras.map((each) => each.id)).toEqual([
      porch.id,
    ]);
    await hub.call('DELETE', `/api/cameras/drafts/${id}`);
    await until('nobody pulls it', 15, async () => (await shown.figures()).rtsp.sessions.length === 0);
    socket.terminate();
    expect(await fails('DELETE', `/api/cameras/drafts/${id}`)).toMatchObject({ status: 404 });
    expect(existsSync(join(hub.dataDir, 'recordings', id))).toBe(false);
    const range = `from=0&to=${Date.now()}`;
    const { spans, gaps } = await hub.call<AnswerOf<'recordings'>>('GET', `/api/recordings?${range}`);
    expect([...spans, ...gaps].filter(({ cameraId }) => cameraId === id)).toEqual([]);
  });
});

it.skipIf(skipFor('a camera over https', whyNoOpenssl))(
  'a camera over https that shows another certificate is told nothing until a person trusts it',
  async () => {
    const front = await startTlsFront(one.onvifPort);
    const { id } = await hub.call<Camera>('POST', '/api/cameras', {
      name: 'Vault',
      url: one.url,
      onvifUrl: `https://${front.address}/onvif/device_service`,
      record: 'off',
      detect: { enabled: false },
      ...user,
    });
    try {
      const care = `/api/cameras/${id}/care`;
      await hub.call('GET', care);
      front.renew();
      const told = front.bytes();
      expect(await fails('GET', care)).toMatchObject({ code: 'camera_certificate' });
      expect(front.bytes()).toBe(told);
      await hub.call('POST', `/api/cameras/${id}/trust`);
      await hub.call('GET', care);
      expect(front.bytes()).toBeGreaterThan(told);
      expect(await hub.call('GET', `/api/cameras/${id}`), 'fingerprints stay inside').not.toHaveProperty('tlsPins');
    } finally {
      await hub.call('DELETE', `/api/cameras/${id}`);
      await front.stop();
    }
  },
);

it('sixteen cameras added through the API are all recording within 15 s of the last call', async () => {
  await hub.call('PATCH', `/api/cameras/${porch.id}`, { record: 'continuous' });
  for (let n = 1; n < sixteen; n++)
    await hub.call('POST', '/api/cameras', { name: `Camera ${n}`, onvifUrl: camera(n).onvifUrl, ...user });
  const addedAt = performance.now();
  await until('all record', 15, async () => {
    const list = await hub.call<{ cameras: Camera[] }>('GET', '/api/cameras');
    return list.cameras.length === sixteen && list.cameras.every(({ streams }) => streams[0]?.recording);
  });
  expect(performance.now() - addedAt).toBeLessThan(15_000);
});

it('a camera that nobody moved goes round its presets, and stops when that is switched off', async () => {
  const { cameras: list } = await hub.call<{ cameras: Camera[] }>('GET', '/api/cameras');
  const path = `/api/cameras/${list.find(({ name }) => name === 'Camera 5')?.id ?? ''}/ptz`;
  const state = (): Promise<AnswerOf<'ptzState'>> => hub.call('GET', path);
  const stops = (await state()).presets.map(({ token }) => ({ preset: token, dwellS: 5 }));
  const settings = { homeAfterS: 60, patrol: { enabled: true, stops, schedule: [] } };
  expect(await hub.call('PATCH', path, settings)).toEqual(settings);
  const moves = async (): Promise<number> => (await camera(5).figures()).ptz.moves;
  await until('it goes to the first', 15, async () => (await moves()) > 0);
  expect((await state()).patrolling).toBe(true);
  await hub.call('POST', path, { action: 'stop' });
  expect((await state()).patrolling).toBe(false);
  const went = await moves();
  await hub.call('PATCH', path, { patrol: { ...settings.patrol, enabled: false } });
  expect((await state()).settings.patrol.enabled).toBe(false);
  expect(await moves()).toBe(went);
});
