/** The timeline of one day for 16 cameras out of an index of 1,000,000 segments: from the spans, against the segment rows themselves. */
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#core/base/clock.ts';
import { newCameraId, type CameraId } from '#core/domain/ids.ts';
import type { SegmentRecord } from '#core/domain/records.ts';
import { openStore } from '#core/store/store.ts';
import { percentile } from './process-figures.ts';
import type { Bench } from './row.ts';
import { cameraRecord } from '../support/camera-record.ts';
import { removeFolder } from '../support/remove-folder.ts';

const cameras = 16;
const perCamera = 62_500;
const segmentMs = 10_000;
const dayMs = 86_400_000;

export const bench: Bench = async function* () {
  await Promise.resolve();
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-index-'));
  try {
    const path = join(folder, 'porchlight.db');
    const store = openStore(path, systemClock);
    const ids = Array.from({ length: cameras }, () => newCameraId());
    const firstMs = Date.UTC(2026, 0, 1);
    ids.forEach((id, i) => store.cameras.put(cameraRecord({ id, position: i })));
    const began = performance.now();
    for (const id of ids) {
      for (let first = 0; first < perCamera; first += 2_500) {
        // A camera that drops out every 2,500 segments (7 hours), as real ones do.
        const offset = (first / 2_500) * 30_000;
        store.segments.insert(
          Array.from({ length: 2_500 }, (_, i) => segment(id, firstMs + offset + (first + i) * segmentMs)),
        );
      }
    }
    const fillS = (performance.now() - began) / 1000;
    const days = Math.floor((perCamera * segmentMs) / dayMs);
    const spans: number[] = [];
    const rows: number[] = [];
    for (let run = 0; run < 200; run++) {
      const from = firstMs + (run % days) * dayMs;
      spans.push(
        timed(() =>
          JSON.stringify(
            ids.map((id) => [
              store.segments.spans(id, 'main', from, from + dayMs),
              store.segments.gaps(id, from, from + dayMs),
            ]),
          ),
        ),
      );
      if (run < 10)
        rows.push(
          timed(() =>
            JSON.stringify(
              ids.map((id) => store.segments.list(id, 'main', from, from + dayMs).map((s) => [s.startMs, s.endMs])),
            ),
          ),
        );
    }
    const p95 = percentile(spans, 95);
    yield {
      what: 'timeline of one day, 16 cameras, 1,000,000 segments',
      measured: `p95 ${p95.toFixed(2)} ms (filled at ${((cameras * perCamera) / fillS / 1000).toFixed(0)}k rows/s, ${(statSync(path).size / 1e6).toFixed(0)} MB)`,
      against: `from the segment rows: ${percentile(rows, 50).toFixed(0)} ms`,
      ratio: p95 / percentile(rows, 50),
      target: 'p95 <= 50 ms',
      met: p95 <= 50,
    };
    store.close();
  } finally {
    removeFolder(folder);
  }
};

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function segment(cameraId: CameraId, startMs: number): SegmentRecord {
  return {
    cameraId,
    stream: 'main',
    startMs,
    endMs: startMs + segmentMs,
    bytes: 5_000_000,
    initBytes: 1_000,
    frames: 300,
    keyframes: Array.from({ length: 5 }, (_, i) => ({ offset: 1_000 + i * 1_000_000, timeMs: i * 2_000 })),
    videoCodec: 'avc1.640028',
    audioCodec: 'mp4a.40.2',
    width: 1920,
    height: 1080,
    damaged: false,
  };
}
