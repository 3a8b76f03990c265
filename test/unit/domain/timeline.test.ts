import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCameraId } from '#core/domain/ids.ts';
import { findGaps } from '#core/domain/timeline.ts';

const id = newCameraId();
const within = { startMs: 0, endMs: 100_000 };

describe('gaps', () => {
  it('are what no span covers, with the reason that was recorded', () => {
    const spans = [
      { startMs: 10_000, endMs: 20_000 },
      { startMs: 50_000, endMs: 100_000 },
    ];
    const recorded = [{ startMs: 19_000, endMs: 40_000, reason: 'camera_offline' as const }];
    expect(findGaps(id, within, spans, recorded, 'continuous')).toEqual([
      { cameraId: id, startMs: 0, endMs: 10_000, reason: 'unknown' },
      { cameraId: id, startMs: 20_000, endMs: 40_000, reason: 'camera_offline' },
      { cameraId: id, startMs: 40_000, endMs: 50_000, reason: 'unknown' },
    ]);
  });

  it('of a camera that records on events only are not faults', () => {
    expect(findGaps(id, within, [], [], 'events')).toEqual([{ cameraId: id, ...within, reason: 'recording_off' }]);
  });

  it('shorter than a second are not shown', () => {
    const spans = [
      { startMs: 0, endMs: 50_000 },
      { startMs: 50_900, endMs: 100_000 },
    ];
    expect(findGaps(id, within, spans, [], 'continuous')).toEqual([]);
  });

  it('and spans never overlap, and together cover the range up to slivers', () => {
    const part = fc.tuple(fc.nat({ max: 100_000 }), fc.nat({ max: 30_000 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(part, { maxLength: 8 }), (spanParts, gapParts) => {
        let endMs = 0;
        const spans = spanParts
          .map(([startMs, length]) => ({ startMs, endMs: startMs + length }))
          .toSorted((a, b) => a.startMs - b.startMs)
          .filter((span) => {
            const keep = span.startMs >= endMs;
            if (keep) endMs = span.endMs;
            return keep;
          });
        const recorded = gapParts.map(([startMs, length]) => ({
          startMs,
          endMs: startMs + length,
          reason: 'camera_silent' as const,
        }));
        const gaps = findGaps(id, within, spans, recorded, 'continuous');
        const covered = [...gaps, ...spans]
          .filter((one) => one.startMs < within.endMs && one.endMs > one.startMs)
          .toSorted((a, b) => a.startMs - b.startMs);
        let at = within.startMs;
        for (const one of covered) {
          expect(one.startMs).toBeGreaterThanOrEqual(at);
          expect(one.startMs - at).toBeLessThan(1_000);
          at = one.endMs;
        }
        if (at < within.endMs) expect(within.endMs - at).toBeLessThan(1_000);
      }),
    );
  });
});
