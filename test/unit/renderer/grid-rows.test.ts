import { describe, expect, it } from 'vitest';
import { gridRows, gridShape, rowAway } from '../../../renderer/features/review/grid-rows.ts';
import { fakeHome } from '../../support/fake-home.ts';

const noon = new Date(2026, 5, 10, 12).getTime();
const dayMs = 86_400_000;
/** `perDay` events on each of the last days, newest first. */
const eventsOf = (...perDay: number[]) => {
  const { events } = fakeHome({ unreviewed: perDay.reduce((sum, count) => sum + count, 0), reviewed: 0 });
  let index = 0;
  return perDay.flatMap((count, day) =>
    Array.from({ length: count }, (_, n) => ({ ...events[index++]!, startMs: noon - day * dayMs - n * 1000 })),
  );
};

describe('rows of the review grid', () => {
  it('a day begins a row of its own, and each card knows its place in the day', () => {
    const rows = gridRows(eventsOf(5, 2), 3);
    expect(
      rows.map((row) => (row.kind === 'day' ? `day of ${String(row.count)}` : [row.place, row.events.length])),
    ).toEqual(['day of 5', [0, 3], [3, 2], 'day of 2', [0, 2]]);
  });

  it('up and down keep the column, take the last card of a shorter row, cross days and stop at both ends', () => {
    const events = eventsOf(5, 2);
    const rows = gridRows(events, 3);
    const move = (index: number, step: 1 | -1) =>
      events.findIndex(({ id }) => id === rowAway(rows, events[index]!.id, step));
    expect([move(0, 1), move(2, 1), move(4, 1), move(5, 1)]).toEqual([3, 4, 6, -1]);
    expect([move(6, -1), move(3, -1), move(1, -1)]).toEqual([4, 0, -1]);
    expect(rowAway(rows, null, 1)).toBeNull();
    expect(rowAway(rows, 'gone', 1)).toBeNull();
  });

  it('columns fill the width exactly, on a phone, on a desk, with large text and where not even one fits', () => {
    for (const [widthPx, remPx, columns] of [
      [358, 16, 2],
      [1280, 16, 5],
      [1280, 32, 2],
      [90, 16, 1],
    ] as const) {
      const shape = gridShape(widthPx, remPx);
      expect(shape.columns, `${String(widthPx)} px`).toBe(columns);
      expect(shape.cardPx * columns + shape.gapPx * (columns - 1)).toBeCloseTo(widthPx);
    }
  });

  it('twenty thousand events are laid out within a blink', () => {
    const events = eventsOf(...Array.from({ length: 20 }, () => 1000));
    const startedMs = performance.now();
    expect(gridRows(events, 5)).toHaveLength(20 + 20 * 200);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
