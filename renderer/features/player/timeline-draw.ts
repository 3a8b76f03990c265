/** Draws the timeline on a canvas. Knows pixels and colours; what to draw comes ready from the model. */
import { isFault, type Gap, type Label, type Mark, type Stretch } from './timeline-model.ts';
import { xOf, type Tick, type TimelineView } from './timeline-scale.ts';

/** Rows from the top, CSS pixels. */
export const rows = { labels: 20, eventsTop: 26, eventsHeight: 18, barTop: 50, barHeight: 30, height: 92 } as const;

export interface Palette {
  ink: string;
  muted: string;
  line: string;
  lineStrong: string;
  surface: string;
  sunken: string;
  accent: string;
  recorded: string;
  bad: string;
  rec: string;
  labels: Record<Label, string>;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: colour('--ink'),
    muted: colour('--muted'),
    line: colour('--line'),
    lineStrong: colour('--line-strong'),
    surface: colour('--surface'),
    sunken: colour('--sunken'),
    accent: colour('--accent'),
    recorded: colour('--line-strong'),
    bad: colour('--bad'),
    rec: colour('--rec'),
    labels: {
      person: colour('--person'),
      vehicle: colour('--vehicle'),
      animal: colour('--animal'),
      bicycle: colour('--bicycle'),
      motion: colour('--motion'),
      line_crossing: colour('--person'),
      input: colour('--accent'),
      tamper: colour('--bad'),
    },
  };
}

export interface Picture {
  view: TimelineView;
  widthPx: number;
  ticks: readonly Tick[];
  stretches: readonly Stretch[];
  gaps: readonly Gap[];
  marks: readonly Mark[];
  range: { inMs: number | null; outMs: number | null };
  playheadMs: number;
  live: boolean;
  nowMs: number;
  hoverX: number | null;
  palette: Palette;
  font: string;
}

export function drawTimeline(ctx: CanvasRenderingContext2D, picture: Picture, pixelRatio: number): void {
  ctx.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  ctx.clearRect(0, 0, picture.widthPx, rows.height);
  drawBar(ctx, picture);
  drawGaps(ctx, picture);
  drawTicks(ctx, picture);
  drawMarks(ctx, picture);
  drawRange(ctx, picture);
  drawNow(ctx, picture);
  if (picture.hoverX !== null) drawLine(ctx, picture.hoverX, picture.palette.muted, rows.eventsTop - 4);
  drawPlayhead(ctx, picture);
}

const at = ({ view, widthPx }: Picture, ms: number): number => xOf(ms, view, widthPx);

function drawBar(ctx: CanvasRenderingContext2D, picture: Picture): void {
  const { widthPx, palette, nowMs } = picture;
  const nowX = Math.min(widthPx, Math.max(0, at(picture, nowMs)));
  ctx.fillStyle = palette.sunken;
  fillRound(ctx, 0, rows.barTop, nowX, rows.barHeight, 4);
  ctx.fillStyle = palette.recorded;
  ctx.globalAlpha = 0.5;
  for (const { startMs, endMs } of picture.stretches) {
    const left = Math.max(-4, at(picture, startMs));
    const right = Math.min(widthPx + 4, at(picture, endMs));
    if (right < 0 || left > widthPx) continue;
    fillRound(ctx, left, rows.barTop, Math.max(1, right - left), rows.barHeight, 3);
  }
  ctx.globalAlpha = 1;
}

function drawGaps(ctx: CanvasRenderingContext2D, picture: Picture): void {
  for (const gap of picture.gaps) {
    const left = Math.max(0, at(picture, gap.startMs));
    const right = Math.min(picture.widthPx, at(picture, gap.endMs));
    if (right <= 0 || left >= picture.widthPx || right - left < 0.5) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, rows.barTop, Math.max(1.5, right - left), rows.barHeight);
    ctx.clip();
    ctx.fillStyle = picture.palette.sunken;
    ctx.fillRect(left, rows.barTop, right - left, rows.barHeight);
    ctx.strokeStyle = isFault(gap.reason) ? picture.palette.bad : picture.palette.lineStrong;
    ctx.globalAlpha = isFault(gap.reason) ? 0.75 : 0.5;
    ctx.lineWidth = 1.25;
    ctx.beginPath();
    // Anchored to time, so that the hatch moves with the bar when it is dragged.
    const anchor = at(picture, gap.startMs) % 7;
    for (let x = left - rows.barHeight - ((left - anchor) % 7); x < right; x += 7) {
      ctx.moveTo(x, rows.barTop + rows.barHeight);
      ctx.lineTo(x + rows.barHeight, rows.barTop);
    }
    ctx.stroke();
    ctx.restore();
  }
}

