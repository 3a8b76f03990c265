/**
 * The timeline: canvas, tooltip with a picture, keyboard. Drawn again only when something changed. For a screen reader it is a
 * slider over time.
 */
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Playhead } from './playhead.ts';
import { usePlayheadSecond } from './playhead.ts';
import { drawTimeline, readPalette, rows, type Palette } from './timeline-draw.ts';
import { dayStart } from './local-time.ts';
import { hitTest, marksOf } from './timeline-model.ts';
import type { TimelineData } from './timeline-data.ts';
import { following, keepNearPast, msAt, spanOf, ticksOf, zoomAround, type TimelineView } from './timeline-scale.ts';
import { TimelineTip, useScrubPictures } from './timeline-tip.tsx';
import { useTimelinePointer } from './use-timeline-pointer.ts';
import { exactTime } from './words.ts';

export interface MarkedRange {
  inMs: number | null;
  outMs: number | null;
}

interface TimelineProps {
  cameraId: string;
  data: TimelineData;
  view: TimelineView;
  onView: (view: TimelineView) => void;
  playhead: Playhead;
  live: boolean;
  /** Keys with Shift belong to somebody else now (they turn the camera). */
  shiftTaken: boolean;
  range: MarkedRange;
  zone: string;
  /** The hub's clock. */
  nowMs: () => number;
  /** `slackMs`: what the hand could aim at, at this zoom. */
  onSeek: (ms: number, slackMs?: number) => void;
  /** While the playhead is dragged. */
  onScrub: (ms: number, done: boolean) => void;
}

/** A hand does not aim better than this. */
const aimPx = 1.5;

export function Timeline(props: TimelineProps) {
  const { cameraId, data, view, onView, playhead, live, shiftTaken, range, zone, nowMs, onSeek, onScrub } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  const [hover, setHover] = useState<{ x: number; y: number } | null>(null);
  const [palette, setPalette] = useState<Palette | null>(null);
  const pictures = useScrubPictures(cameraId);
  const msPerPx = spanOf(view) / Math.max(1, widthPx);
  // A mark that lasts grows with now; drawing it to the last answer is enough between answers.
  const marks = useMemo(() => marksOf(data.events, msPerPx, nowMs()), [data.events, msPerPx, nowMs]);
  const ticks = useMemo(
    () => (widthPx === 0 ? [] : ticksOf({ view, widthPx, zone, labelPx: 84 })),
    [view, widthPx, zone],
  );

  useCanvasSize(frame, canvas, setWidthPx);
  usePalette(frame, setPalette);

  const draw = useCallback(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !palette || widthPx === 0) return;
    drawTimeline(
      context,
      {
        view,
        widthPx,
        ticks,
        stretches: data.stretches,
        gaps: data.gaps,
        marks,
        range,
        playheadMs: playhead.get(),
        live,
        nowMs: nowMs(),
        hoverX: hover?.x ?? null,
        palette,
        font: '12px system-ui, sans-serif',
      },
      canvas.current ? canvas.current.width / widthPx : 1,
    );
  }, [view, widthPx, ticks, data, marks, range, playhead, live, nowMs, hover, palette]);
  useDrawing(draw, playhead, msPerPx);
  useFollowing(playhead, view, widthPx, onView);

  useTimelinePointer(frame, {
    view,
    onView,
    onSeek: (ms) => onSeek(ms, msPerPx * aimPx),
    onScrub,
    onHover: setHover,
    playheadMs: playhead.get,
    nowMs,
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (shiftTaken && event.shiftKey) return;
    const run = keyMove(event, { view, playheadMs: playhead.get(), nowMs: nowMs(), zone, onSeek, onView });
    if (run) event.preventDefault();
  };
  const hoverMs = hover ? msAt(hover.x, view, widthPx) : null;
  const hit =
    hover && hoverMs !== null
      ? hitTest({
          ms: hoverMs,
          onEvents: hover.y < rows.barTop,
          msPerPx,
          marks,
          gaps: data.gaps,
          stretches: data.stretches,
          nowMs: nowMs(),
        })
      : null;

  return (
    <div className="relative">
      <TimelineSlider {...{ frame, canvas, playhead, view, zone, onKeyDown, live }} />
      {hover && hoverMs !== null && hit ? (
        <TimelineTip
          pictures={pictures}
          x={hover.x}
          widthPx={widthPx}
          ms={hoverMs}
          msPerPx={msPerPx}
          hit={hit}
          zone={zone}
        />
      ) : null}
    </div>
  );
}

interface SliderProps {
  frame: React.RefObject<HTMLDivElement | null>;
  canvas: React.RefObject<HTMLCanvasElement | null>;
  playhead: Playhead;
  view: TimelineView;
  zone: string;
  live: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
}

