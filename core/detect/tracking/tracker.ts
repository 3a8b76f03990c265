/**
 * Joins detections to tracks in two rounds (Zhang et al., "ByteTrack", 2022): sure detections first, then unsure ones, which
 * may continue a track but never begin one. Greedy by likeness: overlap and distance from where the thing should be.
 * Invariant: an id is given once; a detection continues or begins one track at most.
 */
import { intersectionOverUnion, type Box } from '#core/domain/geometry.ts';
import { containment, isFiniteBox, overlapArea, relativeDistance } from './boxes.ts';
import { groupOf } from './groups.ts';
import { Track, type Measurement } from './track.ts';

const mostTracks = 60;
/** A track that was never confirmed is forgotten after this. */
const tentativeHoldMs = 700;
/** Nor one that was seen once only. */
const onceSeenHoldMs = 500;
/** A confirmed one of which no event was made. */
const unreportedHoldMs = 1_500;
/** One that was reported is kept in mind this long after it was last seen. */
const holdMs = 3_000;
/** A thing that stands may be hidden for a while: people walk past, a look finds it in doubt. */
const stationaryHoldMs = 20_000;
const leastLikeness = 0.3;
const besideMargin = 0.1;
/** Unsure detections carry a track on for this long after the last sure one. */
const unsureMs = 1_500;
/** A detection of another group counts less than one of the same, however well it fits. */
const otherWord = 0.5;
/** Two tracks of a group this much in one another are one thing. */
const sameThing = 0.7;
/** And at least this alike in size: a part of a thing, not something small before it. */
const leastOverlap = 0.12;

export interface TrackUpdate {
  /** Tracks that were lost or that turned out to be part of another (`into`). */
  ended: { track: Track; into: Track | null }[];
}

export class Tracker {
  readonly #tracks: Track[] = [];
  #nextId = 1;

  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /**
   * `sure` tells whether a detection is likely enough to begin a track. `looked(box)`: whether this part of the picture was
   * looked at; elsewhere a thing is not missed.
   */
  update(
    detections: readonly Measurement[],
    timeMs: number,
    sure: (detection: Measurement) => boolean,
    looked: (box: Box) => boolean,
  ): TrackUpdate {
    const sane = detections.filter((one) => Number.isFinite(one.score) && isFiniteBox(one.box));
    const seen = new Set<Track>();
    const rest = this.#join(sane.filter(sure), timeMs, seen);
    for (const track of seen) track.lastSureMs = timeMs;
    this.#join(
      sane.filter((one) => !sure(one)),
      timeMs,
      seen,
      unsureMs,
    );
    for (const track of this.#tracks) if (seen.has(track) || looked(track.predicted(timeMs))) track.lastLookMs = timeMs;
    for (const detection of rest) this.#begin(detection, timeMs);
    this.#countNeighbours(timeMs);
    return { ended: [...this.#mergeDoubles(timeMs), ...this.#forget(timeMs)] };
  }

  /** Forgets all. Returns what there was. */
  clear(): Track[] {
    return this.#tracks.splice(0);
  }

  /** Returns the detections that no track took. */
  #join(detections: readonly Measurement[], timeMs: number, seen: Set<Track>, mostUnsureMs = Infinity): Measurement[] {
    const pairs: { track: Track; detection: Measurement; likeness: number }[] = [];
    for (const track of this.#tracks) {
      if (seen.has(track) || timeMs - track.lastSureMs > mostUnsureMs) continue;
      const expected = track.predicted(timeMs);
      for (const detection of detections) {
        const likeness =
          groupOf(detection.label) === track.group
            ? alike(expected, detection.box, track.confirmed)
            : // Another word for the same thing, as long as it is in the same place.
              otherWord * Math.max(0, intersectionOverUnion(expected, detection.box) - 0.5);
        if (likeness >= leastLikeness || (likeness > 0 && groupOf(detection.label) !== track.group))
          pairs.push({ track, detection, likeness });
      }
    }
    pairs.sort((a, b) => b.likeness - a.likeness);
    const taken = new Set<Measurement>();
    for (const { track, detection } of pairs) {
      if (seen.has(track) || taken.has(detection)) continue;
      seen.add(track);
      taken.add(detection);
      track.see(detection, timeMs);
    }
    return detections.filter((one) => !taken.has(one));
  }

  #begin(detection: Measurement, timeMs: number): void {
    if (this.#tracks.length >= mostTracks) return;
    // A second box on a thing that was found already is the detector's doubt, not a second thing.
    const double = this.#tracks.some(
      (track) =>
        track.lastSeenMs === timeMs &&
        track.group === groupOf(detection.label) &&
        Math.max(containment(detection.box, track.box), containment(track.box, detection.box)) > sameThing,
    );
    if (!double) this.#tracks.push(new Track(this.#nextId++, detection, timeMs));
  }

