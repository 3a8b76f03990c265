/**
 * Where to look closely. Far things need native pixels (a person of 24 pixels is found half as often as one of 48), and a
 * crop of 320 x 320 costs less than the whole picture; many crops cost more than one picture.
 */
import type { Box } from '#core/domain/geometry.ts';
import { containment, union } from './tracking/boxes.ts';

/** A rectangle in pixels of the picture and the size at which the detector gets it. */
export interface Region {
  x: number;
  y: number;
  w: number;
  h: number;
  outW: number;
  outH: number;
}

export const cropSide = 320;
const fullSide = 512;
const sizeStep = 32;
/** Room around a thing, as a factor of its longer side. */
const margin = 1.3;
const mostRegions = 3;
/** Crops that together cover more than this share of the picture are given up for the whole picture. */
const mostCover = 0.5;

/** The whole picture, shape kept as far as sizes in steps of 32 allow: 512 x 288 for 16:9. */
export function fullRegion(width: number, height: number): Region {
  const scale = fullSide / Math.max(width, height);
  const side = (length: number): number => Math.max(sizeStep * 2, Math.round((length * scale) / sizeStep) * sizeStep);
  return { x: 0, y: 0, w: width, h: height, outW: side(width), outH: side(height) };
}

/** Crops around these boxes (fractions), or the whole picture. Nothing to look at gives an empty list. */
export function chooseRegions(targets: readonly Box[], width: number, height: number): Region[] {
  if (targets.length === 0) return [];
  const full = fullRegion(width, height);
  // A picture hardly larger than a crop is looked at as a whole.
  if (Math.min(width, height) < cropSide || width * height < 2 * cropSide * cropSide) return [full];
  let wanted = [...targets];
  for (let merged = true; merged && wanted.length > 1;) {
    const next = mergeOnce(wanted, width, height);
    merged = next.length < wanted.length;
    wanted = next;
  }
  const regions: Region[] = [];
  for (const target of wanted) {
    const region = cropAround(target, width, height);
    if (!region) return [full];
    regions.push(region);
  }
  const cover = regions.reduce((sum, one) => sum + one.w * one.h, 0) / (width * height);
  return regions.length > mostRegions || cover > mostCover ? [full] : regions;
}

/** Joins the first two targets that one crop of the usual size holds. */
function mergeOnce(targets: readonly Box[], width: number, height: number): Box[] {
  for (const [i, a] of targets.entries())
    for (const b of targets.slice(i + 1)) {
      const both = union(a, b);
      const fits = Math.max(both.w * width, both.h * height) * 1.1 <= cropSide;
      if (fits || containment(b, a) > 0.7 || containment(a, b) > 0.7)
        return [...targets.filter((one) => one !== a && one !== b), both];
    }
  return [...targets];
}

/** A square around the box inside the picture; null if the picture is too small for it. */
function cropAround(box: Box, width: number, height: number): Region | null {
  const side = Math.round(Math.max(cropSide, margin * Math.max(box.w * width, box.h * height)));
  if (side > Math.min(width, height)) return null;
  const place = (start: number, length: number, limit: number): number =>
    Math.round(Math.min(limit - side, Math.max(0, start + length / 2 - side / 2)));
  return {
    x: place(box.x * width, box.w * width, width),
    y: place(box.y * height, box.h * height, height),
    w: side,
    h: side,
    outW: cropSide,
    outH: cropSide,
  };
}
