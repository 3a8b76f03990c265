/**
 * Local wall-clock time and UTC milliseconds, both ways, in any IANA time zone. All state of the player is UTC; this file is
 * the only place that knows about offsets. Pure apart from cached formatters.
 */

export interface WallTime {
  year: number;
  /** 1..12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

export const dayMs = 86_400_000;

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const readers = new Map<string, Intl.DateTimeFormat>();
function reader(zone: string): Intl.DateTimeFormat {
  let found = readers.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    readers.set(zone, found);
  }
  return found;
}

export function wallAt(ms: number, zone: string): WallTime {
  const wall: WallTime = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of reader(zone).formatToParts(ms)) {
    if (type in wall) wall[type as keyof WallTime] = Number(value);
  }
  return wall;
}

const asUtc = (wall: WallTime): number =>
  Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);

/** Local time minus UTC in ms, at an instant. */
export function offsetAt(ms: number, zone: string): number {
  const second = Math.floor(ms / 1000) * 1000;
  return asUtc(wallAt(second, zone)) - second;
}

/**
 * The instants at which the clocks in `zone` show `wall`: one as a rule, two in the hour that is repeated when clocks go back,
 * none in the hour that is skipped when they go forward.
 */
export function instantsOf(wall: WallTime, zone: string): number[] {
  const guess = asUtc(wall);
  const offsets = new Set([offsetAt(guess - dayMs, zone), offsetAt(guess + dayMs, zone), offsetAt(guess, zone)]);
  return [...offsets]
    .map((offset) => guess - offset)
    .filter((ms) => asUtc(wallAt(ms, zone)) === guess)
    .sort((a, b) => a - b);
}

/** One instant for a wall time: the first of two in a repeated hour; in a skipped hour the instant the clock would have shown it. */
export function instantOf(wall: WallTime, zone: string): number {
  const guess = asUtc(wall);
  return instantsOf(wall, zone)[0] ?? guess - offsetAt(guess - dayMs, zone);
}

/** Midnight at the start of the local day that holds `ms`, `addDays` later. Days of 23 and 25 hours come out right. */
export function dayStart(ms: number, zone: string, addDays = 0): number {
  const { year, month, day } = wallAt(ms, zone);
  const shifted = new Date(Date.UTC(year, month - 1, day + addDays));
  return instantOf(
    {
      year: shifted.getUTCFullYear(),
      month: shifted.getUTCMonth() + 1,
      day: shifted.getUTCDate(),
      hour: 0,
      minute: 0,
      second: 0,
    },
    zone,
  );
}

export interface OffsetSpan {
  fromMs: number;
  toMs: number;
  offsetMs: number;
}

const offsetsByDay = new Map<string, number>();
function offsetAtDay(dayIndex: number, zone: string): number {
  const key = `${zone}/${dayIndex}`;
  let offset = offsetsByDay.get(key);
  if (offset === undefined) {
    if (offsetsByDay.size > 2000) offsetsByDay.clear();
    offset = offsetAt(dayIndex * dayMs, zone);
    offsetsByDay.set(key, offset);
  }
  return offset;
}

/** [fromMs, toMs) cut where the clocks change, in order. Zones change at most once in 24 hours. */
export function offsetSpans(fromMs: number, toMs: number, zone: string): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  const push = (start: number, end: number, offsetMs: number): void => {
    const a = Math.max(start, fromMs);
    const b = Math.min(end, toMs);
    if (a >= b) return;
    const last = spans.at(-1);
    if (last?.offsetMs === offsetMs) last.toMs = b;
    else spans.push({ fromMs: a, toMs: b, offsetMs });
  };
  for (let day = Math.floor(fromMs / dayMs); day * dayMs < toMs; day++) {
    const before = offsetAtDay(day, zone);
    const after = offsetAtDay(day + 1, zone);
    const start = day * dayMs;
    const end = start + dayMs;
    if (before === after) push(start, end, before);
    else {
      const change = findChange(start, end, before, zone);
      push(start, change, before);
      push(change, end, after);
    }
  }
  return spans;
}

function findChange(startMs: number, endMs: number, before: number, zone: string): number {
  let low = startMs;
  let high = endMs;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}
