/** Answers of models, good and damaged: only boxes that are boxes come out. */
import { describe, expect, it } from 'vitest';
import { centernet } from '#core/detect/families/centernet.ts';
import { yolov8, yolox, yoloxCells } from '#core/detect/families/yolo.ts';
import { objectLabels } from '#core/domain/detection.ts';

const image = { data: new Uint8Array(64 * 64 * 3), width: 64, height: 64 };

describe('centernet', () => {
  function decode(sides: readonly number[]): ReturnType<typeof centernet.decode> {
    const area = 16 * 16;
    const logits = new Float32Array(objectLabels.length * area).fill(-10);
    const sizes = new Float32Array(4 * area);
    const cell = 8 * 16 + 8;
    logits[cell] = 3;
    for (const [index, side] of sides.entries()) sizes[index * area + cell] = side;
    const outputs = new Map([
      ['logits', { data: logits, dims: [1, objectLabels.length, 16, 16] }],
      ['sizes', { data: sizes, dims: [1, 4, 16, 16] }],
    ]);
    return centernet.decode(outputs, centernet.prepare(image), 0.25);
  }

  it('makes a box of a peak and its distances to the sides', () => {
    const [one] = decode([8, 16, 8, 16]);
    expect(one?.label).toBe('person');
    expect(one?.score).toBeCloseTo(0.953, 2);
    expect(one?.box).toEqual({ x: 0.375, y: 0.25, w: 0.25, h: 0.5 });
  });

  it.each(
    [
      [NaN, 8, 8, 8],
      [Infinity, 8, 8, 8],
      [0, 0, 0, 0],
      [8, 8, -8, 8],
    ].map((sides) => [sides]),
  )('F37: distances of %j make no box', (sides) => {
    expect(decode(sides)).toEqual([]);
  });
});

describe('yolo', () => {
  const labels = ['person', 'car'];

  function decodeV8(values: readonly number[]): ReturnType<typeof centernet.decode> {
    const family = yolov8({ width: 64, height: 64, labels });
    const outputs = new Map([['output', { data: new Float32Array(values), dims: [1, 6, 1] }]]);
    return family.decode(outputs, family.prepare(image), 0.25);
  }

  function decodeX(row: readonly number[]): ReturnType<typeof centernet.decode> {
    const family = yolox({ width: 64, height: 64, labels });
    const cells = yoloxCells(64, 64);
    const data = new Float32Array(cells * 7);
    data.set(row);
    return family.decode(new Map([['output', { data, dims: [1, cells, 7] }]]), family.prepare(image), 0.25);
  }

  it('reads the head of YOLOv8', () => {
    const [one] = decodeV8([32, 32, 16, 32, 0.1, 0.9]);
    expect(one?.label).toBe('car');
    expect(one?.box).toEqual({ x: 0.375, y: 0.25, w: 0.25, h: 0.5 });
  });

  it('reads the head of YOLOX', () => {
    const [one] = decodeX([2, 2, Math.log(2), Math.log(4), 1, 0.9, 0.1]);
    expect(one?.label).toBe('person');
    expect(one?.box.w).toBeCloseTo(0.25);
    expect(one?.box.h).toBeCloseTo(0.5);
  });

  it.each([
    [[NaN, 32, 16, 32, 0.9, 0]],
    [[32, 32, 0, 32, 0.9, 0]],
    [[32, 32, 16, Infinity, 0.9, 0]],
    [[32, 32, 16, 32, NaN, NaN]],
  ])('F37: a YOLOv8 row of %j makes no box', (row) => {
    expect(decodeV8(row)).toEqual([]);
  });

  it.each([
    [[NaN, 2, 1, 1, 1, 0.9, 0]],
    [[2, 2, 1000, 1, 1, 0.9, 0]],
    [[2, 2, -1000, 1, 1, 0.9, 0]],
    [[2, 2, 1, 1, NaN, 0.9, 0]],
  ])('F37: a YOLOX row of %j makes no box', (row) => {
    expect(decodeX(row)).toEqual([]);
  });
});
