/**
 * Where to look closely, and how large to show it. The detector finds things best when they are about a hundred pixels
 * large: near ones are shown smaller, far ones at their native pixels or up to twice as large. Crops around what moves are
 * cheaper than the whole picture; many crops are not, and then the whole picture is looked at.
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

/** A way of looking at a thing. */
export interface View {
  /** How large the longer side of the thing should be for the detector, in pixels. */
  pixels: number;
  /** The crop's side, as a factor of that: what is around a thing helps to tell what it is. */
  room: number;
}

/**
 * Two views find more than one: in the test footage either one alone finds 65 % and 82 % of what moves (road, car park),
 * the two in turn 75 % and 86 %, and the small one costs half as much.
 */
export const views: readonly [View, View] = [
  { pixels: 120, room: 1.5 },
  { pixels: 145, room: 2.2 },
];

const fullSide = 512;
const sizeStep = 32;
const mostEnlarged = 2;
const leastSide = 160;
const mostSide = 416;
/** Things of very different size can't share a crop: one would be shown too small. */
const mostSizeRatio = 2.5;
const mostRegions = 4;
/** Crops may cost this much more than the whole picture, since they show more. */
const mostCost = 1.25;
/** So many places that no crop is left for: a crowd, or the view moves. */
const crowd = 4;

/** The whole picture, shape kept as far as sizes in steps of 32 allow: 512 x 288 for 16:9. */
export function fullRegion(width: number, height: number, longest = fullSide): Region {
  const scale = longest / Math.max(width, height);
  return { x: 0, y: 0, w: width, h: height, outW: step(width * scale), outH: step(height * scale) };
}

export interface Wishes {
  /** Not yet sure things (fractions of the picture): looked at first, and in both views. */
  doubtful: readonly Box[];
  /** What else should be looked at, the most important first. */
  others: readonly Box[];
  view: View;
  otherView: View;
}

/**
 * Crops as far as they cost about what the whole picture costs; what is left out gets its turn at the next look. If too
 * much would be left out, the first crop and the whole picture. Nothing to look at gives an empty list.
 */
export function chooseRegions(wishes: Wishes, width: number, height: number): Region[] {
  const { doubtful, others, view, otherView } = wishes;
  const full = fullRegion(width, height);
  const budget = mostCost * full.outW * full.outH;
  const wanted = [
    ...group(doubtful, view, width, height).map((one) => crop(one, view, width, height)),
    ...group(doubtful, otherView, width, height).map((one) => crop(one, otherView, width, height)),
    ...group(others, view, width, height).map((one) => crop(one, view, width, height)),
  ];
  const regions: Region[] = [];
  let cost = 0;
  for (const one of wanted) {
    const price = one.outW * one.outH;
    if (regions.length > 0 && (regions.length >= mostRegions || cost + price > budget)) continue;
    if (regions.some((other) => covers(other, one))) continue;
    regions.push(one);
    cost += price;
  }
  return wanted.length - regions.length >= crowd ? [...regions.slice(0, 1), full] : regions;
}

/** Whether one crop shows all that the other would show, about as large. */
function covers(a: Region, b: Region): boolean {
  const inside = a.x <= b.x && a.y <= b.y && a.x + a.w >= b.x + b.w && a.y + a.h >= b.y + b.h;
  const [fine, coarse] = [a.outW / a.w, b.outW / b.w];
  return inside && fine < coarse * 1.3 && coarse < fine * 1.3;
}

interface Group {
  box: Box;
  /** Scale at which its largest member has the wanted size. */
  scale: number;
}

/** Joins boxes that one crop shows well. */
function group(boxes: readonly Box[], view: View, width: number, height: number): Group[] {
  const groups: Group[] = [];
  for (const box of boxes) {
    const scale = Math.min(mostEnlarged, view.pixels / longSide(box, width, height));
    const home = groups.find((one) => {
      const ratio = scale / one.scale;
      if (ratio > mostSizeRatio || ratio < 1 / mostSizeRatio) return containment(box, one.box) > 0.9;
      const both = union(one.box, box);
      return longSide(both, width, height) * one.scale * 1.25 <= Math.max(leastSide, 2 * view.pixels);
    });
    if (home) home.box = union(home.box, box);
    else groups.push({ box, scale });
  }
  return groups;
}

function crop({ box, scale }: Group, view: View, width: number, height: number): Region {
  const wanted = Math.min(mostSide, Math.max(leastSide, step(longSide(box, width, height) * view.room * scale)));
  // Never less than the thing itself: a group may be wider than its largest member.
  const side = Math.max(wanted / scale, longSide(box, width, height) * 1.2);
  const w = Math.min(width, side);
  const h = Math.min(height, side);
  const shown = wanted / side;
  const place = (start: number, length: number, size: number, limit: number): number =>
    Math.round(Math.min(limit - size, Math.max(0, start + length / 2 - size / 2)));
  return {
    x: place(box.x * width, box.w * width, w, width),
    y: place(box.y * height, box.h * height, h, height),
    w: Math.round(w),
    h: Math.round(h),
    outW: step(w * shown),
    outH: step(h * shown),
  };
}

function longSide(box: Box, width: number, height: number): number {
  return Math.max(24, box.w * width, box.h * height);
}

function step(length: number): number {
  return Math.max(2 * sizeStep, Math.round(length / sizeStep) * sizeStep);
}
