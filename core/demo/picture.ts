/** Cutting and scaling of I420 pictures for previews and event pictures. */
import type { Box } from '#core/domain/geometry.ts';

/** `box` of the picture at `toW` x `toH` (even), by averaging where it shrinks and bilinear where it grows. */
export function crop(i420: Buffer, w: number, h: number, box: Box, toW: number, toH: number): Buffer {
  const out = Buffer.allocUnsafe((toW * toH * 3) / 2);
  let from = 0;
  let to = 0;
  for (const half of [1, 2, 2]) {
    const pw = w / half;
    const ph = h / half;
    plane(i420.subarray(from, from + pw * ph), pw, ph, box, out.subarray(to), toW / half, toH / half);
    from += pw * ph;
    to += (toW * toH) / (half * half);
  }
  return out;
}

function plane(source: Buffer, w: number, h: number, box: Box, out: Buffer, toW: number, toH: number): void {
  const stepX = (box.w * w) / toW;
  const stepY = (box.h * h) / toH;
  const taps = Math.max(1, Math.min(6, Math.round(Math.max(stepX, stepY))));
  for (let y = 0; y < toH; y++) {
    for (let x = 0; x < toW; x++) {
      let sum = 0;
      for (let k = 0; k < taps * taps; k++) {
        const sx = box.x * w + (x + ((k % taps) + 0.5) / taps) * stepX - 0.5;
        const sy = box.y * h + (y + (Math.floor(k / taps) + 0.5) / taps) * stepY - 0.5;
        const x0 = Math.max(0, Math.min(w - 2, Math.floor(sx)));
        const y0 = Math.max(0, Math.min(h - 2, Math.floor(sy)));
        const fx = Math.max(0, Math.min(1, sx - x0));
        const fy = Math.max(0, Math.min(1, sy - y0));
        const at = y0 * w + x0;
        const top = (source[at] ?? 0) * (1 - fx) + (source[at + 1] ?? 0) * fx;
        const bottom = (source[at + w] ?? 0) * (1 - fx) + (source[at + w + 1] ?? 0) * fx;
        sum += top * (1 - fy) + bottom * fy;
      }
      out[y * toW + x] = Math.round(sum / (taps * taps));
    }
  }
}
