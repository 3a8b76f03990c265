/** What the RTSP servers of cameras get wrong in the field (FAILURES.md), against a scripted one on a real socket. */
import { afterEach, describe, expect, test } from 'vitest';
import type { CameraId } from '#core/domain/ids.ts';
import type { Pull, StreamError, VideoUnit } from '#core/domain/media.ts';
import { startRtspPull } from '#core/media/rtsp/pull.ts';
import { ReadBatcher } from '#core/media/rtsp/read-batcher.ts';
import {
  answer,
  h264Stream,
  pictureNumber,
  playingCamera,
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
  pictures: VideoUnit[];
  ended: Promise<StreamError>;
}

/** Time goes `speed` times as fast for the pull. */
function watch(url: string, speed = 1): Watched {
  const ended = Promise.withResolvers<StreamError>();
  const pictures: VideoUnit[] = [];
  const pull = startRtspPull(
    { cameraId: 'caaaaaaaaaaaa' as CameraId, cameraName: 'Porch', url, username: 'u', password: 'p', audio: true },
    {
      onConfig: () => undefined,
      onUnit: (unit) => {
        if (unit.kind === 'video') pictures.push(unit);
      },
      onEnd: ended.resolve,
    },
    {
      clock: { nowMs: () => Date.now(), monoMs: () => performance.now() * speed },
      batcher: new ReadBatcher({ intervalMs: 20 }),
      timeouts: { responseMs: 500, silentMs: 30_000 },
    },
  );
  open.push(() => pull.stop());
  return { pull, pictures, ended: ended.promise };
}

async function serve(respond: Respond): Promise<ScriptServer> {
  const server = await startScriptServer(respond);
  open.push(() => server.stop());
  return server;
}

const send =
  (count: number) =>
  (socket: { write(data: Buffer): unknown }): void => {
    for (const packet of h264Stream({ pictures: count }).packets) socket.write(packet);
  };

describe('sessions', () => {
  test('F8: the dead session is said goodbye to, and its packets on the next connection are no pictures', async () => {
    const old = h264Stream({ pictures: 30, ssrc: 0xdead, firstPicture: 500, startSequence: 9_000 }).packets;
    const camera = playingCamera({
      onPlay: (socket) => {
        const now = h264Stream({ pictures: 30, ssrc: 0xbeef }).packets;
        now.forEach((packet, i) => {
          if (server.connections > 1) socket.write(old[i] ?? Buffer.alloc(0));
          socket.write(packet);
        });
      },
    });
    const server = await serve((request, socket, n) => {
      if (request.method !== 'PLAY') return camera(request, socket, n);
      camera(request, socket, n);
      return answer(request, 200, { Session: 'A', 'RTP-Info': `url=${server.url}/track1;seq=100;rtptime=5000` });
    });
    const first = watch(server.url);
    await expect.poll(() => first.pictures.length).toBeGreaterThan(20);
    await first.pull.stop();
    expect(server.requests.at(-1)!.method).toBe('TEARDOWN');
    const second = watch(server.url);
    await expect.poll(() => second.pictures.length, { timeout: 3_000 }).toBeGreaterThan(20);
    const numbers = second.pictures.map(({ data }) => pictureNumber(data));
    expect(numbers.filter((number) => number >= 500)).toEqual([]);
  });

  test('F9: a camera that plays nothing until its sound is set up as well gets that', async () => {
    const sdp = `${sampleSdp}m=audio 0 RTP/AVP 0\r\na=control:track2\r\n`;
    const camera = playingCamera({ sdp, onPlay: send(5) });
    const setUp = new Set<string>();
    const server = await serve((request, socket, n) => {
      if (request.method === 'SETUP') setUp.add(request.url);
      return request.method === 'PLAY' && setUp.size < 2 ? null : camera(request, socket, n);
    });
    const { pictures } = watch(server.url);
    await expect.poll(() => pictures.length).toBeGreaterThan(0);
  });

  test(
    'F10: a camera that lists GET_PARAMETER and takes no notice of it does not forget the session',
    { timeout: 20_000 },
    async () => {
      const speed = 5;
      const timeoutMs = 10_000 / speed;
      let heardAt = performance.now();
      let forgotten = false;
      const camera = playingCamera({
        session: 'A;timeout=10',
        onPlay: (socket) => {
          const { packets } = h264Stream({ pictures: 2_000, bytes: 200 });
          let at = 0;
          const timer = setInterval(() => {
            forgotten ||= performance.now() - heardAt > timeoutMs;
            if (forgotten) clearInterval(timer);
            else socket.write(packets[at++] ?? Buffer.alloc(0));
          }, 20);
          socket.on('close', () => clearInterval(timer));
        },
      });
      const server = await serve((request, socket, n) => {
        if (request.method === 'GET_PARAMETER') return null;
        heardAt = performance.now();
        return camera(request, socket, n);
      });
      watch(server.url, speed);
      const kept = (): string[] => server.requests.map(({ method }) => method).slice(3);
      await expect.poll(kept, { timeout: 10_000 }).toHaveLength(4);
      expect(forgotten).toBe(false);
      expect(kept()).toEqual(['OPTIONS', 'GET_PARAMETER', 'OPTIONS', 'OPTIONS']);
    },
  );

  test('F12: one connection and one session, also with a password and sound; the next comes after the last is gone', async () => {
    const camera = playingCamera({ sdp: `${sampleSdp}m=audio 0 RTP/AVP 0\r\na=control:track2\r\n`, onPlay: send(20) });
    let most = 0;
    const server = await serve((request, socket, n) => {
      most = Math.max(most, server.sockets.size);
      if (server.sockets.size > 1) return answer(request, 453);
      if (!request.headers['authorization'])
        return answer(request, 401, { 'WWW-Authenticate': 'Digest realm="c", nonce="n"' });
      return camera(request, socket, n);
    });
    for (let i = 1; i <= 3; i++) {
      const { pull, pictures } = watch(server.url);
      await expect.poll(() => pictures.length).toBeGreaterThan(10);
      expect(server.connections).toBe(i);
      await pull.stop();
      await expect.poll(() => server.sockets.size).toBe(0);
    }
    expect(most).toBe(1);
    expect(server.requests.filter(({ method }) => method === 'PLAY')).toHaveLength(3);
  });
});

