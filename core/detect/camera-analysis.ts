/**
 * One camera's pictures in, events out: motion decides where to look, the detector says what is there, the tracker what it
 * does, and the rules whether anybody wants to know. Invariants: a detector that is absent, slow or hangs costs object
 * events only, and motion events take their place; `onFrame` always settles.
 */
import { systemClock, type Clock } from '#core/base/clock.ts';
import type { AnalysisFrame, AnalysisSink, DetectorPort } from '#core/domain/analysis-frame.ts';
import { defaultThreshold, type Detection, type DetectSettings } from '#core/domain/detection.ts';
import { intersectionOverUnion, type Box } from '#core/domain/geometry.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { AnalysisStatus } from '#core/domain/worker-protocol.ts';
import { DetectorHealth } from './detector-health.ts';
import { MotionEvents } from './events/motion-events.ts';
import { ObjectEvents } from './events/object-events.ts';
import { lookAt, type Look, type Sighting } from './look.ts';
import { motionHeight, motionWidth, MotionDetector, type Motion } from './motion/motion-detector.ts';
import { chooseRegions, fullRegion, views, type Region } from './regions.ts';
import { clipped, containment, isMasked, overlapArea } from './tracking/boxes.ts';
import { groupOf, isRidden } from './tracking/groups.ts';
import type { Track } from './tracking/track.ts';
import { Tracker } from './tracking/tracker.ts';

export interface CameraAnalysisInit extends AnalysisSink {
  cameraId: CameraId;
  settings: DetectSettings;
  detector: DetectorPort | null;
  clock?: Clock;
}

/** Detections below the threshold down to this share of it may continue a track. */
const unsureShare = 0.6;
const leastScore = 0.12;
/** What fills a moving area begins a track at this share of the threshold: motion is evidence, too. */
const movingShare = 0.8;
const fills = 0.5;
/** Pictures at the start that are looked at as a whole, to know what stands there. */
const firstLooks = 3;
/** A thing that stands is looked at again this often while something moves near it, and this often while nothing does. */
const standingBusyMs = 2_000;
const standingQuietMs = 30_000;
/** Motion in which nothing was found for this many looks is looked at less often: a tree in the wind. */
const boringLooks = 15;
const boringEveryMs = 600;
/** A pause of the stream after which nothing is taken for the same thing, unless it stands. */
const longGapMs = 5_000;
const motionShare = 0.25;
export class CameraAnalysis {
  readonly #clock: Clock;
  readonly #motion = new MotionDetector();
  readonly #tracker = new Tracker();
  readonly #objects: ObjectEvents;
  readonly #motionEvents: MotionEvents;
  readonly #health: DetectorHealth;
  #settings: DetectSettings;
  #looks = 0;
  #fruitless = 0;
  #lastLookMs = -Infinity;
  #lastMs = -Infinity;
  #frames = 0;
  #motionMs = 0;
  #detections = 0;

  constructor(init: CameraAnalysisInit) {
    this.#clock = init.clock ?? systemClock;
    this.#settings = init.settings;
    this.#objects = new ObjectEvents(init.cameraId, init);
    this.#motionEvents = new MotionEvents(init.cameraId, init);
    this.#health = new DetectorHealth(init.detector, this.#clock);
    this.#motion.setMasks(init.settings.masks.map((mask) => mask.polygon));
  }

