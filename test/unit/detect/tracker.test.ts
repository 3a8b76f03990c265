import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRegions, fullRegion, views } from '#core/detect/regions.ts';
import { isMasked, relativeDistance } from '#core/detect/tracking/boxes.ts';
import type { Track } from '#core/detect/tracking/track.ts';
import { Tracker } from '#core/detect/tracking/tracker.ts';
import { objectLabels, type Detection } from '#core/domain/detection.ts';
import { insidePolygon, type Box, type Point } from '#core/domain/geometry.ts';

const all = (): boolean => true;
const sure = (detection: Detection): boolean => detection.score >= 0.25;
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const anyNumber = fc.double({ min: -2, max: 2 });
const anyBox = fc.record({ x: anyNumber, y: anyNumber, w: anyNumber, h: anyNumber });
const goodBox: fc.Arbitrary<Box> = fc
  .record({ x: fraction, y: fraction, w: fraction, h: fraction })
  .map(({ x, y, w, h }) => ({
    x: x * 0.9,
    y: y * 0.9,
    w: 0.01 + w * (0.99 - x * 0.9),
    h: 0.01 + h * (0.99 - y * 0.9),
  }));
const detection = fc.record({
  label: fc.constantFrom(...objectLabels),
  score: fc.double({ min: 0, max: 1 }),
  box: anyBox,
});

function follow(tracker: Tracker, frames: readonly Detection[][], stepMs = 200): void {
  for (const [n, detections] of frames.entries()) tracker.update(detections, n * stepMs, sure, all);
}

const person = (x: number, y = 0.4, score = 0.5): Detection => ({
  label: 'person',
  score,
  box: { x, y, w: 0.05, h: 0.2 },
});

