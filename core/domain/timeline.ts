/** What a timeline shows: covered spans and the gaps between them with their reasons. Pure. Times in UTC ms. */
import type { CameraId } from './ids.ts';
import type { GapReason, RecordMode } from './media.ts';

export interface Range {
  startMs: number;
  endMs: number;
}
export interface NamedGap extends Range {
  cameraId: CameraId;
  reason: GapReason | 'unknown';
}

/** Holes shorter than this are between two files, not in the footage. */
const shownFromMs = 1_000;

/**
 * The parts of `within` that no span covers, each split where its reason changes. Reasons come from the recorded gaps; where
 * there is none it is `recording_off` for a camera that does not record all the time, else `unknown`.
 * `spans` by start, disjoint. Later recorded gaps win over earlier ones.
 */
export function findGaps(
  cameraId: CameraId,
  within: Range,
  spans: readonly Range[],
  recorded: readonly (Range & { reason: GapReason })[],
  mode: RecordMode,
): NamedGap[] {
  const gaps: NamedGap[] = [];
  let at = within.startMs;
  const close = (endMs: number): void => {
    if (endMs - at >= shownFromMs) gaps.push(...named(cameraId, { startMs: at, endMs }, recorded, mode));
  };
  for (const span of spans) {
    if (span.endMs <= at) continue;
    if (span.startMs >= within.endMs) break;
    close(span.startMs);
    at = Math.max(at, span.endMs);
  }
  close(within.endMs);
  return gaps;
}

function named(
  cameraId: CameraId,
  hole: Range,
  recorded: readonly (Range & { reason: GapReason })[],
  mode: RecordMode,
): NamedGap[] {
  const edges = new Set([hole.startMs, hole.endMs]);
  const inside = recorded.filter((gap) => gap.startMs < hole.endMs && gap.endMs > hole.startMs);
  for (const gap of inside) {
    edges.add(Math.max(hole.startMs, gap.startMs));
    edges.add(Math.min(hole.endMs, gap.endMs));
  }
  const cuts = [...edges].toSorted((a, b) => a - b);
  const out: NamedGap[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [startMs, endMs] = [cuts[i] ?? 0, cuts[i + 1] ?? 0];
    const known = inside.findLast((gap) => gap.startMs <= startMs && gap.endMs >= endMs)?.reason;
    const last = out.at(-1);
    // A sliver without a reason beside one that has it is rounding, not another story.
    const reason = known ?? (last && endMs - startMs < shownFromMs ? last.reason : fallback(mode));
    if (last?.reason === reason && last.endMs === startMs) last.endMs = endMs;
    else out.push({ cameraId, startMs, endMs, reason });
  }
  return out;
}

function fallback(mode: RecordMode): GapReason | 'unknown' {
  return mode === 'continuous' ? 'unknown' : 'recording_off';
}
