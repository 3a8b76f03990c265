import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { segmentPath } from '#core/domain/media-paths.ts';
import type { GapReason, MediaUnit } from '#core/domain/media.ts';
import type { SegmentInfo } from '#core/domain/worker-protocol.ts';
import { scanSegment } from '#core/media/mp4/box-reader.ts';
import { readFragment } from '#core/media/mp4/segment-boxes.ts';
import { SegmentCutter } from '#core/media/recorder/segment-cutter.ts';
import { SyncQueue } from '#core/media/recorder/segment-file.ts';
import {
  interleaved,
  numbersIn,
  otherVideo,
  SyntheticCamera,
  SyntheticSound,
  testAac,
  testVideo,
} from '../../../support/synthetic-camera.ts';
import { removeFolder } from '../../../support/remove-folder.ts';

const cameraId = 'cabcdefghjkmn' as CameraId;
const startMs = Date.UTC(2026, 0, 1);
let root: string;
let clock: ManualClock;
let cutter: SegmentCutter;
let closed: SegmentInfo[];
let gaps: { startMs: number; endMs: number; reason: GapReason }[];
let errors: (string | undefined)[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porchlight-cutter-'));
  clock = new ManualClock(startMs);
  closed = [];
  gaps = [];
  errors = [];
  cutter = new SegmentCutter(
    { recordingsDir: root, cameraId, stream: 'main' },
    {
      progress: () => undefined,
      closed: (segment) => closed.push(segment),
      gap: (from, to, reason) => gaps.push({ startMs: from, endMs: to, reason }),
      writeError: (error) => errors.push(error.code),
    },
    { clock, syncs: new SyncQueue() },
  );
});
afterEach(() => removeFolder(root));

const bytesOf = (segment: SegmentInfo): Buffer => readFileSync(join(root, segment.path));
const pictures = (segment: SegmentInfo): number[] => numbersIn(bytesOf(segment)).filter((number) => number < 1_000_000);
const sounds = (segment: SegmentInfo): number[] => numbersIn(bytesOf(segment)).filter((number) => number >= 1_000_000);
const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

/** The disk is real and takes its time; a camera's seconds are made up. Now and then the test waits for the disk. */
async function play(units: Iterable<MediaUnit>, every = 50): Promise<void> {
  let count = 0;
  for (const unit of units) {
    clock.advance(10);
    cutter.add(unit);
    if (++count % every === 0) await cutter.settled();
  }
}

function* shots(camera: SyntheticCamera, count: number): Generator<MediaUnit> {
  for (let i = 0; i < count; i++) yield camera.picture();
}

async function end(reason: GapReason | null = null): Promise<void> {
  cutter.end(reason);
  await cutter.settled();
  closed.sort((a, b) => a.startMs - b.startMs);
}