function TimelineSlider({ frame, canvas, playhead, view, zone, live, onKeyDown }: SliderProps) {
  const second = usePlayheadSecond(playhead);
  return (
    <div
      ref={frame}
      role="slider"
      tabIndex={0}
      aria-label="Timeline"
      aria-orientation="horizontal"
      aria-valuemin={Math.floor(view.fromMs / 1000)}
      aria-valuemax={Math.ceil(view.toMs / 1000)}
      aria-valuenow={Math.floor(second / 1000)}
      aria-valuetext={live ? `Live, ${exactTime(second, zone)}` : exactTime(second, zone)}
      onKeyDown={onKeyDown}
      className="h-[92px] touch-none overflow-hidden rounded-control select-none"
      data-timeline=""
    >
      <canvas ref={canvas} aria-hidden="true" className="block h-full w-full" />
    </div>
  );
}

interface KeyContext {
  view: TimelineView;
  playheadMs: number;
  nowMs: number;
  zone: string;
  onSeek: (ms: number) => void;
  onView: (view: TimelineView) => void;
}

/** true when the key meant something. */
function keyMove(event: KeyboardEvent, { view, playheadMs, nowMs, zone, onSeek, onView }: KeyContext): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const stepMs = event.shiftKey ? 30_000 : 5_000;
  switch (event.key) {
    case 'ArrowLeft':
      onSeek(playheadMs - stepMs);
      return true;
    case 'ArrowRight':
      onSeek(playheadMs + stepMs);
      return true;
    case 'PageUp':
      onSeek(playheadMs - spanOf(view) / 4);
      return true;
    case 'PageDown':
      onSeek(playheadMs + spanOf(view) / 4);
      return true;
    case 'Home':
      onSeek(dayStart(playheadMs, zone));
      return true;
    case 'End':
      onSeek(nowMs);
      return true;
    case '+':
    case '=':
      onView(keepNearPast(zoomAround(view, playheadMs, 0.5), nowMs));
      return true;
    case '-':
      onView(keepNearPast(zoomAround(view, playheadMs, 2), nowMs));
      return true;
    default:
      return false;
  }
}

function useCanvasSize(
  frame: React.RefObject<HTMLDivElement | null>,
  canvas: React.RefObject<HTMLCanvasElement | null>,
  onWidth: (px: number) => void,
): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const fit = (): void => {
      const { width } = element.getBoundingClientRect();
      const target = canvas.current;
      if (!target || width === 0) return;
      target.width = Math.round(width * window.devicePixelRatio);
      target.height = Math.round(rows.height * window.devicePixelRatio);
      onWidth(width);
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame, canvas, onWidth]);
}

/** The theme may change while the page is open. */
function usePalette(frame: React.RefObject<HTMLDivElement | null>, onPalette: (palette: Palette) => void): void {
  useEffect(() => {
    const read = (): void => {
      if (frame.current) onPalette(readPalette(frame.current));
    };
    read();
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
    return () => observer.disconnect();
  }, [frame, onPalette]);
}

/** Draws in the next frame when the inputs changed, the playhead moved by a third of a pixel, or a second went by. */
function useDrawing(draw: () => void, playhead: Playhead, msPerPx: number): void {
  useEffect(() => {
    let asked = requestAnimationFrame(draw);
    let drawnMs = playhead.get();
    const ask = (): void => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(draw);
    };
    const end = playhead.subscribe(() => {
      if (Math.abs(playhead.get() - drawnMs) < msPerPx / 3) return;
      drawnMs = playhead.get();
      ask();
    });
    const timer = window.setInterval(ask, Math.max(1000, msPerPx));
    return () => {
      cancelAnimationFrame(asked);
      window.clearInterval(timer);
      end();
    };
  }, [draw, playhead, msPerPx]);
}

/** While the playhead runs out of the view on its own, the view goes along; a person who panned away is left alone. */
function useFollowing(
  playhead: Playhead,
  view: TimelineView,
  widthPx: number,
  onView: (view: TimelineView) => void,
): void {
  const before = useRef(playhead.get());
  useEffect(
    () =>
      playhead.subscribe(() => {
        const ms = playhead.get();
        const next = following(view, before.current, ms);
        const movedPx = (Math.abs(next.fromMs - view.fromMs) / spanOf(view)) * widthPx;
        // Less than a pixel can wait: the way is measured from where the view last was.
        if (next !== view && movedPx < 1) return;
        before.current = ms;
        if (next !== view) onView(next);
      }),
    [playhead, view, widthPx, onView],
  );
}
