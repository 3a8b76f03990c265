/** The demo with its real processes and fake ports: from `add` to a past of two days, a restart, and nothing left behind. */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#core/base/clock.ts';
import { silentLogger } from '#core/base/logger.ts';
import { createDemo } from '#core/demo/demo.ts';
import type { Demo, DemoAddress, DemoCamera, DemoChild } from '#core/domain/demo-protocol.ts';
import type { EventState } from '#core/domain/detection.ts';
import { newCameraId } from '#core/domain/ids.ts';
import { dayOf, previewPackPath, segmentPath, snapshotPath } from '#core/domain/media-paths.ts';
import { readPreview, readPreviewIndex } from '#core/domain/preview-pack.ts';
import type { GapRecord, SegmentRecord } from '#core/domain/records.ts';
import { scanSegment } from '#core/media/mp4/box-reader.ts';
import { removeFolder } from '../support/remove-folder.ts';

const root = join(import.meta.dirname, '..', '..');

/** A child without the supervisor's watching. */
class PlainChild<In extends { type: string }, Out> implements DemoChild<In, Out> {
  onMessage: DemoChild<In, Out>['onMessage'] = () => undefined;
  onSpawn: () => void = () => undefined;
  onEnd: () => void = () => undefined;
  readonly #entry: string;
  #child: ChildProcess | null = null;

  constructor(entry: string) {
    this.#entry = join(root, 'core/workers', entry);
  }

  start(): void {
    if (this.#child) return;
    const child = fork(this.#entry, [], { serialization: 'advanced' });
    this.#child = child;
    child.on('message', (message) => this.onMessage(message as Out));
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
      this.onEnd();
    });
    this.onSpawn();
  }

  send(message: In): boolean {
    return this.#child?.connected === true && this.#child.send(message);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.send({ type: 'stop' });
    await ended;
  }

