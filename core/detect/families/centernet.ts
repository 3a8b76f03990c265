/**
 * The built-in model (onnx/convert-centernet.ts). It answers per cell of 4x4 pixels with a logit per class and the
 * distances from the cell to the four sides; an object is where a class is higher than in the eight cells around it.
 */
import { objectLabels, type Detection } from '#core/domain/detection.ts';
import type { OutputTensor } from '../engine/session.ts';
import type { Family, Prepared, RgbImage } from './family.ts';
import { cleanBox, suppressDoubles } from './suppress.ts';

const cellPixels = 4;
const sizeStep = 32;
const overlap = 0.5;

export const centernet: Family = {
  name: 'centernet',
  inputWidth: null,
  inputHeight: null,
  labels: objectLabels,

  prepare(image: RgbImage): Prepared {
    const width = Math.ceil(image.width / sizeStep) * sizeStep;
    const height = Math.ceil(image.height / sizeStep) * sizeStep;
    return {
      input: { type: 'uint8', data: padded(image, width, height), dims: [1, height, width, 3] },
      toFractions: (x1, y1, x2, y2) => [
        x1 / image.width,
        y1 / image.height,
        (x2 - x1) / image.width,
        (y2 - y1) / image.height,
      ],
    };
  },

  decode(outputs, prepared, minScore): Detection[] {
    const logits = outputs.get('logits');
    const sizes = outputs.get('sizes');
    return logits && sizes ? suppressDoubles(peaks(logits, sizes, prepared, minScore), overlap) : [];
  },
};

function peaks(logits: OutputTensor, sizes: OutputTensor, prepared: Prepared, minScore: number): Detection[] {
  const rows = logits.dims[2] ?? 0;
  const columns = logits.dims[3] ?? 0;
  const area = rows * columns;
  const score = Math.min(0.999, Math.max(0.001, minScore));
  const least = Math.log(score / (1 - score));
  const found: Detection[] = [];
  const { data } = logits;
  const sides = sizes.data;
  for (const [index, label] of objectLabels.entries()) {
    const plane = index * area;
    for (let cell = 0; cell < area; cell++) {
      const value = data[plane + cell] ?? NaN;
      if (!(value >= least) || !isPeak(data, plane, cell, rows, columns, value)) continue;
      const x = (cell % columns) * cellPixels;
      const y = Math.floor(cell / columns) * cellPixels;
      const [bx, by, bw, bh] = prepared.toFractions(
        x - (sides[cell] ?? NaN),
        y - (sides[area + cell] ?? NaN),
        x + (sides[2 * area + cell] ?? NaN),
        y + (sides[3 * area + cell] ?? NaN),
      );
      const box = cleanBox(bx, by, bw, bh);
      if (box) found.push({ label, score: 1 / (1 + Math.exp(-value)), box });
    }
  }
  return found;
}

function isPeak(
  data: Float32Array,
  plane: number,
  cell: number,
  rows: number,
  columns: number,
  value: number,
): boolean {
  const row = Math.floor(cell / columns);
  const column = cell % columns;
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++)
    for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++)
      if ((data[plane + r * columns + c] ?? 0) > value) return false;
  return true;
}

/** The image in the top left corner of a larger one; the rest is middle grey. */
function padded(image: RgbImage, width: number, height: number): Uint8Array {
  if (image.width === width && image.height === height) return image.data;
  const out = new Uint8Array(width * height * 3).fill(114);
  const row = image.width * 3;
  for (let y = 0; y < image.height; y++) out.set(image.data.subarray(y * row, (y + 1) * row), y * width * 3);
  return out;
}
