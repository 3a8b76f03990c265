/** The server keeps the contract: shapes, who may ask, and what bad input is answered. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes, type Route } from '#core/api/routes.ts';
import * as s from '#core/api/schemas.ts';
import { quietHub, type QuietHub } from '../support/quiet-hub.ts';

let hub: QuietHub;
beforeAll(async () => {
  hub = await quietHub();
});
afterAll(async () => {
  await hub.close();
});

const fill = (path: string): string =>
  path
    .replace('/api/cameras/:id', '/api/cameras/caaaaaaaaaaaa')
    .replace('/api/events/:id', '/api/events/eaaaaaaaaaaaa')
    .replace('/api/exports/:id', '/api/exports/xaaaaaaaaaaaa')
    .replace(':cameraId', 'caaaaaaaaaaaa')
    .replace(':stream', 'main')
    .replace(':startMs', '1000');
const all = Object.entries(routes) as [string, Route][];
const http = all.filter(([, route]) => !route.webSocket);

describe('a stranger', () => {
  it.each(http.filter(([, route]) => !route.open))('is refused by %s', async (_name, route) => {
    const { status, json } = await hub.ask(route.method, fill(route.path), { signedIn: false });
    expect(status).toBe(401);
    expect(s.apiError.parse(json).error.code).toBe('unauthorised');
  });

  it('learns from the session route only that it is not signed in', async () => {
    const { status, json } = await hub.ask('GET', '/api/session', { signedIn: false });
    expect(status).toBe(200);
    expect(s.sessionState.parse(json)).toMatchObject({ signedIn: false, demo: false });
  });

  it('with a wrong token is refused, and after ten within a minute told to wait', async () => {
    const headers = { authorization: 'Bearer wrong' };
    const own = await quietHub();
    for (let i = 0; i < 10; i++) expect((await own.ask('GET', '/api/cameras', { headers })).status).toBe(401);
    const { status, headers: answer } = await own.ask('GET', '/api/cameras', { headers });
    expect(status).toBe(429);
    expect(Number(answer['retry-after'])).toBeGreaterThan(0);
    expect((await own.ask('GET', '/api/cameras')).status).toBe(200);
    await own.close();
  });
});

describe('signing in', () => {
  it('trades the token for a cookie that scripts can not read and other sites do not send', async () => {
    const answer = await hub.ask('POST', '/api/session', { signedIn: false, body: { token: hub.folder.token } });
    expect(answer.status).toBe(200);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await hub.ask('GET', '/api/cameras', { signedIn: false, headers })).status).toBe(200);
    await hub.ask('DELETE', '/api/session', { signedIn: false, headers });
    expect((await hub.ask('GET', '/api/cameras', { signedIn: false, headers })).status).toBe(401);
  });

  it('by the printed link works once', async () => {
    const key = hub.hub.server.auth.newOpenKey();
    const first = await hub.ask('GET', `/open?key=${key}`, { signedIn: false });
    expect([first.status, first.headers['location']]).toEqual([303, '/']);
    expect(first.headers['set-cookie']).toBeDefined();
    const second = await hub.ask('GET', `/open?key=${key}`, { signedIn: false });
    expect(second.headers['set-cookie']).toBeUndefined();
  });
});

describe('requests from elsewhere', () => {
  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '192.168.1.9', 'localhost:81', 'a b'])(
    'with the Host %j are refused (DNS rebinding)',
    async (host) => {
      const { status, json } = await hub.ask('GET', '/api/cameras', { headers: { host } });
      expect(status).toBe(403);
      expect(s.apiError.parse(json).error.code).toBe('forbidden_host');
    },
  );

  it.each([
    'http://evil.example',
    'null',
    'https://localhost',
    'http://localhost:5173',
    'http://localhost.evil.example',
  ])('with the Origin %s may not change anything', async (origin) => {
    const { status, json } = await hub.ask('POST', '/api/cameras', {
      headers: { origin },
      body: { name: 'x', url: 'rtsp://127.0.0.1/' },
    });
    expect(status).toBe(403);
    expect(s.apiError.parse(json).error.code).toBe('forbidden_origin');
  });

  it('that a browser marks as cross-site may not change anything even without an Origin', async () => {
    const { status } = await hub.ask('DELETE', '/api/demo', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(status).toBe(403);
  });
});

describe('answers', () => {
  it('have the shape of the contract', async () => {
    const added = await hub.ask('POST', '/api/cameras', {
      body: { name: 'Shape', url: 'rtsp://user:pass@127.0.0.1:8554/a', subUrl: 'rtsp://127.0.0.1:8554/b' },
    });
    expect(added.status).toBe(201);
    const camera = s.camera.parse(added.json);
    expect(camera).toMatchObject({ url: 'rtsp://127.0.0.1:8554/a', username: 'user', hasPassword: true });
    expect(added.text).not.toContain('pass@');
    expect(s.camera.strict().safeParse(added.json).error).toBeUndefined();
    for (const [name, route] of http) {
      if (route.method !== 'GET' || typeof route.answer === 'string' || route.path.includes(':')) continue;
      const query = name === 'recordings' ? '?from=0&to=5000' : '';
      const { status, json } = await hub.ask('GET', route.path + query);
      expect([name, status]).toEqual([name, 200]);
      expect(route.answer.safeParse(json).error, name).toBeUndefined();
    }
    expect((await hub.ask('GET', '/api/metrics')).text).toMatch(/^# HELP porchlight_health/);
    expect((await hub.ask('DELETE', `/api/cameras/${camera.id}`)).json).toEqual({ ok: true });
    const gone = await hub.ask('GET', `/api/cameras/${camera.id}`);
    expect(gone.status).toBe(404);
    expect(s.apiError.parse(gone.json).error.message).toMatch(/no such camera/);
  });

  it('describe every route in OpenAPI', async () => {
    const { json } = await hub.ask('GET', '/api/openapi.json');
    const { paths } = json as { paths: Record<string, Record<string, { operationId: string }>> };
    const ids = Object.values(paths).flatMap((path) => Object.values(path).map((operation) => operation.operationId));
    expect(ids.toSorted()).toEqual(Object.keys(routes).toSorted());
    const recordings = paths['/api/recordings']?.['get'] as unknown as {
      parameters: { name: string; schema: unknown }[];
    };
    expect(recordings.parameters.find((one) => one.name === 'from')?.schema).toMatchObject({ type: 'integer' });
  });

  it('carry a strict policy and are not kept', async () => {
    const { headers } = await hub.ask('GET', '/api/cameras');
    expect(headers['content-security-policy']).toMatch(/default-src 'self'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe/);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('to unknown addresses below /api are 404 in JSON', async () => {
    const { status, json } = await hub.ask('GET', '/api/nothing');
    expect(status).toBe(404);
    expect(s.apiError.parse(json).error.code).toBe('not_found');
  });
});

describe('bad input', () => {
  const add = (name: string): ReturnType<QuietHub['ask']> =>
    hub.ask('POST', '/api/cameras', { body: { name, url: 'rtsp://127.0.0.1:8554/a' } });

  it.each([
    '<img src=x onerror=alert(1)>',
    `"'; DROP TABLE cameras; --`,
    '👩‍👩‍👧 Garten 🌳',
    'שער קדמי',
    'a'.repeat(80),
    '../../etc/passwd',
    '${process.exit()}',
  ])('the name %j is taken as the text it is', async (name) => {
    const { status, json } = await add(name);
    expect(status).toBe(201);
    const { id } = s.camera.parse(json);
    expect(s.camera.parse((await hub.ask('GET', `/api/cameras/${id}`)).json).name).toBe(name.trim());
    await hub.ask('DELETE', `/api/cameras/${id}`);
  });

  it.each(['', '   ', 'a'.repeat(10_000), 'two\nlines', 'bell\u0007', 'over\u202eride'])(
    'the name %j is refused with a sentence that names the field',
    async (name) => {
      const { status, json } = await add(name);
      expect(status).toBe(400);
      const { error } = s.apiError.parse(json);
      expect(error.code).toBe('bad_request');
      expect(error.message).toMatch(/"name"/);
      expect(error.message.length).toBeLessThan(300);
    },
  );

  it.each(['exec:ls', 'file:///etc/passwd', '-i /etc/passwd', 'concat:a|b', 'pipe:0', 'ftp://127.0.0.1/x', 'rtsp://'])(
    'the address %s is refused and nothing is added',
    async (url) => {
      const { status, json } = await hub.ask('POST', '/api/cameras', { body: { name: 'x', url } });
      expect(status).toBe(400);
      expect(s.apiError.parse(json).error.code).toBe('unsupported_source');
      expect(s.cameraList.parse((await hub.ask('GET', '/api/cameras')).json).cameras).toEqual([]);
    },
  );

  it.each([{ url: { exec: 'ls' } }, { url: ['rtsp://x'] }, { url: 5 }, {}, [], 'text', null])(
    'the body %j is refused',
    async (body) => {
      const answer = await hub.ask('POST', '/api/cameras', {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(400);
      s.apiError.parse(answer.json);
    },
  );

  it('JSON that is cut short, and bodies that are not JSON, are refused', async () => {
    for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }]) {
      const { status, json } = await hub.ask('POST', '/api/cameras', { body: '{"name": ', headers });
      expect(status).toBe(400);
      s.apiError.parse(json);
    }
  });

  it('a body of 100 MB is refused', async () => {
    const { status, json } = await hub.ask('POST', '/api/cameras', {
      body: Buffer.alloc(100_000_000, ' '),
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(413);
    expect(s.apiError.parse(json).error.code).toBe('too_large');
  });

  it('reversed and empty ranges say so; future ones are empty', async () => {
    for (const range of ['from=2000&to=1000', 'from=1000&to=1000']) {
      const { status, json } = await hub.ask('GET', `/api/recordings?${range}`);
      expect(status).toBe(400);
      expect(s.apiError.parse(json).error.code).toBe('invalid_range');
    }
    const future = Date.now() + 86_400_000;
    const { json } = await hub.ask('GET', `/api/recordings?from=${future}&to=${future + 1000}`);
    expect(json).toEqual({ spans: [], gaps: [] });
    for (const query of ['from=x&to=5', 'from=-1&to=5', 'from=1e99&to=5', 'to=5', 'from=1&from=2&to=5'])
      expect((await hub.ask('GET', `/api/recordings?${query}`)).status).toBe(400);
  });

  it.each([
    '/api/cameras/caaaaaaaaaaaa',
    '/api/recordings?cameraId=caaaaaaaaaaaa&from=1&to=2',
    '/api/recordings/caaaaaaaaaaaa/playlist.m3u8?from=1&to=2',
    '/api/recordings/caaaaaaaaaaaa/main/1000/init.mp4',
    '/api/recordings/caaaaaaaaaaaa/main/1000/media.m4s?epoch=1',
    '/api/recordings/caaaaaaaaaaaa/preview.jpg?at=1',
    '/api/recordings/caaaaaaaaaaaa/frame.jpg?at=1',
    '/api/cameras/caaaaaaaaaaaa/snapshot.jpg',
    '/api/events/eaaaaaaaaaaaa',
    '/api/events/eaaaaaaaaaaaa/snapshot.jpg',
    '/api/exports/xaaaaaaaaaaaa',
    '/api/exports/xaaaaaaaaaaaa/file',
  ])('%s of something that was deleted is 404 with a sentence', async (url) => {
    const { status, json } = await hub.ask('GET', url);
    expect(status).toBe(404);
    expect(s.apiError.parse(json).error.message).toMatch(/\w+ \w+.*\.$/);
  });

  it.each(['..%2f..%2fetc', '%00', 'caaaaaaaaaaaa%2f..', 'CAAAAAAAAAAAA', 'c'.repeat(90)])(
    'the id %s never reaches a path',
    async (id) => {
      const { status, json } = await hub.ask('GET', `/api/recordings/${id}/main/1000/init.mp4`);
      expect([400, 404]).toContain(status);
      s.apiError.parse(json);
    },
  );
});
