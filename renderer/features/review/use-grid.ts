/**
 * Which rows of the grid are in the document. What is not drawn is kept free by exactly its height, so that the scroll bar, and
 * the place of a person who comes back, are as if all were there. The row of the current event is always drawn: it has the focus.
 */
import { defaultRangeExtractor, useWindowVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { gridShape, guessedHeight, rowOf, type CardRow, type GridRow, type GridShape } from './grid-rows.ts';

export interface GridPlace extends GridShape {
  /** Where the grid begins in the page, CSS pixels. */
  topPx: number;
  remPx: number;
}

/** What the last visit measured. A first drawing at the right height is what lets the browser go back to where one was. */
let lastPlace: GridPlace | null = null;
let lastHeights: { cardPx: number; rows: VirtualItem[] } = { cardPx: 0, rows: [] };

const rem = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/** null until the grid has been measured for the first time. */
export function useGridPlace(grid: RefObject<HTMLElement | null>): GridPlace | null {
  const [place, setPlace] = useState(lastPlace);
  useLayoutEffect(() => {
    const element = grid.current;
    if (!element) return;
    const measure = (): void => {
      const { top, width } = element.getBoundingClientRect();
      const remPx = rem();
      const next = { ...gridShape(width, remPx), topPx: Math.round(top + window.scrollY), remPx };
      lastPlace = next;
      setPlace((old) => (old?.topPx === next.topPx && old.cardPx === next.cardPx && old.remPx === remPx ? old : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // What lies above the grid may grow: a banner, a filter that takes two lines.
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [grid]);
  return place;
}

export interface DrawnRow {
  index: number;
  row: CardRow;
  /** Room to keep free above it, for rows that are not drawn. */
  abovePx: number;
}

export interface DrawnRows {
  /** The drawn rows of cards between two rows (first included, second not), and the room to keep free after them. */
  between: (first: number, end: number) => { rows: DrawnRow[]; afterPx: number };
  measure: (element: Element | null) => void;
}

/** Rows drawn beyond the window on both sides. */
const overscan = 5;

export function useDrawnRows(rows: GridRow[], place: GridPlace, currentId: string | null): DrawnRows {
  const pinned = rowOf(rows, currentId);
  const { cardPx } = place;
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    overscan,
    scrollMargin: place.topPx,
    initialMeasurementsCache: lastHeights.cardPx === cardPx ? lastHeights.rows : [],
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    estimateSize: (index) => {
      const row = rows[index];
      return row ? guessedHeight(row, place, place.remPx) : 0;
    },
    measureElement: (element) =>
      element.getBoundingClientRect().height + (element instanceof HTMLLIElement ? place.gapPx : 0),
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const near = defaultRangeExtractor(range);
        return pinned === -1 || near.includes(pinned) ? near : [...near, pinned].sort((a, b) => a - b);
      },
      [pinned],
    ),
  });
  const measuredAt = useRef(cardPx);
  useEffect(() => {
    // Wider cards are higher: what was measured holds no more.
    if (measuredAt.current !== cardPx) virtualizer.measure();
    measuredAt.current = cardPx;
    return () => {
      lastHeights = { cardPx, rows: virtualizer.takeSnapshot() };
    };
  }, [virtualizer, cardPx]);
  const drawn = virtualizer.getVirtualItems();
  const { measurementsCache } = virtualizer;
  return {
    measure: virtualizer.measureElement,
    between: (first, end) => {
      let fromPx = measurementsCache[first]?.start ?? 0;
      const endPx = measurementsCache[end - 1]?.end ?? fromPx;
      const inside: DrawnRow[] = [];
      for (const { index, start, end: rowEndPx } of drawn) {
        const row = rows[index];
        if (index < first || index >= end || row?.kind !== 'cards') continue;
        inside.push({ index, row, abovePx: start - fromPx });
        fromPx = rowEndPx;
      }
      return { rows: inside, afterPx: endPx - fromPx };
    },
  };
}
