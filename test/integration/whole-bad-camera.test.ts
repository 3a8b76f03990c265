/** What a person sees when a camera can't be added: a code for scripts, and a sentence that names the thing and the next step. */
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { rtspDescription, rtspStatus, startScriptedCamera } from '../support/scripted-camera.ts';
import { startVirtualCamera } from '../support/virtual-camera.ts';

const port = 29_700;
const sdpHead = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n';

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHub({ port });
});
afterAll(() => hub.stop());

async function ask(
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; code: string; message: string; text: string }> {
  const answer = await fetch(hub.base + path, {
    method,
    headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const { error } = JSON.parse(text) as { error?: { code: string; message: string } };
  return { status: answer.status, code: error?.code ?? '', message: error?.message ?? '', text };
}

const probe = (url: string, extra: object = {}): ReturnType<typeof ask> =>
  ask('POST', '/api/cameras/probe', { url, ...extra });

async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

describe('trying an address', () => {
  it('wrong host', async () => {
    const answer = await probe('rtsp://no-such-camera.invalid/stream');
    expect(answer).toMatchObject({ status: 422, code: 'camera_host_not_found' });
    expect(answer.message).toContain('no-such-camera.invalid');
  });

  it('closed port', async () => {
    const closed = await closedPort();
    const answer = await probe(`rtsp://127.0.0.1:${closed}/stream`);
    expect(answer).toMatchObject({ status: 422, code: 'camera_refused_connection' });
    expect(answer.message).toContain(String(closed));
  });

  it.each([
    ['F4: accepts and says nothing', () => null, 'camera_silent'],
    [
      '401',
      rtspStatus(401, 'Unauthorized', 'WWW-Authenticate: Digest realm="cam", nonce="abc"\r\n'),
      'camera_wrong_password',
    ],
    ['404', rtspStatus(404, 'Not Found'), 'camera_path_not_found'],
    ['F12: 453', rtspStatus(453, 'Not Enough Bandwidth'), 'camera_too_many_connections'],
    ['503', rtspStatus(503, 'Service Unavailable'), 'camera_busy'],
    [
      'an HTTP server',
      () => 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      'camera_not_rtsp',
    ],
    ['a garbage description', rtspDescription('\u0000\u0001not a description at all'), 'camera_bad_description'],
    ['a stream without video', rtspDescription(`${sdpHead}m=audio 0 RTP/AVP 0\r\na=control:a\r\n`), 'camera_no_video'],
    [
      'a codec that cannot be recorded',
      rtspDescription(`${sdpHead}m=video 0 RTP/AVP 96\r\na=rtpmap:96 H261/90000\r\na=control:v\r\n`),
      'camera_unsupported_codec',
    ],
  ])(
    '%s',
    async (_name, script, code) => {
      const camera = await startScriptedCamera(script);
      try {
        const answer = await probe(`rtsp://127.0.0.1:${camera.port}/stream`, {
          username: 'admin',
          password: 'marker-pass-1',
        });
        expect(answer).toMatchObject({ status: 422, code });
        // A sentence: it starts with a capital, ends with a full stop, and is more than a code.
        expect(answer.message).toMatch(/^[A-Z“"'].{20,}[.!?]$/s);
        expect(answer.text).not.toContain('marker-pass-1');
      } finally {
        await camera.stop();
      }
    },
    40_000,
  );

  it.each([
    'exec:ls',
    'file:///etc/passwd',
    '-rtsp://127.0.0.1/x',
    'concat:a|b',
    'pipe:0',
    'rtsp://',
    'javascript:alert(1)',
    'rtsp://127.0.0.1/\nexec:ls',
    'udp://127.0.0.1:1',
  ])('refuses %j before anything is contacted', async (url) => {
    for (const body of [
      { name: 'x', url },
      { name: 'x', url: 'rtsp://127.0.0.1:9/x', subUrl: url },
    ]) {
      const answer = await ask('POST', '/api/cameras', body);
      expect(answer.status).toBe(400);
      expect(['unsupported_source', 'bad_request']).toContain(answer.code);
    }
    expect((await probe(url)).status).toBe(400);
  });
});

describe('F15: a camera that refuses the password', () => {
  it('is asked once or twice, then left alone, and said so', async () => {
    const camera = await startVirtualCamera({ auth: { scheme: 'digest', username: 'admin', password: 'right' } });
    try {
      const added = await hub.call<{ id: string }>('POST', '/api/cameras', {
        name: 'Locked',
        url: camera.url,
        username: 'admin',
        password: 'wrong',
      });
      await until(
        'the state says so',
        20,
        async () => (await hub.call<{ state: string }>('GET', `/api/cameras/${added.id}`)).state === 'wrong_password',
      );
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      expect((await camera.control.figures()).wrongPasswords).toBeLessThanOrEqual(2);
      const shown = await hub.call<{ streams: { error: { message: string } | null }[] }>(
        'GET',
        `/api/cameras/${added.id}`,
      );
      expect(shown.streams[0]?.error?.message).toContain('Locked');
      await hub.call('PATCH', `/api/cameras/${added.id}`, { password: 'right' });
      await until(
        'the right password works without a restart',
        20,
        async () => (await hub.call<{ state: string }>('GET', `/api/cameras/${added.id}`)).state === 'live',
      );
      await hub.call('DELETE', `/api/cameras/${added.id}`);
    } finally {
      await camera.stop();
    }
  }, 60_000);
});

describe('trying a camera that is there already', () => {
  it('uses the kept password at its own host, and at no other', async () => {
    const camera = await startVirtualCamera({ auth: { scheme: 'digest', username: 'admin', password: 'kept' } });
    try {
      const { id } = await hub.call<{ id: string }>('POST', '/api/cameras', {
        name: 'Kept',
        url: camera.url,
        username: 'admin',
        password: 'kept',
      });
      expect((await probe(camera.subUrl, { cameraId: id })).status).toBe(200);
      expect((await probe(camera.subUrl)).code).toBe('camera_wrong_password');
      const elsewhere = await probe(camera.subUrl.replace('127.0.0.1', 'localhost'), { cameraId: id });
      expect(elsewhere.code).toBe('camera_wrong_password');
      await hub.call('DELETE', `/api/cameras/${id}`);
    } finally {
      await camera.stop();
    }
  }, 60_000);
});

describe('F14: passwords', () => {
  it('every printable character works, typed or in the address', async () => {
    const password = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
    const camera = await startVirtualCamera({ auth: { scheme: 'both', username: 'admin', password } });
    try {
      const typed = await probe(camera.url, { username: 'admin', password });
      expect(typed.status, typed.message).toBe(200);
      const inAddress = await probe(camera.url.replace('rtsp://', `rtsp://admin:${encodeURIComponent(password)}@`));
      expect(inAddress.status, inAddress.message).toBe(200);
      expect(inAddress.text).not.toContain(encodeURIComponent(password));
    } finally {
      await camera.stop();
    }
  }, 60_000);
});