describe('continuity', () => {
  it('F34: 1,000 rotations lose, double and reorder no picture, and leave no hole in the index', async () => {
    const camera = new SyntheticCamera({ fps: 5, gop: 10, startMs, firstTicks: 2 ** 32 - 9_000_000 });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 50_000));
    await end();
    expect(closed).toHaveLength(1_000);
    expect(closed.flatMap(pictures)).toEqual(upTo(50_000));
    for (let i = 1; i < closed.length; i++) expect(closed[i]!.startMs).toBe(closed[i - 1]!.endMs);
    expect(gaps).toEqual([]);
    const scan = await scanSegment(join(root, closed[500]!.path));
    expect(scan).toMatchObject({ frames: 50, durationMs: 10_000, validBytes: closed[500]!.bytes });
    expect(scan.fragments.filter((each) => each.key).map((each) => each.offset)).toEqual(
      closed[500]!.keyframes.map((each) => each.offset),
    );
  }, 60_000);

  it('F26: pictures around the wraps of 2^31, 2^32 and 2^33 ticks stay in one even timeline', async () => {
    for (const wrap of [2 ** 31, 2 ** 32, 2 ** 33]) {
      closed = [];
      cutter.begin(testVideo, null, false);
      await play(shots(new SyntheticCamera({ firstTicks: wrap - 450_000, startMs: startMs + wrap }), 250));
      await end();
      expect(closed).toMatchObject([{ frames: 250, endMs: startMs + wrap + 10_000 }]);
    }
    expect(gaps).toEqual([]);
  });

  it('each keyframe begins a fragment, and no fragment lasts more than half a second', async () => {
    for (const fps of [5, 12.5, 25, 30, 60]) {
      closed = [];
      cutter.begin(testVideo, null, false);
      await play(shots(new SyntheticCamera({ fps, gop: 33, startMs: startMs + fps * 1e6 }), Math.round(fps * 9)));
      await end();
      const scan = await scanSegment(join(root, closed[0]!.path));
      expect(Math.max(...scan.fragments.map((each) => each.durationMs))).toBeLessThanOrEqual(500.1);
      expect(scan.fragments.filter((each) => each.key)).toHaveLength(Math.ceil(Math.round(fps * 9) / 33));
    }
  });

  it('F25, M#231: B-frames keep their order of showing, from media time 0', async () => {
    cutter.begin(testVideo, testAac, true);
    const sound = new SyntheticSound({ firstTicks: 3_600 });
    await play(interleaved(new SyntheticCamera({ reordered: true, gop: 51, startMs }), sound, 260));
    await end();
    expect(closed.flatMap(pictures)).toEqual(upTo(260));
    const bytes = bytesOf(closed[0]!);
    const scan = await scanSegment(join(root, closed[0]!.path));
    const shown: number[] = [];
    for (const { offset } of scan.fragments) {
      const moof = bytes.subarray(offset, offset + bytes.readUInt32BE(offset));
      const video = readFragment(moof, scan.tracks)!.find((part) => part.trackId === 1);
      if (!video) continue;
      const trun = moof.indexOf('trun');
      for (let i = 0, dts = video.decodeTime; i < video.samples; i++) {
        const at = trun + 20 + i * (moof.readUInt32BE(trun + 4) & 0x800 ? 12 : 8);
        shown.push(dts + (moof.readUInt32BE(trun + 4) & 0x800 ? moof.readInt32BE(at + 8) : 0));
        dts += moof.readUInt32BE(at);
      }
    }
    expect(shown[0]).toBe(0);
    expect([...shown].sort((a, b) => a - b)).toEqual(upTo(shown.length).map((i) => i * 3_600));
  });

  it('F25: the same decode time twice keeps both pictures', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    const units = [...shots(camera, 100)];
    const twice = units[60]!;
    if (twice.kind === 'video') twice.dts90k = twice.pts90k = (units[59] as typeof twice).dts90k;
    await play(units);
    await end();
    expect(closed.flatMap(pictures)).toEqual(upTo(100));
    expect(closed).toHaveLength(1);
  });

  it('any mix of picture rates, keyframe distances, sizes and silences loses nothing that can be decoded', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          fps: fc.constantFrom(1, 7, 15, 29.97),
          gop: fc.integer({ min: 1, max: 90 }),
          count: fc.integer({ min: 1, max: 400 }),
        }),
        async ({ fps, gop, count }) => {
          closed = [];
          cutter.begin(testVideo, null, false);
          await play(shots(new SyntheticCamera({ fps, gop, startMs: startMs + ++run * 1e7 }), count));
          await end();
          expect(closed.flatMap(pictures)).toEqual(upTo(count));
          for (const segment of closed)
            expect((await scanSegment(join(root, segment.path))).validBytes).toBe(segment.bytes);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('breaks', () => {
  it('F31: another resolution begins another segment, not another connection', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 100));
    cutter.begin(otherVideo, null, false);
    await play(shots(camera, 100));
    await end();
    expect(closed.map(({ width, frames }) => [width, frames])).toEqual([[1280, 100], [1920, 100]]); // prettier-ignore
    expect(gaps).toEqual([]);
  });

  it('F24: decode times that jump back begin a new segment at the next keyframe', async () => {
    cutter.begin(testVideo, null, false);
    await play(shots(new SyntheticCamera({ firstTicks: 1e9, startMs }), 60));
    await play(shots(new SyntheticCamera({ firstTicks: 5e8, startMs: startMs + 2_400 }), 60));
    await end();
    expect(closed.map((segment) => segment.frames)).toEqual([60, 60]);
    expect(closed.map((segment) => segment.endMs - segment.startMs)).toEqual([2_400, 2_400]);
  });

  it('F24: decode times that stand still do not gather in memory', async () => {
    cutter.begin(testVideo, null, false);
    const camera = new SyntheticCamera({ gop: 1e9, startMs });
    for (let i = 0; i < 3_000; i++) cutter.add(camera.picture({ dts90k: 0, pts90k: 0 }));
    await end();
    expect(closed[0]).toMatchObject({ frames: 3_000 });
    expect((await scanSegment(join(root, closed[0]!.path))).fragments.length).toBeGreaterThan(10);
  });

  it('a silence of more than 2 s is a gap, and a new segment at the next keyframe', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 50));
    camera.next = 200;
    await play(shots(camera, 50));
    await end();
    expect(gaps).toEqual([{ startMs: startMs + 2_000, endMs: startMs + 8_000, reason: 'camera_silent' }]);
    expect(closed.map((segment) => segment.startMs - startMs)).toEqual([0, 8_000]);
  });

  it('a silence inside a GOP keeps the pictures that still decode', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 60));
    camera.next = 160;
    await play(shots(camera, 60));
    await end();
    expect(closed.flatMap(pictures)).toEqual([...upTo(60), ...upTo(60, 160)]);
    expect(gaps).toEqual([{ startMs: startMs + 2_400, endMs: startMs + 6_400, reason: 'camera_silent' }]);
    expect(closed[1]!.startMs).toBe(startMs + 8_000);
  });

  it('a camera of one picture in five seconds is recorded, not taken for broken', async () => {
    cutter.begin(testVideo, null, false);
    await play(shots(new SyntheticCamera({ fps: 0.2, gop: 10, startMs }), 30));
    await end();
    expect(closed.flatMap(pictures)).toEqual(upTo(30));
  });

  for (const minutes of [90, -90, 1, -0.25]) {
    it(`F29: the host's clock steps by ${minutes} min: no picture lost, no overlap, flagged`, async () => {
      const camera = new SyntheticCamera({ startMs });
      cutter.begin(testVideo, null, false);
      await play(shots(camera, 625));
      camera.startMs += minutes * 60_000;
      await play(shots(camera, 1_000));
      await end();
      expect(closed.flatMap(pictures).sort((a, b) => a - b)).toEqual(upTo(1_625));
      for (let i = 1; i < closed.length; i++) expect(closed[i]!.startMs).toBeGreaterThanOrEqual(closed[i - 1]!.endMs);
      expect(gaps).toHaveLength(1);
      expect(gaps[0]?.reason).toBe('clock_step');
    });
  }

  it('F29: after a small step back the timeline works its way to the new time', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 500));
    camera.startMs -= 3_000;
    await play(shots(camera, 25 * 200));
    await end();
    const last = closed.at(-1)!;
    expect(last.startMs).toBe(Math.round(camera.startMs + pictures(last)[0]! * 40));
  });

  it('F30: files go to the UTC day they begin in', async () => {
    const night = Date.UTC(2026, 2, 28, 23, 59, 55);
    cutter.begin(testVideo, null, false);
    await play(shots(new SyntheticCamera({ startMs: night }), 500));
    await end();
    expect(closed.map((segment) => segment.path.split('/')[2])).toEqual(['2026-03-28', '2026-03-29']);
  });
});

