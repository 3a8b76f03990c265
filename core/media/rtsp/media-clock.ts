/**
 * Media time to the hub's wall clock, smoothly. Anchored at the first picture's arrival; the smallest lag of arrivals
 * behind it, over 5 s windows, is the truth it is slewed to (a picture can come late but never early). The camera's own
 * clock plays no part: it may be wrong or drift as much as its RTP clock.
 * Invariants: `timeOf` never goes back for growing media time, except when the hub's clock was stepped by more than 2 s;
 * a lag or a step above 2 s is followed at once, a smaller one at 10 % of the time that passes, ever slower to 0.5 %.
 */
import type { Clock } from '#core/base/clock.ts';

const windowMs = 5_000;
export const resyncMs = 2_000;

export class MediaClock {
  /** Times something jumped: the hub's clock, or media that stayed late for a whole window. */
  resyncs = 0;
  readonly #clock: Clock;
  #anchorMono = NaN;
  #anchorTicks = 0;
  #wallOffset = 0;
  #correction = 0;
  #lastTicks = 0;
  #windowEnd = 0;
  #smallestLag = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get anchored(): boolean {
    return !Number.isNaN(this.#anchorMono);
  }

  /** A picture with this (growing) media time in 90 kHz ticks arrived now. Returns its UTC ms. */
  arrived(ticks: number): number {
    const now = this.#clock.monoMs();
    const offset = this.#clock.nowMs() - now;
    if (!this.anchored) {
      this.#anchorMono = now;
      this.#anchorTicks = ticks;
      this.#wallOffset = offset;
      this.#windowEnd = now + windowMs;
    }
    const passedMs = Math.max(0, ticks - this.#lastTicks) / 90;
    this.#lastTicks = ticks;
    this.#followHost(offset, passedMs);
    this.#followMedia(now, ticks, passedMs);
    return this.timeOf(ticks);
  }

  /** Media that jumped now continues at `ticks`: no arrival before says anything any more. */
  restartWindow(): void {
    this.#windowEnd = this.#clock.monoMs() + windowMs;
    this.#smallestLag = Infinity;
    this.#correction = 0;
  }

  /** UTC ms of a media time. */
  timeOf(ticks: number): number {
    return this.monoOf(ticks) + this.#wallOffset;
  }

  /** Monotonic ms of a media time. */
  monoOf(ticks: number): number {
    return this.#anchorMono + (ticks - this.#anchorTicks) / 90;
  }

  /** The media time that belongs to now. */
  ticksNow(): number {
    return this.#anchorTicks + (this.#clock.monoMs() - this.#anchorMono) * 90;
  }

  #followHost(offset: number, passedMs: number): void {
    const difference = offset - this.#wallOffset;
    if (Math.abs(difference) > resyncMs) {
      this.#wallOffset = offset;
      this.resyncs++;
    } else {
      this.#wallOffset += slew(difference, passedMs);
    }
  }

  #followMedia(now: number, ticks: number, passedMs: number): void {
    const step = slew(this.#correction, passedMs);
    this.#anchorMono += step;
    this.#correction -= step;
    this.#smallestLag -= step; // measured against the anchor as it is now
    const lag = now - this.monoOf(ticks);
    this.#smallestLag = Math.min(this.#smallestLag, lag);
    // Earlier than possible (the first pictures were old ones, sent in a burst): no need to wait for the window.
    if (lag < this.#correction) this.#correction = lag;
    if (now < this.#windowEnd) return;
    if (this.#smallestLag > resyncMs) {
      this.#anchorMono += this.#smallestLag;
      this.#correction = 0;
      this.resyncs++;
    } else {
      this.#correction = this.#smallestLag;
    }
    this.#smallestLag = Infinity;
    this.#windowEnd = now + windowMs;
  }
}

/** The part of a correction that may be made while `passedMs` of media go by. */
export function slew(difference: number, passedMs: number): number {
  const most = passedMs * Math.max(0.005, Math.min(0.1, Math.abs(difference) / 2000));
  return Math.max(-most, Math.min(most, difference));
}
