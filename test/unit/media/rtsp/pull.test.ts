import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../core/base/clock.ts';
import type { CameraId } from '../../../../core/domain/ids.ts';
import type {
  AudioConfig,
  MediaUnit,
  Pull,
  StreamError,
  VideoConfig,
  VideoUnit,
} from '../../../../core/domain/media.ts';
import { connectionFailure } from '../../../../core/media/rtsp/camera-failure.ts';
import { startRtspPull, type PullTimeouts } from '../../../../core/media/rtsp/pull.ts';
import { ReadBatcher } from '../../../../core/media/rtsp/read-batcher.ts';
import {
  answer,
  h264Stream,
  hangUp,
  interleaved,
  pictureNumber,
  playingCamera,
  rtpPacket,
  sampleSdp,
  startScriptServer,
  type Respond,
  type ScriptServer,
} from '../../../support/rtsp-script-server.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Watched {
  pull: Pull;
  units: MediaUnit[];
  pictures: VideoUnit[];
  configs: { video: VideoConfig; audio: AudioConfig | null }[];
  ended: Promise<StreamError>;
  ends: StreamError[];
  batcher: ReadBatcher;
  logs: string[];
}

function watch(
  url: string,
  options: { username?: string; password?: string; timeouts?: Partial<PullTimeouts>; audio?: boolean } = {},
): Watched {
  const ended = Promise.withResolvers<StreamError>();
  const batcher = new ReadBatcher({ intervalMs: 20 });
  const watched = { units: [], pictures: [], configs: [], ends: [], logs: [] } as unknown as Watched;
  const pull = startRtspPull(
    {
      cameraId: 'caaaaaaaaaaaa' as CameraId,
      cameraName: 'Porch',
      url,
      username: options.username ?? null,
      password: options.password ?? null,
      audio: options.audio ?? true,
    },
    {
      onConfig: (config) => watched.configs.push(config),
      onUnit: (unit) => {
        watched.units.push(unit);
        if (unit.kind === 'video') watched.pictures.push(unit);
      },
      onEnd: (error) => {
        watched.ends.push(error);
        ended.resolve(error);
      },
    },
    {
      clock: systemClock,
      batcher,
      log: (message) => watched.logs.push(message),
      timeouts: { connectMs: 1000, responseMs: 300, silentMs: 2000, ...options.timeouts },
    },
  );
  open.push(() => pull.stop());
  return Object.assign(watched, { pull, batcher, ended: ended.promise });
}

async function serve(respond: Respond, onConnect?: Parameters<typeof startScriptServer>[1]): Promise<ScriptServer> {
  const server = await startScriptServer(respond, onConnect);
  open.push(() => server.stop());
  return server;
}