describe('headers and descriptions', () => {
  const noOrigin = sampleSdp.replace(/^o=.*\r\n/m, '');
  test.each([
    ['no Content-Type', {}, sampleSdp, '/stream/track1'],
    ['no o= line', { 'Content-Type': 'application/sdp' }, noOrigin, '/stream/track1'],
    [
      'spaces and semicolons at line ends',
      { 'Content-Type': 'application/sdp; ' },
      sampleSdp.replaceAll('\r\n', ' ;\r\n').replaceAll(/^(v=0|m=.*|a=rtpmap.*|a=control.*|t=.*) ;/gm, '$1 '),
      '/stream/track1',
    ],
    ['a Content-Base without its scheme', { 'Content-Base': '127.0.0.1:PORT/other/' }, sampleSdp, '/other/track1'],
    [
      'a Content-Base with the scheme twice',
      { 'Content-Base': 'rtsp://rtsp://127.0.0.1:PORT/other/' },
      sampleSdp,
      '/other/track1',
    ],
    [
      'a control address with the scheme twice',
      {},
      sampleSdp.replace('control:track1', 'control:rtsp://rtsp://127.0.0.1:PORT/x/track1'),
      '/x/track1',
    ],
  ])('F11: %s: it plays', async (_name, headers, sdp, path) => {
    const camera = playingCamera({ onPlay: send(5) });
    const server = await serve((request, socket, n) => {
      if (request.method !== 'DESCRIBE') return camera(request, socket, n);
      const fill = (text: string): string => text.replaceAll('PORT', String(server.port));
      const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]));
      return answer(request, 200, filled, fill(sdp));
    });
    const { pictures } = watch(server.url);
    await expect.poll(() => pictures.length).toBeGreaterThan(0);
    const setup = server.requests.find(({ method }) => method === 'SETUP')!;
    expect(setup.url).toBe(`rtsp://127.0.0.1:${server.port}${path}`);
  });
});

describe('loss', () => {
  test('F16: with 5% of the packets gone no smeared picture passes for a whole one', async () => {
    const { packets } = h264Stream({ pictures: 400, gop: 20, bytes: 5_000 });
    let kept = 0;
    const lossy = packets.flatMap((packet, i) => {
      // Every twentieth, from where the stream is well under way.
      if (i > 60 && i % 20 === 7) return [];
      kept++;
      return [packet];
    });
    const server = await serve(
      playingCamera({
        onPlay: (socket) => {
          for (const packet of lossy) socket.write(packet);
        },
      }),
    );
    const { pull, pictures } = watch(server.url);
    await expect.poll(() => pictures.length).toBeGreaterThan(50);
    await expect.poll(() => pull.stats().packets).toBeGreaterThanOrEqual(kept);
    expect(pull.stats().lostPackets).toBeGreaterThanOrEqual(packets.length - kept);
    // From a hole to the next keyframe every picture is marked.
    let last = -1;
    let clean = true;
    for (const { data, key, damaged } of pictures) {
      const number = pictureNumber(data);
      if (key && !damaged) clean = true;
      else if (damaged || number !== last + 1) clean = false;
      if (!clean) expect(damaged, `picture ${number}`).toBe(true);
      last = number;
    }
  });
});
