import { describe, expect, it } from 'vitest';
import { encoderChanges, encoderDraftOf, outOf } from '../../../renderer/features/cameras/care/encoder-draft.ts';
import { driftWords } from '../../../renderer/features/cameras/care/words.ts';
import { together } from '../../../renderer/features/player/ptz/directions.ts';
import { minuteOf, moved, patrolProblem, timeText } from '../../../renderer/features/player/ptz/patrol-draft.ts';
import { picturePoint } from '../../../renderer/features/player/ptz/picture-point.ts';

describe('moving a camera', () => {
  it('two directions are a diagonal, never faster than fast; opposite ones are nothing', () => {
    const left = { pan: -1, tilt: 0, zoom: 0 };
    expect(together([left, { pan: 0, tilt: 1, zoom: 0 }])).toEqual({ pan: -1, tilt: 1, zoom: 0 });
    expect(together([left, left])).toEqual(left);
    expect(together([left, { pan: 1, tilt: 0, zoom: 0 }])).toBeNull();
  });

  it('a click means a place of the picture, not of the black bars beside it', () => {
    const box = { left: 100, top: 50, width: 1000, height: 400 };
    expect(picturePoint(600, 250, box, 2)).toEqual({ x: 0.5, y: 0.5 });
    expect(picturePoint(200, 50, box, 2)).toEqual({ x: 0, y: 0 });
    expect(picturePoint(150, 250, box, 2)).toBeNull();
    // Bars above and below.
    expect(picturePoint(600, 60, { ...box, height: 700 }, 2)).toBeNull();
  });
});

describe('the patrol form', () => {
  const patrol = { enabled: true, stops: [{ preset: '1', dwellS: 20 }], schedule: [] };
  it('asks for stops only when it is on, for sensible times at each, for a day of each time', () => {
    const said = (change: Partial<typeof patrol> | object): string | null =>
      patrolProblem({ homeAfterS: null, patrol: { ...patrol, ...change } });
    expect(said({})).toBeNull();
    expect(said({ stops: [] })).toMatch(/at least one stop/);
    expect(said({ enabled: false, stops: [] })).toBeNull();
    expect(said({ stops: [{ preset: '1', dwellS: Number.NaN }] })).toMatch(/5 seconds/);
    expect(said({ schedule: [{ days: [], fromMinute: 0, toMinute: 60 }] })).toMatch(/one day/);
  });
  it('reads and writes times of day; what is no time is none', () => {
    expect(timeText(1290)).toBe('21:30');
    expect(timeText(1440)).toBe('00:00');
    expect(minuteOf('21:30')).toBe(1290);
    expect(minuteOf('25:00')).toBeNull();
    expect(minuteOf('')).toBeNull();
  });
  it('moves a stop by one place', () => {
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  });
});

describe('the care of a camera', () => {
  const encoder = {
    ...{ token: 't', name: 'Main', profiles: [], codec: 'h264' as const, width: 1920, height: 1080 },
    ...{ fps: 25, bitsPerSecond: 4_000_300, keyframeEvery: 50 },
    options: { codecs: [], sizes: [], fps: null, bitsPerSecond: null, keyframeEvery: null },
  };
  it('sends only what differs: a rate that is shown rounded is not changed by being shown', () => {
    const draft = encoderDraftOf(encoder);
    expect(encoderChanges(encoder, draft)).toEqual({});
    expect(encoderChanges(encoder, { ...draft, size: '1280x720', kbits: '2500' })).toEqual({
      ...{ width: 1280, height: 720, bitsPerSecond: 2_500_000 },
    });
  });
  it('keeps to what the camera takes, but does not complain of what it has already', () => {
    const range = { min: 1, max: 25 };
    expect(outOf('30', '25', range)).toBe('From 1 to 25.');
    expect(outOf('30', '30', range)).toBeUndefined();
    expect(outOf('', '25', range)).toBe('Type a number.');
    expect(outOf('12.5', '25', range)).toBe('Type a whole number.');
    expect(outOf('12.5', '25', range, false)).toBeUndefined();
  });
  it.each([
    [400, 'The camera’s clock is right.'],
    [-192_000, 'The camera’s clock is 3 minutes behind.'],
    [3_600_000, 'The camera’s clock is 1 hour ahead.'],
    [-59_000, 'The camera’s clock is 1 minute behind.'],
    [-366 * 86_400_000, 'The camera’s clock is 1 year behind.'],
  ])('says a drift of %i ms in words', (offsetMs, words) => {
    expect(driftWords({ cameraMs: 1, offsetMs, timeZone: null, source: 'ntp' })).toBe(words);
  });
});
