/** The patrol form's rules, without a screen: what is wrong with it, times of day, moving a stop. */
import type { PtzSettings } from '../../../client/onvif.ts';

export type PatrolStop = PtzSettings['patrol']['stops'][number];
export type PatrolTime = PtzSettings['patrol']['schedule'][number];

export const mostStops = 32;
export const mostTimes = 16;
export const dwell = { min: 5, max: 3600 };

/** A sentence, or null when it can be saved. */
export function patrolProblem({ patrol }: PtzSettings): string | null {
  if (patrol.enabled && patrol.stops.length === 0) return 'A patrol needs at least one stop.';
  const badDwell = patrol.stops.some(
    ({ dwellS }) => !Number.isInteger(dwellS) || dwellS < dwell.min || dwellS > dwell.max,
  );
  if (badDwell) return `A stop lasts from ${dwell.min} seconds to an hour.`;
  if (patrol.schedule.some(({ days }) => days.length === 0)) return 'Choose at least one day for each time.';
  return null;
}

/** "08:30" for a time input. The last minute of the day and the first one of the next are the same to it. */
export function timeText(minute: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

/** Minutes since midnight, or null for what is no time. */
export function minuteOf(text: string): number | null {
  const match = /^(\d{2}):(\d{2})/.exec(text);
  if (!match) return null;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return minute < 1440 ? minute : null;
}

export function moved<T>(list: readonly T[], from: number, by: 1 | -1): T[] {
  const next = [...list];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(from + by, 0, item);
  return next;
}

/** Monday first, 0 is Sunday. */
export const weekdays = [1, 2, 3, 4, 5, 6, 0].map((day) => {
  // 1 January 2023 was a Sunday.
  const date = new Date(2023, 0, 1 + day);
  const word = (weekday: 'short' | 'long'): string => new Intl.DateTimeFormat(undefined, { weekday }).format(date);
  return { day, short: word('short'), long: word('long') };
});
