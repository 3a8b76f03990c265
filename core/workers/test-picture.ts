/** The picture that models are tried on: the demo's street with somebody at the gate and a car, drawn when it is needed. */
import { daylight } from '#core/demo/scene/light.ts';
import { halve, Painter } from '#core/demo/scene/painter.ts';
import { actorsAt } from '#core/demo/scene/scripts.ts';
import { height, width } from '#core/demo/scene/view.ts';
import type { TestPicture } from '#core/detect/self-test.ts';
import type { Detection } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import { encodeJpegI420 } from '#core/media/codec/encoder.ts';

export interface DrawnPicture extends TestPicture {
  i420: Buffer;
}

/** Somebody stands at the gate at this time of the scene, and the car passes. Seconds. */
const atS = 12;
const frameLuma = 235;
const jpegQuality = 4;
/** Cb, Cr of the boxes. */
const frameColour = [54, 34] as const;

/** Half the size of the demo's camera: what a model of this kind is usually shown. Takes some seconds. */
export function drawTestPicture(): DrawnPicture {
  const actors = [...actorsAt('day-car', atS), ...actorsAt('day-visitor', atS)];
  const { i420, seen } = new Painter(daylight).paint(actors, 0, 1);
  const [w, h] = [width / 2, height / 2];
  const half = halve(i420, width, height);
  return { i420: half, data: toRgb(half, w, h), width: w, height: h, shown: seen };
}

/** The picture with a frame around each detection, as JPEG. */
export function withBoxes(picture: DrawnPicture, detections: readonly Detection[]): Buffer {
  const { width: w, height: h } = picture;
  const i420 = Buffer.from(picture.i420);
  for (const { box } of detections) drawFrame(i420, w, h, box);
  return encodeJpegI420(i420, w, h, jpegQuality);
}

function drawFrame(i420: Buffer, width: number, height: number, box: Box): void {
  const x0 = Math.round(box.x * width);
  const y0 = Math.round(box.y * height);
  const x1 = Math.min(width - 1, Math.round((box.x + box.w) * width));
  const y1 = Math.min(height - 1, Math.round((box.y + box.h) * height));
  const chroma = width * height;
  const dot = (x: number, y: number): void => {
    const small = (y >> 1) * (width >> 1) + (x >> 1);
    i420[y * width + x] = frameLuma;
    i420[chroma + small] = frameColour[0];
    i420[chroma + (chroma >> 2) + small] = frameColour[1];
  };
  for (let line = 0; line < 2; line++) {
    for (let x = x0; x <= x1; x++) {
      dot(x, Math.min(height - 1, y0 + line));
      dot(x, Math.max(0, y1 - line));
    }
    for (let y = y0; y <= y1; y++) {
      dot(Math.min(width - 1, x0 + line), y);
      dot(Math.max(0, x1 - line), y);
    }
  }
}

/** BT.709, limited range. */
function toRgb(i420: Buffer, width: number, height: number): Uint8Array {
  const out = new Uint8ClampedArray(width * height * 3);
  const chroma = width * height;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const small = (y >> 1) * (width >> 1) + (x >> 1);
      const luma = ((i420[y * width + x] ?? 0) - 16) * 1.164;
      const cb = (i420[chroma + small] ?? 0) - 128;
      const cr = (i420[chroma + (chroma >> 2) + small] ?? 0) - 128;
      const to = (y * width + x) * 3;
      out[to] = luma + 1.793 * cr;
      out[to + 1] = luma - 0.213 * cb - 0.533 * cr;
      out[to + 2] = luma + 2.112 * cb;
    }
  return new Uint8Array(out.buffer);
}