  #countNeighbours(timeMs: number): void {
    const seen = this.#tracks.filter((track) => track.lastSeenMs === timeMs);
    for (const track of seen)
      for (const one of seen)
        if (one !== track && one.group === track.group && areBeside(one.box, track.box))
          track.beside.set(one.id, (track.beside.get(one.id) ?? 0) + 1);
  }

  #mergeDoubles(timeMs: number): TrackUpdate['ended'] {
    const ended: TrackUpdate['ended'] = [];
    for (const [index, older] of this.#tracks.entries())
      for (const younger of this.#tracks.slice(index + 1)) {
        if (older.group !== younger.group || ended.some(({ track }) => track === older || track === younger)) continue;
        if (timeMs - older.lastSeenMs > holdMs || timeMs - younger.lastSeenMs > holdMs) continue;
        const a = older.predicted(timeMs);
        const b = younger.predicted(timeMs);
        if (Math.max(containment(a, b), containment(b, a)) <= sameThing) continue;
        if (intersectionOverUnion(a, b) < leastOverlap) continue;
        // The confirmed one, else the older one, goes on with what both know.
        const [stays, goes] = younger.confirmed && !older.confirmed ? [younger, older] : [older, younger];
        if (goes.lastSeenMs > stays.lastSeenMs) {
          stays.box = goes.box;
          stays.lastSeenMs = goes.lastSeenMs;
        }
        stays.absorb(goes);
        ended.push({ track: goes, into: stays });
      }
    for (const { track } of ended) this.#tracks.splice(this.#tracks.indexOf(track), 1);
    return ended;
  }

  #forget(timeMs: number): TrackUpdate['ended'] {
    const ended: TrackUpdate['ended'] = [];
    for (const track of [...this.#tracks]) {
      const gone = track.stationary
        ? // What stands is looked at rarely: only looks that did not find it count.
          track.lastLookMs - track.lastSeenMs > stationaryHoldMs
        : timeMs - track.lastSeenMs > holdOf(track);
      if (!gone) continue;
      this.#tracks.splice(this.#tracks.indexOf(track), 1);
      ended.push({ track, into: null });
    }
    return ended;
  }
}

/** So near each other that they may be parts of one thing. */
export function areBeside(a: Box, b: Box): boolean {
  return overlapArea(grown(a), grown(b)) > 0;
}

function grown({ x, y, w, h }: Box): Box {
  return {
    x: x - w * besideMargin,
    y: y - h * besideMargin,
    w: w * (1 + 2 * besideMargin),
    h: h * (1 + 2 * besideMargin),
  };
}

function holdOf(track: Track): number {
  if (track.reported) return holdMs;
  if (track.confirmed) return unreportedHoldMs;
  return track.hits === 1 ? onceSeenHoldMs : tentativeHoldMs;
}

/** 0 for two boxes that can't be the same thing, 1 for the same box. */
function alike(expected: Box, seen: Box, confirmed: boolean): number {
  const sizes = (expected.w * expected.h) / (seen.w * seen.h);
  if (sizes > 6 || sizes < 1 / 6) return 0;
  const overlap = intersectionOverUnion(expected, seen);
  const distance = relativeDistance(expected, seen);
  // A track of one or two sights has no velocity yet: it may be found farther away.
  const reach = confirmed ? 1.2 : 1.6;
  if (overlap < 0.05 && distance > reach) return 0;
  return 0.5 * overlap + 0.5 * Math.max(0, 1 - (distance / reach) * 0.6);
}
