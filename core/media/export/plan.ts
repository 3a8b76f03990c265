/**
 * Which recorded segments make up an export and where each lands on its timeline. Pure.
 * Time runs as recorded; where nothing was recorded, or a clock was set back, the pieces are played back to back.
 */
export interface ExportSegment {
  path: string;
  startMs: number;
  endMs: number;
}

export interface ExportPart extends ExportSegment {
  /** Milliseconds of the export's timeline at which UTC `startMs` lies; below 0 for what comes before the wanted start. */
  atMs: number;
}

export interface ExportPlan {
  parts: ExportPart[];
  /** UTC of time 0: the wanted start, or the first recording after it. */
  startMs: number;
  endMs: number;
  /** Pauses that were left out, in total. */
  cutMs: number;
}

/** Neighbouring segments differ by rounding and by one picture; below this it is the same recording going on. */
const joinedMs = 300;

/** Null if nothing of the segments lies in [fromMs, toMs). */
export function planExport(segments: readonly ExportSegment[], fromMs: number, toMs: number): ExportPlan | null {
  const wanted = segments
    .filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs && endMs > startMs)
    .sort((a, b) => a.startMs - b.startMs);
  const first = wanted[0];
  if (!first) return null;
  const startMs = Math.max(fromMs, first.startMs);
  const parts: ExportPart[] = [];
  let shiftMs = -startMs;
  let cutMs = 0;
  let previousEndMs = first.startMs;
  for (const segment of wanted) {
    const pauseMs = segment.startMs - previousEndMs;
    if (Math.abs(pauseMs) > joinedMs) {
      shiftMs -= pauseMs;
      cutMs += Math.max(0, pauseMs);
    }
    parts.push({ ...segment, atMs: segment.startMs + shiftMs });
    previousEndMs = segment.endMs;
  }
  return { parts, startMs, endMs: Math.min(toMs, previousEndMs), cutMs };
}
