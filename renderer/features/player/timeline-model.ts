/**
 * What the timeline shows, made ready to draw: recorded stretches joined, gaps with words, events placed. Pure. Times are UTC
 * milliseconds. A stretch is recorded if any stream of the camera has it.
 */
import type { AnswerOf } from '#core/api/routes.ts';
import type { Event as HubEvent } from '#core/api/schemas.ts';

export type Recordings = AnswerOf<'recordings'>;
export type Gap = Recordings['gaps'][number];

export interface Stretch {
  startMs: number;
  endMs: number;
}

/** Segments follow one another within a frame or two; what is closer than this is one stretch to a person. */
const joinMs = 1500;

export function joinSpans(spans: readonly Stretch[]): Stretch[] {
  const sorted = [...spans].sort((a, b) => a.startMs - b.startMs);
  const joined: Stretch[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = joined.at(-1);
    if (last && startMs <= last.endMs + joinMs) last.endMs = Math.max(last.endMs, endMs);
    else joined.push({ startMs, endMs });
  }
  return joined;
}

/** Index of the last item that starts at or before `ms`, or -1. `items` are in order of startMs. */
export function lastStartedBy(items: readonly { startMs: number }[], ms: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item && item.startMs <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function stretchAt(stretches: readonly Stretch[], ms: number): Stretch | null {
  const found = stretches[lastStartedBy(stretches, ms)];
  return found && ms < found.endMs ? found : null;
}

/** Where playback starts when a person asks for `ms`: there, or the start of the next stretch; null when nothing follows. */
export function nextRecorded(stretches: readonly Stretch[], ms: number): number | null {
  if (stretchAt(stretches, ms)) return ms;
  return stretches[lastStartedBy(stretches, ms) + 1]?.startMs ?? null;
}

const gapWords: Record<Gap['reason'], string> = {
  camera_offline: 'The camera was offline',
  camera_silent: 'The camera sent nothing',
  packet_loss: 'The network lost packets',
  clock_step: 'The clock was set',
  disk_full: 'The disk was full',
  disk_error: 'The disk could not be written',
  recorder_restart: 'The recorder restarted',
  hub_stopped: 'Porchlight was not running',
  recording_off: 'Recording was switched off',
  unknown: 'Not recorded',
};
export const gapText = (reason: Gap['reason']): string => gapWords[reason];

/** Gaps that are a fault, which a person should notice; the others were chosen. */
export const isFault = (reason: Gap['reason']): boolean =>
  reason !== 'recording_off' && reason !== 'unknown' && reason !== 'hub_stopped';

export type Label = HubEvent['label'];
const labelOrder: readonly Label[] = [
  'tamper',
  'person',
  'line_crossing',
  'input',
  'animal',
  'bicycle',
  'vehicle',
  'motion',
];

export interface Mark {
  startMs: number;
  endMs: number;
  label: Label;
  /** More than one when they lie too close to tell apart at this zoom. */
  events: HubEvent[];
}

/**
 * Events of one label that would touch on screen become one mark. In drawing order: motion first and persons last, so that
 * what matters most is on top.
 */
export function marksOf(events: readonly HubEvent[], msPerPx: number, nowMs: number, minPx = 4): Mark[] {
  const marks: Mark[] = [];
  const open = new Map<Label, Mark>();
  for (const event of [...events].sort((a, b) => a.startMs - b.startMs)) {
    const endMs = Math.max(event.endMs ?? nowMs, event.startMs + minPx * msPerPx);
    const last = open.get(event.label);
    if (last && event.startMs <= last.endMs + msPerPx) {
      last.endMs = Math.max(last.endMs, endMs);
      last.events.push(event);
    } else {
      const mark: Mark = { startMs: event.startMs, endMs, label: event.label, events: [event] };
      open.set(event.label, mark);
      marks.push(mark);
    }
  }
  return marks.sort((a, b) => labelOrder.indexOf(b.label) - labelOrder.indexOf(a.label));
}

/** Going to an event starts this much before it, so that the arrival is seen. */
export const eventLeadMs = 1000;

/** The event before or after a moment, by start, such that pressing twice moves on: the one just gone to is passed over. */
export function neighbourEvent(events: readonly HubEvent[], ms: number, direction: 1 | -1): HubEvent | null {
  const sorted = [...events].sort((a, b) => a.startMs - b.startMs);
  const found =
    direction === 1
      ? sorted.find((event) => event.startMs > ms + eventLeadMs + 250)
      : sorted.findLast((event) => event.startMs < ms - 2 * eventLeadMs);
  return found ?? null;
}

export type Hit =
  | { kind: 'event'; mark: Mark }
  | { kind: 'gap'; gap: Gap }
  | { kind: 'recorded' }
  | { kind: 'future' }
  | { kind: 'none' };

export interface HitInput {
  ms: number;
  /** The pointer is on the lane of the events. */
  onEvents: boolean;
  msPerPx: number;
  marks: readonly Mark[];
  gaps: readonly Gap[];
  stretches: readonly Stretch[];
  nowMs: number;
}

export function hitTest({ ms, onEvents, msPerPx, marks, gaps, stretches, nowMs }: HitInput): Hit {
  const slack = 3 * msPerPx;
  const mark = onEvents ? marks.findLast((m) => ms >= m.startMs - slack && ms <= m.endMs + slack) : undefined;
  if (mark) return { kind: 'event', mark };
  if (ms > nowMs) return { kind: 'future' };
  if (stretchAt(stretches, ms)) return { kind: 'recorded' };
  const gap = gaps.find((g) => ms >= g.startMs && ms <= g.endMs);
  return gap ? { kind: 'gap', gap } : { kind: 'none' };
}
