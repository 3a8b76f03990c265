/** Deterministic noise for textures and scatter: the same input gives the same picture on every machine. */

/** 0..1 from two integers. */
export function hash2(x: number, y: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Smooth value noise, 0..1, one lattice cell per unit. */
export function noise(x: number, y: number): number {
  const xi = Math.floor(x);
  const yi = Math.floor(y);
  const xf = x - xi;
  const yf = y - yi;
  const u = xf * xf * (3 - 2 * xf);
  const v = yf * yf * (3 - 2 * yf);
  const top = hash2(xi, yi) * (1 - u) + hash2(xi + 1, yi) * u;
  const bottom = hash2(xi, yi + 1) * (1 - u) + hash2(xi + 1, yi + 1) * u;
  return top * (1 - v) + bottom * v;
}

/** Four octaves of `noise`, 0..1. */
export function cloudy(x: number, y: number): number {
  return (
    noise(x, y) * 0.5 +
    noise(x * 2.1 + 17, y * 2.1 + 5) * 0.27 +
    noise(x * 4.3 + 3, y * 4.3 + 41) * 0.15 +
    noise(x * 8.9 + 29, y * 8.9 + 11) * 0.08
  );
}

export function smooth(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** A generator of numbers 0..1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
