/** The virtual camera as clients see it: the project's own RTSP client always, ffprobe where it is installed. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#core/base/clock.ts';
import { newCameraId } from '#core/domain/ids.ts';
import type { AudioConfig, MediaUnit, Pull, StreamError, VideoConfig } from '#core/domain/media.ts';
import { ReadBatcher } from '#core/media/rtsp/read-batcher.ts';
import { startRtspPull } from '#core/media/rtsp/pull.ts';
import { auditStamps, frameStamps } from '../support/frame-stamps.ts';
import { startVirtualCamera, type RunningVirtualCamera, type VirtualCameraOptions } from '../support/virtual-camera.ts';

const batcher = new ReadBatcher();
const running: { camera?: RunningVirtualCamera; pulls: Pull[] } = { pulls: [] };

afterEach(async () => {
  for (const pull of running.pulls.splice(0)) await pull.stop();
  await running.camera?.stop();
  delete running.camera;
});

async function camera(options: VirtualCameraOptions = {}): Promise<RunningVirtualCamera> {
  return (running.camera = await startVirtualCamera(options));
}

interface Received {
  configs: { video: VideoConfig; audio: AudioConfig | null }[];
  units: MediaUnit[];
  end: StreamError | null;
  pull: Pull;
}

function pull(url: string, options: { password?: string; silentMs?: number } = {}): Received {
  const received = { configs: [], units: [], end: null } as Omit<Received, 'pull'> as Received;
  received.pull = startRtspPull(
    {
      cameraId: newCameraId(),
      cameraName: 'Test',
      url,
      username: options.password === undefined ? null : 'admin',
      password: options.password ?? null,
      audio: true,
    },
    {
      onConfig: (config) => received.configs.push(config),
      onUnit: (unit) => received.units.push(unit),
      onEnd: (error) => (received.end = error),
    },
    { clock: systemClock, batcher, timeouts: { silentMs: options.silentMs ?? 10_000, responseMs: 2_000 } },
  );
  running.pulls.push(received.pull);
  return received;
}

async function until(what: string, condition: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const videos = (received: Received): Extract<MediaUnit, { kind: 'video' }>[] =>
  received.units.filter((unit) => unit.kind === 'video');
const stampsOf = (received: Received): ReturnType<typeof frameStamps> =>
  videos(received).flatMap((unit) => frameStamps(unit.data));

describe('a camera that plays', () => {
  test('every picture of more than one loop arrives once, in order, at its wall time, with sound', async () => {
    const { url } = await camera();
    const received = pull(url);
    await until('75 pictures (the clip has 60)', () => videos(received).length >= 75);
    const stamps = stampsOf(received);
    expect(stamps).toHaveLength(videos(received).length);
    expect(auditStamps(stamps)).toEqual({ missing: 0, doubled: 0 });
    const ticks = videos(received).map((unit) => unit.pts90k);
    expect(ticks.slice(1).every((tick, i) => tick - ticks[i]! === 6_000)).toBe(true);
    // Picture number and wall time are tied: floor(time * 15). The camera may send a little late, never early.
    for (const { frame, timeMs } of stamps) {
      const lateMs = timeMs - (frame * 1000) / 15;
      expect(lateMs).toBeGreaterThanOrEqual(-1);
      expect(lateMs).toBeLessThan(1_000);
    }
    expect(received.configs).toHaveLength(1);
    expect(received.configs[0]?.video).toMatchObject({ codec: 'h264', width: 1280, height: 720 });
    expect(received.configs[0]?.audio).toMatchObject({ codec: 'aac', sampleRate: 16_000, channels: 1 });
    const sound = received.units.filter((unit) => unit.kind === 'audio');
    expect(sound.length).toBeGreaterThan(60);
    const steps = sound.slice(1).map((unit, i) => unit.pts90k - sound[i]!.pts90k);
    // 64 ms each; the client moves sound to where the sender reports put it by at most 5 % of a frame.
    expect(steps.every((step) => Math.abs(step - 5_760) <= 5_760 * 0.05 + 1)).toBe(true);
  });

  test('two viewers and the sub stream show the same moment of the world', async () => {
    const { url, subUrl } = await camera();
    const [a, b] = [pull(url), pull(subUrl)];
    await until('both play', () => videos(a).length > 20 && videos(b).length > 20);
    expect(b.configs[0]?.video).toMatchObject({ width: 640, height: 360 });
    const main = new Set(stampsOf(a).map((stamp) => stamp.frame));
    expect(stampsOf(b).filter((stamp) => main.has(stamp.frame)).length).toBeGreaterThan(10);
  });

  test('sender reports tell the camera clock, also a wrong one', async () => {
    const { url } = await camera({ faults: [{ kind: 'clock', offsetMs: 90_000 }] });
    const received = pull(url);
    await until('a sender report', () => received.pull.stats().cameraClockOffsetMs !== null);
    expect(received.pull.stats().cameraClockOffsetMs).toBeGreaterThan(88_500);
    expect(received.pull.stats().cameraClockOffsetMs).toBeLessThan(90_500);
  });

  test('F26: timestamps wrap at 2^32 and pictures go on at even distances', async () => {
    const { url } = await camera({ faults: [{ kind: 'wrap', secondsBefore: 2 }] });
    const received = pull(url);
    await until('past the wrap', () => videos(received).length >= 45);
    const ticks = videos(received).map((unit) => unit.pts90k);
    expect(ticks.slice(1).every((tick, i) => tick - ticks[i]! === 6_000)).toBe(true);
  });

  test('G.711 sound comes where it is asked for', async () => {
    const { url } = await camera({ audio: 'pcmu' });
    const received = pull(url);
    await until('sound', () => received.units.filter((unit) => unit.kind === 'audio').length > 20);
    expect(received.configs[0]?.audio).toMatchObject({ codec: 'pcmu', sampleRate: 8_000 });
  });

  test('ffprobe understands both streams', async ({ skip }) => {
    if (spawnSync('ffprobe', ['-version']).status !== 0) skip('ffprobe is not installed');
    const { url } = await camera();
    const shown = spawnSync(
      'ffprobe',
      [
        '-v',
        'error',
        '-rtsp_transport',
        'tcp',
        '-show_entries',
        'stream=codec_name,width,height',
        '-of',
        'csv=p=0',
        url,
      ],
      { encoding: 'utf8', timeout: 30_000 },
    );
    expect(shown.stdout.trim().split('\n')).toEqual(['h264,1280,720', 'aac']);
  });
});

describe('a camera with a password', () => {
  for (const scheme of ['digest', 'digest-sha256', 'basic', 'both'] as const) {
    test(`${scheme}: the right password plays, also with all the signs that break addresses`, async () => {
      const password = 'p@ss:w/rd?#% "x"\\';
      const { url } = await camera({ auth: { scheme, username: 'admin', password } });
      const received = pull(url, { password });
      await until('a picture', () => videos(received).length > 0 || received.end !== null);
      expect(received.end).toBeNull();
    });
  }

  test('F15: a wrong password is refused and counted', async () => {
    const { url, control } = await camera({ auth: { scheme: 'digest', username: 'admin', password: 'right' } });
    const received = pull(url, { password: 'wrong' });
    await until('the refusal', () => received.end !== null);
    expect(received.end?.code).toBe('camera_wrong_password');
    expect((await control.figures()).wrongPasswords).toBe(1);
  });
});

describe('a camera with faults', () => {
  for (const [status, code] of [
    [404, 'camera_path_not_found'],
    [453, 'camera_too_many_connections'],
    [503, 'camera_busy'],
  ] as const) {
    test(`refuses with ${status} as often as it was told to, then plays`, async () => {
      const { url } = await camera({ faults: [{ kind: 'refuse', status, times: 1 }] });
      const first = pull(url);
      await until('the refusal', () => first.end !== null);
      expect(first.end?.code).toBe(code);
      const second = pull(url);
      await until('a picture', () => videos(second).length > 0);
    });
  }

  test('drops the connection: the client hears of it at once', async () => {
    const { url, control } = await camera();
    const received = pull(url);
    await until('a picture', () => videos(received).length > 0);
    await control.fault({ kind: 'drop' });
    await until('the end', () => received.end !== null, 2_000);
    await until('nobody connected', async () => (await control.figures()).connections === 0, 2_000);
  });

  test('F4: stalls without a word: the client gives up by itself', async () => {
    const { url, control } = await camera();
    const received = pull(url, { silentMs: 1_500 });
    await until('a picture', () => videos(received).length > 0);
    await control.fault({ kind: 'stall' });
    await until('the end', () => received.end !== null, 8_000);
    expect(received.end?.code).toBe('camera_silent');
  });

  test('F1: reboots: the port is closed, then the same address plays again', async () => {
    const { url, control } = await camera();
    await control.fault({ kind: 'reboot', ms: 800 });
    const during = pull(url);
    await until('the refusal', () => during.end !== null);
    expect(during.end?.code).toBe('camera_refused_connection');
    await until('a picture after the reboot', async () => {
      const again = pull(url);
      await until('an outcome', () => videos(again).length > 0 || again.end !== null);
      return again.end === null;
    });
  });

  test('F31: changes its resolution in mid-stream, at a keyframe', async () => {
    const { url, control } = await camera();
    const received = pull(url);
    await until('a picture', () => videos(received).length > 0);
    await control.fault({ kind: 'resolution' });
    await until('the new parameters', () => received.configs.length === 2);
    expect(received.configs[1]?.video).toMatchObject({ width: 640, height: 360 });
    expect(received.end).toBeNull();
  });

  test.each([
    ['SHA-512-256 alone', ['SHA-512-256']],
    ['MD5 and SHA-256', ['MD5', 'SHA-256']],
  ] as const)(
    'F13: %s with qop, and a nonce that goes stale in the middle: the client plays',
    async (_, algorithms) => {
      const auth = { scheme: 'digest', username: 'admin', password: 'p:w"d' } as const;
      const { url, control } = await camera({
        auth,
        faults: [{ kind: 'digest', algorithms: [...algorithms], qop: true, requestsPerNonce: 2 }],
      });
      const received = pull(url, { password: auth.password });
      await until('pictures', () => videos(received).length > 3);
      expect((await control.figures()).wrongPasswords).toBe(0);
    },
  );

  test('keyframes can be far between', async () => {
    const { url } = await camera({ faults: [{ kind: 'keyframes', everyPictures: 40 }] });
    const received = pull(url);
    await until('two keyframes', () => videos(received).filter((unit) => unit.key).length >= 2);
    const keys = videos(received).flatMap((unit) => (unit.key ? frameStamps(unit.data) : []));
    expect(keys[1]!.frame - keys[0]!.frame).toBeGreaterThanOrEqual(40);
  });

  test('F24: timestamps that leap an hour do not end the stream', async () => {
    const { url, control } = await camera();
    const received = pull(url);
    await until('pictures', () => videos(received).length > 5);
    await control.fault({ kind: 'jump', seconds: 3_600 });
    const before = videos(received).length;
    await until('pictures after the leap', () => videos(received).length > before + 15);
    expect(received.end).toBeNull();
    expect(auditStamps(stampsOf(received)).doubled).toBe(0);
  });

  test('F16: loses every 40th packet: the client counts the loss and marks pictures', async () => {
    const { url } = await camera({ faults: [{ kind: 'loss', everyPackets: 40 }] });
    const received = pull(url);
    await until('lost packets', () => received.pull.stats().lostPackets >= 2);
    await until(
      'a damaged or dropped picture',
      () => received.pull.stats().droppedUnits > 0 || videos(received).some((unit) => unit.damaged),
    );
  });
});