async function until(what: string, condition: () => boolean, ms = 3000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const refuse =
  (status: number): Respond =>
  (request) =>
    answer(request, status);

describe('what a camera can refuse', () => {
  test.each([
    [403, 'camera_wrong_password', /does not let this user/],
    [404, 'camera_path_not_found', /no stream at this path/],
    [453, 'camera_too_many_connections', /no connection left/],
    [461, 'unsupported_source', /over TCP/],
    [500, 'camera_error', /RTSP 500/],
    [503, 'camera_busy', /busy/],
  ])('status %i gives %s and a sentence', async (status, code, message) => {
    const server = await serve(refuse(status));
    const end = await watch(server.url).ended;
    expect(end.code).toBe(code);
    expect(end.message).toMatch(/^Camera 'Porch' /);
    expect(end.message).toMatch(message);
    expect(server.connections).toBe(1);
  });

  test('453 at SETUP is said as such', async () => {
    const camera = playingCamera();
    const server = await serve((request, socket, n) =>
      request.method === 'SETUP' ? answer(request, 453) : camera(request, socket, n),
    );
    expect(await watch(server.url).ended).toMatchObject({ code: 'camera_too_many_connections' });
  });

  test('a connection that is refused, and one that is accepted and then silent', async () => {
    const server = await serve(() => null);
    expect(await watch(server.url).ended).toMatchObject({ code: 'camera_silent' });
    await server.stop();
    expect(await watch(server.url).ended).toMatchObject({ code: 'camera_refused_connection' });
  });

  test('a camera that hangs up', async () => {
    const server = await serve(() => hangUp);
    expect(await watch(server.url).ended).toMatchObject({ code: 'camera_closed' });
  });

  test('a web server on the RTSP port, and something else altogether', async () => {
    const web = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => web.close(resolve)));
    const port = (web.address() as AddressInfo).port;
    expect(await watch(`rtsp://127.0.0.1:${port}/`).ended).toMatchObject({ code: 'camera_not_rtsp' });
    const ssh = await serve(
      () => null,
      (socket) => socket.write('SSH-2.0-dropbear_2019.78\r\n'),
    );
    expect(await watch(ssh.url).ended).toMatchObject({ code: 'camera_not_rtsp' });
  });

  test('TLS where there is none', async () => {
    const server = await serve(() => 'RTSP/1.0 400 Bad Request\r\n\r\n');
    expect(await watch(server.url.replace('rtsp:', 'rtsps:')).ended).toMatchObject({ code: 'camera_tls' });
  });

  test('an http address is not pulled here', async () => {
    expect(await watch('http://127.0.0.1:1/').ended).toMatchObject({ code: 'camera_not_rtsp' });
  });

  test('names that do not resolve, hosts that can not be reached', () => {
    const place = { title: "Camera 'Porch'", host: 'porch-cam', port: 554, tls: false };
    const code = (errno: string): string =>
      connectionFailure(place, Object.assign(new Error('x'), { code: errno }), false).code;
    expect(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ECONNRESET', 'EACCES'].map(code)).toEqual([
      'camera_host_not_found',
      'camera_host_not_found',
      'camera_silent',
      'camera_closed',
      'camera_error',
    ]);
  });

  test.each([
    ['<html>', 'camera_bad_description'],
    ['v=0\r\nm=audio 0 RTP/AVP 0\r\n', 'camera_no_video'],
    ['v=0\r\nm=video 0 RTP/AVP 26\r\n', 'camera_unsupported_codec'],
  ])('a description that is of no use: %j', async (sdp, code) => {
    const server = await serve(playingCamera({ sdp }));
    expect(await watch(server.url).ended).toMatchObject({ code });
  });

  test('F4: media that stops, or never starts, ends the pull within its limit', async () => {
    const never = await serve(playingCamera());
    expect(await watch(never.url, { timeouts: { silentMs: 300 } }).ended).toMatchObject({
      code: 'camera_silent',
      message: expect.stringContaining('has sent no picture') as string,
    });
    const stops = await serve(
      playingCamera({ onPlay: (socket) => socket.write(Buffer.concat(h264Stream({ pictures: 5 }).packets)) }),
    );
    const watched = watch(stops.url, { timeouts: { silentMs: 300 } });
    expect(await watched.ended).toMatchObject({
      code: 'camera_silent',
      message: expect.stringContaining('stopped sending') as string,
    });
    expect(watched.pictures.length).toBeGreaterThan(2);
  });

  test('a camera that closes in mid-stream', async () => {
    const server = await serve(
      playingCamera({
        onPlay: (socket) => socket.end(Buffer.concat([...h264Stream({ pictures: 5 }).packets, Buffer.from([0x24, 0])])),
      }),
    );
    expect(await watch(server.url).ended).toMatchObject({ code: 'camera_closed' });
  });
});

