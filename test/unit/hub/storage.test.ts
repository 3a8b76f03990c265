/** Room on the disk and the disk itself, with real files. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { silentLogger } from '#core/base/logger.ts';
import { newEventId } from '#core/domain/ids.ts';
import { previewPackPath, segmentPath, snapshotPath } from '#core/domain/media-paths.ts';
import { SideFiles } from '#core/hub/side-files.ts';
import { Storage } from '#core/hub/storage.ts';
import { markerName, Volume } from '#core/hub/volume.ts';
import { openStore, type Store } from '#core/store/store.ts';
import { cameraRecord } from '../../support/camera-record.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const now = Date.UTC(2026, 5, 10, 12);
const hour = 3_600_000;
const segmentBytes = 1_000_000;
const camera = cameraRecord();
let folder: string;
let recordings: string;
let snapshots: string;
let store: Store;
let storage: Storage;
let told: [boolean, string][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-storage-'));
  recordings = join(folder, 'recordings');
  snapshots = join(folder, 'snapshots');
  mkdirSync(recordings);
  mkdirSync(snapshots);
  store = openStore(':memory:', new ManualClock(now));
  store.cameras.put(camera);
  store.settings.change({ minFreeBytes: 0, retentionDays: 2 });
  told = [];
  storage = new Storage({
    volume: new Volume(recordings, store.meta),
    sideFiles: new SideFiles(recordings, snapshots),
    segments: store.segments,
    events: store.events,
    settings: store.settings,
    cameras: () => [camera],
    openBytes: () => 0,
    setWritable: (writable, reason) => told.push([writable, reason]),
    changed: () => undefined,
    clock: new ManualClock(now),
    logger: silentLogger,
  });
});
afterEach(async () => {
  await storage.stop();
  store.close();
  removeFolder(folder);
});

function write(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'x');
  return path;
}

function record(startMs: number): string {
  const path = write(join(recordings, segmentPath(camera.id, 'main', startMs)));
  store.segments.insert([
    {
      cameraId: camera.id,
      stream: 'main',
      startMs,
      endMs: startMs + 10_000,
      bytes: segmentBytes,
      initBytes: 1,
      frames: 1,
      keyframes: [],
      videoCodec: 'avc1.640028',
      audioCodec: null,
      width: 1,
      height: 1,
      damaged: false,
    },
  ]);
  return path;
}

const starts = (): number[] => store.segments.starts(camera.id, 'main', 0, 1e14);

describe('F39: retention', () => {
  it('deletes by age: files, rows, previews, pictures and events', async () => {
    // Pictures go by whole days: this is older than the day that holds the limit.
    const oldMs = now - 90 * hour;
    const old = [
      record(oldMs),
      write(join(recordings, previewPackPath(camera.id, oldMs))),
      write(join(snapshots, snapshotPath(newEventId(), oldMs))),
    ];
    const kept = [
      record(now - hour),
      write(join(recordings, previewPackPath(camera.id, now - hour))),
      write(join(snapshots, snapshotPath(newEventId(), now - hour, true))),
      write(join(recordings, camera.id, 'previews', '2020-01-01', 'notes.txt')),
    ];
    const event = { label: 'person', subLabel: null, score: 1, box: { x: 0, y: 0, w: 1, h: 1 } } as const;
    for (const startMs of [oldMs, now - hour])
      store.events.upsert({
        ...event,
        id: newEventId(),
        cameraId: camera.id,
        startMs,
        endMs: startMs + 1_000,
        zones: [],
        stationary: false,
        snapshotMs: startMs,
        source: 'object',
      });
    await storage.look();
    await storage.retain();
    expect(starts()).toEqual([now - hour]);
    expect(old.filter(existsSync)).toEqual([]);
    expect(kept.filter(existsSync)).toEqual(kept);
    expect(store.events.list({ limit: 10 }).events.map((one) => one.startMs)).toEqual([now - hour]);
  });

  it('deletes by size, oldest first and no more than must go', async () => {
    const paths = Array.from({ length: 205 }, (_, i) => record(now - 10 * hour + i * 10_000));
    store.settings.change({ maxBytes: 100_000_000 });
    await storage.look();
    await storage.retain();
    expect(starts()).toHaveLength(100);
    expect(paths.map(existsSync)).toEqual(paths.map((_, i) => i >= 105));
    expect(storage.usedBytes()).toBe(100 * segmentBytes);
  });

  it('makes room at once when a write failed, and tells the recorder to go on', async () => {
    for (let i = 0; i < 40; i++) record(now - 10 * hour + i * 10_000);
    await storage.writeFailed('ENOSPC');
    expect(starts().length).toBeLessThan(40);
    expect(told.at(-1)).toEqual([true, 'disk_full']);
  });

  it('F43: rows whose files a person deleted go without complaint', async () => {
    rmSync(record(now - 60 * hour));
    await storage.look();
    await storage.retain();
    expect(starts()).toEqual([]);
    expect(storage.problem).toBeNull();
  });
});

describe('F41: the recordings disk', () => {
  it('gets a marker at first, and its absence stops recording with a sentence', async () => {
    await storage.look();
    expect(storage.problem).toBeNull();
    const marker = join(recordings, markerName);
    const id = readFileSync(marker, 'utf8');
    record(now - 60 * hour);

    rmSync(marker);
    await storage.look();
    expect(storage.problem).toMatch(/recordings disk is not there/);
    expect(told).toEqual([[false, 'disk_error']]);
    await storage.retain();
    expect(starts()).toHaveLength(1);
    expect(existsSync(marker)).toBe(false);

    writeFileSync(marker, id);
    await storage.look();
    expect(told.at(-1)).toEqual([true, 'disk_error']);
    expect(storage.problem).toBeNull();
  });

  it('may be replaced on purpose by one with an empty marker', async () => {
    await storage.look();
    const before = store.meta.get('volume_id');
    writeFileSync(join(recordings, markerName), '');
    await storage.look();
    expect(storage.problem).toBeNull();
    expect(store.meta.get('volume_id')).not.toBe(before);
  });
});