describe('sound', () => {
  it('F32, F34: no sound frame is lost or doubled at a segment boundary, even when it comes late', async () => {
    const camera = new SyntheticCamera({ startMs });
    const sound = new SyntheticSound();
    const units = [...interleaved(camera, sound, 1_000)];
    // Sound is told 300 ms after its time, as when it was transcoded.
    const due = (unit: MediaUnit): number => (unit.kind === 'audio' ? unit.pts90k + 27_000 : unit.dts90k);
    units.sort((a, b) => due(a) - due(b));
    cutter.begin(testVideo, testAac, true);
    await play(units);
    await end();
    expect(closed.map((segment) => segment.audioCodec)).toEqual(closed.map(() => 'mp4a.40.2'));
    expect(closed.flatMap(pictures)).toEqual(upTo(1_000));
    const heard = closed.flatMap(sounds);
    expect(heard).toEqual(upTo(heard.length, 1_000_000));
    expect(heard.length).toBeGreaterThan(600);
    expect(cutter.droppedAudio).toBe(0);
  });

  it('F32: sound that was announced and never comes costs no picture', async () => {
    cutter.begin(testVideo, testAac, true);
    await play(shots(new SyntheticCamera({ startMs }), 300));
    await end();
    expect(closed.flatMap(pictures)).toEqual(upTo(300));
    expect(closed[0]?.audioCodec).toBeNull();
  });

  it('F32: sound that becomes known later is in the next segment', async () => {
    const camera = new SyntheticCamera({ startMs });
    const sound = new SyntheticSound();
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 100));
    cutter.setAudio(testAac);
    sound.next = 63;
    await play(interleaved(camera, sound, 300));
    await end();
    expect(closed.map((segment) => segment.audioCodec)).toEqual([null, 'mp4a.40.2']);
    expect(closed.flatMap(pictures)).toEqual(upTo(400));
  });

  it('F32: sound that stops is left out of the next segments', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, testAac, true);
    await play(interleaved(camera, new SyntheticSound(), 100));
    await play(shots(camera, 400));
    await end();
    expect(closed.map((segment) => segment.audioCodec)).toEqual(['mp4a.40.2', null]);
    expect(closed.flatMap(pictures)).toEqual(upTo(500));
  });

  it('F35: sound is where it belongs after a hole and after a drift', async () => {
    const camera = new SyntheticCamera({ startMs });
    const sound = new SyntheticSound();
    cutter.begin(testVideo, testAac, true);
    await play(interleaved(camera, sound, 50));
    sound.next += 20;
    await play(interleaved(camera, sound, 50));
    const drifted = [...interleaved(camera, sound, 100)];
    for (const unit of drifted) if (unit.kind === 'audio') unit.pts90k -= 4_000;
    await play(drifted);
    await end();
    const path = join(root, closed[0]!.path);
    const scan = await scanSegment(path);
    const bytes = bytesOf(closed[0]!);
    let endOfSound = 0;
    for (const { offset } of scan.fragments) {
      const moof = bytes.subarray(offset, offset + bytes.readUInt32BE(offset));
      const part = readFragment(moof, scan.tracks)!.find((each) => each.trackId === 2);
      if (part) endOfSound = (part.decodeTime + part.duration) / 16;
    }
    const last = drifted.findLast((unit) => unit.kind === 'audio')!;
    expect(Math.abs(endOfSound - (last.pts90k / 90 + 64))).toBeLessThan(25);
  });
});

