/**
 * The last seconds of one stream in memory, by GOP: where live viewers, pictures and event recordings start from.
 * Invariants: every GOP begins with its keyframe; memory is bounded by `maxBytes`; what is dropped for that is counted.
 */
import type { AudioConfig, MediaUnit, VideoConfig } from '#core/domain/media.ts';
import { hold, letGo } from './unit-memory.ts';

export interface Gop {
  /** Grows with each GOP of the stream's life, across reconnects. */
  number: number;
  /** Which connection it came over; decode times of different connections have nothing to do with each other. */
  session: number;
  video: VideoConfig;
  audio: AudioConfig | null;
  startMs: number;
  bytes: number;
  /** The keyframe first, then all that came after it in the order it came, sound included. */
  units: MediaUnit[];
}

const defaultMaxBytes = 16 * 1024 * 1024;

export class Ring {
  preRollMs = 0;
  bytes = 0;
  /** GOPs given up because they did not fit. */
  overflows = 0;
  readonly #maxBytes: number;
  #gops: Gop[] = [];
  #next = 1;
  #broken = true;

  constructor(maxBytes = defaultMaxBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Number of the GOP that is being filled. */
  get lastNumber(): number {
    return this.#next - 1;
  }

  /** Starts a GOP if `unit` is a keyframe, else adds to the last one. */
  push(unit: MediaUnit, session: number, video: VideoConfig, audio: AudioConfig | null): void {
    if (unit.kind === 'video' && unit.key) {
      const gop = { number: this.#next++, session, video, audio, startMs: unit.timeMs, bytes: 0, units: [] };
      this.#gops.push(gop);
      this.#broken = false;
      this.#forgetBefore(unit.timeMs - this.preRollMs);
    }
    const last = this.#gops.at(-1);
    if (this.#broken || !last) return;
    last.units.push(unit);
    hold(unit);
    last.bytes += unit.data.length;
    this.bytes += unit.data.length;
    while (this.bytes > this.#maxBytes) {
      this.overflows++;
      // A GOP that is larger than the ring is no use without its beginning: wait for the next keyframe.
      if (this.#gops.length === 1) this.#broken = true;
      this.#dropFirst();
    }
  }

  /** The connection ended: what comes next does not continue the last GOP. Its pictures stay for pre-roll. */
  endSession(): void {
    this.#broken = true;
  }

  clear(): void {
    while (this.#gops.length > 0) this.#dropFirst();
    this.#broken = true;
  }

  /** Drops what is older than the pre-roll although no keyframe came, e.g. while the camera is away. */
  expire(nowMs: number, keepMs: number): void {
    while (this.#gops.length > 0 && (this.#gops[0]?.units.at(-1)?.timeMs ?? 0) < nowMs - keepMs) this.#dropFirst();
  }

  last(session: number): Gop | null {
    const gop = this.#gops.at(-1);
    return gop?.session === session && !this.#broken ? gop : null;
  }

  /** GOPs that cover the time from `fromMs` on as far as they are there, leaving out those up to number `after`. */
  since(fromMs: number, after: number): readonly Gop[] {
    const gops = this.#gops.filter((gop) => gop.number > after);
    let start = 0;
    gops.forEach((gop, index) => {
      if (gop.startMs <= fromMs) start = index;
    });
    return gops.slice(start);
  }

  #forgetBefore(timeMs: number): void {
    for (let second = this.#gops[1]; second && second.startMs <= timeMs; second = this.#gops[1]) this.#dropFirst();
  }

  #dropFirst(): void {
    const gop = this.#gops.shift();
    this.bytes -= gop?.bytes ?? 0;
    for (const unit of gop?.units ?? []) letGo(unit);
    if (this.#gops.length === 0) this.bytes = 0;
  }
}
