/**
 * What each pixel usually looks like: up to three Gaussians per pixel (Zivkovic, "Improved adaptive Gaussian mixture model
 * for background subtraction", 2004; the defaults of OpenCV's MOG2), on grey values, in plain typed arrays.
 * Invariant: modes are ordered by weight, heaviest first; weights of a pixel sum up to about 1.
 */

/** A pixel within this many variances (squared distance) of a background mode is background. */
const backgroundDistance = 16;
/** Within this many variances a value belongs to a mode and teaches it. */
const fitDistance = 9;
/** Modes that together make up this much are background. */
const backgroundShare = 0.9;
const firstVariance = 15;
const leastVariance = 5;
const mostVariance = 75;
/** Modes that stop being seen lose this share of the learning rate, too, and go. */
const complexityLoss = 0.05;

export class BackgroundModel {
  readonly pixels: number;
  readonly #weights: readonly [Float32Array, Float32Array, Float32Array];
  readonly #means: readonly [Float32Array, Float32Array, Float32Array];
  readonly #variances: readonly [Float32Array, Float32Array, Float32Array];

  constructor(pixels: number) {
    this.pixels = pixels;
    const plane = (): Float32Array => new Float32Array(pixels);
    this.#weights = [plane(), plane(), plane()];
    this.#means = [plane(), plane(), plane()];
    this.#variances = [plane(), plane(), plane()];
  }

  /** Forgets all and takes this picture for the background. */
  learnAfresh(gray: Uint8Array): void {
    this.#means[0].set(gray);
    this.#weights[0].fill(1);
    this.#weights[1].fill(0);
    this.#weights[2].fill(0);
    this.#variances[0].fill(firstVariance);
  }

  /** The median of (value - usual value) over a sparse grid: how much brighter the light is all over. */
  lightOffset(gray: Uint8Array): number {
    const histogram = new Uint16Array(511);
    const means = this.#means[0];
    let count = 0;
    // A step that is no divisor of the width samples all columns.
    for (let p = 0; p < gray.length; p += 23) {
      const bin = Math.round((gray[p] ?? 0) - (means[p] ?? 0)) + 255;
      histogram[bin] = (histogram[bin] ?? 0) + 1;
      count++;
    }
    let below = 0;
    for (let bin = 0; bin < histogram.length; bin++) {
      below += histogram[bin] ?? 0;
      if (below * 2 >= count) return bin - 255;
    }
    return 0;
  }

  /** All modes get brighter by this: the light changed, the things did not. */
  shift(offset: number): void {
    for (const means of this.#means) for (let p = 0; p < means.length; p++) means[p] = (means[p] ?? 0) + offset;
  }

  /**
   * Marks in `foreground` (1 or 0 per pixel) what differs from the background, and learns the picture with this rate.
   * Returns how many pixels differ.
   */
  update(gray: Uint8Array, rate: number, foreground: Uint8Array): number {
    const [w0, w1, w2] = this.#weights;
    const [m0, m1, m2] = this.#means;
    const [v0, v1, v2] = this.#variances;
    const keep = 1 - rate;
    const loss = rate * complexityLoss;
    const count = this.pixels;
    let changed = 0;
    /* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are below `pixels`; this loop is the cost of an idle camera */
    for (let p = 0; p < count; p++) {
      const value = gray[p]!;
      const d0 = value - m0[p]!;
      const q0 = d0 * d0;
      const weight0 = w0[p]!;
      if (q0 < fitDistance * v0[p]!) {
        // By far the commonest case: the pixel looks as it mostly does.
        const next = keep * weight0 + rate;
        const k = rate / next;
        m0[p] = m0[p]! + k * d0;
        const variance = v0[p]! + k * (q0 - v0[p]!);
        v0[p] = variance < leastVariance ? leastVariance : variance > mostVariance ? mostVariance : variance;
        if (w1[p]! > 0) {
          const second = keep * w1[p]! - loss;
          const third = keep * w2[p]! - loss;
          w1[p] = second > 0 ? second : 0;
          w2[p] = third > 0 ? third : 0;
          const total = next + w1[p]! + w2[p]!;
          w0[p] = next / total;
          w1[p] = w1[p]! / total;
          w2[p] = w2[p]! / total;
        } else w0[p] = 1;
        foreground[p] = 0;
        continue;
      }
      let isBackground = q0 < backgroundDistance * v0[p]!;
      let fitted = 0;
      const d1 = value - m1[p]!;
      const q1 = d1 * d1;
      if (w1[p]! > 0) {
        if (weight0 < backgroundShare && q1 < backgroundDistance * v1[p]!) isBackground = true;
        if (q1 < fitDistance * v1[p]!) fitted = 1;
      }
      if (fitted === 0 && w2[p]! > 0) {
        const d2 = value - m2[p]!;
        const q2 = d2 * d2;
        if (weight0 + w1[p]! < backgroundShare && q2 < backgroundDistance * v2[p]!) isBackground = true;
        if (q2 < fitDistance * v2[p]!) fitted = 2;
      }
      let a = keep * weight0 - loss;
      let b = keep * w1[p]! - loss;
      let c = keep * w2[p]! - loss;
      if (a < 0) a = 0;
      if (b < 0) b = 0;
      if (c < 0) c = 0;
      if (fitted === 1) {
        b = keep * w1[p]! + rate;
        const k = rate / b;
        m1[p] = m1[p]! + k * d1;
        const variance = v1[p]! + k * (q1 - v1[p]!);
        v1[p] = variance < leastVariance ? leastVariance : variance > mostVariance ? mostVariance : variance;
      } else if (fitted === 2) {
        c = keep * w2[p]! + rate;
        const k = rate / c;
        const d2 = value - m2[p]!;
        m2[p] = m2[p]! + k * d2;
        const variance = v2[p]! + k * (d2 * d2 - v2[p]!);
        v2[p] = variance < leastVariance ? leastVariance : variance > mostVariance ? mostVariance : variance;
      } else if (b === 0) {
        b = rate;
        m1[p] = value;
        v1[p] = firstVariance;
      } else {
        // The lightest mode makes room.
        c = rate;
        m2[p] = value;
        v2[p] = firstVariance;
      }
      const total = a + b + c;
      a /= total;
      b /= total;
      c /= total;
      if (c > b) {
        const m = m1[p]!;
        const v = v1[p]!;
        m1[p] = m2[p]!;
        v1[p] = v2[p]!;
        m2[p] = m;
        v2[p] = v;
        const w = b;
        b = c;
        c = w;
      }
      if (b > a) {
        const m = m0[p]!;
        const v = v0[p]!;
        m0[p] = m1[p]!;
        v0[p] = v1[p]!;
        m1[p] = m;
        v1[p] = v;
        const w = a;
        a = b;
        b = w;
      }
      w0[p] = a;
      w1[p] = b;
      w2[p] = c;
      foreground[p] = isBackground ? 0 : 1;
      if (!isBackground) changed++;
    }
    /* eslint-enable @typescript-eslint/no-non-null-assertion */
    return changed;
  }
}