describe('Tracker', () => {
  it('F37: whatever comes in, ids are given once, and boxes have numbers and an area', () => {
    fc.assert(
      fc.property(fc.array(fc.array(detection, { maxLength: 8 }), { maxLength: 30 }), (frames) => {
        const tracker = new Tracker();
        const owners = new Map<number, Track>();
        for (const [n, detections] of frames.entries()) {
          tracker.update(detections, n * 200, sure, all);
          for (const track of tracker.tracks) {
            expect(owners.get(track.id) ?? track).toBe(track);
            owners.set(track.id, track);
            for (const value of [track.box.x, track.box.y, track.box.w, track.box.h])
              expect(Number.isFinite(value)).toBe(true);
            expect(track.box.w).toBeGreaterThan(0);
            expect(track.box.h).toBeGreaterThan(0);
          }
          expect(new Set(tracker.tracks.map((track) => track.id)).size).toBe(tracker.tracks.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('confirms what was surely seen three times, and nothing that was seen once or in doubt', () => {
    const tracker = new Tracker();
    follow(tracker, [[person(0.1)], [person(0.12)]]);
    expect(tracker.tracks[0]?.confirmed).toBe(false);
    tracker.update([person(0.14)], 400, sure, all);
    expect(tracker.tracks[0]?.confirmed).toBe(true);
    const doubtful = new Tracker();
    follow(
      doubtful,
      [1, 2, 3, 4, 5, 6].map(() => [person(0.1, 0.4, 0.2)]),
    );
    expect(doubtful.tracks).toEqual([]);
  });

  it('carries a track on through doubt, but not for ever', () => {
    const tracker = new Tracker();
    const frames = Array.from({ length: 4 }, (_, n) => [person(0.1 + n * 0.01)]);
    const doubt = Array.from({ length: 5 }, (_, n) => [person(0.14 + n * 0.01, 0.4, 0.16)]);
    follow(tracker, [...frames, ...doubt]);
    expect(tracker.tracks).toHaveLength(1);
    expect(tracker.tracks[0]?.lastSeenMs).toBe(8 * 200);
    follow(tracker, [...frames, ...doubt, ...doubt, ...doubt, ...doubt]);
    expect(tracker.tracks.every((track) => track.lastSeenMs < 20 * 200)).toBe(true);
  });

  it('two people who walk towards each other keep their ids', () => {
    const tracker = new Tracker();
    const frames = Array.from({ length: 26 }, (_, n) => [person(0.1 + n * 0.02, 0.3), person(0.6 - n * 0.02, 0.42)]);
    follow(tracker, frames.slice(0, 4));
    const [left, right] = tracker.tracks.map((track) => track.id);
    for (const [n, detections] of frames.entries()) if (n >= 4) tracker.update(detections, n * 200, sure, all);
    const at = new Map(tracker.tracks.map((track) => [track.id, track.box.x]));
    expect(tracker.tracks).toHaveLength(2);
    expect(at.get(left ?? 0)).toBeGreaterThan(0.5);
    expect(at.get(right ?? 0)).toBeLessThan(0.2);
  });

  it('a wavering word is one track, named by most of the evidence', () => {
    const tracker = new Tracker();
    const words = ['car', 'truck', 'car', 'bus', 'car', 'person', 'car'] as const;
    const frames = words.map((label, n) => [
      { label, score: 0.5, box: { x: 0.1 + n * 0.02, y: 0.5, w: 0.2, h: 0.15 } },
    ]);
    follow(tracker, frames);
    expect(tracker.tracks).toHaveLength(1);
    expect(tracker.tracks[0]).toMatchObject({ label: 'car', group: 'vehicle' });
  });

  it('what is not looked at is not missed if it stands', () => {
    const tracker = new Tracker();
    const parked: Detection = { label: 'car', score: 0.6, box: { x: 0.4, y: 0.5, w: 0.2, h: 0.15 } };
    for (let n = 0; n < 60; n++) tracker.update([parked], n * 200, sure, all);
    for (let n = 60; n < 600; n++) tracker.update([], n * 200, sure, () => false);
    expect(tracker.tracks).toHaveLength(1);
    expect(tracker.tracks[0]?.stationary).toBe(true);
  });
});

describe('regions', () => {
  const size = fc.record({ width: fc.integer({ min: 64, max: 3840 }), height: fc.integer({ min: 64, max: 2160 }) });

  it('lie inside the picture, come in steps of 32, and cost at most about two looks at all of it', () => {
    fc.assert(
      fc.property(
        fc.array(goodBox, { maxLength: 12 }),
        fc.array(goodBox, { maxLength: 4 }),
        size,
        (others, doubtful, { width, height }) => {
          const [view, otherView] = views;
          const regions = chooseRegions({ doubtful, others, view, otherView }, width, height);
          expect(regions.length > 0).toBe(others.length + doubtful.length > 0);
          for (const { x, y, w, h, outW, outH } of regions) {
            for (const value of [x, y, w, h]) expect(Number.isInteger(value)).toBe(true);
            expect(x).toBeGreaterThanOrEqual(0);
            expect(y).toBeGreaterThanOrEqual(0);
            expect(w).toBeGreaterThan(0);
            expect(h).toBeGreaterThan(0);
            expect(x + w).toBeLessThanOrEqual(width + 1);
            expect(y + h).toBeLessThanOrEqual(height + 1);
            expect(outW % 32).toBe(0);
            expect(outH % 32).toBe(0);
            expect(Math.max(outW, outH)).toBeLessThanOrEqual(512);
          }
          const full = fullRegion(width, height);
          const cost = regions.reduce((sum, one) => sum + one.outW * one.outH, 0);
          expect(cost).toBeLessThanOrEqual(2.5 * Math.max(full.outW * full.outH, 416 * 416));
        },
      ),
    );
  });

  it('the whole picture keeps its shape', () => {
    expect(fullRegion(1920, 1080)).toMatchObject({ outW: 512, outH: 288 });
    expect(fullRegion(640, 480)).toMatchObject({ outW: 512, outH: 384 });
    expect(fullRegion(1080, 1920)).toMatchObject({ outW: 288, outH: 512 });
  });

  it('a far person is shown at native pixels or larger, a near car smaller', () => {
    const [view, otherView] = views;
    const [far] = chooseRegions(
      { doubtful: [], others: [{ x: 0.5, y: 0.5, w: 0.01, h: 0.03 }], view, otherView },
      1920,
      1080,
    );
    expect(far!.outW / far!.w).toBeGreaterThanOrEqual(1);
    const [near] = chooseRegions(
      { doubtful: [], others: [{ x: 0.2, y: 0.2, w: 0.4, h: 0.5 }], view, otherView },
      1920,
      1080,
    );
    expect(near!.outW / near!.w).toBeLessThan(0.3);
  });
});

describe('places', () => {
  const convex = fc
    .array(fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), { minLength: 3, maxLength: 12 })
    .filter((angles) => new Set(angles.map((angle) => angle.toFixed(3))).size >= 3)
    .map((angles) =>
      [...angles]
        .sort((a, b) => a - b)
        .map((angle): Point => [0.5 + 0.4 * Math.cos(angle), 0.5 + 0.4 * Math.sin(angle)]),
    );

  it('a point is inside a polygon or outside it, whichever way round and wherever its corners are counted from', () => {
    fc.assert(
      fc.property(convex, fraction, fraction, fc.nat(11), (polygon, x, y, turn) => {
        const at = turn % polygon.length;
        const turned = [...polygon.slice(at), ...polygon.slice(0, at)];
        expect(insidePolygon(turned, [x, y])).toBe(insidePolygon(polygon, [x, y]));
        expect(insidePolygon([...polygon].reverse(), [x, y])).toBe(insidePolygon(polygon, [x, y]));
        if (Math.hypot(x - 0.5, y - 0.5) > 0.41) expect(insidePolygon(polygon, [x, y])).toBe(false);
      }),
    );
  });

  it('masks hide what stands in them or lies in them for the most part, and nothing else', () => {
    const lower: Point[] = [[0, 0.6], [1, 0.6], [1, 1], [0, 1]]; // prettier-ignore
    expect(isMasked({ x: 0.4, y: 0.2, w: 0.1, h: 0.3 }, [lower])).toBe(false);
    expect(isMasked({ x: 0.4, y: 0.4, w: 0.1, h: 0.3 }, [lower])).toBe(true);
    expect(isMasked({ x: 0.4, y: 0.55, w: 0.1, h: 0.45 }, [lower])).toBe(true);
    expect(isMasked({ x: 0.4, y: 0.4, w: 0.1, h: 0.3 }, [])).toBe(false);
  });

  it('distances are the same from both ends', () => {
    fc.assert(
      fc.property(goodBox, goodBox, (a, b) => {
        expect(relativeDistance(a, b)).toBeCloseTo(relativeDistance(b, a), 9);
      }),
    );
  });
});