  get running(): boolean {
    return this.#child !== null;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'porchlight-demo-'));
const at = { demo: join(folder, 'demo'), recordings: join(folder, 'recordings'), snapshots: join(folder, 'snapshots') };
const children = {
  virtualCamera: new PlainChild<never, never>('virtual-camera.ts'),
  dayMaker: new PlainChild<never, never>('demo-maker.ts'),
  nightMaker: new PlainChild<never, never>('demo-maker.ts'),
};
const kept = {
  camera: null as (DemoCamera & { address: DemoAddress }) | null,
  segments: [] as SegmentRecord[],
  gaps: [] as GapRecord[],
  events: [] as (EventState & { reviewed: boolean })[],
  meta: new Map<string, string>(),
  largestPart: 0,
};

function hub(): Demo {
  return createDemo({
    clock: systemClock,
    logger: silentLogger,
    folder: at.demo,
    recordingsDir: at.recordings,
    snapshotsDir: at.snapshots,
    ...(children as never as Pick<Parameters<typeof createDemo>[0], 'virtualCamera' | 'dayMaker' | 'nightMaker'>),
    cameras: {
      find: () => kept.camera,
      add: (address) => (kept.camera = { id: newCameraId(), createdMs: Date.now(), address }),
      move: (_id, address) => {
        if (kept.camera) kept.camera.address = address;
      },
      remove: (id) => {
        removeFolder(join(at.recordings, id));
        kept.camera = null;
        return Promise.resolve();
      },
    },
    write(part) {
      kept.segments.push(...part.segments);
      kept.gaps.push(...part.gaps);
      kept.events.push(...part.events);
      kept.largestPart = Math.max(kept.largestPart, part.segments.length);
    },
    meta: { get: (key) => kept.meta.get(key) ?? null, set: (key, value) => kept.meta.set(key, value) },
  });
}

async function until(what: string, condition: () => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

afterAll(() => {
  removeFolder(folder);
});

describe('the demo', () => {
  let demo: Demo;
  const addedMs = Date.now();
  beforeAll(async () => {
    demo = hub();
    await demo.add();
    await until('the past is laid down', () => kept.meta.size > 0, 280_000);
  }, 300_000);
  afterAll(() => demo.stop());

  test('adds a camera on loopback with a password of its own', () => {
    expect(kept.camera?.address.url).toMatch(/^rtsp:\/\/127\.0\.0\.1:\d+\/main$/);
    expect(kept.camera?.address.subUrl).toMatch(/\/sub$/);
    expect(kept.camera?.address.password.length).toBeGreaterThanOrEqual(16);
  });

  test('ends the drawing processes when all is drawn', async () => {
    await until('both ended', () => !children.dayMaker.running && !children.nightMaker.running, 10_000);
  });

  test('lays down two days up to now without overlap, with gaps that say why', () => {
    const starts = kept.segments.map((segment) => segment.startMs).sort((a, b) => a - b);
    const first = starts[0]!;
    const last = starts[starts.length - 1]!;
    expect(new Set(starts).size).toBe(starts.length);
    expect(last + 10_000).toBeGreaterThan(addedMs - 60_000);
    expect(last + 10_000).toBeLessThanOrEqual(kept.camera!.createdMs);
    expect(last - first).toBeGreaterThan(47.9 * 3_600_000);
    expect(new Set(kept.gaps.map((gap) => gap.reason))).toEqual(
      new Set(['camera_offline', 'hub_stopped', 'camera_silent']),
    );
    // Every hole is explained by a gap.
    for (let i = 1; i < starts.length; i++) {
      if (starts[i]! - starts[i - 1]! === 10_000) continue;
      const middle = (starts[i]! + starts[i - 1]! + 10_000) / 2;
      expect(kept.gaps.some((gap) => gap.startMs <= middle && gap.endMs >= middle)).toBe(true);
    }
  });

  test('hands rows to the hub in parts small enough not to hold it up', () => {
    expect(kept.largestPart).toBeLessThanOrEqual(360);
  });

  test('segments are whole fragmented MP4 that say of themselves what their rows say', async () => {
    for (const i of [0, 1, Math.floor(kept.segments.length / 2), kept.segments.length - 1]) {
      const row = kept.segments[i]!;
      const scan = await scanSegment(join(at.recordings, segmentPath(row.cameraId, 'main', row.startMs)));
      expect(scan.validBytes).toBe(scan.fileBytes);
      expect(scan.initBytes).toBe(row.initBytes);
      expect(scan.frames).toBe(row.frames);
      expect(
        scan.fragments
          .filter((one) => one.key)
          .map((one) => ({ offset: one.offset, timeMs: Math.round(one.decodeMs) })),
      ).toEqual(row.keyframes);
      expect([scan.width, scan.height]).toEqual([1280, 720]);
      expect(scan.videoCodec).toBe(row.videoCodec);
      expect(scan.audioCodec).toBe(row.audioCodec);
      expect(Math.abs(scan.durationMs - (row.endMs - row.startMs))).toBeLessThanOrEqual(1);
    }
  });

  test('takes less than 300 MB of disk, and the rows say about as much', () => {
    const inodes = new Map<number, number>();
    const walk = (path: string): void => {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        const child = join(path, entry.name);
        if (entry.isDirectory()) walk(child);
        else inodes.set(statSync(child).ino, statSync(child).size);
      }
    };
    walk(folder);
    const onDisk = [...inodes.values()].reduce((a, b) => a + b, 0);
    const inRows = kept.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    expect(onDisk).toBeLessThan(300_000_000);
    expect(inRows).toBeLessThan(onDisk * 2);
  });

  test('events of people, vehicles and animals have pictures and lie in recorded time', () => {
    expect(new Set(kept.events.map((event) => event.label))).toEqual(new Set(['person', 'vehicle', 'animal']));
    const starts = new Set(kept.segments.map((segment) => segment.startMs));
    for (const event of kept.events) {
      expect(starts.has(Math.floor(event.snapshotMs / 10_000) * 10_000)).toBe(true);
      expect(event.endMs!).toBeGreaterThan(event.startMs);
    }
    for (const event of [kept.events[0]!, kept.events[kept.events.length - 1]!]) {
      for (const thumb of [false, true]) {
        const jpeg = readFileSync(join(at.snapshots, snapshotPath(event.id, event.startMs, thumb)));
        expect(jpeg.subarray(0, 2).toString('hex')).toBe('ffd8');
      }
    }
    expect(kept.events.some((event) => event.reviewed)).toBe(true);
    expect(kept.events.some((event) => !event.reviewed)).toBe(true);
  });

  test('previews can be scrubbed in the hours of the past', () => {
    const hourMs = kept.camera!.createdMs - 5 * 3_600_000;
    const pack = readFileSync(join(at.recordings, previewPackPath(kept.camera!.id, hourMs)));
    const entries = readPreviewIndex(pack);
    expect(entries.length).toBeGreaterThanOrEqual(50);
    expect(dayOf(entries[0]!.timeMs)).toBe(dayOf(hourMs));
    expect(readPreview(pack, entries[0]!).subarray(0, 2).toString('hex')).toBe('ffd8');
  });

  test('after a restart of the hub the camera is back and the past is not laid down twice', async () => {
    await demo.stop();
    const { length } = kept.segments;
    const before = kept.camera!.address.password;
    demo = hub();
    await demo.start();
    expect(kept.camera!.address.password).not.toBe(before);
    await until('both makers ended', () => !children.dayMaker.running && !children.nightMaker.running, 20_000);
    expect(kept.segments).toHaveLength(length);
  });

  test('one call removes camera, files and processes', async () => {
    await demo.remove();
    expect(kept.camera).toBeNull();
    expect(existsSync(at.demo)).toBe(false);
    expect(existsSync(at.recordings) ? readdirSync(at.recordings) : []).toEqual([]);
    expect(children.virtualCamera.running || children.dayMaker.running || children.nightMaker.running).toBe(false);
  });
});
