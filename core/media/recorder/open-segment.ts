/**
 * One segment while it is written: gathers units into fragments of at most 500 ms and keeps the facts the index needs.
 * Media time 0 is the presentation of the first picture. Invariants: each unit is in exactly one fragment; what `info`
 * says is on disk (in the page cache at least) when it is asked.
 */
import type { AudioConfig, AudioUnit, StreamName, VideoConfig, VideoUnit } from '#core/domain/media.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { segmentPath } from '#core/domain/media-paths.ts';
import type { SegmentInfo, SegmentKeyframe } from '#core/domain/worker-protocol.ts';
import { fragmentHead } from '../mp4/fragment.ts';
import { buildInitSection } from '../mp4/init-section.ts';
import { SegmentFile, type SyncQueue } from './segment-file.ts';
import { hold, letGo } from './unit-memory.ts';

export interface SegmentTracks {
  video: VideoConfig;
  /** null: the segment has no sound. */
  audio: AudioConfig | null;
}

export interface SegmentOwner {
  recordingsDir: string;
  cameraId: CameraId;
  stream: StreamName;
}

const fragmentTicks = 45_000;
/** Bounds for a camera whose clock stands still: no fragment grows beyond them. */
const maxFragmentFrames = 256;
const maxFragmentBytes = 8 * 1024 * 1024;
const defaultFrameTicks = 3_600;
const maxGuessedFrameTicks = 90_000;
/** Sound that is this much off its expected place is moved to where it belongs; less is rounding. */
const audioToleranceS = 0.02;

export class OpenSegment {
  readonly tracks: SegmentTracks;
  readonly firstPts: number;
  readonly firstDts: number;
  /** The hub's clock at the first picture, before any correction of `startMs`. */
  readonly firstTimeMs: number;
  readonly file: SegmentFile;
  lastDts: number;
  damaged = false;
  /** Where the next segment begins, if it continues this one: then neither a gap nor an overlap is left by rounding. */
  nextStartMs: number | null = null;
  droppedAudio = 0;
  readonly #owner: SegmentOwner;
  readonly #init: Buffer;
  readonly #shift: number;
  #frameTicks = defaultFrameTicks;
  #sequence = 0;
  #offset = 0;
  #units: VideoUnit[] = [];
  #durations: number[] = [];
  #pendingDts = 0;
  #pendingBytes = 0;
  #audio: AudioUnit[] = [];
  #audioDurations: number[] = [];
  #audioStart = 0;
  #nextAudio = 0;
  #hasAudio = false;
  // What is on disk.
  #frames = 0;
  #endTicks = 0;
  readonly #keyframes: SegmentKeyframe[] = [];

  constructor(owner: SegmentOwner, tracks: SegmentTracks, first: VideoUnit, startMs: number, syncs: SyncQueue) {
    this.#owner = owner;
    this.tracks = tracks;
    this.firstPts = first.pts90k;
    this.firstDts = first.dts90k;
    this.firstTimeMs = first.timeMs;
    this.lastDts = first.dts90k;
    this.#shift = first.pts90k - first.dts90k;
    this.#init = buildInitSection(tracks.video, tracks.audio);
    const pathOf = (ms: number): string => segmentPath(owner.cameraId, owner.stream, ms);
    this.file = new SegmentFile({ recordingsDir: owner.recordingsDir, pathOf }, startMs, syncs);
  }

  get queuedBytes(): number {
    return this.file.queuedBytes;
  }

  get sizeBytes(): number {
    return this.#offset;
  }

  /** Decode time after the last picture, the last frame's duration being known or guessed. */
  get endDts(): number {
    return this.lastDts + this.#frameTicks;
  }