function drawTicks(ctx: CanvasRenderingContext2D, picture: Picture): void {
  const { palette, font } = picture;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  let freeFrom = -Infinity;
  for (const tick of picture.ticks) {
    const x = Math.round(at(picture, tick.ms)) + 0.5;
    ctx.strokeStyle = tick.label === null ? palette.line : palette.lineStrong;
    ctx.globalAlpha = tick.dayStart ? 1 : tick.label === null ? 0.9 : 0.55;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, tick.label === null ? rows.barTop + rows.barHeight + 3 : rows.labels);
    ctx.lineTo(x, tick.label === null ? rows.barTop + rows.barHeight + 7 : rows.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    if (tick.label === null || x + 4 < freeFrom) continue;
    ctx.font = tick.dayStart ? `600 ${font}` : font;
    ctx.fillStyle = tick.dayStart ? palette.ink : palette.muted;
    ctx.fillText(tick.label, x + 4, rows.labels / 2 + 1);
    freeFrom = x + 10 + ctx.measureText(tick.label).width;
  }
}

function drawMarks(ctx: CanvasRenderingContext2D, picture: Picture): void {
  for (const mark of picture.marks) {
    const left = at(picture, mark.startMs);
    const width = Math.max(4, at(picture, mark.endMs) - left);
    if (left + width < 0 || left > picture.widthPx) continue;
    const isMotion = mark.label === 'motion';
    ctx.fillStyle = picture.palette.labels[mark.label];
    // Motion is a low hum along the bottom of the lane; what was recognised stands up.
    const height = isMotion ? 5 : rows.eventsHeight;
    ctx.globalAlpha = isMotion ? 0.75 : 1;
    fillRound(
      ctx,
      left,
      rows.eventsTop + rows.eventsHeight - height,
      width,
      height,
      Math.min(4, height / 2, width / 2),
    );
    ctx.globalAlpha = 1;
  }
}

function drawRange(ctx: CanvasRenderingContext2D, picture: Picture): void {
  const { inMs, outMs } = picture.range;
  if (inMs === null && outMs === null) return;
  const left = inMs === null ? null : at(picture, inMs);
  const right = outMs === null ? null : at(picture, outMs);
  ctx.fillStyle = picture.palette.accent;
  if (left !== null && right !== null) {
    ctx.globalAlpha = 0.28;
    ctx.fillRect(left, rows.eventsTop - 2, right - left, rows.barTop + rows.barHeight - rows.eventsTop + 4);
    ctx.globalAlpha = 1;
  }
  if (left !== null) drawBracket(ctx, left, 1);
  if (right !== null) drawBracket(ctx, right, -1);
}

function drawBracket(ctx: CanvasRenderingContext2D, x: number, inward: 1 | -1): void {
  const top = rows.eventsTop - 2;
  const bottom = rows.barTop + rows.barHeight + 2;
  ctx.fillRect(x - 1, top, 2, bottom - top);
  ctx.fillRect(inward === 1 ? x : x - 6, top, 6, 2);
  ctx.fillRect(inward === 1 ? x : x - 6, bottom - 2, 6, 2);
}

function drawNow(ctx: CanvasRenderingContext2D, picture: Picture): void {
  const x = at(picture, picture.nowMs);
  if (x < -1 || x > picture.widthPx + 1) return;
  ctx.strokeStyle = picture.palette.rec;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(x, rows.eventsTop - 4);
  ctx.lineTo(x, rows.barTop + rows.barHeight);
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawPlayhead(ctx: CanvasRenderingContext2D, picture: Picture): void {
  const x = at(picture, picture.playheadMs);
  if (x < -8 || x > picture.widthPx + 8) return;
  const colour = picture.live ? picture.palette.rec : picture.palette.ink;
  ctx.strokeStyle = picture.palette.surface;
  ctx.lineWidth = 4;
  line(ctx, x, rows.labels, rows.height);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  line(ctx, x, rows.labels, rows.height);
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(x, rows.labels + 2, 5, 0, 2 * Math.PI);
  ctx.fill();
}

function drawLine(ctx: CanvasRenderingContext2D, x: number, colour: string, top: number): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  line(ctx, Math.round(x) + 0.5, top, rows.barTop + rows.barHeight + 2);
}

function line(ctx: CanvasRenderingContext2D, x: number, top: number, bottom: number): void {
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, bottom);
  ctx.stroke();
}

function fillRound(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  if (w <= 0) return;
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, Math.min(r, w / 2));
  ctx.fill();
}
