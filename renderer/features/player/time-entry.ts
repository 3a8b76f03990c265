/**
 * Reads a time as a person types it: `14:32`, `14:32:10`, `2:32 pm`, `1432`, `yesterday 14:32`, `mon 9:05`, `2026-11-21 14:32`,
 * `21.11. 14:32`, `5 min ago`, `now`. Pure. A time without a date means the day that is looked at, or the day before if that
 * would lie in the future.
 */
import { dayStart, instantOf, instantsOf, wallAt, type WallTime } from './local-time.ts';

export interface TimeEntryContext {
  nowMs: number;
  /** The day that is looked at: dates left out mean this one. */
  shownMs: number;
  zone: string;
}

/** `note` says what was assumed when the clocks changed; `error` is a sentence for the person. */
export type TimeEntry = { ok: true; ms: number; note: string | null } | { ok: false; error: string };

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const notUnderstood: TimeEntry = {
  ok: false,
  error: 'Type a time such as 14:32, 14:32:10, yesterday 9:05 or 2026-11-21 14:32.',
};

interface Clock {
  hour: number;
  minute: number;
  second: number;
}
interface Day {
  year: number;
  month: number;
  day: number;
}

export function parseTimeEntry(input: string, context: TimeEntryContext): TimeEntry {
  const text = input
    .trim()
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/(\d)t(\d)/, '$1 $2');
  if (text === '') return notUnderstood;
  if (text === 'now') return { ok: true, ms: context.nowMs, note: null };
  const relative = parseRelative(text, context.nowMs);
  if (relative !== null) return { ok: true, ms: relative, note: null };

  const clockMatch = /(?:^|[ ,])(\d{1,2}(?::\d{2}){1,2}(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?|\d{4}|\d{6})$/.exec(
    text,
  );
  // `2026` after a month is a year, not 20:26.
  const dayText = (clockMatch ? text.slice(0, clockMatch.index) : text).replace(/[ ,]+(?:at)?[ ,]*$/, '').trim();
  const clock = clockMatch?.[1] === undefined ? { hour: 0, minute: 0, second: 0 } : parseClock(clockMatch[1]);
  if (clock === null) return notUnderstood;
  if (dayText === '') return clockMatch ? onShownDay(clock, context) : notUnderstood;
  const day = parseDay(dayText, context);
  return day === null ? notUnderstood : resolve({ ...day, ...clock }, context.zone);
}

function parseRelative(text: string, nowMs: number): number | null {
  const match = /^(?:-\s?)?(\d+(?:\.\d+)?) ?(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)( ago)?$/.exec(text);
  if (!match || (!text.startsWith('-') && match[3] === undefined)) return null;
  const unit = (match[2] ?? '').charAt(0);
  const unitMs = unit === 's' ? 1000 : unit === 'm' ? 60_000 : unit === 'h' ? 3_600_000 : 86_400_000;
  return Math.round(nowMs - Number(match[1]) * unitMs);
}

function parseClock(text: string): Clock | null {
  const half = /([ap])\.?m\.?$/.exec(text)?.[1];
  const digits = text.replace(/ ?[ap]\.?m\.?$/, '');
  const parts = digits.includes(':') ? digits.split(':') : digits.length > 2 ? (digits.match(/../g) ?? []) : [digits];
  let hour = Number(parts[0]);
  const minute = Number(parts[1] ?? 0);
  const second = Number(parts[2] ?? 0);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === 'p' ? 12 : 0);
  }
  return hour > 23 || minute > 59 || second > 59 ? null : { hour, minute, second };
}

function dayOf(ms: number, zone: string): Day {
  const { year, month, day } = wallAt(ms, zone);
  return { year, month, day };
}

function parseDay(text: string, { nowMs, zone }: TimeEntryContext): Day | null {
  if (text === 'today') return dayOf(nowMs, zone);
  if (text === 'yesterday') return dayOf(dayStart(nowMs, zone, -1), zone);
  const weekday = weekdays.indexOf(text.slice(0, 3));
  if (weekday >= 0 && /^[a-z]+$/.test(text)) return lastWeekday(weekday, nowMs, zone);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso) return realDay(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const dotted = /^(\d{1,2})\.\s?(\d{1,2})\.?\s?(\d{4})?$/.exec(text);
  if (dotted) return dayInPast(Number(dotted[1]), Number(dotted[2]), dotted[3], nowMs, zone);
  const named = /^(?:(\d{1,2})\.? )?([a-z]{3,9})\.?(?: (\d{1,2}))?,?(?: (\d{4}))?$/.exec(text);
  const month = months.indexOf((named?.[2] ?? '').slice(0, 3)) + 1;
  const day = named?.[1] ?? named?.[3];
  return named && month > 0 && day !== undefined ? dayInPast(Number(day), month, named[4], nowMs, zone) : null;
}

function lastWeekday(weekday: number, nowMs: number, zone: string): Day {
  for (let back = 0; ; back--) {
    const day = dayOf(dayStart(nowMs, zone, back), zone);
    if (new Date(Date.UTC(day.year, day.month - 1, day.day)).getUTCDay() === weekday) return day;
  }
}

function dayInPast(day: number, month: number, year: string | undefined, nowMs: number, zone: string): Day | null {
  if (year !== undefined) return realDay(Number(year), month, day);
  const now = dayOf(nowMs, zone);
  const thisYear = month < now.month || (month === now.month && day <= now.day);
  return realDay(thisYear ? now.year : now.year - 1, month, day);
}

/** null for 31 February and its like. */
function realDay(year: number, month: number, day: number): Day | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? { year, month, day } : null;
}

function onShownDay(clock: Clock, { nowMs, shownMs, zone }: TimeEntryContext): TimeEntry {
  const onDay = resolve({ ...dayOf(Math.min(shownMs, nowMs), zone), ...clock }, zone);
  if (onDay.ok && onDay.ms > nowMs) return resolve({ ...dayOf(dayStart(nowMs, zone, -1), zone), ...clock }, zone);
  return onDay;
}

function resolve(wall: WallTime, zone: string): TimeEntry {
  const [first, second] = instantsOf(wall, zone);
  if (first === undefined) {
    return {
      ok: true,
      ms: instantOf(wall, zone),
      note: 'The clocks skipped this time; showing the moment they changed.',
    };
  }
  const note =
    second === undefined ? null : 'The clocks showed this time twice; showing the first. One hour later is the second.';
  return { ok: true, ms: first, note };
}
