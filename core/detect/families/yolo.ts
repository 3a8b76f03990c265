/**
 * Two families of one-stage models: YOLOX ([1, N, 5 + classes], offsets on a grid that the model leaves to us, BGR 0..255)
 * and those with the YOLOv8 head ([1, 4 + classes, N], pixels, RGB 0..1).
 */
import type { Detection, ObjectLabel } from '#core/domain/detection.ts';
import type { OutputTensor } from '../engine/session.ts';
import { toObjectLabel } from './coco.ts';
import type { Family, Prepared } from './family.ts';
import { letterbox, type PixelFormat } from './letterbox.ts';
import { cleanBox, suppressDoubles } from './suppress.ts';

const overlap = 0.45;
const yoloxStrides = [8, 16, 32];

export interface YoloInit {
  width: number;
  height: number;
  labels: readonly string[];
  format?: Partial<PixelFormat>;
}

/** Rows of a YOLOX answer for this input: the grids of the three strides together. */
export function yoloxCells(width: number, height: number): number {
  return yoloxStrides.reduce((sum, stride) => sum + Math.floor(width / stride) * Math.floor(height / stride), 0);
}

export function yolox(init: YoloInit): Family {
  const { width, height } = init;
  const classes = init.labels.map(toObjectLabel);
  const grid = yoloxGrid(width, height);
  const format: PixelFormat = { order: 'bgr', scale: 1, place: 'top-left', ...init.format };
  return {
    name: 'yolox',
    inputWidth: width,
    inputHeight: height,
    labels: init.labels,
    prepare: (image) => letterbox(image, width, height, format),
    decode(outputs, prepared, minScore) {
      const output = first(outputs);
      if (!output) return [];
      const { data } = output;
      const step = 5 + classes.length;
      const found: Detection[] = [];
      for (const [index, [column, row, stride]] of grid.entries()) {
        const at = index * step;
        const objectness = data[at + 4] ?? 0;
        if (!(objectness >= minScore)) continue;
        const best = bestClass(classes, (c) => objectness * (data[at + 5 + c] ?? 0), minScore);
        if (!best) continue;
        const cx = ((data[at] ?? NaN) + column) * stride;
        const cy = ((data[at + 1] ?? NaN) + row) * stride;
        const w = Math.exp(data[at + 2] ?? NaN) * stride;
        const h = Math.exp(data[at + 3] ?? NaN) * stride;
        push(found, best, prepared, cx, cy, w, h);
      }
      return suppressDoubles(found, overlap);
    },
  };
}

export function yolov8(init: YoloInit): Family {
  const { width, height } = init;
  const classes = init.labels.map(toObjectLabel);
  const format: PixelFormat = { order: 'rgb', scale: 1 / 255, place: 'centre', ...init.format };
  return {
    name: 'yolov8',
    inputWidth: width,
    inputHeight: height,
    labels: init.labels,
    prepare: (image) => letterbox(image, width, height, format),
    decode(outputs, prepared, minScore) {
      const output = first(outputs);
      if (!output) return [];
      const { data } = output;
      const count = output.dims[2] ?? 0;
      const found: Detection[] = [];
      for (let i = 0; i < count; i++) {
        const best = bestClass(classes, (c) => data[(4 + c) * count + i] ?? 0, minScore);
        if (!best) continue;
        const side = (k: number): number => data[k * count + i] ?? NaN;
        push(found, best, prepared, side(0), side(1), side(2), side(3));
      }
      return suppressDoubles(found, overlap);
    },
  };
}

function first(outputs: ReadonlyMap<string, OutputTensor>): OutputTensor | undefined {
  return outputs.values().next().value;
}

/** [column, row, stride] of every row of the answer. */
function yoloxGrid(width: number, height: number): (readonly [number, number, number])[] {
  return yoloxStrides.flatMap((stride) => {
    const columns = Math.floor(width / stride);
    const rows = Math.floor(height / stride);
    return Array.from({ length: columns * rows }, (_, i) => [i % columns, Math.floor(i / columns), stride] as const);
  });
}

/** The likeliest class, if it is one of ours and likely enough. */
function bestClass(
  classes: readonly (ObjectLabel | null)[],
  scoreOf: (index: number) => number,
  minScore: number,
): { label: ObjectLabel; score: number } | null {
  let best = -1;
  let score = minScore;
  for (let c = 0; c < classes.length; c++) {
    const value = scoreOf(c);
    if (value >= score) {
      score = value;
      best = c;
    }
  }
  const label = classes[best];
  return label ? { label, score: Math.min(1, score) } : null;
}

function push(
  found: Detection[],
  best: { label: ObjectLabel; score: number },
  prepared: Prepared,
  cx: number,
  cy: number,
  w: number,
  h: number,
): void {
  const box = cleanBox(...prepared.toFractions(cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2));
  if (box) found.push({ ...best, box });
}
