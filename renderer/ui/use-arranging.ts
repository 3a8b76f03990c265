/**
 * Putting things in another order, by pointer or by step. While something is dragged the order is a preview; it is told once,
 * when the pointer lets go. Escape, and a pointer that the system takes away, put back what was.
 */
import { useLayoutEffect, useRef, useState, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';

/** The list with one thing taken out of `from` and put at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [thing] = next.splice(from, 1);
  if (thing !== undefined) next.splice(to, 0, thing);
  return next;
}

interface ArrangingOptions {
  /** As drawn. */
  ids: readonly string[];
  /** As it stands: keys come faster than drawings. */
  idsNow: () => readonly string[];
  nameOf: (id: string) => string;
  onOrder: (ids: string[]) => void;
}

export interface Arranging {
  order: readonly string[];
  dragged: string | null;
  /** For a live region: what has just moved, and where to. */
  news: string;
  /** The children of this element carry `data-arranged` with their id. */
  list: RefObject<HTMLUListElement | null>;
  step: (id: string, by: 1 | -1) => void;
  grab: (id: string, event: ReactPointerEvent) => void;
}

interface Drag {
  id: string;
  order: string[];
}

/** Near the edges of the window, a drag scrolls. CSS pixels. */
const edgePx = 72;
const scrollStepPx = 14;

export function useArranging({ ids, idsNow, nameOf, onOrder }: ArrangingOptions): Arranging {
  const list = useRef<HTMLUListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [news, setNews] = useState('');
  const refocus = useRef<HTMLElement | null>(null);
  // What the pointer has done so far; letting go can come before the last move is drawn.
  const held = useRef<Drag | null>(null);
  const hold = (next: Drag | null): void => {
    held.current = next;
    setDrag(next);
  };
  const latest = useRef(put);
  useLayoutEffect(() => {
    latest.current = put;
  });

  function put(id: string, order: string[]): void {
    const place = order.indexOf(id) + 1;
    setNews(`${nameOf(id)} is now ${String(place)} of ${String(order.length)}.`);
    const before = idsNow();
    if (order.some((other, index) => other !== before[index])) onOrder(order);
  }

  // Moving an element in the document takes the focus from what is inside; some drawing after the step moves it.
  useLayoutEffect(() => {
    if (refocus.current && document.activeElement === document.body) refocus.current.focus();
  });

  const dragging = drag !== null;
  useLayoutEffect(() => {
    if (!dragging) return;
    const move = (event: PointerEvent): void => {
      const now = held.current;
      const place = placeAt(list.current, event.clientX, event.clientY);
      if (event.clientY < edgePx) window.scrollBy(0, -scrollStepPx);
      if (event.clientY > window.innerHeight - edgePx) window.scrollBy(0, scrollStepPx);
      if (!now || place === null) return;
      const from = now.order.indexOf(now.id);
      if (from !== place) hold({ id: now.id, order: moved(now.order, from, place) });
    };
    const drop = (): void => {
      const now = held.current;
      hold(null);
      if (now) latest.current(now.id, now.order);
    };
    const cancel = (): void => hold(null);
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') cancel();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', drop);
    window.addEventListener('pointercancel', cancel);
    window.addEventListener('keydown', key);
    return () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', drop);
      window.removeEventListener('pointercancel', cancel);
      window.removeEventListener('keydown', key);
    };
  }, [dragging]);

  return {
    order: drag?.order ?? ids,
    dragged: drag?.id ?? null,
    news,
    list,
    step: (id, by) => {
      const now = idsNow();
      const from = now.indexOf(id);
      const to = from + by;
      if (to < 0 || to >= now.length) {
        setNews(`${nameOf(id)} is ${to < 0 ? 'first' : 'last'} already.`);
        return;
      }
      refocus.current = document.activeElement as HTMLElement | null;
      put(id, moved(now, from, to));
    },
    grab: (id, event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      refocus.current = null;
      hold({ id, order: [...idsNow()] });
    },
  };
}

/** Which place of the list is at a point of the window. Places stay where they are while things move between them. */
function placeAt(list: HTMLElement | null, x: number, y: number): number | null {
  const place = [...(list?.children ?? [])].findIndex((item) => {
    const { left, right, top, bottom } = item.getBoundingClientRect();
    return x >= left && x <= right && y >= top && y <= bottom;
  });
  return place === -1 ? null : place;
}