  async onFrame(frame: AnalysisFrame): Promise<void> {
    if (this.#settings.enabled) await this.#analyse(frame);
    else this.finish(frame.timeMs);
  }

  /** New settings or another detector, at any time. */
  update(settings: DetectSettings, detector: DetectorPort | null): void {
    if (!settings.enabled) this.finish(this.#lastMs);
    this.#settings = settings;
    this.#motion.setMasks(settings.masks.map((mask) => mask.polygon));
    this.#health.replace(detector);
  }

  /** No more pictures for now: ends what is open. */
  finish(nowMs: number): void {
    this.#objects.finish(nowMs);
    this.#motionEvents.finish(nowMs);
    this.#tracker.clear();
    this.#motion.reset();
    this.#looks = 0;
  }

  status(): Pick<AnalysisStatus, 'motion' | 'motionMsPerFrame' | 'detections' | 'detector'> {
    return {
      motion: this.#motionEvents.active,
      motionMsPerFrame: this.#frames === 0 ? 0 : this.#motionMs / this.#frames,
      detections: this.#detections,
      detector: this.#settings.enabled ? this.#health.state : 'off',
    };
  }

  async #analyse(frame: AnalysisFrame): Promise<void> {
    const { timeMs } = frame;
    if (timeMs < this.#lastMs - 1_000 || timeMs - this.#lastMs > longGapMs) this.finish(this.#lastMs);
    this.#lastMs = timeMs;
    const motion = this.#see(frame);
    this.#motionEvents.update(motion, frame, this.#settings.labels.includes('motion') || this.#health.isAbsent);
    this.#noteMotion(motion, timeMs);
    const regions = this.#regions(motion, frame);
    const look = await this.#look(frame, regions);
    if (look) this.#follow(look, regions, motion, frame);
    else this.#objects.update([], [], frame, this.#settings);
  }

  #see(frame: AnalysisFrame): Motion {
    const startMs = this.#clock.monoMs();
    const motion = this.#motion.update(frame.gray(motionWidth, motionHeight), frame.timeMs);
    // The mean of about the last hundred pictures.
    this.#frames = Math.min(100, this.#frames + 1);
    this.#motionMs += this.#clock.monoMs() - startMs - (this.#frames === 100 ? this.#motionMs / 100 : 0);
    return motion;
  }

  #regions(motion: Motion, frame: AnalysisFrame): Region[] {
    const { width, height, timeMs } = frame;
    if (this.#looks < firstLooks || motion.relearned) return [fullRegion(width, height)];
    const followed = this.#tracker.tracks.flatMap((track) => this.#worthALook(track, timeMs));
    const boring = this.#fruitless > boringLooks && timeMs - this.#lastLookMs < boringEveryMs;
    if (followed.length === 0 && (boring || motion.boxes.length === 0)) return [];
    const known = followed.filter(({ track }) => track.confirmed).map(({ box }) => box);
    const doubtful = followed.filter(({ track }) => !track.confirmed).map(({ box }) => box);
    const unknown = motion.boxes.filter((box) => !followed.some((one) => containment(box, one.box) > 0.6));
    // The largest first, but now and then the smallest: a person beside a lorry.
    if (this.#looks % 3 === 2) unknown.reverse();
    const [view, otherView] = this.#looks % 2 === 0 ? views : [views[1], views[0]];
    return chooseRegions({ doubtful, others: [...known, ...unknown], view, otherView }, width, height);
  }

  #worthALook(track: Track, timeMs: number): { track: Track; box: Box }[] {
    const sinceMs = timeMs - track.lastLookMs;
    const dueMs = timeMs - track.lastMotionMs < standingBusyMs ? standingBusyMs : standingQuietMs;
    if (track.stationary && sinceMs < dueMs) return [];
    const box = clipped(track.predicted(timeMs));
    return box ? [{ track, box }] : [];
  }

  async #look(frame: AnalysisFrame, regions: readonly Region[]): Promise<Look | null> {
    if (regions.length === 0) return { detections: [], ms: 0 };
    const minScore = Math.max(leastScore, this.#lowestThreshold() * unsureShare);
    const { invert } = this.#settings;
    const look = await this.#health.ask((detector) => lookAt(frame, regions, detector, { minScore, invert }));
    if (look) {
      this.#looks++;
      this.#lastLookMs = frame.timeMs;
    }
    return look;
  }

  #follow(look: Look, regions: readonly Region[], motion: Motion, frame: AnalysisFrame): void {
    const { timeMs } = frame;
    const sure = (one: Detection): boolean =>
      one.score >= this.#threshold(one) * (moves(one.box, motion) ? movingShare : 1);
    const detections = this.#withoutRides(look.detections.filter((one) => this.#counts(one)));
    this.#detections += detections.length;
    const known = detections.some(sure);
    if (regions.length > 0) this.#fruitless = known ? 0 : this.#fruitless + 1;
    const update = this.#tracker.update(detections, timeMs, sure, (box) =>
      regions.some((region) => containment(box, inFractions(region, frame)) > 0.5),
    );
    this.#objects.update(this.#tracker.tracks, update.ended, frame, this.#settings);
  }

  #counts({ box }: Detection): boolean {
    const { minArea, masks } = this.#settings;
    return (
      box.w * box.h >= minArea &&
      !isMasked(
        box,
        masks.map((mask) => mask.polygon),
      )
    );
  }

  /** Who rides is one thing with what is ridden: the person is what is reported. */
  #withoutRides(detections: readonly Sighting[]): Sighting[] {
    const people = [
      ...detections.filter((one) => one.label === 'person').map((one) => one.box),
      ...this.#tracker.tracks.filter((track) => track.group === 'person').map((track) => track.predicted(this.#lastMs)),
    ];
    return detections.filter(
      (one) =>
        !isRidden(one.label) || !people.some((person) => overlapArea(person, one.box) > 0.3 * smaller(person, one.box)),
    );
  }

  #noteMotion(motion: Motion, timeMs: number): void {
    if (motion.boxes.length === 0) this.#fruitless = 0;
    for (const track of this.#tracker.tracks) {
      const box = track.predicted(timeMs);
      const area = motion.boxes.reduce((sum, one) => sum + overlapArea(box, one), 0);
      if (area <= 0) continue;
      track.lastMotionMs = timeMs;
      if (area > motionShare * box.w * box.h) track.motionHits++;
      if (moves(box, motion)) track.filledHits++;
    }
  }

  #threshold({ label }: Detection): number {
    return this.#settings.thresholds[groupOf(label)] ?? defaultThreshold;
  }

  #lowestThreshold(): number {
    return Math.min(defaultThreshold, ...Object.values(this.#settings.thresholds));
  }
}

function inFractions(region: Region, { width, height }: AnalysisFrame): Box {
  return { x: region.x / width, y: region.y / height, w: region.w / width, h: region.h / height };
}

function moves(box: Box, motion: Motion): boolean {
  return motion.boxes.some((one) => intersectionOverUnion(one, box) > fills);
}

function smaller(a: Box, b: Box): number {
  return Math.min(a.w * a.h, b.w * b.h);
}
