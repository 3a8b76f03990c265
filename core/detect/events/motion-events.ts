/**
 * Motion by itself: the camera's "something moves" lamp, and events of motion where there is no detector or where a person
 * asked for them. Invariant: short flickers make neither; pauses within one movement do not cut it into two.
 */
import type { AnalysisFrame, AnalysisSink } from '#core/domain/analysis-frame.ts';
import type { EventState } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { newEventId } from '#core/domain/ids.ts';
import type { Motion } from '../motion/motion-detector.ts';
import { union } from '../tracking/boxes.ts';
import { takePictures } from './snapshot.ts';

const lampHits = 2;
const lampHoldMs = 2_000;
/** Motion must last this long, in at least `eventHits` pictures, to become an event. */
const eventAfterMs = 800;
const eventHits = 4;
const eventHoldMs = 5_000;
const hitsForgottenMs = 1_500;
const reportEveryMs = 1_000;
const longestMs = 10 * 60_000;
const betterBy = 1.3;

export class MotionEvents {
  readonly #cameraId: CameraId;
  readonly #sink: AnalysisSink;
  #active = false;
  #hits = 0;
  #firstMs = 0;
  #lastMs = -Infinity;
  #event: { state: EventState; area: number; sentMs: number } | null = null;

  constructor(cameraId: CameraId, sink: AnalysisSink) {
    this.#cameraId = cameraId;
    this.#sink = sink;
  }

  /** Whether something moves at present. */
  get active(): boolean {
    return this.#active;
  }

  /** `makeEvents`: whether motion alone is worth an event now. */
  update(motion: Motion, frame: AnalysisFrame, makeEvents: boolean): void {
    const { timeMs } = frame;
    if (motion.boxes.length > 0) this.#hit(timeMs);
    this.#lamp(timeMs);
    if (this.#event) this.#grow(this.#event, motion, frame, makeEvents);
    else if (makeEvents && this.#lastMs === timeMs && this.#isEnough(timeMs)) this.#begin(motion, frame);
  }

  finish(nowMs: number): void {
    this.#end(nowMs);
    this.#hits = 0;
    if (!this.#active) return;
    this.#active = false;
    this.#sink.onMotion(false, nowMs);
  }

  #hit(timeMs: number): void {
    if (timeMs - this.#lastMs > hitsForgottenMs || timeMs < this.#lastMs) {
      this.#hits = 0;
      this.#firstMs = timeMs;
    }
    this.#hits++;
    this.#lastMs = timeMs;
  }

  #lamp(timeMs: number): void {
    const active = this.#active
      ? timeMs - this.#lastMs <= lampHoldMs
      : this.#lastMs === timeMs && this.#hits >= lampHits;
    if (active === this.#active) return;
    this.#active = active;
    this.#sink.onMotion(active, timeMs);
  }

  #isEnough(timeMs: number): boolean {
    return this.#hits >= eventHits && timeMs - this.#firstMs >= eventAfterMs;
  }

  #begin(motion: Motion, frame: AnalysisFrame): void {
    const box = around(motion.boxes);
    if (!box) return;
    const state: EventState = {
      id: newEventId(),
      cameraId: this.#cameraId,
      label: 'motion',
      subLabel: null,
      score: Math.min(1, motion.area * 5),
      startMs: this.#firstMs,
      endMs: null,
      box,
      zones: [],
      stationary: false,
      snapshotMs: frame.timeMs,
      source: 'motion',
    };
    this.#event = { state, area: 0, sentMs: frame.timeMs };
    this.#savePicture(state, motion, box, frame);
    this.#sink.onEvent({ ...state });
  }

  #grow(
    event: { state: EventState; sentMs: number; area: number },
    motion: Motion,
    frame: AnalysisFrame,
    wanted: boolean,
  ): void {
    const { timeMs } = frame;
    const { state } = event;
    if (!wanted || timeMs - this.#lastMs > eventHoldMs || timeMs - state.startMs > longestMs) {
      this.#end(timeMs);
      return;
    }
    const box = around(motion.boxes);
    if (box && motion.area > event.area * betterBy && timeMs - event.sentMs >= reportEveryMs)
      this.#savePicture(state, motion, box, frame);
    if (timeMs - event.sentMs < reportEveryMs) return;
    event.sentMs = timeMs;
    this.#sink.onEvent({ ...state });
  }

  #savePicture(state: EventState, motion: Motion, box: Box, frame: AnalysisFrame): void {
    if (this.#event) this.#event.area = motion.area;
    state.box = box;
    state.score = Math.min(1, motion.area * 5);
    state.snapshotMs = frame.timeMs;
    const { picture, thumb } = takePictures(frame, box);
    this.#sink.saveSnapshot(state.id, state.startMs, picture, thumb);
  }

  #end(nowMs: number): void {
    const event = this.#event;
    if (!event) return;
    this.#event = null;
    this.#sink.onEvent({ ...event.state, endMs: Math.max(event.state.startMs, Math.min(nowMs, this.#lastMs)) });
  }
}

/** One box around the largest of what moves: leaves at the edge of the picture should not widen it. */
function around(boxes: readonly Box[]): Box | null {
  const [first] = boxes;
  if (!first) return null;
  const least = first.w * first.h * 0.25;
  return boxes.filter((box) => box.w * box.h >= least).reduce(union, first);
}
