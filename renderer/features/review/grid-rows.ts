/**
 * How events lie in the grid: days, rows of cards, columns. Pure. Only the rows near the window are in the document, so that
 * who asks what lies above or below must not ask the document.
 */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { dayStart } from '../../ui/format.ts';

export interface DayRow {
  kind: 'day';
  key: string;
  /** UTC milliseconds at which the viewer's day begins. */
  day: number;
  count: number;
}

export interface CardRow {
  kind: 'cards';
  key: string;
  events: HubEvent[];
  /** Place of the first card within its day, from 0. */
  place: number;
}

export type GridRow = DayRow | CardRow;

/** CSS pixels. */
export interface GridShape {
  columns: number;
  gapPx: number;
  cardPx: number;
}

/** As many columns as fit; on a phone cards are narrower and closer. `remPx`: the viewer's own text size. */
export function gridShape(widthPx: number, remPx: number): GridShape {
  const narrow = widthPx < 37 * remPx;
  const leastPx = (narrow ? 10.5 : 14) * remPx;
  const gapPx = (narrow ? 0.75 : 1) * remPx;
  const columns = Math.max(1, Math.floor((widthPx + gapPx) / (leastPx + gapPx)));
  return { columns, gapPx, cardPx: (widthPx - gapPx * (columns - 1)) / columns };
}

/** Events as they come (newest first); a day begins a new row. */
export function gridRows(events: HubEvent[], columns: number): GridRow[] {
  const rows: GridRow[] = [];
  for (const [day, ofDay] of Map.groupBy(events, (event) => dayStart(event.startMs))) {
    rows.push({ kind: 'day', key: `day-${String(day)}`, day, count: ofDay.length });
    for (let place = 0; place < ofDay.length; place += columns) {
      const inRow = ofDay.slice(place, place + columns);
      rows.push({ kind: 'cards', key: inRow.map(({ id }) => id).join(), events: inRow, place });
    }
  }
  return rows;
}

/** The row that holds this event, or -1. */
export const rowOf = (rows: readonly GridRow[], id: string | null): number =>
  id === null ? -1 : rows.findIndex((row) => row.kind === 'cards' && row.events.some((event) => event.id === id));

/** The event in the row below (1) or above (-1), in the nearest column; null past either end. */
export function rowAway(rows: readonly GridRow[], id: string | null, step: 1 | -1): string | null {
  const from = rows[rowOf(rows, id)];
  if (from?.kind !== 'cards') return null;
  const column = from.events.findIndex((event) => event.id === id);
  for (let index = rows.indexOf(from) + step; ; index += step) {
    const row = rows[index];
    if (!row) return null;
    if (row.kind === 'cards') return row.events[Math.min(column, row.events.length - 1)]?.id ?? null;
  }
}

/** What a row will be high, gap included, until it has been drawn and measured. */
export function guessedHeight(row: GridRow, { cardPx, gapPx }: GridShape, remPx: number): number {
  if (row.kind === 'day') return 3.25 * remPx;
  const told = row.events.some(({ source }) => source === 'camera') ? 1.4 : 0;
  const zones = row.events.some((event) => event.zones.length > 0) ? 1.6 : 0;
  return (cardPx * 10) / 16 + (4.3 + told + zones) * remPx + gapPx;
}
