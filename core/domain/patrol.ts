/**
 * When a camera goes round its presets, and where it goes next. Pure. The schedule is local time: an hour that the clock
 * skips in spring is not patrolled, the one that comes twice in autumn is patrolled twice.
 */
import type { PtzSettings } from './records.ts';

export type Patrol = PtzSettings['patrol'];
/** Day of the week (0 Sunday … 6 Saturday) and minute of the day. */
export interface LocalMinute {
  day: number;
  minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Local time at a moment; `timeZone` null: the hub's own. */
export function localMinute(timeMs: number, timeZone: string | null = null): LocalMinute {
  if (timeZone === null) {
    const local = new Date(timeMs);
    return { day: local.getDay(), minute: local.getHours() * 60 + local.getMinutes() };
  }
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, value]));
  return {
    day: dayNames.indexOf(parts.get('weekday') ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

/** No range means always. A range whose end is not after its start passes midnight and belongs to the day it starts on. */
export function scheduleCovers(schedule: Patrol['schedule'], { day, minute }: LocalMinute): boolean {
  if (schedule.length === 0) return true;
  const yesterday = (day + 6) % 7;
  return schedule.some(({ days, fromMinute, toMinute }) => {
    if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
    return (days.includes(day) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute);
  });
}

/** Where the camera is on its round, and since when (monotonic ms). */
export interface PatrolPlace {
  stop: number;
  sinceMs: number;
}

/** Where to go now; null: stay. A round that lost stops while it went on begins again. */
export function nextPlace(stops: Patrol['stops'], place: PatrolPlace | null, nowMs: number): PatrolPlace | null {
  if (stops.length === 0) return null;
  const present = place && stops[place.stop];
  if (!place || !present) return { stop: 0, sinceMs: nowMs };
  if (nowMs - place.sinceMs < present.dwellS * 1_000) return null;
  return { stop: (place.stop + 1) % stops.length, sinceMs: nowMs };
}
