/**
 * Decides where the segments of one stream begin and end. Segments are cut at keyframes after 10 s and whenever time or
 * parameters jump. Invariants: a unit goes into one segment only and none is left out between two segments of unbroken
 * time (F34); segments do not overlap on the timeline (F29); sound never holds up or breaks video (F32).
 */
import type { Clock } from '#core/base/clock.ts';
import type { AudioConfig, AudioUnit, GapReason, MediaUnit, VideoConfig, VideoUnit } from '#core/domain/media.ts';
import type { SegmentInfo } from '#core/domain/worker-protocol.ts';
import { OpenSegment, type SegmentOwner } from './open-segment.ts';
import { sameAudio } from './same-config.ts';
import type { SyncQueue } from './segment-file.ts';
import { hold, letGo } from './unit-memory.ts';

export interface CutterEvents {
  progress(segment: SegmentInfo): void;
  closed(segment: SegmentInfo): void;
  gap(startMs: number, endMs: number, reason: GapReason): void;
  writeError(error: NodeJS.ErrnoException): void;
}

/** 10 s, less what the keyframes of a steady camera may jitter. */
const segmentTicks = 900_000 - 4_500;
const maxSegmentBytes = 1024 * 1024 * 1024;
const jumpTicks = 180_000;
const jumpMs = 2_000;
/** Decode times that go back by less are a camera's rounding: the picture is kept with no duration. */
const smallStepBackTicks = 9_000;
/** How long the first segment waits for sound to show up, and after which silence the next one is made without. */
const audioWaitTicks = 135_000;
const audioWaitMs = 1_500;
const audioGoneTicks = 270_000;
/** How long a finished segment waits for sound that belongs to it. */
const lateAudioTicks = 90_000;
const lateAudioMs = 1_500;
const staleMs = 1_000;
const syncEveryMs = 2_000;
const progressEveryMs = 1_000;
const gapEveryMs = 30_000;
/** A backlog that the disk did not take: past it, writing stops until it recovers. */
const maxQueuedBytes = 16 * 1024 * 1024;
/** The clock was set back by less than this: new footage is stamped right after the old, and the difference worked off. */
const holdMs = 60_000;
const holdStepMs = 200;
/** Unbroken pictures whose clock was corrected by less than this leave no hole in the index. */
const joinMs = 500;
const maxHeldUnits = 1_000;
/** Segments whose last bytes the disk has not taken yet. */
const maxUnfinished = 16;

export class SegmentCutter {
  droppedWrites = 0;
  droppedAudio = 0;
  readonly #owner: SegmentOwner;
  readonly #events: CutterEvents;
  readonly #clock: Clock;
  readonly #syncs: SyncQueue;
  #video: VideoConfig | null = null;
  #audio: AudioConfig | null = null;
  #open: OpenSegment | null = null;
  /** Its video is complete; it waits for sound that is on its way. */
  #closing: OpenSegment | null = null;
  #closingSinceMono = 0;
  readonly #finishing = new Set<Promise<void>>();
  #cutReason: GapReason | 'config' | null = null;
  #lastAudioPts: number | null = null;
  #held: MediaUnit[] | null = null;
  #heldSinceMono = 0;
  #lastUnitMono = 0;
  #lastSyncMono = 0;
  #progressSlot = -1;
  #lastGapMono = 0;
  /** End of the last segment on the timeline, and why nothing followed it. */
  #coveredMs: number | null = null;
  #gapReason: GapReason | null = null;
  /** The same before the open segment began: where its gap starts if nothing of it can be written. */
  #beforeMs: number | null = null;
  /** False between event recordings: that nothing is recorded then needs no explanation. */
  #wanted = true;
  #storage: GapReason | null = null;
  #retryMono = 0;
  #failures = 0;

  constructor(owner: SegmentOwner, events: CutterEvents, env: { clock: Clock; syncs: SyncQueue }) {
    this.#owner = owner;
    this.#events = events;
    this.#clock = env.clock;
    this.#syncs = env.syncs;
  }

