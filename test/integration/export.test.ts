/** Exports as a job process makes them: joined, trimmed, playable by others, and honest about what can't be joined. */
import { fork, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxJob, SandboxToHub } from '#core/domain/worker-protocol.ts';
import { encodeAac } from '#core/media/codec/encoder.ts';
import { makeTestVideo, type TestVideo } from '../support/test-video.ts';
import { writeTestSegment, type TestSound } from '../support/test-segment.ts';
import { skipFor, whyNoFfmpeg } from '../support/tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

const entry = join(import.meta.dirname, '../../core/workers/sandbox.ts');
const startMs = Date.UTC(2026, 4, 1, 12);

async function runJob(job: SandboxJob, onMessage: (message: SandboxToHub) => 'stop' | undefined = () => undefined) {
  const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const messages: SandboxToHub[] = [];
  child.on('message', (message) => {
    messages.push(message as SandboxToHub);
    if (onMessage(message as SandboxToHub) === 'stop') child.send({ type: 'stop' });
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.send({ type: 'run', job });
  expect(await exited).toBe(0);
  return messages;
}

interface Probe {
  streams: {
    codec_type: string;
    codec_tag_string: string;
    nb_frames: string;
    duration: string;
    start_time: string;
    tags?: Record<string, string>;
  }[];
  format: { duration: string; tags?: Record<string, string> };
}

function probe(path: string): Probe {
  const args = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', path];
  return JSON.parse(spawnSync('ffprobe', args, { encoding: 'utf8' }).stdout) as Probe;
}

/** Presentation times in seconds that a player shows, as ffmpeg decodes them. */
function shownTimes(path: string): number[] {
  const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0', path];
  const out = spawnSync('ffprobe', args, { encoding: 'utf8' });
  expect(out.stderr).toBe('');
  return out.stdout.split('\n').filter(Boolean).map(parseFloat);
}

/** Top-level boxes of a file in order. */
function boxes(path: string): string[] {
  const bytes = readFileSync(path);
  const types: string[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    types.push(bytes.toString('latin1', at + 4, at + 8));
    at += bytes.readUInt32BE(at) || bytes.length;
  }
  return types;
}

describe('export', () => {
  let folder: string;
  let video: TestVideo;
  let sound: TestSound;
  const output = (name: string) => join(folder, `${name}.mp4`);
  const segment = (n: number) => ({
    path: join(folder, 'in', `${n}.mp4`),
    startMs: startMs + n * 4_000,
    endMs: startMs + n * 4_000 + 4_000,
  });
  const job = (name: string, over: Partial<SandboxJob> = {}): SandboxJob => ({
    kind: 'export',
    segments: [segment(0), segment(1), segment(2)],
    fromMs: startMs,
    toMs: startMs + 12_000,
    outputPath: output(name),
    title: 'Porch',
    ...over,
  });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'porchlight-export-'));
    video = makeTestVideo({ fps: 15, gopPictures: 30, pictures: 180 });
    const tone = Float32Array.from({ length: 16_000 * 4 }, (_, n) => Math.sin(n / 6) * 0.3);
    const { config, frames } = encodeAac(tone, 16_000, 32_000);
    sound = {
      config: { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 16_000, channels: 1, config },
      frames: frames.slice(1),
    };
    for (let n = 0; n < 3; n++) writeTestSegment(segment(n).path, video, n * 60, n * 60 + 60, sound);
  });

  afterAll(() => removeFolder(folder));

  test('joins segments into one file with the index in front and no traces of the tools', async () => {
    const messages = await runJob(job('joined'));
    const done = messages.find((m) => m.type === 'done');
    expect(messages.filter((m) => m.type === 'failed')).toEqual([]);
    expect(done).toMatchObject({ startMs, endMs: startMs + 12_000 });
    expect(boxes(output('joined')).slice(0, 2)).toEqual(['ftyp', 'moov']);
    expect(boxes(output('joined'))).toContain('mdat');
    expect(readFileSync(output('joined')).toString('latin1')).not.toMatch(/Lavf|Lavc|porchlight-export/);
    expect(messages.filter((m) => m.type === 'progress').length).toBeGreaterThan(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test.skipIf(skipFor('export played by another', whyNoFfmpeg))(
    'F34: every picture of every segment is there, at its time',
    () => {
      const times = shownTimes(output('joined'));
      expect(times.length).toBe(180);
      times.forEach((time, n) => expect(Math.abs(time - n / 15)).toBeLessThan(0.005));
      const { streams, format } = probe(output('joined'));
      expect(streams.map((stream) => stream.codec_type)).toEqual(['video', 'audio']);
      expect(Math.abs(Number(streams[0]!.duration) - 12)).toBeLessThan(0.1);
      expect(Math.abs(Number(streams[1]!.duration) - 12)).toBeLessThan(0.2);
      expect(format.tags).toMatchObject({ title: 'Porch' });
    },
  );

  test.skipIf(skipFor('export trimmed, seen by another', whyNoFfmpeg))(
    'a clip that begins between keyframes shows its first picture at the wanted time',
    async () => {
      // Keyframes every 2 s; the wanted start is 1.2 s after one.
      await runJob(job('trimmed', { fromMs: startMs + 3_200, toMs: startMs + 9_000 }));
      const times = shownTimes(output('trimmed'));
      expect(times[0]).toBeGreaterThanOrEqual(0);
      expect(times[0]).toBeLessThan(0.07);
      expect(times.length).toBe(87);
      expect(Math.abs(Number(probe(output('trimmed')).format.duration) - 5.8)).toBeLessThan(0.15);
      expect(spawnSync('ffmpeg', ['-v', 'error', '-i', output('trimmed'), '-f', 'null', '-']).stderr.toString()).toBe(
        '',
      );
    },
  );

  test.skipIf(skipFor('export with a pause, seen by another', whyNoFfmpeg))(
    'a pause in the recording is left out and the rest follows at once',
    async () => {
      const segments = [segment(0), { ...segment(2), startMs: startMs + 60_000, endMs: startMs + 64_000 }];
      const messages = await runJob(job('pause', { segments, toMs: startMs + 90_000 }));
      expect(messages.at(-1)).toMatchObject({ type: 'done', startMs, endMs: startMs + 64_000 });
      const times = shownTimes(output('pause'));
      expect(times.length).toBe(120);
      times.slice(1).forEach((time, n) => expect(Math.abs(time - times[n]! - 1 / 15)).toBeLessThan(0.005));
    },
  );

  test('F31: a change of picture format inside the span fails and names the time', async () => {
    const other = makeTestVideo({ width: 320, height: 180, pictures: 30 });
    const path = join(folder, 'in', 'other.mp4');
    writeTestSegment(path, other, 0, 30);
    const segments = [segment(0), { path, startMs: startMs + 4_000, endMs: startMs + 6_000 }];
    const messages = await runJob(job('changed', { segments }));
    expect(messages.at(-1)).toEqual({
      type: 'failed',
      code: 'invalid_range',
      message:
        "The camera's picture format changed at 2026-05-01 12:00:04 UTC. Export the time before and after it separately.",
    });
    expect(existsSync(output('changed'))).toBe(false);
    expect(existsSync(`${output('changed')}.part`)).toBe(false);
  });

  test('F36: a segment that was cut off in the middle costs its own tail only', async () => {
    const torn = join(folder, 'in', 'torn.mp4');
    const whole = readFileSync(segment(1).path);
    writeFileSync(torn, whole.subarray(0, Math.floor(whole.length * 0.6)));
    const messages = await runJob(job('torn', { segments: [segment(0), { ...segment(1), path: torn }, segment(2)] }));
    expect(messages.at(-1)).toMatchObject({ type: 'done' });
  });

  test('says so when there is nothing in the span, or a file is missing', async () => {
    const nothing = await runJob(job('nothing', { fromMs: startMs - 9_000, toMs: startMs - 1_000 }));
    expect(nothing.at(-1)).toMatchObject({ type: 'failed', code: 'not_found' });
    const missing = await runJob(job('missing', { segments: [{ ...segment(0), path: join(folder, 'no.mp4') }] }));
    expect(missing.at(-1)).toMatchObject({ type: 'failed', code: 'not_found' });
  });

  test('a cancelled export leaves no file', async () => {
    const segments = Array.from({ length: 400 }, (_, n) => ({
      ...segment(n % 3),
      startMs: startMs + n * 4_000,
      endMs: startMs + n * 4_000 + 4_000,
    }));
    const messages = await runJob(job('cancelled', { segments, toMs: startMs + 1_600_000 }), (message) =>
      message.type === 'progress' ? 'stop' : undefined,
    );
    expect(messages.filter((m) => m.type === 'done')).toEqual([]);
    expect(existsSync(output('cancelled'))).toBe(false);
    expect(existsSync(`${output('cancelled')}.part`)).toBe(false);
  });
});
