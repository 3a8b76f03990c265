/**
 * One thing, followed from picture to picture. Invariant: the box is finite and has an area; a track that never left its
 * first place has not moved, whatever happens to its edges or its score.
 */
import type { Detection, ObjectLabel } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import { intersectionOverUnion } from '#core/domain/geometry.ts';
import { centre, clipped, containment, moved, relativeDistance } from './boxes.ts';
import { groupOf, type Group } from './groups.ts';

const confirmHits = 3;
const confirmScore = 0.9;
/** Of a new measurement, how much is believed. */
const boxGain = 0.7;
const velocityGain = 0.4;
/** Times its size that a thing must get away from its place to count as moved. */
const moveDistance = 0.35;
const moveOverlap = 0.65;
/** Boxes of parked cars jump when somebody walks past: one sight away from its place is not a movement. */
const awaySights = 2;
const partInside = 0.8;
const filledHitsNeeded = 2;
const filledDistance = 0.15;
const filledOverlap = 0.85;
const freshMs = 4_000;
/** Unmoved for this long: it stands. */
const standsAfterMs = 8_000;
/** A velocity is believed for this long after the last sight. */
const coastMs = 1_000;
const mostSpeed = 1.5;
const leavingSeconds = 0.5;
const pictureEdge = 0.01;

/** A detection; `cut` if its box is only a part of the thing. */
export interface Measurement extends Detection {
  cut?: boolean;
}

export class Track {
  readonly id: number;
  readonly firstMs: number;
  /** Where it was first seen. */
  readonly firstBox: Box;
  lastSeenMs: number;
  lastLookMs: number;
  /** Last time that a detection above the threshold was joined to it. */
  lastSureMs: number;
  /** Last time that motion was seen in it. */
  lastMotionMs = -Infinity;
  box: Box;
  /** As the detector last gave it, not smoothed. */
  seenBox: Box;
  score: number;
  bestScore: number;
  hits = 1;
  confirmed = false;
  confirmedMs = 0;
  /** It has left its place at least once since it was first seen. */
  hasMoved = false;
  /** It moves at present or did so a moment ago. */
  stationary = false;
  /** Pictures in which motion filled a good part of it. */
  motionHits = 0;
  /** Pictures in which a moving area and it were about the same. */
  filledHits = 0;
  /** By track: pictures in which it and that thing of its kind, right beside it, were both seen. Seen often, they are two. */
  readonly beside = new Map<number, number>();
  /** An event was made of it. */
  reported = false;
  /** Pictures in which it was seen together with a person who may ride it. */
  riddenHits = 0;
  #kind: Group | null = null;
  readonly #votes = new Map<ObjectLabel, number>();
  #scoreSum: number;
  #vx = 0;
  #vy = 0;
  #anchor: Box;
  #anchorMs: number;
  #anchorCut: boolean;
  /** Sights in a row that were away from the anchor. */
  #away = 0;

  constructor(id: number, detection: Measurement, timeMs: number) {
    this.id = id;
    this.firstMs = timeMs;
    this.firstBox = detection.box;
    this.lastSeenMs = timeMs;
    this.lastLookMs = timeMs;
    this.lastSureMs = timeMs;
    this.box = detection.box;
    this.seenBox = detection.box;
    this.score = detection.score;
    this.bestScore = detection.score;
    this.#scoreSum = detection.score;
    this.#anchor = detection.box;
    this.#anchorMs = timeMs;
    this.#anchorCut = detection.cut === true;
    this.#votes.set(detection.label, detection.score);
  }

  /** What kind of thing most of the evidence speaks for. */
  get group(): Group {
    return this.#kind ?? groupOf(this.label);
  }

