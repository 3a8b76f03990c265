/** Index and disk agree again, with real files in the places and with the names that recordings have. */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { silentLogger } from '#core/base/logger.ts';
import { newCameraId } from '#core/domain/ids.ts';
import { segmentPath } from '#core/domain/media-paths.ts';
import type { SegmentRecord } from '#core/domain/records.ts';
import { Reconciler } from '#core/hub/reconcile.ts';
import type { SegmentFiles } from '#core/hub/segment-files.ts';
import { openStore, type Store } from '#core/store/store.ts';
import { cameraRecord } from '../../support/camera-record.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const cameraId = newCameraId();
const now = Date.UTC(2026, 5, 10, 12);
const day = 86_400_000;
let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-reconcile-'));
  store = openStore(':memory:', new ManualClock(now));
  store.cameras.put(cameraRecord({ id: cameraId }));
});
afterEach(() => {
  store.close();
  removeFolder(folder);
});

/** Stands for the box reader: a file that begins with "ok" is a segment of 10 s. */
const files: SegmentFiles = {
  async repair(path) {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(path, 'utf8');
    if (!text.startsWith('ok')) return null;
    return {
      durationMs: 10_000,
      bytes: text.length,
      initBytes: 1,
      frames: 100,
      keyframes: [{ offset: 1, timeMs: 0 }],
      videoCodec: 'avc1.640028',
      audioCodec: null,
      width: 640,
      height: 360,
    };
  },
  readInit: () => Promise.reject(new Error('not here')),
  readMedia: () => Promise.reject(new Error('not here')),
};

function row(startMs: number): SegmentRecord {
  return {
    cameraId,
    stream: 'main',
    startMs,
    endMs: startMs + 10_000,
    bytes: 10,
    initBytes: 1,
    frames: 100,
    keyframes: [],
    videoCodec: 'avc1.640028',
    audioCodec: null,
    width: 640,
    height: 360,
    damaged: false,
  };
}

function file(startMs: number, text = 'ok segment'): string {
  const path = join(folder, segmentPath(cameraId, 'main', startMs));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function reconcile(): Promise<Reconciler> {
  // Files of the test are new; the hub that looks at them started long after they were written.
  const clock = new ManualClock(now);
  clock.advance(3_600_000);
  const reconciler = new Reconciler({
    segments: store.segments,
    files,
    recordingsDir: folder,
    cameras: () => [{ id: cameraId }],
    beforeMs: now,
    clock,
    logger: silentLogger,
    settleMs: 0,
  });
  await reconciler.start();
  await reconciler.finished();
  return reconciler;
}

const starts = (): number[] => store.segments.starts(cameraId, 'main', 0, 1e14);

describe("F43: after a crash or by a person's hand", () => {
  it('files without rows are entered, of today and of long ago', async () => {
    const times = [now - 60_000, now - day, now - 40 * day];
    for (const time of times) file(time);
    const { figures } = await reconcile();
    expect(starts()).toEqual(times.toSorted((a, b) => a - b));
    expect(figures).toMatchObject({ filesEntered: 3, finished: true });
    expect(store.segments.spans(cameraId, 'main', 0, 1e14)).toHaveLength(3);
  });

  it('rows without files are removed', async () => {
    file(now - 60_000);
    store.segments.insert([row(now - 60_000), row(now - 120_000), row(now - 5 * day)]);
    const { figures } = await reconcile();
    expect(starts()).toEqual([now - 60_000]);
    expect(figures.rowsRemoved).toBe(2);
  });

  it('F41: many rows without files are not believed: that is a disk that is not there', async () => {
    store.segments.insert(Array.from({ length: 200 }, (_, i) => row(now - day - i * 10_000)));
    const { figures } = await reconcile();
    expect(starts()).toHaveLength(200);
    expect(figures.rowsKept).toBeGreaterThan(0);
  });

  it('what is no segment is put aside and not tried again', async () => {
    const path = file(now - 60_000, 'garbage');
    file(now - 70_000, `big garbage ${'x'.repeat(1_000_001)}`);
    expect((await reconcile()).figures.filesDamaged).toBe(2);
    expect(readdirSync(dirname(path))).toEqual([`${now - 70_000}.mp4.damaged`]);
    expect((await reconcile()).figures.filesDamaged).toBe(0);
  });

  it('foreign files, and segments in the wrong day, are left alone', async () => {
    const path = file(now - 60_000);
    for (const name of ['holiday.mp4', '12.mp4', `${now}.txt`, `${now - 3 * day}.mp4`])
      writeFileSync(join(dirname(path), name), 'ok foreign');
    await reconcile();
    expect(starts()).toEqual([now - 60_000]);
    expect(readdirSync(dirname(path))).toHaveLength(5);
  });

  it('files that the running recorder writes are its own business', async () => {
    file(now + 5_000);
    await reconcile();
    expect(starts()).toEqual([]);
  });
});
