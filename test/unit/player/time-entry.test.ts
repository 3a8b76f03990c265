import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTimeEntry } from '../../../renderer/features/player/time-entry.ts';

const zone = 'Europe/Berlin';
/** Sunday, 22 November 2026, 15:00:00 in Berlin (UTC+1). */
const nowMs = Date.UTC(2026, 10, 22, 14, 0, 0);
const context = { nowMs, shownMs: nowMs, zone };

const at = (text: string, over: Partial<typeof context> = {}): string => {
  const entry = parseTimeEntry(text, { ...context, ...over });
  return entry.ok ? new Date(entry.ms).toISOString().slice(0, 19) : `refused: ${entry.error}`;
};

describe('a time as a person types it', () => {
  it.each([
    ['14:32', '2026-11-22T13:32:00'],
    ['14:32:10', '2026-11-22T13:32:10'],
    [' 9:05 ', '2026-11-22T08:05:00'],
    ['0905', '2026-11-22T08:05:00'],
    ['143210', '2026-11-22T13:32:10'],
    ['2:32 pm', '2026-11-22T13:32:00'],
    ['2:32pm', '2026-11-22T13:32:00'],
    ['2 p.m.', '2026-11-22T13:00:00'],
    ['12 am', '2026-11-21T23:00:00'],
    ['today 14:32', '2026-11-22T13:32:00'],
    ['yesterday 9:05', '2026-11-21T08:05:00'],
    ['Yesterday, 14:32:10', '2026-11-21T13:32:10'],
    ['yesterday at 14:32', '2026-11-21T13:32:00'],
    ['yesterday', '2026-11-20T23:00:00'],
    ['fri 8:00', '2026-11-20T07:00:00'],
    ['sunday 8:00', '2026-11-22T07:00:00'],
    ['2026-11-20 23:59', '2026-11-20T22:59:00'],
    ['2026-11-20T23:59', '2026-11-20T22:59:00'],
    ['2026-07-01 12:00', '2026-07-01T10:00:00'],
    ['20.11. 8:00', '2026-11-20T07:00:00'],
    ['20.11.2025 8:00', '2025-11-20T07:00:00'],
    ['20 nov 8:00', '2026-11-20T07:00:00'],
    ['Nov 20, 8:00', '2026-11-20T07:00:00'],
    ['24 dec 8:00', '2025-12-24T07:00:00'],
    ['now', '2026-11-22T14:00:00'],
    ['5 min ago', '2026-11-22T13:55:00'],
    ['-30s', '2026-11-22T13:59:30'],
    ['2 hours ago', '2026-11-22T12:00:00'],
  ])('%s', (text, expected) => expect(at(text)).toBe(expected));

  it.each([
    '',
    'half past two',
    '25:00',
    '14:60',
    '14:32:61',
    '13 pm',
    '31.02. 8:00',
    '2026-13-01 8:00',
    '0 pm',
    'tomorrow 8:00',
  ])('refuses %j with an example of what works', (text) =>
    expect(at(text)).toMatch(/^refused: Type a time such as 14:32/),
  );

  it('means the day that is looked at when no day is named', () => {
    expect(at('8:00', { shownMs: nowMs - 3 * 86_400_000 })).toBe('2026-11-19T07:00:00');
  });

  it('means yesterday when the time has not come yet today', () => {
    expect(at('23:10')).toBe('2026-11-21T22:10:00');
  });

  it('F30: a time that the clocks skipped leads to the moment after it, and says so', () => {
    const entry = parseTimeEntry('2026-03-29 02:30', context);
    expect(entry).toMatchObject({
      ok: true,
      ms: Date.UTC(2026, 2, 29, 1, 30),
      note: expect.stringContaining('skipped') as string,
    });
  });

  it('F30: a time that the clocks showed twice leads to the first, and says so', () => {
    const entry = parseTimeEntry('2026-10-25 02:30', context);
    expect(entry).toMatchObject({
      ok: true,
      ms: Date.UTC(2026, 9, 25, 0, 30),
      note: expect.stringContaining('twice') as string,
    });
  });

  it('answers any text with a moment or a sentence, never an exception', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const entry = parseTimeEntry(text, context);
        expect(entry.ok ? Number.isFinite(entry.ms) : entry.error.length > 0).toBe(true);
      }),
    );
  });
});