describe('passwords', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const nonceOf = (authorization: string): string => /nonce="([^"]+)"/.exec(authorization)?.[1] ?? '';
  const right = (
    request: { method: string; url: string; headers: Record<string, string> },
    password = 'p@ss:w/rd',
  ): boolean => {
    const header = request.headers['authorization'] ?? '';
    const ha2 = md5(`${request.method}:${request.url}`);
    return header.includes(`response="${md5(`${md5(`admin:cam:${password}`)}:${nonceOf(header)}:${ha2}`)}"`);
  };
  const guarded = (options: { nonce?: () => string; stale?: boolean } = {}): Respond => {
    const camera = playingCamera({
      onPlay: (socket) => socket.write(Buffer.concat(h264Stream({ pictures: 5 }).packets)),
    });
    return (request, socket, n) =>
      right(request)
        ? camera(request, socket, n)
        : answer(request, 401, {
            'WWW-Authenticate': `Digest realm="cam", nonce="${options.nonce?.() ?? 'n1'}"${options.stale ? ', stale=true' : ''}`,
          });
  };

  test('F13 F14: Digest, with every request of the session', async () => {
    const server = await serve(guarded());
    const watched = watch(server.url, { username: 'admin', password: 'p@ss:w/rd' });
    await until('pictures', () => watched.pictures.length > 2);
    expect(server.requests.map((r) => [r.method, 'authorization' in r.headers])).toEqual([
      ['DESCRIBE', false],
      ['DESCRIBE', true],
      ['SETUP', true],
      ['PLAY', true],
    ]);
  });

  test('F15: a wrong password is sent once, then it ends', async () => {
    let count = 0;
    for (const nonce of [() => 'same', () => `n${count++}`]) {
      const server = await serve(guarded({ nonce }));
      const end = await watch(server.url, { username: 'admin', password: 'wrong' }).ended;
      expect(end).toMatchObject({
        code: 'camera_wrong_password',
        message: expect.stringContaining('refused the password') as string,
      });
      expect(server.requests.filter((r) => 'authorization' in r.headers).length).toBe(1);
    }
  });

  test('F15: a camera that calls every nonce stale is not tried for ever', async () => {
    let count = 0;
    const server = await serve(guarded({ nonce: () => `n${count++}`, stale: true }));
    expect(await watch(server.url, { username: 'admin', password: 'wrong' }).ended).toMatchObject({
      code: 'camera_wrong_password',
    });
    expect(server.requests.length).toBeLessThanOrEqual(3);
  });

  test('a nonce that expires between two requests is renewed', async () => {
    const camera = playingCamera();
    const server = await serve((request, socket, n) => {
      const nonce = request.method === 'DESCRIBE' ? 'first' : 'second';
      return right(request) && nonceOf(request.headers['authorization'] ?? '') === nonce
        ? camera(request, socket, n)
        : answer(request, 401, { 'WWW-Authenticate': `Digest realm="cam", nonce="${nonce}"` });
    });
    watch(server.url, { username: 'admin', password: 'p@ss:w/rd' });
    await until('PLAY', () => server.requests.some((r) => r.method === 'PLAY'));
  });

  test('a camera that hangs up with its 401 gets a second connection', async () => {
    const camera = playingCamera();
    const server = await serve((request, socket, n) => {
      if (right(request)) return camera(request, socket, n);
      socket.end(answer(request, 401, { 'WWW-Authenticate': 'Digest realm="cam", nonce="n1"', Connection: 'close' }));
      return null;
    });
    watch(server.url, { username: 'admin', password: 'p@ss:w/rd' });
    await until('PLAY', () => server.requests.some((r) => r.method === 'PLAY'));
    expect(server.connections).toBe(2);
  });

  test('no password given where one is wanted', async () => {
    const server = await serve(guarded());
    expect(await watch(server.url).ended).toMatchObject({
      code: 'camera_wrong_password',
      message: expect.stringContaining('asks for a user name') as string,
    });
    expect(server.requests.length).toBe(1);
  });

  test('no sentence and no log carries the password', async () => {
    const server = await serve(guarded());
    const watched = watch(server.url, { username: 'admin', password: 'S3cret!x' });
    const end = await watched.ended;
    expect(JSON.stringify([end, watched.logs])).not.toContain('S3cret!x');
  });
});

