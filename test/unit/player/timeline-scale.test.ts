import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wallAt } from '../../../renderer/features/player/local-time.ts';
import {
  centredOn,
  following,
  keepNearPast,
  maxSpanMs,
  minSpanMs,
  msAt,
  pinched,
  spanOf,
  ticksOf,
  xOf,
  zoomAround,
  type Tick,
} from '../../../renderer/features/player/timeline-scale.ts';

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 5, 1, 12);

const labelled = (ticks: Tick[]): string[] =>
  ticks.flatMap(({ label }) => (label === null ? [] : [label.replace(',', '')]));
const ticks = (fromMs: number, toMs: number, zone: string, widthPx = 1000): Tick[] =>
  ticksOf({ view: { fromMs, toMs }, widthPx, zone, locale: 'en-GB', labelPx: 80 });

describe('the view', () => {
  it('keeps the moment under the pointer while zooming, between 2 minutes and 7 days', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: minSpanMs, max: maxSpanMs }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (span, share, factor) => {
          const view = centredOn(noon, span);
          const atMs = view.fromMs + share * span;
          const zoomed = zoomAround(view, atMs, factor);
          expect(spanOf(zoomed)).toBeGreaterThanOrEqual(minSpanMs - 1);
          expect(spanOf(zoomed)).toBeLessThanOrEqual(maxSpanMs + 1);
          expect(xOf(atMs, zoomed, 1000)).toBeCloseTo(xOf(atMs, view, 1000), 1);
        },
      ),
    );
  });

  it('keeps the two moments under two fingers under them', () => {
    const view = { fromMs: noon, toMs: noon + hour };
    const next = pinched(view, 1000, [400, 600], [300, 800]);
    expect(msAt(300, next, 1000)).toBeCloseTo(msAt(400, view, 1000), 0);
    expect(msAt(800, next, 1000)).toBeCloseTo(msAt(600, view, 1000), 0);
  });

  it('does not run into the future', () => {
    expect(keepNearPast(centredOn(noon + 30 * hour, hour), noon).toMs).toBeLessThan(noon + hour);
  });

  it('goes along when the playhead runs out of it, and holds still otherwise', () => {
    const view = { fromMs: noon, toMs: noon + hour };
    const at = (minutes: number): number => noon + minutes * minute;
    expect(following(view, at(29), at(30))).toBe(view);
    const moved = following(view, at(52), at(54));
    expect(xOf(at(54), moved, 100)).toBeCloseTo(88, 5);
    expect(xOf(at(61), following(view, at(59), at(61)), 100)).toBeCloseTo(50, 5);
  });

  it('stays where a person has put it, with the playhead near the edge or outside', () => {
    const view = { fromMs: noon, toMs: noon + hour };
    expect(following(view, noon + 56 * minute, noon + 57 * minute)).toBe(view);
    expect(following(view, noon + 90 * minute, noon + 91 * minute)).toBe(view);
  });
});

describe('ticks', () => {
  it('stand on round local times at every zoom', () => {
    expect(labelled(ticks(noon, noon + 2 * minute, 'UTC'))).toContain('12:00:30');
    expect(labelled(ticks(noon, noon + hour, 'UTC'))).toEqual(expect.arrayContaining(['12:05', '12:30', '12:55']));
    expect(labelled(ticks(noon, noon + 24 * hour, 'UTC'))).toEqual(
      expect.arrayContaining(['18:00', 'Tue 2 Jun', '06:00']),
    );
  });

  it('never crowd: labels keep the room they need', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: minSpanMs, max: maxSpanMs }),
        fc.integer({ min: 300, max: 3000 }),
        (span, widthPx) => {
          const view = centredOn(noon, span);
          const xs = ticksOf({ view, widthPx, zone: 'Europe/Berlin', locale: 'en-GB', labelPx: 80 })
            .filter(({ label }) => label !== null)
            .map(({ ms }) => xOf(ms, view, widthPx));
          for (let i = 1; i < xs.length; i++) expect(xs[i]! - xs[i - 1]!).toBeGreaterThanOrEqual(70);
        },
      ),
    );
  });

  it('F30: are on the hour of zones that are off by 30 and 45 minutes', () => {
    for (const zone of ['Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Chatham', 'America/St_Johns']) {
      const minutes = ticks(noon, noon + 12 * hour, zone)
        .filter(({ label }) => label !== null)
        .map(({ ms }) => wallAt(ms, zone).minute);
      expect(minutes.length).toBeGreaterThan(5);
      expect(new Set(minutes)).toEqual(new Set([0]));
    }
  });

  it('F30: the hour that is skipped in spring has no tick', () => {
    const day = ticks(Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 2, 29, 5), 'Europe/Berlin');
    expect(labelled(day)).toEqual([
      'Sun 29 Mar',
      '00:30',
      '01:00',
      '01:30',
      '03:00',
      '03:30',
      '04:00',
      '04:30',
      '05:00',
      '05:30',
      '06:00',
      '06:30',
    ]);
  });

  it('F30: the hour that is repeated in autumn has its ticks twice, an hour apart', () => {
    const day = ticks(Date.UTC(2026, 9, 24, 22), Date.UTC(2026, 9, 25, 4), 'Europe/Berlin', 600);
    const twos = day.filter(({ label }) => label === '02:00');
    expect(twos.map(({ ms }) => ms)).toEqual([Date.UTC(2026, 9, 25, 0), Date.UTC(2026, 9, 25, 1)]);
  });

  it('F30: a change by half an hour keeps both sides on round times', () => {
    const zone = 'Australia/Lord_Howe';
    const around = ticks(Date.UTC(2026, 3, 4, 12), Date.UTC(2026, 3, 4, 20), zone);
    const minutes = around.filter(({ label }) => label !== null).map(({ ms }) => wallAt(ms, zone).minute % 30);
    expect(new Set(minutes)).toEqual(new Set([0]));
  });
});
