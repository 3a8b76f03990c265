/**
 * Hands on the timeline: click seeks, drag moves the view, dragging the playhead scrubs, wheel zooms around the pointer, two
 * fingers zoom and move. Reports what was meant; draws nothing.
 */
import { useLayoutEffect, useRef, type RefObject } from 'react';
import { rows } from './timeline-draw.ts';
import { keepNearPast, msAt, panBy, pinched, spanOf, xOf, zoomAround, type TimelineView } from './timeline-scale.ts';

export interface PointerWishes {
  onView: (view: TimelineView) => void;
  onSeek: (ms: number) => void;
  /** The playhead is being dragged; `done` on release. */
  onScrub: (ms: number, done: boolean) => void;
  /** The pointer rests over the timeline (null: it left). CSS pixels. */
  onHover: (at: { x: number; y: number } | null) => void;
}

export interface PointerContext extends PointerWishes {
  view: TimelineView;
  playheadMs: () => number;
  nowMs: () => number;
}

type Gesture =
  | { kind: 'press'; x: number; view: TimelineView }
  | { kind: 'pan'; x: number; view: TimelineView }
  | { kind: 'scrub' }
  | { kind: 'pinch'; view: TimelineView; was: [number, number] };

const moveSlackPx = 5;
const grabPx = 12;

export function useTimelinePointer(element: RefObject<HTMLElement | null>, context: PointerContext): void {
  const latest = useRef(context);
  useLayoutEffect(() => {
    latest.current = context;
  });
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    return listen(target, () => latest.current);
  }, [element]);
}

function listen(target: HTMLElement, context: () => PointerContext): () => void {
  const pointers = new Map<number, number>();
  let gesture: Gesture | null = null;
  const place = (event: { clientX: number; clientY: number }): { x: number; y: number; width: number } => {
    const rect = target.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top, width: rect.width };
  };
  const nearPlayhead = (x: number, width: number): boolean => {
    const { view, playheadMs } = context();
    return Math.abs(xOf(playheadMs(), view, width) - x) <= grabPx;
  };
  /** What was asked for last; the wheel turns again before that is drawn. */
  let asked: { from: TimelineView; to: TimelineView } | null = null;
  const viewNow = (): TimelineView => {
    const { view } = context();
    return asked?.from === view ? asked.to : view;
  };
  const setView = (view: TimelineView): void => {
    const to = keepNearPast(view, context().nowMs());
    asked = { from: context().view, to };
    context().onView(to);
  };

  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const { x, y, width } = place(event);
    target.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, x);
    const { view } = context();
    const [a, b] = [...pointers.values()];
    if (a !== undefined && b !== undefined) gesture = { kind: 'pinch', view, was: [a, b] };
    else if (nearPlayhead(x, width) && (event.pointerType !== 'mouse' || y < rows.eventsTop + 8))
      gesture = { kind: 'scrub' };
    else gesture = { kind: 'press', x, view };
  };

  const move = (event: PointerEvent): void => {
    const { x, y, width } = place(event);
    const { view, onScrub, onHover } = context();
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, x);
    if (gesture?.kind === 'press' && Math.abs(x - gesture.x) > moveSlackPx) gesture = { ...gesture, kind: 'pan' };
    if (gesture?.kind === 'pan') setView(panBy(gesture.view, ((gesture.x - x) / width) * spanOf(gesture.view)));
    else if (gesture?.kind === 'scrub') onScrub(msAt(x, view, width), false);
    else if (gesture?.kind === 'pinch') {
      const [a, b] = [...pointers.values()];
      if (a !== undefined && b !== undefined) setView(pinched(gesture.view, width, gesture.was, [a, b]));
    }
    target.style.cursor =
      gesture?.kind === 'pan' ? 'grabbing' : nearPlayhead(x, width) && y < rows.eventsTop + 8 ? 'ew-resize' : 'pointer';
    // A finger hides what is under it and has no hover: only a scrub shows the picture.
    if (gesture?.kind === 'scrub' || (event.pointerType === 'mouse' && gesture === null)) onHover({ x, y });
    else onHover(null);
  };

  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    const { x, width } = place(event);
    const { view, onSeek, onScrub, onHover } = context();
    const was = gesture;
    gesture = null;
    if (event.type === 'pointercancel') onHover(null);
    else if (was?.kind === 'press') onSeek(msAt(x, view, width));
    else if (was?.kind === 'scrub') onScrub(msAt(x, view, width), true);
    if (event.pointerType !== 'mouse') onHover(null);
    // The finger that stays after a pinch goes on as a drag.
    const [rest] = pointers.values();
    if (was?.kind === 'pinch' && rest !== undefined) gesture = { kind: 'pan', x: rest, view };
  };

  const leave = (event: PointerEvent): void => {
    if (!pointers.has(event.pointerId)) context().onHover(null);
  };

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const { x, width } = place(event);
    const view = viewNow();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
      setView(panBy(view, ((sideways * unit) / width) * spanOf(view)));
      return;
    }
    const factor = Math.exp(Math.max(-120, Math.min(120, event.deltaY * unit)) * 0.0025);
    setView(zoomAround(view, msAt(x, view, width), factor));
  };

  target.addEventListener('pointerdown', down);
  target.addEventListener('pointermove', move);
  target.addEventListener('pointerup', up);
  target.addEventListener('pointercancel', up);
  target.addEventListener('pointerleave', leave);
  target.addEventListener('wheel', wheel, { passive: false });
  return () => {
    target.removeEventListener('pointerdown', down);
    target.removeEventListener('pointermove', move);
    target.removeEventListener('pointerup', up);
    target.removeEventListener('pointercancel', up);
    target.removeEventListener('pointerleave', leave);
    target.removeEventListener('wheel', wheel);
  };
}
