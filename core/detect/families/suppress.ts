/** Removes doubles: of boxes that say the same, the one with the best score stays. Also the gate that keeps nonsense out. */
import { objectLabels, type Detection, type ObjectLabel } from '#core/domain/detection.ts';
import { intersectionOverUnion, type Box } from '#core/domain/geometry.ts';

/** A crowd; more boxes than this are noise. */
const mostBoxes = 100;
/** Two words for one box: the likelier one counts. */
const sameBox = 0.75;
const mostlyInside = 0.85;

const vehicles: ReadonlySet<ObjectLabel> = new Set(['car', 'bus', 'truck']);
const twoWheelers: ReadonlySet<ObjectLabel> = new Set(['bicycle', 'motorcycle']);
const animals: ReadonlySet<ObjectLabel> = new Set(objectLabels.slice(objectLabels.indexOf('bird')));

/** Labels that models confuse for one and the same object. */
export function sameKind(a: ObjectLabel, b: ObjectLabel): boolean {
  return a === b || [vehicles, twoWheelers, animals].some((group) => group.has(a) && group.has(b));
}

/** A box with finite numbers and an area, cut to the image; null for what has none. */
export function cleanBox(x: number, y: number, w: number, h: number): Box | null {
  if (!(Number.isFinite(x) && Number.isFinite(y) && w > 0 && h > 0 && Number.isFinite(w) && Number.isFinite(h)))
    return null;
  const left = Math.min(1, Math.max(0, x));
  const top = Math.min(1, Math.max(0, y));
  const box = { x: left, y: top, w: Math.min(1, x + w) - left, h: Math.min(1, y + h) - top };
  return box.w > 1e-4 && box.h > 1e-4 ? box : null;
}

/** Greedy non-maximum suppression. Two boxes of kinds that are confused are one object when they overlap by `overlap`. */
export function suppressDoubles<T extends Detection>(detections: readonly T[], overlap: number): T[] {
  const kept: T[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    if (kept.length >= mostBoxes) break;
    const double = kept.some((one) => {
      const shared = intersectionOverUnion(one.box, candidate.box);
      if (shared > sameBox) return true;
      return (
        sameKind(one.label, candidate.label) && (shared > overlap || contained(candidate.box, one.box) > mostlyInside)
      );
    });
    if (!double) kept.push(candidate);
  }
  return kept;
}

/** The share of `inner` that lies in `outer`. */
function contained(inner: Box, outer: Box): number {
  const w = Math.min(inner.x + inner.w, outer.x + outer.w) - Math.max(inner.x, outer.x);
  const h = Math.min(inner.y + inner.h, outer.y + outer.h) - Math.max(inner.y, outer.y);
  return w > 0 && h > 0 ? (w * h) / (inner.w * inner.h) : 0;
}
