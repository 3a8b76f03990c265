import { describe, expect, it } from 'vitest';
import type { AudioUnit, VideoUnit } from '#core/domain/media.ts';
import { catchUp, type Timeline } from '#core/media/recorder/live-fragments.ts';
import { testAac, testVideo } from '../../../support/synthetic-camera.ts';

const picture = (i: number, bytes = 100): VideoUnit => ({
  ...{ kind: 'video', pts90k: i * 3_000, dts90k: i * 3_000, timeMs: i * 33, key: i === 0 },
  ...{ data: Buffer.alloc(bytes), damaged: false },
});
const samples = 1_024;
const sound = (i: number, lateTicks = 0): AudioUnit => ({
  ...{ kind: 'audio', pts90k: (i * samples * 90_000) / testAac.sampleRate + lateTicks, timeMs: 0, samples },
  data: Buffer.alloc(10),
});
const timeline = (): Timeline => ({
  ...{ video: testVideo, audio: testAac, firstPts: 0, firstDts: 0, firstTimeMs: 0 },
  ...{ lastDts: 0, frameTicks: 3_600, sequence: 0 },
});

describe('what a viewer who joins is sent', () => {
  it('is the keyframe alone and the rest as one', () => {
    const line = timeline();
    const { fragments, restOfSound } = catchUp(line, [
      picture(0),
      sound(0),
      picture(1),
      sound(1),
      picture(2),
      sound(2),
    ]);
    expect(fragments.map(({ first, parts }) => [first.key, parts.length])).toEqual([
      [true, 2],
      [false, 5],
    ]);
    expect(restOfSound).toEqual([sound(2)]);
    expect(line).toMatchObject({ lastDts: 6_000, frameTicks: 3_000, sequence: 2 });
  });

  it('comes in parts when it is large, so that one who can not keep up is not sent all of it', () => {
    const { fragments } = catchUp(
      timeline(),
      Array.from({ length: 60 }, (_, i) => picture(i, 40_000)),
    );
    const sizes = fragments.map(({ parts }) => parts.slice(1).reduce((sum, part) => sum + part.length, 0));
    expect(Math.max(...sizes)).toBeLessThan(350_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(60 * 40_000);
    expect(fragments.length).toBeLessThan(11);
  });

  it('keeps sound in its place where some of it was lost', () => {
    const units = [picture(0), sound(0), picture(1), sound(1), picture(2), sound(4), picture(3), sound(5), picture(4)];
    const { fragments } = catchUp(timeline(), units);
    expect(fragments.map(({ first }) => first.pts90k / 3_000)).toEqual([0, 1, 3]);
  });
});
