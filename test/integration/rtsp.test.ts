/** The pull against cameras on GStreamer's RTSP server, whose every picture carries its number and sending time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/base/clock.ts';
import type { CameraId } from '../../core/domain/ids.ts';
import type { AudioConfig, AudioUnit, Pull, StreamError, VideoConfig, VideoUnit } from '../../core/domain/media.ts';
import { probeRtsp } from '../../core/media/rtsp/probe.ts';
import { startRtspPull } from '../../core/media/rtsp/pull.ts';
import { ReadBatcher } from '../../core/media/rtsp/read-batcher.ts';
import { frameStamp, rigAvailable, startRig, type Rig } from '../support/rtsp-rig.ts';
import { h264Stream, playingCamera, startScriptServer } from '../support/rtsp-script-server.ts';

const cams = ['main', 'sub', 'h265', 'bframes', 'mainpcmu', 'rtpwrap', 'reschange', 'drop20', 'road'];
const batcher = new ReadBatcher();

interface Watched {
  pull: Pull;
  video: { unit: VideoUnit; frame: number; sentMs: number; arrivedMs: number }[];
  audio: AudioUnit[];
  configs: { at: number; video: VideoConfig; audio: AudioConfig | null }[];
  ended: Promise<StreamError>;
}

function target(url: string, username: string | null = null, password: string | null = null) {
  return { cameraId: 'caaaaaaaaaaaa' as CameraId, cameraName: 'Rig', url, username, password, audio: true };
}

function watch(url: string): Watched {
  const ended = Promise.withResolvers<StreamError>();
  const watched: Omit<Watched, 'pull'> = { video: [], audio: [], configs: [], ended: ended.promise };
  const pull = startRtspPull(
    target(url),
    {
      onConfig: (config) => watched.configs.push({ at: watched.video.length, ...config }),
      onUnit: (unit) => {
        if (unit.kind === 'audio') watched.audio.push(unit);
        else
          watched.video.push({ unit, ...(frameStamp(unit.data) ?? { frame: -1, sentMs: NaN }), arrivedMs: Date.now() });
      },
      onEnd: ended.resolve,
    },
    { clock: systemClock, batcher },
  );
  return Object.assign(watched, { pull });
}

async function until(what: string, condition: () => boolean, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Every picture there, none twice, none damaged, times growing. */
function expectContinuous(w: Watched): void {
  w.video.forEach((v, i) => {
    const before = w.video[i - 1];
    if (!before) return;
    expect(v.frame, `picture after ${before.frame}`).toBe(before.frame + 1);
    expect(v.unit.dts90k).toBeGreaterThan(before.unit.dts90k);
    expect(v.unit.timeMs).toBeGreaterThan(before.unit.timeMs);
    expect(v.unit.damaged).toBe(false);
  });
  expect(w.video[0]!.unit.key).toBe(true);
  expect(w.pull.stats()).toMatchObject({ lostPackets: 0, resyncs: 0 });
}

