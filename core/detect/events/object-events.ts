/**
 * From tracks to events. An event opens when a thing is surely there and moves, grows with it, and ends when it is gone or
 * stands. Invariants: a thing has at most one open event; what never moved has none; the picture is saved before the first
 * report.
 */
import type { AnalysisFrame, AnalysisSink } from '#core/domain/analysis-frame.ts';
import { defaultThreshold, type DetectSettings, type EventState } from '#core/domain/detection.ts';
import { intersectionOverUnion, type Box } from '#core/domain/geometry.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { newEventId } from '#core/domain/ids.ts';
import { containment, relativeDistance } from '../tracking/boxes.ts';
import { areBeside } from '../tracking/tracker.ts';
import { isRidden, type Group } from '../tracking/groups.ts';
import type { Track } from '../tracking/track.ts';
import { pictureQuality, takePictures } from './snapshot.ts';
import { allowedByZones, zonesTouched } from './zones.ts';

interface OpenEvent {
  state: EventState;
  group: Group;
  /** null after the track was lost: a new one in its place may still take the event over. */
  track: Track | null;
  /** Of its last track. */
  trackId: number;
  lastBox: Box;
  lastSeenMs: number;
  /** When last seen it was going out of the picture. */
  left: boolean;
  quality: number;
  savedMs: number;
  sentMs: number;
}

interface Ended {
  group: Group;
  box: Box;
  endMs: number;
}

/** After its track is lost (3 s after the last sight) an event waits this long for the thing to come back. */
const lingerMs = 2_000;
const reportEveryMs = 1_000;
const saveEveryMs = 1_000;
const betterBy = 1.15;
/** What appears this much where a thing of its kind ended is taken for that thing while it cools down. */
const sameSpot = 0.4;
/** A person or an animal that stands goes on being an event for this long; a vehicle is parked. */
const livingStandsMs = 60_000;
/** An event that never ends would never be looked at. */
const longestMs = 30 * 60_000;
const motionHitsNeeded = 3;
/** Within this distance (in sizes) of where a thing was last seen, a new track may be the same thing. */
const samePlace = 1.5;
/** A second thing beside one that was reported must be seen together with it this often: a thing in parts is one thing. */
const besideHitsNeeded = 6;
const partLostMs = 500;
/** And this much farther for each second that passed. */
const speedReach = 1;
const mostReachMs = 1_500;
/** What left the picture is gone: only what shows up right there may still be it. */
const leftPlace = 0.7;

export class ObjectEvents {
  readonly #cameraId: CameraId;
  readonly #sink: AnalysisSink;
  readonly #open: OpenEvent[] = [];
  #ended: Ended[] = [];

  constructor(cameraId: CameraId, sink: AnalysisSink) {
    this.#cameraId = cameraId;
    this.#sink = sink;
  }

  get openCount(): number {
    return this.#open.length;
  }