  /** The fine label that most of the evidence speaks for, within the group once that is settled. */
  get label(): ObjectLabel {
    const sums = new Map<Group, number>();
    for (const [label, votes] of this.#votes) sums.set(groupOf(label), (sums.get(groupOf(label)) ?? 0) + votes);
    const group = this.#kind ?? largest(sums);
    return largest(new Map([...this.#votes].filter(([label]) => groupOf(label) === group))) ?? 'person';
  }

  /** From now on it stays what it is taken for, e.g. because that was reported. */
  settleGroup(): void {
    this.#kind = this.group;
  }

  /** Where it should be now. */
  predicted(timeMs: number): Box {
    const seconds = Math.min(coastMs, Math.max(0, timeMs - this.lastSeenMs)) / 1000;
    return moved(this.box, this.#vx * seconds, this.#vy * seconds);
  }

  /** Whether it is about to leave the picture, or has left it. */
  get isLeaving(): boolean {
    const { x, y, w, h } = this.box;
    const soon = moved(this.box, this.#vx * leavingSeconds, this.#vy * leavingSeconds);
    const inside = clipped(soon);
    const cut = x < pictureEdge || y < pictureEdge || x + w > 1 - pictureEdge || y + h > 1 - pictureEdge;
    return cut && (!inside || inside.w * inside.h < 0.85 * w * h);
  }

  see(detection: Measurement, timeMs: number): void {
    // What a crop's edge cut off says that it is there, but not where it ends.
    const part = detection.cut === true && containment(detection.box, this.predicted(timeMs)) > partInside;
    if (part) this.box = this.stationary ? this.box : this.predicted(timeMs);
    else this.#measure(detection, timeMs);
    if (!part) this.seenBox = detection.box;
    this.lastSeenMs = timeMs;
    this.score = detection.score;
    this.bestScore = Math.max(this.bestScore, detection.score);
    this.hits++;
    this.#scoreSum += detection.score;
    this.#votes.set(detection.label, (this.#votes.get(detection.label) ?? 0) + detection.score);
    if (!part) this.#judgeMovement(detection, timeMs);
    if (!this.confirmed && this.hits >= confirmHits && this.#scoreSum >= confirmScore) {
      this.confirmed = true;
      this.confirmedMs = timeMs;
    }
  }

  #measure(detection: Detection, timeMs: number): void {
    const seconds = (timeMs - this.lastSeenMs) / 1000;
    const before = this.box;
    const expected = this.predicted(timeMs);
    const mix = (old: number, seen: number): number => old + (seen - old) * boxGain;
    this.box = {
      x: mix(expected.x, detection.box.x),
      y: mix(expected.y, detection.box.y),
      w: mix(before.w, detection.box.w),
      h: mix(before.h, detection.box.h),
    };
    if (seconds <= 0) return;
    const [x0, y0] = centre(before);
    const [x1, y1] = centre(this.box);
    const gain = this.hits === 1 ? 1 : velocityGain;
    this.#vx = limit(this.#vx + ((x1 - x0) / seconds - this.#vx) * gain);
    this.#vy = limit(this.#vy + ((y1 - y0) / seconds - this.#vy) * gain);
  }

  /** Takes over the history of a track that turned out to be the same thing. */
  absorb(other: Track): void {
    // Both may have been seen in the same pictures: that is not twice the evidence.
    this.hits = Math.max(this.hits, other.hits);
    this.#scoreSum = Math.max(this.#scoreSum, other.#scoreSum);
    this.bestScore = Math.max(this.bestScore, other.bestScore);
    this.motionHits = Math.max(this.motionHits, other.motionHits);
    this.filledHits = Math.max(this.filledHits, other.filledHits);
    this.hasMoved ||= other.hasMoved;
    for (const [label, votes] of other.#votes) this.#votes.set(label, (this.#votes.get(label) ?? 0) + votes);
  }

  /** From now on only a new movement counts, e.g. after an event was made of the last one. */
  settle(timeMs: number): void {
    this.hasMoved = false;
    this.motionHits = 0;
    this.filledHits = 0;
    this.#anchor = this.box;
    this.#anchorMs = timeMs;
  }

  #judgeMovement(detection: Measurement, timeMs: number): void {
    if (this.#anchorCut && detection.cut !== true) {
      // Now it is seen whole: that is where it stood all the time, as far as is known.
      this.#anchor = detection.box;
      this.#anchorCut = false;
    }
    const distance = relativeDistance(this.box, this.#anchor);
    const overlap = intersectionOverUnion(this.box, this.#anchor);
    // Half of it hidden by somebody is still in its place.
    const hidden = containment(this.box, this.#anchor) > partInside;
    const far = distance > moveDistance && overlap < moveOverlap && !hidden;
    // What came just now and is full of motion needs less of a way to be believed.
    const near =
      this.filledHits >= filledHitsNeeded &&
      timeMs - this.#anchorMs < freshMs &&
      distance > filledDistance &&
      overlap < filledOverlap &&
      !hidden;
    this.#away = far ? this.#away + 1 : 0;
    if (near || this.#away >= awaySights) {
      this.hasMoved = true;
      this.stationary = false;
      this.#anchor = this.box;
      this.#anchorMs = timeMs;
      this.#away = 0;
    } else if (timeMs - this.#anchorMs > standsAfterMs) this.stationary = true;
  }
}

function largest<T>(sums: ReadonlyMap<T, number>): T | null {
  let best: T | null = null;
  let most = -1;
  for (const [key, sum] of sums)
    if (sum > most) {
      most = sum;
      best = key;
    }
  return best;
}

function limit(speed: number): number {
  return Math.min(mostSpeed, Math.max(-mostSpeed, speed));
}
