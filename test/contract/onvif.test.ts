/** The routes of cameras as devices keep the contract: what they refuse, and how, when no camera answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as o from '#core/api/onvif-schemas.ts';
import * as s from '#core/api/schemas.ts';
import { quietHub, type QuietHub } from '../support/quiet-hub.ts';

let hub: QuietHub;
let stream: s.Camera;
let device: s.Camera;
beforeAll(async () => {
  hub = await quietHub();
  const add = async (body: object): Promise<s.Camera> =>
    s.camera.parse((await hub.ask('POST', '/api/cameras', { body })).json);
  stream = await add({ name: 'By stream', url: 'rtsp://127.0.0.1:9/a' });
  device = await add({
    name: 'By ONVIF',
    url: 'rtsp://127.0.0.1:9/a',
    onvifUrl: 'admin:p%40ss@127.0.0.1:9',
    room: 'Yard',
  });
});
afterAll(async () => {
  await hub.close();
});

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
const perCamera: [Method, string, object | undefined][] = [
  ['GET', 'ptz', undefined],
  ['POST', 'ptz', { action: 'stop' }],
  ['PATCH', 'ptz', { homeAfterS: 30 }],
  ['GET', 'imaging', undefined],
  ['PATCH', 'imaging', { brightness: 5 }],
  ['GET', 'care', undefined],
  ['POST', 'care/clock', undefined],
  ['POST', 'care/reboot', undefined],
  ['PATCH', 'care/encoders', { token: 'e', fps: 10 }],
  ['POST', 'care/recommended', undefined],
  ['POST', 'relays/r1', { active: true }],
];
const send = (method: Method, url: string, body?: object): ReturnType<QuietHub['ask']> =>
  hub.ask(method, url, body === undefined ? {} : { body });

describe.each(perCamera)('%s /api/cameras/:id/%s', (method, path, body) => {
  it('of a camera known by its stream alone is not offered, with the next step', async () => {
    const { status, json } = await send(method, `/api/cameras/${stream.id}/${path}`, body);
    expect(status).toBe(422);
    const { error } = s.apiError.parse(json);
    expect(error.code).toBe('not_offered');
    expect(error.message).toMatch(/^Camera 'By stream' .* Add its ONVIF address/);
  });

  it('of a camera that is not there is 404', async () => {
    expect((await send(method, `/api/cameras/caaaaaaaaaaaa/${path}`, body)).status).toBe(404);
  });
});

describe('POST /api/cameras/:id/trust', () => {
  it('answers with the camera, and with 404 for one that is not there', async () => {
    const { status, json } = await send('POST', `/api/cameras/${stream.id}/trust`);
    expect([status, s.camera.parse(json).id]).toEqual([200, stream.id]);
    expect((await send('POST', '/api/cameras/caaaaaaaaaaaa/trust')).status).toBe(404);
  });
});

describe('while the part that speaks ONVIF is not there', () => {
  it.each(perCamera.filter(([method, path]) => `${method} ${path}` !== 'PATCH ptz'))(
    '%s %s says that it is unavailable',
    async (method, path, body) => {
      const { status, json } = await send(method, `/api/cameras/${device.id}/${path}`, body);
      expect([status, s.apiError.parse(json).error.code]).toEqual([503, 'unavailable']);
    },
  );

  it('a search says so, in JSON and in lines', async () => {
    expect((await hub.ask('POST', '/api/cameras/discover', { body: {} })).status).toBe(503);
    const headers = { accept: 'application/x-ndjson' };
    const answer = await hub.ask('POST', '/api/cameras/discover', { body: {}, headers });
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => s.apiError.parse(JSON.parse(line)));
    expect(lines.map(({ error }) => error.code)).toEqual(['unavailable']);
  });
});

describe('a camera with an ONVIF address', () => {
  it('shows it without user and password', () => {
    expect(device).toMatchObject({
      onvifUrl: 'http://127.0.0.1:9/onvif/device_service',
      onvif: null,
      username: 'admin',
      hasPassword: true,
      room: 'Yard',
    });
    expect(s.camera.strict().safeParse(device).success).toBe(true);
  });

  it('keeps the settings of its moves, each alone', async () => {
    const url = `/api/cameras/${device.id}/ptz`;
    const patrol = { enabled: true, stops: [{ preset: '1', dwellS: 5 }], schedule: [] };
    expect((await send('PATCH', url, { patrol })).json).toEqual({ homeAfterS: null, patrol });
    expect((await send('PATCH', url, { homeAfterS: 30 })).json).toEqual({ homeAfterS: 30, patrol });
    expect((await send('PATCH', url, { patrol: { ...patrol, stops: [] } })).status).toBe(400);
    expect(o.ptzSettings.safeParse((await send('PATCH', url, {})).json).success).toBe(true);
  });

  it('loses it, and what was known by it, when a person takes it away', async () => {
    const added = await send('POST', '/api/cameras', {
      name: 'x',
      url: 'rtsp://127.0.0.1:9/a',
      onvifUrl: 'http://127.0.0.1:9',
    });
    const { id } = s.camera.parse(added.json);
    const { json } = await send('PATCH', `/api/cameras/${id}`, { onvifUrl: null });
    expect(s.camera.parse(json)).toMatchObject({ onvifUrl: null, onvif: null });
    await send('DELETE', `/api/cameras/${id}`);
  });
});

describe('bad input', () => {
  it.each([
    ['POST', 'cameras/discover', { timeoutMs: 60_000 }],
    ['POST', 'cameras/discover', { address: '' }],
    ['POST', 'cameras/probe', { url: '' }],
    ['POST', 'cameras/probe', { url: 'file:///etc/passwd' }],
    ['POST', 'cameras', { name: 'x' }],
    ['POST', 'cameras', { name: 'x', onvifUrl: 'rtsp://127.0.0.1/a' }],
    ['POST', 'cameras', { name: 'x', url: 'rtsp://127.0.0.1/a', onvifUrl: 'exec:ls' }],
    ['POST', 'cameras/drafts', { url: 'exec:ls' }],
    ['POST', 'cameras/drafts', {}],
    ['POST', 'cameras/:id/ptz', { action: 'jump' }],
    ['POST', 'cameras/:id/ptz', { action: 'move', pan: 2 }],
    ['POST', 'cameras/:id/ptz', { action: 'move', pan: 1, timeoutMs: 60_000 }],
    ['POST', 'cameras/:id/ptz', { action: 'save_preset', name: 'two\nlines' }],
    ['PATCH', 'cameras/:id/ptz', { homeAfterS: 1 }],
    ['PATCH', 'cameras/:id/care/encoders', { token: 'e' }],
    ['PATCH', 'cameras/:id/care/encoders', { token: 'e', keyframeEvery: 0 }],
    ['POST', 'cameras/:id/relays/r1', {}],
  ] as [Method, string, object][])('%s /api/%s with %j is 400', async (method, path, body) => {
    const { status, json } = await send(method, `/api/${path.replace(':id', device.id)}`, body);
    expect(status).toBe(400);
    expect(s.apiError.parse(json).error.message).toMatch(/\w+ \w+.*\.$/);
  });

  it('adds no camera', async () => {
    const { cameras } = s.cameraList.parse((await hub.ask('GET', '/api/cameras')).json);
    expect(cameras.map(({ name }) => name)).toEqual(['By stream', 'By ONVIF']);
  });
});

describe('a draft', () => {
  it('stands in no list, and can be ended once', async () => {
    const { status, json } = await send('POST', '/api/cameras/drafts', { url: 'rtsp://127.0.0.1:9/a' });
    expect(status).toBe(201);
    const { id } = o.draft.parse(json);
    expect((await hub.ask('GET', `/api/cameras/${id}`)).status).toBe(404);
    expect((await hub.ask('DELETE', `/api/cameras/drafts/${id}`)).json).toEqual({ ok: true });
    expect((await hub.ask('DELETE', `/api/cameras/drafts/${id}`)).status).toBe(404);
  });
});