  get recording(): boolean {
    return this.#open !== null;
  }

  /**
   * A connection (or the replay of one) begins, or its parameters changed. The next video unit is a keyframe.
   * @param audio What will be stored, or null. @param awaitAudio Sound is expected: wait for it a moment before the first segment.
   */
  begin(video: VideoConfig, audio: AudioConfig | null, awaitAudio: boolean): void {
    this.#release();
    this.#endSegment(null);
    this.#wanted = true;
    this.#video = video;
    this.#audio = audio;
    this.#lastAudioPts = null;
    this.#cutReason = null;
    this.#held = awaitAudio ? [] : null;
    this.#heldSinceMono = this.#clock.monoMs();
  }

  /** Parameters of the sound became known or changed; the next segment has it. */
  setAudio(audio: AudioConfig): void {
    const declared = this.#open?.tracks.audio;
    this.#audio = audio;
    if (declared && !sameAudio(declared, audio)) this.#cutReason ??= 'config';
  }

  /** Sound is known to come from this time on. */
  noteAudio(pts90k: number): void {
    this.#lastAudioPts = pts90k;
  }

  add(unit: MediaUnit): void {
    if (unit.kind === 'audio') this.#addAudio(unit);
    else this.#addVideo(unit);
  }

  /** The connection ended or recording is not wanted any more. `reason` explains the gap until the next segment, null: none to explain. */
  end(reason: GapReason | null): void {
    this.#release();
    this.#endSegment(null);
    this.#finishClosing();
    this.#video = null;
    this.#wanted = reason !== null;
    if (reason) this.explain(reason);
  }