describe.skipIf(!rigAvailable())('cameras on the rig', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = (await startRig(21_100, cams))!;
  });
  afterAll(() => rig.stop());

  test('five kinds of camera at once: every picture, the right configuration, wall time near the truth', async () => {
    const names = ['main', 'sub', 'h265', 'bframes', 'mainpcmu'] as const;
    const all = names.map((name) => watch(`${rig.baseUrl}/${name}`));
    await until(
      '10 s of each',
      () => all.every((w) => w.video.length > 0 && w.video.at(-1)!.unit.dts90k > 10 * 90_000),
      40_000,
    );
    const expected = [
      ['avc1.640028', 1920, 1080, 'aac'],
      ['avc1.640016', 640, 360, 'aac'],
      ['hvc1.1.6.L120.90', 1920, 1080, 'aac'],
      ['avc1.64001f', 1280, 720, 'aac'],
      ['avc1.640028', 1920, 1080, 'pcmu'],
    ];
    for (const [i, w] of all.entries()) {
      expectContinuous(w);
      const { video, audio } = w.configs[0]!;
      expect([video.codecString, video.width, video.height, audio?.codec]).toEqual(expected[i]);
      expect(w.configs.length).toBe(1);
      expect(w.video.every((v) => v.unit.dts90k <= v.unit.pts90k)).toBe(true);
      // The rig stamps a picture when it hands it to its server, which takes tens of milliseconds on a busy machine.
      const late = w.video.slice(-100).map((v) => v.unit.timeMs - v.sentMs);
      expect(Math.min(...late)).toBeGreaterThan(-150);
      expect(Math.max(...late)).toBeLessThan(400);
      const sound = w.audio.reduce((sum, unit) => sum + unit.samples, 0) / audio!.sampleRate;
      expect(sound).toBeGreaterThan(9);
      expect(w.audio.every((unit, at) => at === 0 || unit.pts90k > w.audio[at - 1]!.pts90k)).toBe(true);
      // Sound and picture of the same moment, by their places on the time line.
      const drift = w.audio.at(-1)!.timeMs - w.video.at(-1)!.unit.timeMs;
      expect(Math.abs(drift)).toBeLessThan(400);
      expect(w.pull.stats().cameraClockOffsetMs).not.toBeNull();
    }
    const bframes = all[3]!;
    expect(bframes.video.some((v, i) => i > 0 && v.unit.pts90k < bframes.video[i - 1]!.unit.pts90k)).toBe(true);
    await Promise.all(all.map((w) => w.pull.stop()));
  });

  test('F26: RTP timestamps that wrap after 20 s', async () => {
    const w = watch(`${rig.baseUrl}/rtpwrap`);
    await until('25 s', () => (w.video.at(-1)?.unit.dts90k ?? 0) > 25 * 90_000, 45_000);
    expectContinuous(w);
    const steps = w.video.slice(1).map((v, i) => v.unit.pts90k - w.video[i]!.unit.pts90k);
    expect(Math.max(...steps)).toBeLessThan(4000);
    await w.pull.stop();
  });

  test('F31: a camera that changes its resolution gives a new configuration at a keyframe', async () => {
    const w = watch(`${rig.baseUrl}/reschange`);
    await until('a change', () => w.configs.length >= 2 && w.video.length > w.configs[1]!.at, 50_000);
    expectContinuous(w);
    const { at, video } = w.configs[1]!;
    expect(w.video[at]!.unit.key).toBe(true);
    expect(video.parameterSets).not.toEqual(w.configs[0]!.video.parameterSets);
    await w.pull.stop();
  });

  test('a camera that drops its connections ends the pull; the next attempt plays', async () => {
    const w = watch(`${rig.baseUrl}/drop20`);
    await until('pictures', () => w.video.length > 20, 15_000);
    await rig.do('cam=drop20&op=drop');
    expect(await w.ended).toMatchObject({ code: 'camera_closed' });
    const again = watch(`${rig.baseUrl}/drop20`);
    await until('pictures again', () => again.video.length > 5, 15_000);
    await again.pull.stop();
  });

  test('F4: a camera that stalls ends the pull as silent', async () => {
    const w = watch(`${rig.baseUrl}/road`);
    await until('pictures', () => w.video.length > 10, 15_000);
    await rig.do('cam=road&op=stall&secs=14');
    expect(await w.ended).toMatchObject({ code: 'camera_silent' });
  });

  test('immediate pictures come sooner than batched ones', async () => {
    const w = watch(`${rig.baseUrl}/sub`);
    const middle = (from: number): number => {
      const lags = w.video.slice(from).map((v) => v.arrivedMs - v.sentMs);
      return lags.sort((a, b) => a - b)[Math.floor(lags.length / 2)]!;
    };
    // The first 3 s are read at once in any case.
    await until('5 s', () => (w.video.at(-1)?.unit.dts90k ?? 0) > 5 * 90_000, 20_000);
    const from = w.video.length;
    await until('batched pictures', () => w.video.length > from + 60, 20_000);
    const batched = middle(from);
    w.pull.setImmediate(true);
    const then = w.video.length + 2;
    await until('immediate pictures', () => w.video.length > then + 60, 20_000);
    expect(middle(then)).toBeLessThan(batched - 20);
    await w.pull.stop();
  });

  test('F13: probing with Digest and with Basic; a wrong password is named', async () => {
    const env = { clock: systemClock, batcher };
    for (const base of [rig.digestUrl, rig.basicUrl]) {
      const found = await probeRtsp(target(`${base}/main`, 'admin', 'rig-pass'), env, { measureMs: 4500 });
      expect(found).toMatchObject({ video: { width: 1920 }, audio: { codec: 'aac' } });
      expect(found.fps).toBeCloseTo(30, 0);
      expect(found.keyframeIntervalMs).toBeCloseTo(2000, -2);
      expect(found.bitsPerSecond).toBeGreaterThan(500_000);
      expect(found.firstKeyframe.unit).toMatchObject({ key: true, damaged: false });
      await expect(probeRtsp(target(`${base}/main`, 'admin', 'no'), env, { measureMs: 100 })).rejects.toMatchObject({
        code: 'camera_wrong_password',
      });
    }
    await expect(probeRtsp(target(`${rig.baseUrl}/nothing`), env, { measureMs: 100 })).rejects.toMatchObject({
      code: 'camera_path_not_found',
    });
  });
});

test('F10: a session of 10 s is kept alive in time, by OPTIONS until the camera names GET_PARAMETER', async () => {
  const { packets } = h264Stream({ pictures: 400, bytes: 200 });
  const server = await startScriptServer(
    playingCamera({
      session: 'A;timeout=10',
      onPlay: (socket) => {
        let at = 0;
        const timer = setInterval(() => socket.write(packets[at++] ?? Buffer.alloc(0)), 50);
        socket.on('close', () => clearInterval(timer));
      },
    }),
  );
  const w = watch(server.url);
  const alive = () =>
    server.requests.filter((r) => ['OPTIONS', 'GET_PARAMETER'].includes(r.method)).map((r) => r.method);
  await until('two of them', () => alive().length === 2, 12_000);
  expect(alive()).toEqual(['OPTIONS', 'GET_PARAMETER']);
  expect(server.interleaved.some((frame) => frame[5] === 201)).toBe(true);
  await w.pull.stop();
  await server.stop();
});
