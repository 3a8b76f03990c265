/**
 * One decoded picture. Owns native memory until `release()`; every method returns bytes of its own.
 * Invariant: after the last `release()` nothing touches the native frame: the methods throw.
 */
import type { Frame } from 'node-av/lib';
import { HubError } from '#core/base/errors.ts';
import type { AnalysisFrame } from '#core/domain/analysis-frame.ts';
import type { Box } from '#core/domain/geometry.ts';
import {
  encodeJpeg,
  isPlanar420,
  packedPlanes,
  sampleLuma,
  scaledForEncoder,
  scaleToGray,
  scaleToRgb,
  toPlanar420,
  type PixelRect,
} from './scaler.ts';

const clamp = (value: number, from: number, to: number): number => Math.min(to, Math.max(from, value));

export class Picture implements AnalysisFrame {
  readonly width: number;
  readonly height: number;
  readonly timeMs: number;
  #frame: Frame | null;
  #holders = 1;

  /** Takes the frame over. */
  constructor(frame: Frame, timeMs: number) {
    this.width = frame.width;
    this.height = frame.height;
    this.timeMs = timeMs;
    this.#frame = frame;
  }

  gray(w: number, h: number): Uint8Array {
    return scaleToGray(this.#native(), w, h);
  }

  rgbCrop(x: number, y: number, w: number, h: number, outW: number, outH: number): Uint8Array {
    const rect = this.#inside(x, y, w, h);
    return rect ? scaleToRgb(this.#planar(), rect, outW, outH) : scaleToRgb(this.#native(), null, outW, outH);
  }

  jpeg(options: { width?: number; crop?: Box; quality?: number } = {}): Buffer {
    const { crop } = options;
    const rect = crop
      ? this.#inside(crop.x * this.width, crop.y * this.height, crop.w * this.width, crop.h * this.height)
      : null;
    const fromW = rect?.w ?? this.width;
    const fromH = rect?.h ?? this.height;
    const w = clamp(Math.round(options.width ?? fromW), 2, Math.min(fromW, 8192));
    const h = Math.max(2, Math.round((w * fromH) / fromW));
    return encodeJpeg(rect ? this.#planar() : this.#native(), rect, w, h, options.quality ?? 80);
  }

  /** Planar YUV 4:2:0 (I420) at another size, both even: what our encoders take. */
  i420(w: number, h: number): Buffer {
    return packedPlanes(scaledForEncoder(this.#native(), w, h), w, h);
  }

  /** Averages of a cols x rows grid into `out`, for deciding whether a picture is worth more. */
  sample(cols: number, rows: number, out: Uint8Array): void {
    sampleLuma(this.#native(), cols, rows, out);
  }

  /** One more holder: each one calls `release()` once. */
  retain(): this {
    if (!this.#frame) throw new HubError('internal', 'A released picture was kept.');
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders > 0) return;
    this.#frame?.free();
    this.#frame = null;
  }

  /** Whole pixels, even origin, inside the picture; null for the whole picture. */
  #inside(x: number, y: number, w: number, h: number): PixelRect | null {
    const left = clamp(Math.floor(Number.isFinite(x) ? x : 0), 0, this.width - 2) & ~1;
    const top = clamp(Math.floor(Number.isFinite(y) ? y : 0), 0, this.height - 2) & ~1;
    const right = clamp(Math.ceil(Number.isFinite(w) ? x + w : this.width), left + 2, this.width);
    const bottom = clamp(Math.ceil(Number.isFinite(h) ? y + h : this.height), top + 2, this.height);
    if (left === 0 && top === 0 && right === this.width && bottom === this.height) return null;
    return { x: left, y: top, w: right - left, h: bottom - top };
  }

  #native(): Frame {
    if (!this.#frame) throw new HubError('internal', 'A released picture was used.');
    return this.#frame;
  }

  /** Unusual pixel formats are converted once, in place of the original. */
  #planar(): Frame {
    const frame = this.#native();
    if (isPlanar420(frame)) return frame;
    this.#frame = toPlanar420(frame);
    frame.free();
    return this.#frame;
  }
}