  /** From now on nothing is recorded, for this reason; reported now, while it lasts, and when it ends. */
  explain(reason: GapReason): void {
    if (this.#coveredMs === null || !this.#wanted) this.#coveredMs = Math.round(this.#clock.nowMs());
    this.#wanted = true;
    this.#gapReason = reason;
    this.#reportGap(this.#clock.nowMs());
  }

  /** null: the volume may be written to. Otherwise nothing is written until told. */
  setStorage(problem: GapReason | null): void {
    if (problem === this.#storage) return;
    this.#storage = problem;
    this.#retryMono = 0;
    this.#failures = 0;
    if (!problem || !this.#video) return;
    this.#release();
    this.#endSegment(null);
    this.explain(problem);
  }

  /** Call every few hundred milliseconds. */
  tick(): void {
    const mono = this.#clock.monoMs();
    if (this.#held && mono - this.#heldSinceMono > audioWaitMs) this.#release();
    if (this.#open && mono - this.#lastUnitMono > staleMs) this.#open.flushPending();
    if (this.#closing && mono - this.#closingSinceMono > lateAudioMs) this.#finishClosing();
    if (mono - this.#lastSyncMono >= syncEveryMs) {
      this.#lastSyncMono = mono;
      this.#open?.file.syncSoon();
    }
    // In the same tick for all streams, so that one message tells of them all.
    const slot = Math.floor(mono / progressEveryMs);
    if (slot !== this.#progressSlot) {
      this.#progressSlot = slot;
      const info = this.#open?.info();
      if (info) this.#events.progress(info);
    }
    if (this.#gapReason && !this.#open && mono - this.#lastGapMono >= gapEveryMs) this.#reportGap(this.#clock.nowMs());
  }

  /** Resolves when all that was begun is on disk and reported. */
  async settled(): Promise<void> {
    while (this.#finishing.size > 0) await Promise.all(this.#finishing);
  }

  #addVideo(unit: VideoUnit): void {
    if (!this.#video) return;
    if (this.#held) {
      const first = this.#held[0];
      this.#held.push(unit);
      hold(unit);
      const waited = first ? unit.pts90k - first.pts90k : 0;
      if (waited > audioWaitTicks || waited < 0 || this.#held.length > maxHeldUnits) this.#release();
      return;
    }
    this.#lastUnitMono = this.#clock.monoMs();
    if (this.#open) this.#checkTime(this.#open, unit);
    const open = this.#open;
    if (open && unit.key) {
      const long = unit.dts90k - open.firstDts >= segmentTicks || open.sizeBytes > maxSegmentBytes;
      if (long || this.#cutReason) this.#rotate(open, unit);
    }
    if (open && open.queuedBytes > maxQueuedBytes) {
      const error: NodeJS.ErrnoException = new Error('The disk does not keep up with the camera.');
      error.code = 'ETIMEDOUT';
      this.#onWriteFailed(open, error);
    }
    if (!this.#open && !this.#tryStart(unit)) return;
    this.#open?.addVideo(unit);
    if (this.#closing && unit.dts90k - (this.#open?.firstDts ?? 0) > lateAudioTicks) this.#finishClosing();
  }

  /** Ends the open segment if time jumped between its last picture and this one. */
  #checkTime(open: OpenSegment, unit: VideoUnit): void {
    const step = unit.dts90k - open.lastDts;
    if (step < -smallStepBackTicks) {
      this.#endSegment(null);
      this.#gapReason = unit.damaged ? 'packet_loss' : 'clock_step';
      return;
    }
    if (step > jumpTicks) {
      const reason = unit.damaged ? 'packet_loss' : 'camera_silent';
      if (unit.key || unit.damaged) {
        this.#endSegment(null);
        this.#gapReason = reason;
        return;
      }
      // What follows can be decoded only from this segment's pictures: it stays until the next keyframe.
      const toMs = (dts: number): number => open.file.startMs + (dts - open.firstDts) / 90;
      this.#events.gap(Math.round(toMs(open.endDts)), Math.round(toMs(unit.dts90k)), reason);
      this.#cutReason ??= reason;
      return;
    }
    const expectedMs = open.firstTimeMs + (unit.pts90k - open.firstPts) / 90;
    if (Math.abs(unit.timeMs - expectedMs) > jumpMs) this.#cutReason = 'clock_step';
  }

  #rotate(open: OpenSegment, unit: VideoUnit): void {
    open.flushPending(unit.dts90k);
    this.#finishClosing();
    this.#open = null;
    this.#coveredMs = this.#endOf(open, unit.dts90k);
    this.#gapReason = this.#cutReason === 'clock_step' ? 'clock_step' : null;
    this.#cutReason = null;
    if (open.tracks.audio && this.#audioAlive(unit.pts90k)) {
      this.#closing = open;
      this.#closingSinceMono = this.#clock.monoMs();
    } else this.#finish(open);
    this.#tryStart(unit, open);
  }

  #tryStart(unit: VideoUnit, previous: OpenSegment | null = null): boolean {
    if (!this.#video || !unit.key || this.#storage) {
      if (this.#storage) this.droppedWrites++;
      return false;
    }
    if (this.#retryMono > this.#clock.monoMs() || this.#finishing.size > maxUnfinished) {
      this.droppedWrites++;
      return false;
    }
    const audio = this.#audioAlive(unit.pts90k) ? this.#audio : null;
    const startMs = this.#placeStart(unit, previous);
    const open = new OpenSegment(this.#owner, { video: this.#video, audio }, unit, startMs, this.#syncs);
    open.file.onFailed = (error) => this.#onWriteFailed(open, error);
    this.#open = open;
    return true;
  }

  /** Where the new segment begins on the timeline; tells of the gap before it. */
  #placeStart(unit: VideoUnit, previous: OpenSegment | null): number {
    let startMs = Math.round(unit.timeMs);
    const coveredMs = this.#coveredMs;
    const reason = this.#gapReason;
    if (coveredMs !== null && startMs < coveredMs && coveredMs - startMs <= holdMs) {
      // Continuous pictures may give up a little of the old segment's end; that is how the difference shrinks.
      const trimmed =
        previous && !previous.file.failed ? Math.max(coveredMs - holdStepMs, previous.file.startMs + 1) : coveredMs;
      startMs = Math.max(startMs, trimmed);
    }
    if (previous && coveredMs !== null && Math.abs(startMs - coveredMs) <= joinMs) previous.nextStartMs = startMs;
    if (coveredMs !== null && reason) {
      if (startMs > coveredMs) this.#events.gap(coveredMs, startMs, reason);
      else if (reason === 'clock_step') this.#events.gap(startMs, startMs, reason);
    }
    this.#gapReason = null;
    this.#beforeMs = coveredMs;
    this.#coveredMs = startMs;
    return startMs;
  }

  #audioAlive(pts90k: number): boolean {
    return this.#audio !== null && this.#lastAudioPts !== null && pts90k - this.#lastAudioPts < audioGoneTicks;
  }

  #addAudio(unit: AudioUnit): void {
    if (!this.#video) return;
    this.#lastAudioPts = unit.pts90k;
    if (this.#held) {
      this.#held.push(unit);
      if (this.#audio) this.#release();
      return;
    }
    const closing = this.#closing;
    const open = this.#open;
    if (closing && (!open || unit.pts90k < open.firstPts)) {
      closing.addAudio(unit);
      return;
    }
    if (closing) this.#finishClosing();
    if (open?.tracks.audio && this.#audio && sameAudio(open.tracks.audio, this.#audio)) open.addAudio(unit);
  }

  /** What was held back until sound showed up goes its normal way. */
  #release(): void {
    const held = this.#held;
    this.#held = null;
    for (const unit of held ?? []) {
      this.add(unit);
      letGo(unit);
    }
  }

  #endOf(open: OpenSegment, endDts: number): number {
    return open.file.startMs + Math.round((endDts - open.firstDts) / 90);
  }

  #endSegment(nextDts: number | null): void {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    this.#cutReason = null;
    open.flushPending(nextDts);
    this.#coveredMs = this.#endOf(open, nextDts ?? open.endDts);
    this.#finishClosing();
    this.#finish(open);
  }

  #finishClosing(): void {
    const closing = this.#closing;
    this.#closing = null;
    if (!closing) return;
    closing.flushPending();
    this.#finish(closing);
  }

  #finish(segment: OpenSegment): void {
    this.droppedAudio += segment.droppedAudio;
    const work = this.#finishFile(segment).finally(() => this.#finishing.delete(work));
    this.#finishing.add(work);
  }

  async #finishFile(segment: OpenSegment): Promise<void> {
    try {
      const whole = await segment.file.finish();
      const info = segment.info();
      if (info) this.#events.closed(info);
      if (whole) this.#failures = 0;
    } catch (error) {
      this.#events.writeError(error as NodeJS.ErrnoException);
    }
  }

  /** The disk refused: end this segment with what is on disk, and try again at a keyframe after a pause that grows. */
  #onWriteFailed(segment: OpenSegment, error: NodeJS.ErrnoException): void {
    this.droppedWrites++;
    this.#retryMono = this.#clock.monoMs() + Math.min(30_000, 1_000 * 2 ** this.#failures);
    this.#failures++;
    this.#events.writeError(error);
    const reason = error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'disk_full' : 'disk_error';
    const written = segment.info();
    const writtenMs = written?.endMs ?? segment.file.startMs;
    if (segment !== this.#open) {
      const endMs = this.#endOf(segment, segment.endDts);
      if (endMs > writtenMs) this.#events.gap(writtenMs, endMs, reason);
      return;
    }
    this.#endSegment(null);
    if (segment.file.failed) this.#coveredMs = written ? writtenMs : (this.#beforeMs ?? writtenMs);
    this.explain(reason);
  }

  #reportGap(untilMs: number): void {
    this.#lastGapMono = this.#clock.monoMs();
    if (this.#coveredMs !== null && this.#gapReason && untilMs > this.#coveredMs) {
      this.#events.gap(this.#coveredMs, Math.round(untilMs), this.#gapReason);
    }
  }
}