  /** After each look. `ended`: what the tracker let go. */
  update(
    tracks: readonly Track[],
    ended: readonly { track: Track; into: Track | null }[],
    frame: AnalysisFrame,
    settings: DetectSettings,
  ): void {
    const { timeMs } = frame;
    for (const { track, into } of ended) this.#handOver(track, into);
    for (const track of tracks) {
      if (track.lastSeenMs !== timeMs) continue;
      const event = this.#open.find((one) => one.track === track);
      if (event) this.#grow(event, track, frame, settings);
      else if (this.#deserves(track, settings)) this.#begin(track, frame, settings);
    }
    for (const event of [...this.#open]) this.#maybeEnd(event, timeMs);
  }

  /** Ends all: the stream is gone, or detection is switched off. */
  finish(nowMs: number): void {
    for (const event of [...this.#open]) this.#end(event, Math.min(nowMs, event.lastSeenMs));
  }

  #deserves(track: Track, settings: DetectSettings): boolean {
    if (!track.confirmed || !settings.labels.includes(track.group)) return false;
    if (track.bestScore < (settings.thresholds[track.group] ?? defaultThreshold)) return false;
    // What lives may stay in its place and still be news; a vehicle has to drive.
    const living = track.group === 'person' || track.group === 'animal';
    if (!track.hasMoved && !(living && track.motionHits >= motionHitsNeeded)) return false;
    if (isRidden(track.label) && track.riddenHits * 3 >= track.hits) return false;
    return allowedByZones(track.seenBox, track.group, settings);
  }

  #begin(track: Track, frame: AnalysisFrame, settings: DetectSettings): void {
    const { timeMs } = frame;
    const sameGroup = this.#open.filter((one) => one.group === track.group);
    const lost = sameGroup.find((one) => isSameThing(one, track, timeMs));
    if (lost) {
      track.settleGroup();
      track.reported = true;
      lost.track = track;
      lost.trackId = track.id;
      this.#grow(lost, track, frame, settings);
      return;
    }
    const double = sameGroup.some((one) => {
      const box = one.track?.predicted(timeMs) ?? one.lastBox;
      const inside = Math.max(containment(track.box, box), containment(box, track.box)) > 0.7;
      return inside || (areBeside(track.box, box) && besideHits(track, one) < besideHitsNeeded);
    });
    if (double || this.#coolsDown(track, settings)) return;
    track.settleGroup();
    track.reported = true;
    const state: EventState = {
      id: newEventId(),
      cameraId: this.#cameraId,
      label: track.group,
      subLabel: track.label,
      score: track.bestScore,
      startMs: track.firstMs,
      endMs: null,
      box: track.seenBox,
      zones: zonesTouched(track.seenBox, track.group, settings),
      stationary: false,
      snapshotMs: timeMs,
      source: 'object',
    };
    const event: OpenEvent = {
      state,
      group: track.group,
      track,
      trackId: track.id,
      lastBox: track.box,
      lastSeenMs: timeMs,
      left: false,
      quality: 0,
      savedMs: -Infinity,
      sentMs: timeMs,
    };
    this.#open.push(event);
    this.#savePicture(event, track, frame);
    this.#sink.onEvent({ ...event.state });
  }

  #grow(event: OpenEvent, track: Track, frame: AnalysisFrame, settings: DetectSettings): void {
    const { timeMs } = frame;
    const { state } = event;
    event.lastBox = track.box;
    event.lastSeenMs = timeMs;
    event.left = track.isLeaving;
    state.score = Math.max(state.score, track.bestScore);
    state.subLabel = track.label;
    for (const zone of zonesTouched(track.seenBox, track.group, settings))
      if (!state.zones.includes(zone)) state.zones = [...state.zones, zone];
    const better = pictureQuality(track.seenBox, track.score) > event.quality * betterBy;
    if (better && timeMs - event.savedMs >= saveEveryMs) this.#savePicture(event, track, frame);
    if (timeMs - event.sentMs < reportEveryMs) return;
    event.sentMs = timeMs;
    this.#sink.onEvent({ ...state });
  }

  #savePicture(event: OpenEvent, track: Track, frame: AnalysisFrame): void {
    const { picture, thumb } = takePictures(frame, track.seenBox);
    event.quality = pictureQuality(track.seenBox, track.score);
    event.savedMs = frame.timeMs;
    event.state.box = track.seenBox;
    event.state.snapshotMs = frame.timeMs;
    this.#sink.saveSnapshot(event.state.id, event.state.startMs, picture, thumb);
  }

  #handOver(track: Track, into: Track | null): void {
    const event = this.#open.find((one) => one.track === track);
    if (!event) return;
    // Both have an event: the one that goes ends where it was last seen.
    event.track = into && !this.#open.some((one) => one.track === into) ? into : null;
    if (event.track) event.trackId = event.track.id;
  }

  #maybeEnd(event: OpenEvent, timeMs: number): void {
    const { track } = event;
    if (!track) {
      if (timeMs - event.lastSeenMs > 3_000 + lingerMs) this.#end(event, event.lastSeenMs);
      return;
    }
    const standsLong =
      event.group === 'vehicle' || event.group === 'bicycle' || timeMs - track.lastMotionMs > livingStandsMs;
    if (track.stationary && standsLong) {
      event.state.stationary = true;
      track.settle(timeMs);
      this.#end(event, event.lastSeenMs);
    } else if (timeMs - event.state.startMs > longestMs) {
      track.settle(timeMs);
      this.#end(event, event.lastSeenMs);
    }
  }

  #end(event: OpenEvent, endMs: number): void {
    this.#open.splice(this.#open.indexOf(event), 1);
    this.#ended = this.#ended.filter((one) => endMs - one.endMs < 3_600_000).slice(-50);
    this.#ended.push({ group: event.group, box: event.lastBox, endMs });
    this.#sink.onEvent({ ...event.state, endMs: Math.max(event.state.startMs, endMs) });
  }

  /** Whether a thing of this kind ended a moment ago where this one began: the next car in the lane began elsewhere. */
  #coolsDown(track: Track, settings: DetectSettings): boolean {
    return this.#ended.some((one) => {
      const sinceMs = track.firstMs - one.endMs;
      const recent = sinceMs >= -1_000 && sinceMs < settings.cooldownS * 1_000;
      return recent && one.group === track.group && intersectionOverUnion(one.box, track.firstBox) > sameSpot;
    });
  }
}

/** Whether this track goes on with what the event is about: its own track is lost, and this one fits in place and time. */
function isSameThing(event: OpenEvent, track: Track, timeMs: number): boolean {
  const unseenMs = timeMs - event.lastSeenMs;
  const partOfIt = besideHits(track, event) > 0 && besideHits(track, event) < besideHitsNeeded;
  if (partOfIt && unseenMs > partLostMs) return true;
  if (unseenMs <= 0 || event.lastSeenMs > track.firstMs + 300) return false;
  const box = event.track?.predicted(timeMs) ?? event.lastBox;
  const reach = event.left ? leftPlace : samePlace + (speedReach * Math.min(mostReachMs, unseenMs)) / 1000;
  return relativeDistance(box, track.firstBox) < reach;
}

function besideHits(track: Track, event: OpenEvent): number {
  return track.beside.get(event.trackId) ?? 0;
}