describe('sessions', () => {
  const pictures = (count: number) => (socket: { write(data: Buffer): unknown }) => {
    socket.write(Buffer.concat(h264Stream({ pictures: count }).packets));
  };

  test('pictures arrive whole, in order, batched and at once', async () => {
    const stream = h264Stream({ pictures: 40 });
    for (const immediate of [true, false]) {
      const server = await serve(playingCamera({ onPlay: (socket) => socket.write(Buffer.concat(stream.packets)) }));
      const watched = watch(server.url);
      watched.pull.setImmediate(immediate);
      await until('pictures', () => watched.pictures.length === 40);
      expect(watched.pictures.map((p) => pictureNumber(p.data))).toEqual(Array.from({ length: 40 }, (_, i) => i));
      expect(watched.pictures.map((p) => p.data.subarray(4))).toEqual(stream.nals);
      expect(watched.configs).toMatchObject([{ video: { codec: 'h264', width: 640, height: 360 }, audio: null }]);
      expect(watched.pull.stats()).toMatchObject({ lostPackets: 0, resyncs: 0, droppedUnits: 0 });
    }
  });

  test('stop says TEARDOWN and nothing is heard afterwards', async () => {
    const server = await serve(playingCamera({ onPlay: pictures(10) }));
    const watched = watch(server.url);
    await until('pictures', () => watched.pictures.length > 3);
    const count = watched.units.length;
    await Promise.all([watched.pull.stop(), watched.pull.stop()]);
    expect(server.requests.at(-1)).toMatchObject({ method: 'TEARDOWN', headers: { session: 'A1B2' } });
    await until('the socket to close', () => server.sockets.size === 0);
    expect([watched.units.length, watched.ends, watched.batcher.size]).toEqual([count, [], 0]);
  });

  test('stop before anything was answered, and during a silent TEARDOWN', async () => {
    const silent = await serve(() => null);
    const early = watch(silent.url);
    await until('the connection', () => silent.connections === 1);
    await early.pull.stop();
    const camera = playingCamera({ onPlay: pictures(5) });
    const rude = await serve((request, socket, n) =>
      request.method === 'TEARDOWN' ? null : camera(request, socket, n),
    );
    const watched = watch(rude.url, { timeouts: { teardownMs: 100 } });
    await until('pictures', () => watched.pictures.length > 1);
    const start = performance.now();
    await watched.pull.stop();
    expect(performance.now() - start).toBeLessThan(400);
    expect([early.ends, watched.ends]).toEqual([[], []]);
  });

  test('F8: packets of a dead session on a foreign channel, and of another source on ours, are not pictures', async () => {
    const stale = h264Stream({ pictures: 10, ssrc: 99, startSequence: 30_000 });
    const ours = h264Stream({ pictures: 10 });
    const server = await serve(
      playingCamera({
        onPlay: (socket) => {
          const mixed = ours.packets.flatMap((packet, i) => {
            const foreign = Buffer.from(stale.packets[i % stale.packets.length]!);
            foreign[1] = 6;
            return [packet, foreign, stale.packets[i % stale.packets.length]!];
          });
          socket.write(Buffer.concat(mixed));
        },
      }),
    );
    const watched = watch(server.url);
    await until('pictures', () => watched.pictures.length === 10);
    expect(watched.pictures.map((p) => p.data.subarray(4))).toEqual(ours.nals);
  });

  test('F9: a session id that changes with each SETUP: the first one counts', async () => {
    let id = 0;
    const sdp = `${sampleSdp}m=audio 0 RTP/AVP 0\r\na=control:track2\r\n`;
    const server = await serve((request, socket, n) => playingCamera({ sdp, session: `S${++id}` })(request, socket, n));
    watch(server.url);
    await until('PLAY', () => server.requests.some((r) => r.method === 'PLAY'));
    const sent = server.requests.filter((r) => r.method !== 'DESCRIBE').map((r) => [r.method, r.headers['session']]);
    expect(sent).toEqual([
      ['SETUP', undefined],
      ['SETUP', 'S2'],
      ['PLAY', 'S2'],
    ]);
    expect(server.requests.map((r) => r.url).slice(1)).toEqual([
      `${server.url}/track1`,
      `${server.url}/track2`,
      `${server.url}/`,
    ]);
  });

  test('F32: sound that the camera refuses or that can not be recorded does not cost the picture', async () => {
    const sdp = `${sampleSdp}m=audio 0 RTP/AVP 97\r\na=rtpmap:97 G726-32/8000\r\na=control:a\r\nm=audio 0 RTP/AVP 0\r\na=control:b\r\n`;
    const camera = playingCamera({ sdp, onPlay: pictures(5) });
    const server = await serve((request, socket, n) =>
      request.method === 'SETUP' && request.url.endsWith('/b') ? answer(request, 500) : camera(request, socket, n),
    );
    const watched = watch(server.url);
    await until('pictures', () => watched.pictures.length > 2);
    expect(watched.configs[0]!.audio).toBeNull();
    expect(watched.logs.length).toBe(2);
  });

  test('sound comes along on its own channel; without it being wanted it is not set up', async () => {
    const sdp = `${sampleSdp}m=audio 0 RTP/AVP 0\r\na=control:a\r\n`;
    const send = (socket: { write(data: Buffer): unknown }): void => {
      const { packets } = h264Stream({ pictures: 10 });
      packets.splice(
        9,
        0,
        interleaved(2, rtpPacket({ sequence: 1, time: 77, payload: Buffer.alloc(160), payloadType: 0 })),
      );
      packets.splice(
        20,
        0,
        interleaved(2, rtpPacket({ sequence: 2, time: 237, payload: Buffer.alloc(160), payloadType: 0 })),
      );
      socket.write(Buffer.concat(packets));
    };
    const server = await serve(playingCamera({ sdp, onPlay: send }));
    const watched = watch(server.url);
    await until('pictures', () => watched.pictures.length === 10);
    expect(watched.configs[0]!.audio).toMatchObject({ codec: 'pcmu', sampleRate: 8000 });
    const sound = watched.units.filter((u) => u.kind === 'audio');
    expect(sound.map((u) => u.samples)).toEqual([160, 160]);
    expect(sound[1]!.pts90k - sound[0]!.pts90k).toBeCloseTo(1800, -2);
    watch(server.url, { audio: false });
    await until('a second PLAY', () => server.requests.filter((r) => r.method === 'PLAY').length === 2);
    expect(server.requests.filter((r) => r.method === 'SETUP').length).toBe(3);
  });

  test('a redirect is followed on the same host and refused to another', async () => {
    const target = await serve(playingCamera());
    const server = await serve((request) =>
      answer(request, 302, { Location: `rtsp://user:x@127.0.0.1:${target.port}/other` }),
    );
    watch(server.url);
    await until('PLAY', () => target.requests.some((r) => r.method === 'PLAY'));
    expect(target.requests[0]!.url).toBe(`rtsp://127.0.0.1:${target.port}/other`);
    for (const location of [
      'rtsp://127.0.0.2:554/x',
      'http://127.0.0.1/',
      'rtsp://localhost/',
      '',
      'file:///etc/passwd',
    ]) {
      const away = await serve((request) => answer(request, 302, { Location: location }));
      expect(await watch(away.url).ended).toMatchObject({ code: 'camera_error' });
    }
    const loop = await serve((request) => answer(request, 302, { Location: request.url }));
    expect(await watch(loop.url).ended).toMatchObject({ code: 'camera_error' });
    expect(loop.connections).toBeLessThanOrEqual(4);
  });

  test('F11: answers without CSeq, with spaces, with requests of the camera and stray lines in between', async () => {
    const camera = playingCamera({ onPlay: pictures(5) });
    const server = await serve((request, socket, n) => {
      const text = String(camera(request, socket, n));
      return `\r\nOPTIONS ${request.url} RTSP/1.0\r\nCSeq: 900\r\n\r\n${text.replace(/^CSeq: .*\r\n/m, '').replace('Session: ', 'session :  ')}`;
    });
    const watched = watch(server.url);
    await until('pictures', () => watched.pictures.length > 2);
  });

  test('after lost framing it goes on, and says so', async () => {
    const { packets } = h264Stream({ pictures: 40 });
    packets.splice(15, 0, Buffer.alloc(3000, 0x41));
    const server = await serve(playingCamera({ onPlay: (socket) => socket.write(Buffer.concat(packets)) }));
    const watched = watch(server.url);
    await until('pictures', () => watched.pictures.length >= 39);
    expect(watched.pull.stats().resyncs).toBe(1);
    const damaged = watched.pictures.filter((p) => p.damaged).length;
    expect(damaged).toBeGreaterThan(0);
    expect(watched.pictures.slice(20).every((p) => !p.damaged)).toBe(true);
  });

  test('a sink that throws ends its own pull only', async () => {
    const server = await serve(playingCamera({ onPlay: pictures(5) }));
    const ended = Promise.withResolvers<StreamError>();
    const pull = startRtspPull(
      {
        cameraId: 'caaaaaaaaaaaa' as CameraId,
        cameraName: 'Porch',
        url: server.url,
        username: null,
        password: null,
        audio: true,
      },
      {
        onConfig: () => undefined,
        onUnit: () => {
          throw new Error('a bug');
        },
        onEnd: ended.resolve,
      },
      { clock: systemClock, batcher: new ReadBatcher() },
    );
    open.push(() => pull.stop());
    expect(await ended.promise).toMatchObject({ code: 'internal' });
  });

  test('F5: a thousand failed starts leave no timer and no socket', { timeout: 20_000 }, async () => {
    const server = await serve(refuse(404));
    const batcher = new ReadBatcher();
    for (let i = 0; i < 1000; i++) {
      const ended = Promise.withResolvers<StreamError>();
      startRtspPull(
        {
          cameraId: 'caaaaaaaaaaaa' as CameraId,
          cameraName: 'Porch',
          url: server.url,
          username: null,
          password: null,
          audio: true,
        },
        { onConfig: () => undefined, onUnit: () => undefined, onEnd: ended.resolve },
        { clock: systemClock, batcher },
      );
      await ended.promise;
    }
    await until('sockets to close', () => server.sockets.size === 0);
    expect(batcher.size).toBe(0);
    const left = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    expect(left).toBe(0);
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;
if (!openssl) console.warn('Skipping RTSP over TLS: openssl, which makes the certificate, is not installed.');

test.skipIf(!openssl)('RTSP over TLS with the certificate a camera made itself', async () => {
  const subject = ['-subj', '/CN=camera', '-days', '1', '-keyout', '-', '-out', '-'];
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], {
    encoding: 'utf8',
  });
  const camera = await serve(
    playingCamera({
      onPlay: (socket) => socket.write(Buffer.concat(h264Stream({ pictures: 30, bytes: 20_000 }).packets)),
    }),
  );
  const front = createTlsServer({ key: made.stdout, cert: made.stdout }, (socket) => {
    const back = connect(camera.port, '127.0.0.1');
    socket.pipe(back).pipe(socket);
    for (const end of [socket, back]) end.on('error', () => back.destroy());
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => front.close(resolve)));
  const watched = watch(`rtsps://127.0.0.1:${(front.address() as AddressInfo).port}/stream`);
  await until('pictures', () => watched.pictures.length === 30);
  expect(watched.pictures.map((p) => pictureNumber(p.data))).toEqual(Array.from({ length: 30 }, (_, i) => i));
  await watched.pull.stop();
});
