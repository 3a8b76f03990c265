/** Arithmetic on boxes that tracking and regions share. All in fractions of the picture. */
import type { Box, Point, Polygon } from '#core/domain/geometry.ts';
import { insidePolygon } from '#core/domain/geometry.ts';

export function overlapArea(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/** The share of `inner` that lies in `outer`, 0..1. */
export function containment(inner: Box, outer: Box): number {
  const area = inner.w * inner.h;
  return area > 0 ? overlapArea(inner, outer) / area : 0;
}

export function union(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}

export function centre(box: Box): Point {
  return [box.x + box.w / 2, box.y + box.h / 2];
}

/** Where a thing stands. */
export function footPoint(box: Box): Point {
  return [box.x + box.w / 2, box.y + box.h];
}

/** Pictures are taken for 16:9 where widths and heights are compared; other shapes are judged a little off. */
const aspect = 16 / 9;

/** Distance of the centres in units of the boxes' mean size, so that near and far things are judged alike. */
export function relativeDistance(a: Box, b: Box): number {
  const [ax, ay] = centre(a);
  const [bx, by] = centre(b);
  const size = (Math.sqrt(a.w * a.h * aspect) + Math.sqrt(b.w * b.h * aspect)) / 2;
  return size > 0 ? Math.hypot((ax - bx) * aspect, ay - by) / size : Infinity;
}

export function moved(box: Box, dx: number, dy: number): Box {
  return { x: box.x + dx, y: box.y + dy, w: box.w, h: box.h };
}

/** Inside the picture; null if nothing of it is. */
export function clipped(box: Box): Box | null {
  const x = Math.max(0, box.x);
  const y = Math.max(0, box.y);
  const w = Math.min(1, box.x + box.w) - x;
  const h = Math.min(1, box.y + box.h) - y;
  return w > 0 && h > 0 ? { x, y, w, h } : null;
}

export function isFiniteBox(box: Box): boolean {
  return [box.x, box.y, box.w, box.h].every(Number.isFinite) && box.w > 0 && box.h > 0;
}

/** Masked: it stands in a mask, or most of it lies there (judged by 5 x 5 points). */
export function isMasked(box: Box, masks: readonly Polygon[]): boolean {
  if (masks.length === 0) return false;
  const [footX, footY] = footPoint(box);
  const foot: Point = [footX, Math.min(footY, 0.9999)];
  let inside = 0;
  for (let i = 0; i < 25; i++) {
    const point: Point = [box.x + (box.w * ((i % 5) + 0.5)) / 5, box.y + (box.h * (Math.floor(i / 5) + 0.5)) / 5];
    if (masks.some((mask) => insidePolygon(mask, point))) inside++;
  }
  return inside >= 15 || masks.some((mask) => insidePolygon(mask, foot));
}
