/** When a camera goes round, in local time: over midnight, over both changes of the clock, and what follows what. */
import { describe, expect, it } from 'vitest';
import { localMinute, nextPlace, scheduleCovers, type Patrol } from '#core/domain/patrol.ts';

const [sunday, monday, saturday] = [0, 1, 6];
const at = (day: number, hour: number, minute = 0): { day: number; minute: number } => ({
  day,
  minute: hour * 60 + minute,
});
const range = (days: number[], from: number, to: number): Patrol['schedule'][number] => ({
  days,
  fromMinute: from * 60,
  toMinute: to * 60,
});

describe('a schedule', () => {
  it('without ranges is always', () => {
    expect(scheduleCovers([], at(monday, 3))).toBe(true);
  });

  it('holds from its first minute to before its last, on its days alone', () => {
    const nine = [range([monday], 9, 17)];
    const covered = [at(monday, 8, 59), at(monday, 9), at(monday, 16, 59), at(monday, 17), at(sunday, 12)];
    expect(covered.map((moment) => scheduleCovers(nine, moment))).toEqual([false, true, true, false, false]);
  });

  it('that passes midnight belongs to the day it starts on', () => {
    const night = [range([saturday], 22, 6)];
    expect(scheduleCovers(night, at(saturday, 23))).toBe(true);
    expect(scheduleCovers(night, at(sunday, 5, 59))).toBe(true);
    expect(scheduleCovers(night, at(sunday, 6))).toBe(false);
    expect(scheduleCovers(night, at(saturday, 5))).toBe(false);
    expect(scheduleCovers(night, at(sunday, 23))).toBe(false);
  });

  it('whose end is its start lasts a whole day from there', () => {
    const day = [range([monday], 8, 8)];
    expect(scheduleCovers(day, at(monday, 8))).toBe(true);
    expect(scheduleCovers(day, at(2, 7, 59))).toBe(true);
    expect(scheduleCovers(day, at(2, 8))).toBe(false);
  });

  it('to 24:00 ends with the day', () => {
    expect(scheduleCovers([range([monday], 20, 24)], at(monday, 23, 59))).toBe(true);
    expect(scheduleCovers([range([monday], 20, 24)], at(2, 0))).toBe(false);
  });
});

describe('local time', () => {
  const zone = 'Europe/Berlin';
  const minutes = (...times: string[]): number[] => times.map((time) => localMinute(Date.parse(time), zone).minute);

  it('skips an hour in spring: a patrol from 2 to 3 does not happen that night', () => {
    expect(minutes('2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z')).toEqual([119, 180]);
    const round = [range([sunday], 2, 3)];
    const night = Array.from({ length: 240 }, (_, i) => Date.parse('2026-03-28T23:00:00Z') + i * 60_000);
    expect(night.some((timeMs) => scheduleCovers(round, localMinute(timeMs, zone)))).toBe(false);
  });

  it('comes twice in autumn: a patrol from 2 to 3 lasts two hours', () => {
    const round = [range([sunday], 2, 3)];
    const night = Array.from({ length: 300 }, (_, i) => Date.parse('2026-10-24T22:00:00Z') + i * 60_000);
    expect(night.filter((timeMs) => scheduleCovers(round, localMinute(timeMs, zone)))).toHaveLength(120);
  });

  it('knows half-hour zones and the day there', () => {
    expect(localMinute(Date.parse('2026-06-06T20:00:00Z'), 'Asia/Kolkata')).toEqual({ day: sunday, minute: 90 });
  });

  it('of the hub is that of its process', () => {
    const timeMs = Date.parse('2026-06-06T20:00:00Z');
    const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(localMinute(timeMs)).toEqual(localMinute(timeMs, own));
  });
});

describe('a round', () => {
  const stops = [
    { preset: 'a', dwellS: 10 },
    { preset: 'b', dwellS: 20 },
  ];

  it('begins at its first stop, stays as long as each says, and begins again', () => {
    const first = nextPlace(stops, null, 1_000);
    expect(first).toEqual({ stop: 0, sinceMs: 1_000 });
    expect(nextPlace(stops, first, 10_999)).toBeNull();
    const second = nextPlace(stops, first, 11_000);
    expect(second).toEqual({ stop: 1, sinceMs: 11_000 });
    expect(nextPlace(stops, second, 30_999)).toBeNull();
    expect(nextPlace(stops, second, 31_000)).toEqual({ stop: 0, sinceMs: 31_000 });
  });

  it('that lost the stop it was at begins again; without stops it goes nowhere', () => {
    expect(nextPlace(stops, { stop: 5, sinceMs: 0 }, 100)).toEqual({ stop: 0, sinceMs: 100 });
    expect(nextPlace([], null, 100)).toBeNull();
  });
});
