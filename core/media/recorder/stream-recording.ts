/**
 * What of one stream goes to disk: all of it, what events ask for, or nothing. Owns the ring and the segments.
 * Invariant: a picture is written at most once, whether it came from the ring or from the camera.
 */
import type { AudioConfig, GapReason, MediaUnit, RecordMode, VideoConfig } from '#core/domain/media.ts';
import type { Clock } from '#core/base/clock.ts';
import type { SegmentOwner } from './open-segment.ts';
import { Ring, type Gop } from './ring.ts';
import { SegmentCutter, type CutterEvents } from './segment-cutter.ts';
import type { SyncQueue } from './segment-file.ts';

/** While the camera is away the ring keeps this much more than the pre-roll, then lets go. */
const ringGraceMs = 60_000;

/** The connection that units come over, as far as recording needs to know. */
export interface MediaSession {
  number: number;
  video: VideoConfig;
  /** As it is stored; null: no sound, or none yet. */
  audio: AudioConfig | null;
}

export class StreamRecording {
  readonly #clock: Clock;
  readonly #cutter: SegmentCutter;
  readonly #ring = new Ring();
  #mode: RecordMode;
  #preRollMs: number;
  #session: MediaSession | null = null;
  /** An event is being recorded, until then. */
  #inEvent = false;
  #untilMs = 0;
  #lastRecordedGop = 0;

  constructor(
    owner: SegmentOwner,
    settings: { mode: RecordMode; preRollMs: number },
    events: CutterEvents,
    env: { clock: Clock; syncs: SyncQueue },
  ) {
    this.#clock = env.clock;
    this.#cutter = new SegmentCutter(owner, events, env);
    this.#mode = settings.mode;
    this.#preRollMs = settings.preRollMs;
    this.#sizeRing();
  }

  /** Pictures are to be written now, or would be if they came. */
  get wanted(): boolean {
    return this.#mode === 'continuous' || this.#inEvent;
  }

  get droppedWrites(): number {
    return this.#cutter.droppedWrites + this.#cutter.droppedAudio;
  }

  get ringBytes(): number {
    return this.#ring.bytes;
  }

  get ringOverflows(): number {
    return this.#ring.overflows;
  }

  /** What there is of the running connection since its last keyframe. */
  lastGop(): Gop | null {
    return this.#session && this.#ring.last(this.#session.number);
  }

  /** A connection began or its parameters changed; the next picture is a keyframe. */
  begin(session: MediaSession, awaitAudio: boolean): void {
    this.#session = session;
    if (this.wanted) this.#cutter.begin(session.video, session.audio, awaitAudio);
  }

  /** Sound is now stored like this. */
  setAudio(audio: AudioConfig): void {
    if (this.#session) this.#session = { ...this.#session, audio };
    this.#cutter.setAudio(audio);
  }

  add(unit: MediaUnit): void {
    const session = this.#session;
    if (!session) return;
    this.#ring.push(unit, session.number, session.video, session.audio);
    const key = unit.kind === 'video' && unit.key;
    // At a keyframe, so that the next event can go on from here without losing or repeating anything.
    if (key && this.#inEvent && unit.timeMs >= this.#untilMs) this.#endEvent();
    if (!this.wanted) return;
    if (key) this.#lastRecordedGop = this.#ring.lastNumber;
    this.#cutter.add(unit);
  }

  /** The connection is over. `reason` explains what is missing until the next one, if anything is. */
  endSession(reason: GapReason | null): void {
    const wanted = this.wanted;
    this.#ring.endSession();
    this.#session = null;
    if (wanted) this.#cutter.end(reason);
  }

  /** Records what there is from `fromMs` on until `untilMs`, in mode `events`. */
  recordUntil(fromMs: number, untilMs: number): void {
    if (this.#mode !== 'events') return;
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    if (this.#inEvent || this.#untilMs <= this.#clock.nowMs() - this.#preRollMs) return;
    this.#inEvent = true;
    let last: Gop | null = null;
    for (const gop of this.#ring.since(fromMs, this.#lastRecordedGop)) {
      if (gop.session !== last?.session || gop.video !== last.video) this.#cutter.begin(gop.video, gop.audio, false);
      last = gop;
      this.#lastRecordedGop = gop.number;
      // Sound that is in the ring is known to be there: the first segment must not be made without it.
      const sound = gop.units.find((unit) => unit.kind === 'audio');
      if (sound) this.#cutter.noteAudio(sound.pts90k);
      for (const unit of gop.units) this.#cutter.add(unit);
    }
    const session = this.#session;
    if (session && last?.session !== session.number) this.#cutter.begin(session.video, session.audio, false);
  }

  update(settings: { mode: RecordMode; preRollMs: number }): void {
    const changed = settings.mode !== this.#mode;
    this.#mode = settings.mode;
    this.#preRollMs = settings.preRollMs;
    this.#sizeRing();
    if (!changed) return;
    this.#inEvent = false;
    this.#untilMs = 0;
    if (this.#mode !== 'continuous') this.#cutter.end(null);
    else if (this.#session) this.#cutter.begin(this.#session.video, this.#session.audio, false);
  }

  setStorage(problem: GapReason | null): void {
    this.#cutter.setStorage(problem);
  }

  tick(): void {
    this.#cutter.tick();
    if (this.#session) return;
    const nowMs = this.#clock.nowMs();
    this.#ring.expire(nowMs, this.#preRollMs + ringGraceMs);
    if (this.#inEvent && nowMs > this.#untilMs) this.#endEvent();
  }

  async settled(): Promise<void> {
    await this.#cutter.settled();
  }

  #endEvent(): void {
    this.#inEvent = false;
    this.#cutter.end(null);
  }

  #sizeRing(): void {
    this.#ring.preRollMs = this.#mode === 'events' ? this.#preRollMs : 0;
  }
}
