/**
 * The timeline's view: which span of time lies on how many pixels, how it is zoomed and moved, and where its ticks stand.
 * Pure; times are UTC milliseconds, the zone only decides where ticks fall and how they read.
 */
import { offsetSpans } from './local-time.ts';

export interface TimelineView {
  fromMs: number;
  toMs: number;
}

export const minSpanMs = 2 * 60_000;
export const maxSpanMs = 7 * 86_400_000;

export const spanOf = (view: TimelineView): number => view.toMs - view.fromMs;
export const xOf = (ms: number, view: TimelineView, widthPx: number): number =>
  ((ms - view.fromMs) / spanOf(view)) * widthPx;
export const msAt = (x: number, view: TimelineView, widthPx: number): number =>
  view.fromMs + (x / Math.max(1, widthPx)) * spanOf(view);

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** `factor` > 1 shows more time. The moment under the pointer stays under the pointer. */
export function zoomAround(view: TimelineView, atMs: number, factor: number): TimelineView {
  const span = clamp(spanOf(view) * factor, minSpanMs, maxSpanMs);
  const share = (atMs - view.fromMs) / spanOf(view);
  const fromMs = atMs - share * span;
  return { fromMs, toMs: fromMs + span };
}

/** How much of a view may lie in the future: enough to see that now is the end. */
const futureShare = 0.12;

/** Keeps a view from running into the future. */
export function keepNearPast(view: TimelineView, nowMs: number): TimelineView {
  const span = spanOf(view);
  const latest = nowMs + span * futureShare;
  return view.toMs <= latest ? view : { fromMs: latest - span, toMs: latest };
}

export const panBy = (view: TimelineView, deltaMs: number): TimelineView => ({
  fromMs: view.fromMs + deltaMs,
  toMs: view.toMs + deltaMs,
});

export const centredOn = (ms: number, spanMs: number): TimelineView => {
  const span = clamp(spanMs, minSpanMs, maxSpanMs);
  return { fromMs: ms - span / 2, toMs: ms + span / 2 };
};

/**
 * The view that goes along with a playhead which moved from `beforeMs` to `playheadMs` by itself. It moves when the playhead
 * crosses the last eighth or runs out of the view; where a person has put it otherwise, it stays. Returns the same view when
 * nothing is to be done.
 */
export function following(view: TimelineView, beforeMs: number, playheadMs: number): TimelineView {
  const span = spanOf(view);
  const before = (beforeMs - view.fromMs) / span;
  const share = (playheadMs - view.fromMs) / span;
  const most = 1 - futureShare;
  if (before < 0 || before > 1) return view;
  if (share < 0 || share > 1) return centredOn(playheadMs, span);
  return before <= most + 0.001 && share > most ? panBy(view, (share - most) * span) : view;
}

/** Two fingers: the moments that were under them stay under them. */
export function pinched(
  start: TimelineView,
  widthPx: number,
  was: [number, number],
  is: [number, number],
): TimelineView {
  const aMs = msAt(was[0], start, widthPx);
  const bMs = msAt(was[1], start, widthPx);
  const gap = is[1] - is[0];
  if (Math.abs(gap) < 8) return start;
  const msPerPx = clamp((bMs - aMs) / gap, minSpanMs / widthPx, maxSpanMs / widthPx);
  const fromMs = aMs - is[0] * msPerPx;
  return { fromMs, toMs: fromMs + msPerPx * widthPx };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const stepsMs = [
  ...[1, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 4].map((n) => n * day),
];

/** Small ticks stand between the labelled ones. */
const smallSteps = new Map<number, number>([
  [second, second],
  [5 * second, second],
  [10 * second, second],
  [15 * second, 5 * second],
  [30 * second, 5 * second],
  [minute, 10 * second],
  [2 * minute, 30 * second],
  [5 * minute, minute],
  [10 * minute, minute],
  [15 * minute, 5 * minute],
  [30 * minute, 5 * minute],
  [hour, 10 * minute],
  [2 * hour, 30 * minute],
  [3 * hour, 30 * minute],
  [6 * hour, hour],
  [12 * hour, hour],
  [day, 6 * hour],
  [2 * day, day],
  [4 * day, day],
]);

export interface Tick {
  ms: number;
  /** null: a small tick. */
  label: string | null;
  /** The tick is local midnight. */
  dayStart: boolean;
}

export interface TickInput {
  view: TimelineView;
  widthPx: number;
  zone: string;
  locale?: string | undefined;
  /** Room a label needs. */
  labelPx: number;
}

/**
 * Ticks on round local times. When the clocks change inside the view each side has its own round times: a skipped hour has no
 * tick, a repeated one has two.
 */
export function ticksOf({ view, widthPx, zone, locale, labelPx }: TickInput): Tick[] {
  const msPerPx = spanOf(view) / Math.max(1, widthPx);
  const step = stepsMs.find((ms) => ms >= labelPx * msPerPx) ?? 4 * day;
  const small = smallSteps.get(step) ?? step;
  const useSmall = small / msPerPx >= 5 ? small : step;
  const format = labelFormats(zone, locale);
  const ticks: Tick[] = [];
  for (const { fromMs, toMs, offsetMs } of offsetSpans(view.fromMs, view.toMs, zone)) {
    const first = Math.ceil((fromMs + offsetMs) / useSmall) * useSmall;
    for (let local = first; local - offsetMs < toMs; local += useSmall) {
      const ms = local - offsetMs;
      const isDay = local % day === 0;
      const labelled = local % step === 0;
      const label = !labelled
        ? null
        : isDay
          ? format.day.format(ms)
          : (step < minute ? format.second : format.minute).format(ms);
      ticks.push({ ms, label, dayStart: isDay });
    }
  }
  return ticks;
}

interface LabelFormats {
  day: Intl.DateTimeFormat;
  minute: Intl.DateTimeFormat;
  second: Intl.DateTimeFormat;
}
const formatCache = new Map<string, LabelFormats>();
function labelFormats(timeZone: string, locale: string | undefined): LabelFormats {
  const key = `${timeZone}/${locale ?? ''}`;
  let found = formatCache.get(key);
  if (!found) {
    const clock = { timeZone, hour: '2-digit', minute: '2-digit' } as const;
    found = {
      day: new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short', day: 'numeric', month: 'short' }),
      minute: new Intl.DateTimeFormat(locale, clock),
      second: new Intl.DateTimeFormat(locale, { ...clock, second: '2-digit' }),
    };
    formatCache.set(key, found);
  }
  return found;
}