describe('the disk', () => {
  it('an existing file is never opened or overwritten', async () => {
    const taken = join(root, segmentPath(cameraId, 'main', startMs));
    mkdirSync(dirname(taken), { recursive: true });
    writeFileSync(taken, 'precious');
    cutter.begin(testVideo, null, false);
    await play(shots(new SyntheticCamera({ startMs }), 50));
    await end();
    expect(readFileSync(taken, 'utf8')).toBe('precious');
    expect(closed[0]).toMatchObject({
      startMs: startMs + 1,
      path: segmentPath(cameraId, 'main', startMs + 1),
      frames: 50,
    });
  });

  it('F41: a recordings folder that is gone is reported, not made, and recording goes on when it is back', async () => {
    const camera = new SyntheticCamera({ startMs });
    removeFolder(root);
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 25));
    await vi.waitFor(() => expect(errors).toEqual(['ENOENT']));
    await play(shots(camera, 75));
    mkdirSync(root);
    clock.advance(30_000);
    await play(shots(camera, 100));
    await end();
    expect(closed.flatMap(pictures)).toEqual(upTo(100, 100));
    expect(gaps.at(-1)).toEqual({ startMs, endMs: startMs + 4_000, reason: 'disk_error' });
  });

  it('attempts that fail do not cut the gap into pieces', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 100));
    await end('camera_offline');
    removeFolder(root);
    cutter.begin(testVideo, null, false);
    for (let failure = 1; failure <= 3; failure++) {
      await play(shots(camera, 50));
      await vi.waitFor(() => expect(errors).toHaveLength(failure));
      clock.advance(30_000);
    }
    mkdirSync(root);
    await play(shots(camera, 50));
    await end();
    expect(gaps.at(-1)).toEqual({ startMs: startMs + 4_000, endMs: startMs + 10_000, reason: 'disk_error' });
    expect(new Set(gaps.map((gap) => gap.startMs))).toEqual(new Set([startMs + 4_000]));
  });

  it('F39: while the hub says the volume is full nothing is written; then it goes on', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 75));
    cutter.setStorage('disk_full');
    await play(shots(camera, 75));
    cutter.setStorage(null);
    await play(shots(camera, 75));
    await end();
    expect(closed.flatMap(pictures)).toEqual([...upTo(75), ...upTo(75, 150)]);
    expect(gaps.at(-1)).toEqual({ startMs: startMs + 3_000, endMs: startMs + 6_000, reason: 'disk_full' });
    expect(cutter.droppedWrites).toBe(75);
  });

  it('an outage is told while it lasts and again when it is over', async () => {
    const camera = new SyntheticCamera({ startMs });
    cutter.begin(testVideo, null, false);
    await play(shots(camera, 50));
    await end('camera_offline');
    clock.advance(60_000);
    cutter.tick();
    expect(gaps.at(-1)).toMatchObject({ startMs: startMs + 2_000, reason: 'camera_offline' });
    const known = gaps.length;
    cutter.begin(testVideo, null, false);
    await play(shots(new SyntheticCamera({ startMs: startMs + 70_000 }), 50));
    await end();
    expect(known).toBeGreaterThan(0);
    expect(gaps.at(-1)).toEqual({ startMs: startMs + 2_000, endMs: startMs + 70_000, reason: 'camera_offline' });
  });
});