  addVideo(unit: VideoUnit): void {
    // A decode time may not go back; by how little it may is the caller's decision.
    const dts = Math.max(unit.dts90k, this.lastDts);
    if (this.#units.length > 0) {
      const duration = dts - this.lastDts;
      if (duration > 0 && duration <= maxGuessedFrameTicks) this.#frameTicks = duration;
      const full = dts + duration - this.#pendingDts > fragmentTicks;
      const large = this.#units.length >= maxFragmentFrames || this.#pendingBytes >= maxFragmentBytes;
      if (unit.key || full || large) this.#flush(duration);
      else this.#durations.push(duration);
    }
    if (this.#units.length === 0) this.#pendingDts = dts;
    this.#units.push(unit);
    hold(unit);
    this.#pendingBytes += unit.data.length;
    this.lastDts = dts;
    this.damaged ||= unit.damaged;
  }

  /** Drops (and counts) sound that belongs before this segment or was written already. */
  addAudio(unit: AudioUnit): void {
    const rate = this.tracks.audio?.sampleRate;
    if (rate === undefined) return;
    const time = ((unit.pts90k - this.firstPts) * rate) / 90_000;
    if (!this.#hasAudio) this.#nextAudio = Math.max(0, Math.round(time));
    const ahead = time - this.#nextAudio;
    if (time < -unit.samples / 2 || ahead < -unit.samples) {
      this.droppedAudio++;
      return;
    }
    this.#hasAudio = true;
    if (Math.abs(ahead) > audioToleranceS * rate) this.#moveAudio(Math.round(ahead));
    if (this.#audio.length === 0) this.#audioStart = this.#nextAudio;
    this.#audio.push(unit);
    this.#audioDurations.push(unit.samples);
    this.#nextAudio += unit.samples;
  }

  /** The sound before lasts longer or shorter, so that what follows is heard when it was (F35). */
  #moveAudio(bySamples: number): void {
    const last = this.#audioDurations.length - 1;
    if (last >= 0) {
      const old = this.#audioDurations[last] ?? 0;
      const moved = Math.max(0, old + bySamples);
      this.#audioDurations[last] = moved;
      this.#nextAudio += moved - old;
    } else if (bySamples > 0) this.#nextAudio += bySamples;
  }

  /** Writes what is pending although the next picture is not known, e.g. because the camera fell silent. */
  flushPending(nextDts: number | null = null): void {
    if (this.#units.length === 0 && this.#audio.length === 0) return;
    const duration = nextDts === null ? this.#frameTicks : Math.max(0, nextDts - this.lastDts);
    if (nextDts !== null && duration > 0 && duration <= maxGuessedFrameTicks) this.#frameTicks = duration;
    this.#flush(duration);
  }

  /** As far as it is written. Null before the first fragment. */
  info(): SegmentInfo | null {
    if (this.#frames === 0) return null;
    const startMs = this.file.startMs;
    const endMs = this.nextStartMs ?? startMs + Math.round(this.#endTicks / 90);
    return {
      cameraId: this.#owner.cameraId,
      stream: this.#owner.stream,
      path: this.file.path,
      startMs,
      endMs: Math.max(endMs, startMs + 1),
      bytes: this.file.writtenBytes,
      initBytes: this.#init.length,
      frames: this.#frames,
      keyframes: this.#keyframes.slice(),
      videoCodec: this.tracks.video.codecString,
      audioCodec: this.tracks.audio?.codecString ?? null,
      width: this.tracks.video.width,
      height: this.tracks.video.height,
      damaged: this.damaged,
    };
  }

  #flush(lastDuration: number): void {
    const units = this.#units;
    const audio = this.#audio;
    const first = units[0];
    if (first) this.#durations.push(lastDuration);
    const decodeTime = this.#pendingDts - this.firstDts;
    let dts = this.#pendingDts;
    const offsets: number[] = [];
    for (let i = 0; i < units.length; i++) {
      offsets.push((units[i]?.pts90k ?? 0) - dts - this.#shift);
      dts += this.#durations[i] ?? 0;
    }
    const video = first && {
      decodeTime,
      durations: this.#durations,
      sizesBytes: units.map((unit) => unit.data.length),
      compositionOffsets: offsets,
      key: first.key,
    };
    const head = fragmentHead(
      ++this.#sequence,
      video ?? null,
      audio.length === 0
        ? null
        : {
            decodeTime: this.#audioStart,
            durations: this.#audioDurations,
            sizesBytes: audio.map((unit) => unit.data.length),
          },
    );
    const parts = this.#offset === 0 ? [this.#init, head] : [head];
    for (const unit of units) parts.push(unit.data);
    for (const unit of audio) parts.push(unit.data);
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    const moofOffset = this.#offset === 0 ? this.#init.length : this.#offset;
    this.#offset += bytes;
    const frames = units.length;
    const endTicks = frames > 0 ? decodeTime + dts - this.#pendingDts : 0;
    const keyframe = first?.key
      ? { offset: moofOffset, timeMs: Math.round((first.pts90k - this.firstPts) / 90) }
      : null;
    this.#units = [];
    this.#durations = [];
    this.#pendingBytes = 0;
    this.#audio = [];
    this.#audioDurations = [];
    this.file.append(parts, bytes, () => {
      this.#frames += frames;
      if (frames > 0) this.#endTicks = endTicks;
      if (keyframe) this.#keyframes.push(keyframe);
      for (const unit of units) letGo(unit);
    });
  }
}
