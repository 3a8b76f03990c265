import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coverOf,
  mediaOf,
  piecesOf,
  snapped,
  wallOf,
  windowAround,
} from '../../../renderer/features/player/media-map.ts';

/** Two runs of 4 s pieces with a gap of an hour between them: media time goes on, wall time jumps. */
const wall = 1_700_000_000_000;
const pieces = piecesOf([
  { start: 0, duration: 4, programDateTime: wall },
  { start: 4, duration: 4, programDateTime: wall + 4000 },
  { start: 8, duration: 4, programDateTime: wall + 3_600_000 },
  { start: 12, duration: 4, programDateTime: null },
]);

describe('media time and wall time', () => {
  it('agree in both directions, on both sides of a gap', () => {
    expect(wallOf(pieces, 5.5)).toBe(wall + 5500);
    expect(wallOf(pieces, 9)).toBe(wall + 3_601_000);
    expect(mediaOf(pieces, wall + 5500)).toEqual({ mediaS: 5.5, wallMs: wall + 5500, exact: true });
    expect(mediaOf(pieces, wall + 3_601_000)?.mediaS).toBe(9);
  });

  it('a moment in the gap leads to the first picture after it', () => {
    expect(mediaOf(pieces, wall + 60_000)).toEqual({ mediaS: 8, wallMs: wall + 3_600_000, exact: false });
    expect(mediaOf(pieces, wall - 60_000)?.mediaS).toBe(0);
    expect(mediaOf(pieces, wall + 3_604_001)).toBeNull();
    expect(coverOf(pieces)).toEqual({ fromMs: wall, toMs: wall + 3_604_000 });
  });

  it('lands on the keyframe before when that is near enough, and nowhere else', () => {
    const place = { mediaS: 5.5, wallMs: wall + 5500, exact: true };
    expect(snapped(pieces, place, 2000)).toMatchObject({ mediaS: 4, wallMs: wall + 4000 });
    expect(snapped(pieces, place, 1000)).toBe(place);
  });

  it('windows hold the moment, and moments nearby share one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000_000_000, max: wall - 5000 }), (ms) => {
        const window = windowAround(ms, wall);
        expect(window.fromMs).toBeLessThanOrEqual(ms - 600_000);
        expect(window.toMs).toBeGreaterThan(ms);
      }),
    );
    expect(windowAround(wall - 60_000_000, wall)).toEqual(windowAround(wall - 60_000_000 + 1000, wall));
  });
});
