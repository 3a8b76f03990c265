/** Spans stay true to their definition whatever order segments come and go in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { newCameraId, type CameraId } from '#core/domain/ids.ts';
import type { SegmentRecord } from '#core/domain/records.ts';
import { joinMs, maxSegmentMs } from '#core/store/span-index.ts';
import { openStore, type Store } from '#core/store/store.ts';
import { cameraRecord } from '../../support/camera-record.ts';

const cameraId = newCameraId();

function storeWithCamera(id: CameraId = cameraId): Store {
  const store = openStore(':memory:', new ManualClock());
  store.cameras.put(cameraRecord({ id }));
  return store;
}

function segment(startMs: number, lengthMs: number, bytes = 1_000): SegmentRecord {
  return {
    cameraId,
    stream: 'main',
    startMs,
    endMs: startMs + lengthMs,
    bytes,
    initBytes: 100,
    frames: 10,
    keyframes: [{ offset: 100, timeMs: 0 }],
    videoCodec: 'avc1.640028',
    audioCodec: null,
    width: 640,
    height: 360,
    damaged: false,
  };
}

/** The definition, done the slow way. */
function model(segments: readonly SegmentRecord[]): { startMs: number; endMs: number; bytes: number }[] {
  const spans: { startMs: number; endMs: number; bytes: number }[] = [];
  for (const one of segments.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = spans.at(-1);
    if (last && one.startMs <= last.endMs + joinMs) {
      last.endMs = Math.max(last.endMs, one.endMs);
      last.bytes += one.bytes;
    } else spans.push({ startMs: one.startMs, endMs: one.endMs, bytes: one.bytes });
  }
  return spans;
}

const shown = (store: Store): { startMs: number; endMs: number; bytes: number }[] =>
  store.segments.spans(cameraId, 'main', 0, 1e12).map(({ startMs, endMs, bytes }) => ({ startMs, endMs, bytes }));

describe('spans', () => {
  it('equal the definition after any inserts, replacements and deletions', () => {
    const action = fc.record({
      remove: fc.boolean(),
      slot: fc.nat({ max: 30 }),
      lengthMs: fc.oneof(fc.nat({ max: 6_000 }), fc.constantFrom(0, 1_000, 60_000)),
      bytes: fc.integer({ min: 200, max: 5_000 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const store = storeWithCamera();
        const truth = new Map<number, SegmentRecord>();
        for (const { remove, slot, lengthMs, bytes } of actions) {
          // Neighbours 2 s apart with lengths up to 6 s: touching, overlapping, swallowed and apart all occur.
          const startMs = 1_000_000 + slot * 2_000;
          if (remove) {
            store.segments.remove([{ cameraId, stream: 'main', startMs }]);
            truth.delete(startMs);
          } else {
            const made = segment(startMs, lengthMs, bytes);
            store.segments.insert([made]);
            truth.set(startMs, made);
          }
          expect(shown(store)).toEqual(model([...truth.values()]));
        }
        expect(store.segments.count()).toBe(truth.size);
        store.close();
      }),
      { numRuns: 150 },
    );
  });

  it('join segments that touch and keep apart those that do not, at the exact limit', () => {
    const store = storeWithCamera();
    const second = 10_000 + joinMs;
    const third = second + 10_000 + joinMs + 1;
    store.segments.insert([segment(0, 10_000), segment(second, 10_000), segment(third, 10_000)]);
    expect(shown(store).map((span) => span.startMs)).toEqual([0, third]);
    store.close();
  });

  it('find a span that began long before the range that is asked for', () => {
    const store = storeWithCamera();
    store.segments.insert(Array.from({ length: 200 }, (_, i) => segment(i * 10_000, 10_000)));
    store.segments.insert([segment(5_000_000, 10_000)]);
    expect(store.segments.spans(cameraId, 'main', 1_500_000, 1_500_001)).toMatchObject([
      { startMs: 0, endMs: 2_000_000 },
    ]);
    expect(store.segments.spans(cameraId, 'main', 3_000_000, 4_000_000)).toEqual([]);
    store.close();
  });

  it('a segment longer than the limit is cut to it, so that a wrong end time poisons nothing', () => {
    const store = storeWithCamera();
    store.segments.insert([segment(0, 10 * maxSegmentMs)]);
    expect(shown(store)).toMatchObject([{ startMs: 0, endMs: maxSegmentMs }]);
    store.close();
  });
});

describe('segments', () => {
  it('come back as they were written, keyframes to the tenth of a millisecond', () => {
    const store = storeWithCamera();
    const written = {
      ...segment(1_700_000_000_000, 9_987),
      keyframes: [
        { offset: 700, timeMs: 0 },
        { offset: 5_000_000_000, timeMs: 2_000.1 },
      ],
      bytes: 6_000_000_000,
      audioCodec: 'mp4a.40.2',
      damaged: true,
    };
    store.segments.insert([written]);
    expect(store.segments.list(cameraId, 'main', written.startMs + 9_000, written.startMs + 9_001)).toEqual([written]);
    store.close();
  });

  it('of a camera that is not there are not written', () => {
    const store = storeWithCamera();
    store.segments.insert([{ ...segment(0, 1_000), cameraId: newCameraId() }]);
    expect(store.segments.count()).toBe(0);
    store.close();
  });
});
