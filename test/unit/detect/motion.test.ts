/** Motion in small grey pictures: what moves is found, what only looks different is not. */
import { describe, expect, it } from 'vitest';
import { MotionDetector, motionHeight, motionWidth, type Motion } from '#core/detect/motion/motion-detector.ts';
import type { Polygon } from '#core/domain/geometry.ts';

const stepMs = 200;

/** The same noise in every run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function picture(level: number, random: () => number, square?: { x: number; y: number; side: number }): Uint8Array {
  const gray = new Uint8Array(motionWidth * motionHeight);
  for (let p = 0; p < gray.length; p++) gray[p] = level + (p % motionWidth) / 8 + Math.round((random() - 0.5) * 6);
  if (square)
    for (let y = square.y; y < square.y + square.side; y++)
      gray.fill(230, y * motionWidth + square.x, y * motionWidth + square.x + square.side);
  return gray;
}

function learnt(random: () => number, masks: Polygon[] = []): MotionDetector {
  const motion = new MotionDetector();
  motion.setMasks(masks);
  for (let n = 0; n < 30; n++) motion.update(picture(80, random), n * stepMs);
  return motion;
}

describe('MotionDetector', () => {
  it('finds a moving square where it is', () => {
    const random = noise(1);
    const motion = learnt(random);
    for (let n = 0; n < 10; n++) {
      const x = 60 + n * 12;
      const [box] = motion.update(picture(80, random, { x, y: 72, side: 32 }), (30 + n) * stepMs).boxes;
      expect(box).toBeDefined();
      const centreX = (box?.x ?? 0) + (box?.w ?? 0) / 2;
      const centreY = (box?.y ?? 0) + (box?.h ?? 0) / 2;
      expect(Math.abs(centreX * motionWidth - (x + 16))).toBeLessThan(16);
      expect(Math.abs(centreY * motionHeight - 88)).toBeLessThan(8);
    }
  });

  it('sees no motion in 200 noisy pictures of nothing', () => {
    const random = noise(2);
    const motion = new MotionDetector();
    let seen = 0;
    for (let n = 0; n < 200; n++) seen += motion.update(picture(80, random), n * stepMs).boxes.length;
    expect(seen).toBe(0);
  });

  it('takes a swing of the exposure for light, not for motion', () => {
    const random = noise(3);
    const motion = learnt(random);
    let seen = 0;
    for (let n = 0; n < 40; n++) {
      const level = 80 + Math.round(20 * Math.sin(n / 6));
      seen += motion.update(picture(level, random), (30 + n) * stepMs).boxes.length;
    }
    expect(seen).toBe(0);
  });

  it('learns anew when the whole picture becomes another one, and sees again after it', () => {
    const random = noise(4);
    const motion = learnt(random);
    const other = (): Uint8Array => {
      const gray = picture(20, random);
      for (let p = 0; p < gray.length; p++) if (Math.floor(p / 16) % 2 === 0) gray[p] = 220;
      return gray;
    };
    const results: Motion[] = [];
    for (let n = 0; n < 10; n++) results.push(motion.update(other(), (30 + n) * stepMs));
    expect(results[0]?.relearned).toBe(true);
    expect(results.flatMap((one) => one.boxes)).toEqual([]);
    const thing = other();
    for (let y = 60; y < 100; y++) thing.fill(120, y * motionWidth + 100, y * motionWidth + 140);
    expect(motion.update(thing, 40 * stepMs).boxes.length).toBeGreaterThan(0);
  });

  it('sees nothing inside a mask, and all of the rest', () => {
    const random = noise(5);
    const left: Polygon = [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ];
    const motion = learnt(random, [left]);
    expect(motion.update(picture(80, random, { x: 60, y: 72, side: 32 }), 30 * stepMs).boxes).toEqual([]);
    expect(motion.update(picture(80, random, { x: 240, y: 72, side: 32 }), 31 * stepMs).boxes).toHaveLength(1);
  });

  it('gets used to what sways', () => {
    const random = noise(6);
    const motion = learnt(random);
    let early = 0;
    let late = 0;
    for (let n = 0; n < 150; n++) {
      const square = { x: n % 2 === 0 ? 100 : 108, y: 72, side: 24 };
      const seen = motion.update(picture(80, random, square), (30 + n) * stepMs).boxes.length;
      if (n < 10) early += seen;
      if (n >= 120) late += seen;
    }
    expect(early).toBeGreaterThan(0);
    expect(late).toBe(0);
  });
});
