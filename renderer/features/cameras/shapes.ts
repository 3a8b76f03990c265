/** Zones and masks while they are edited. Pure: every change gives a new list. Points are fractions of the picture. */
import type { Camera } from '#core/api/schemas.ts';
import type { EventLabel } from '#core/domain/detection.ts';

export type ShapePoint = [x: number, y: number];
export interface Shape {
  kind: 'zone' | 'mask';
  id: string;
  name: string;
  polygon: ShapePoint[];
  /** Zones only: what counts here; empty means all. */
  labels: EventLabel[];
}

export const fewestPoints = 3;
export const mostPoints = 64;
export const mostShapes = 32;

export function shapesOf(detect: Camera['detect']): Shape[] {
  return [
    ...detect.zones.map((zone): Shape => ({ kind: 'zone', ...zone })),
    ...detect.masks.map((mask): Shape => ({ kind: 'mask', labels: [], ...mask })),
  ];
}

export function detectOf(shapes: Shape[]): Pick<Camera['detect'], 'zones' | 'masks'> {
  const named = shapes.map((shape) => ({ ...shape, name: shape.name.trim() }));
  return {
    zones: named
      .filter(({ kind }) => kind === 'zone')
      .map(({ id, name, polygon, labels }) => ({ id, name, polygon, labels })),
    masks: named.filter(({ kind }) => kind === 'mask').map(({ id, name, polygon }) => ({ id, name, polygon })),
  };
}

/** Into the picture, and no finer than a pixel of a 10,000-pixel picture. */
export function fraction(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

const freshId = (kind: Shape['kind']): string =>
  `${kind}-${[...crypto.getRandomValues(new Uint8Array(5))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;

export function newShape(kind: Shape['kind'], polygon: ShapePoint[], shapes: Shape[]): Shape {
  const count = shapes.filter((shape) => shape.kind === kind).length + 1;
  return { kind, id: freshId(kind), name: `${kind === 'zone' ? 'Zone' : 'Mask'} ${count}`, polygon, labels: [] };
}

/** Where a shape starts that is made without a pointer. */
export const middleRectangle: ShapePoint[] = [
  [0.3, 0.3],
  [0.7, 0.3],
  [0.7, 0.7],
  [0.3, 0.7],
];

export function changeShape(shapes: Shape[], id: string, patch: Partial<Shape>): Shape[] {
  return shapes.map((shape) => (shape.id === id ? { ...shape, ...patch } : shape));
}

export function movePoint(shape: Shape, index: number, [x, y]: ShapePoint): ShapePoint[] {
  return shape.polygon.map((point, at) => (at === index ? [fraction(x), fraction(y)] : point));
}

/** A new point halfway to the next one. */
export function splitEdge(shape: Shape, index: number): ShapePoint[] {
  const from = shape.polygon[index];
  const to = shape.polygon[(index + 1) % shape.polygon.length];
  if (!from || !to || shape.polygon.length >= mostPoints) return shape.polygon;
  const middle: ShapePoint = [fraction((from[0] + to[0]) / 2), fraction((from[1] + to[1]) / 2)];
  return [...shape.polygon.slice(0, index + 1), middle, ...shape.polygon.slice(index + 1)];
}

export function dropPoint(shape: Shape, index: number): ShapePoint[] {
  return shape.polygon.length <= fewestPoints ? shape.polygon : shape.polygon.filter((_, at) => at !== index);
}
