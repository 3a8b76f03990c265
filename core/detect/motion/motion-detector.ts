/**
 * Sees that something moves, in a small grey picture. Learns the background by itself, follows the light, and starts anew
 * when the whole picture changes (night mode, a lamp, lightning, a camera that was turned).
 */
import type { Box, Polygon } from '#core/domain/geometry.ts';
import { insidePolygon } from '#core/domain/geometry.ts';
import { BackgroundModel } from './background.ts';
import { CellGrid } from './cells.ts';

export const motionWidth = 320;
export const motionHeight = 180;

/** Learning rate of one picture when pictures come every 200 ms: the background is what was there for about 10 s. */
const ratePerStep = 1 / 50;
const stepMs = 200;
const fastestRate = 0.15;
/** More changed pixels than this: the light or the view changed, not a thing in it. */
const relearnShare = 0.6;
/** Differences all over of at least this many grey levels are light, and are followed at once. */
const leastLightOffset = 2;

export interface Motion {
  /** Fractions of the picture, the largest first. */
  boxes: Box[];
  /** Share of the picture that moves, 0..1. */
  area: number;
  /** This picture was taken for the new background; nothing can be said about motion in it. */
  relearned: boolean;
}

export class MotionDetector {
  readonly #background = new BackgroundModel(motionWidth * motionHeight);
  readonly #grid = new CellGrid(motionWidth, motionHeight);
  readonly #foreground = new Uint8Array(motionWidth * motionHeight);
  #frames = 0;
  #lastMs = 0;

  /** Nothing is seen inside these polygons. */
  setMasks(masks: readonly Polygon[]): void {
    this.#grid.hide((x, y) => masks.some((mask) => insidePolygon(mask, [x, y])));
  }

  /** The next picture is the first one. */
  reset(): void {
    this.#frames = 0;
  }

  /** `gray`: motionWidth x motionHeight luma values. Times may have gaps and may jump. */
  update(gray: Uint8Array, timeMs: number): Motion {
    const sinceMs = Math.min(5_000, Math.max(40, timeMs - this.#lastMs));
    this.#lastMs = timeMs;
    if (this.#frames === 0) {
      this.#frames = 1;
      this.#background.learnAfresh(gray);
      return { boxes: [], area: 0, relearned: true };
    }
    this.#frames++;
    const offset = this.#background.lightOffset(gray);
    if (Math.abs(offset) >= leastLightOffset) this.#background.shift(offset);
    const steady = 1 - (1 - ratePerStep) ** (sinceMs / stepMs);
    const rate = Math.min(fastestRate, Math.max(steady, 1 / (2 * this.#frames)));
    const changed = this.#background.update(gray, rate, this.#foreground);
    if (changed > relearnShare * gray.length) {
      this.#frames = 1;
      this.#background.learnAfresh(gray);
      return { boxes: [], area: changed / gray.length, relearned: true };
    }
    return { ...this.#grid.components(this.#foreground), relearned: false };
  }
}
