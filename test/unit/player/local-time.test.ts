import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayStart, instantsOf, offsetSpans, wallAt } from '../../../renderer/features/player/local-time.ts';

const hour = 3_600_000;
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Africa/Casablanca',
];

describe('local time', () => {
  it('F30: every instant is among those that its wall time names, in every kind of zone', () => {
    const seconds = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2040, 0, 1) / 1000 });
    fc.assert(
      fc.property(seconds, fc.constantFrom(...zones), (second, zone) => {
        expect(instantsOf(wallAt(second * 1000, zone), zone)).toContain(second * 1000);
      }),
      { numRuns: 300 },
    );
  });

  it('F30: knows days of 23, 24 and 25 hours', () => {
    const length = (noonMs: number): number =>
      (dayStart(noonMs, 'Europe/Berlin', 1) - dayStart(noonMs, 'Europe/Berlin')) / hour;
    expect(length(Date.UTC(2026, 2, 29, 11))).toBe(23);
    expect(length(Date.UTC(2026, 5, 1, 11))).toBe(24);
    expect(length(Date.UTC(2026, 9, 25, 11))).toBe(25);
  });

  it('F30: finds the moment at which the clocks change, also by half an hour', () => {
    expect(offsetSpans(Date.UTC(2026, 2, 28), Date.UTC(2026, 2, 30), 'Europe/Berlin')).toEqual([
      { fromMs: Date.UTC(2026, 2, 28), toMs: Date.UTC(2026, 2, 29, 1), offsetMs: hour },
      { fromMs: Date.UTC(2026, 2, 29, 1), toMs: Date.UTC(2026, 2, 30), offsetMs: 2 * hour },
    ]);
    const lordHowe = offsetSpans(Date.UTC(2026, 3, 3), Date.UTC(2026, 3, 6), 'Australia/Lord_Howe');
    expect(lordHowe.map(({ offsetMs }) => offsetMs / hour)).toEqual([11, 10.5]);
  });
});
