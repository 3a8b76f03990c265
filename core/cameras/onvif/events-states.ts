/**
 * What one camera's signals are at present, and which of what it says is news. Outlives subscriptions.
 * Invariants: only a change against the last known state is told; a state that is replayed at a subscription is no news
 * (F21); each `on` that is told is followed by one `off`, by a timer if the camera never says it (F20); at most 256 signals
 * are remembered, whatever a camera invents.
 */
import type { CameraSignal } from '#core/domain/onvif.ts';
import type { TopicSignal } from './events-topics.ts';
import type { Timing } from './watch-timing.ts';

export interface SignalChange {
  signal: CameraSignal;
  key: string;
  what: string;
  active: boolean;
  timeMs: number;
}

interface Known extends Omit<TopicSignal, 'active' | 'pulse'> {
  /** What the camera said last. */
  said: boolean;
  /** An `on` was told and no `off` yet. */
  told: boolean;
  /** It was on when we came, which is no news; true until it is off or has not been repeated for long. */
  silent: boolean;
  cancel: () => void;
}

const mostKnown = 256;
const pulseMs = 2_000;
/** Without a repeat it counts as over: many cameras send no `off`, or lose it. Contacts may rest for long. */
const mostActiveMs: Readonly<Record<CameraSignal, number>> = {
  motion: 60_000,
  person: 60_000,
  vehicle: 60_000,
  animal: 60_000,
  line_crossing: pulseMs,
  input: 600_000,
  tamper: 600_000,
};

export class SignalStates {
  /** Signals that were not remembered because the camera has too many. */
  dropped = 0;
  readonly #timing: Timing;
  readonly #tell: (change: SignalChange) => void;
  readonly #known = new Map<string, Known>();

  constructor(timing: Timing, tell: (change: SignalChange) => void) {
    this.#timing = timing;
    this.#tell = tell;
  }

  /** `replay`: the camera repeats its state because somebody subscribed. Returns whether it was news. */
  heard(signal: TopicSignal, replay: boolean, timeMs: number): boolean {
    const pulse = signal.pulse || signal.signal === 'line_crossing';
    // A moment that is replayed is over, and a moment has no off.
    if (pulse && (replay || !signal.active)) return false;
    const id = `${signal.signal} ${signal.key}`;
    const known = this.#known.get(id);
    if (!known) return this.#first(id, signal, replay, pulse, timeMs);
    known.what = signal.what;
    const before = known.said;
    known.said = pulse ? false : signal.active;
    if (!signal.active) return this.#off(known, timeMs);
    const repeats = replay ? before : known.silent;
    if (repeats && !known.told) {
      if (known.silent) this.#forgetLater(known, false);
      return false;
    }
    return this.#on(known, pulse, timeMs);
  }

  /** Nobody listens to the camera any more: what is on ends. What it said is kept. */
  endAll(): void {
    for (const known of this.#known.values()) {
      known.cancel();
      known.silent = false;
      this.#off(known, this.#timing.clock.nowMs());
    }
  }

  #first(id: string, signal: TopicSignal, replay: boolean, pulse: boolean, timeMs: number): boolean {
    if (!this.#makeRoom()) return false;
    const { signal: name, key, what, active } = signal;
    const known: Known = {
      signal: name,
      key,
      what,
      said: active && !pulse,
      told: false,
      silent: active && replay,
      cancel: () => undefined,
    };
    this.#known.set(id, known);
    if (known.silent) this.#forgetLater(known, false);
    return active && !replay ? this.#on(known, pulse, timeMs) : false;
  }

  #on(known: Known, pulse: boolean, timeMs: number): boolean {
    known.silent = false;
    this.#forgetLater(known, pulse);
    if (known.told) return false;
    known.told = true;
    this.#change(known, true, timeMs);
    return true;
  }

  #off(known: Known, timeMs: number): boolean {
    known.cancel();
    known.silent = false;
    if (!known.told) return false;
    known.told = false;
    this.#change(known, false, timeMs);
    return true;
  }

  #forgetLater(known: Known, pulse: boolean): void {
    known.cancel();
    known.cancel = this.#timing.alarm(pulse ? pulseMs : mostActiveMs[known.signal], () => {
      // `said` stays: a replay of the same state later is no news either.
      this.#off(known, this.#timing.clock.nowMs());
    });
  }

  #change({ signal, key, what }: Known, active: boolean, timeMs: number): void {
    this.#tell({ signal, key, what, active, timeMs });
  }

  /** The oldest that is off makes room. */
  #makeRoom(): boolean {
    if (this.#known.size < mostKnown) return true;
    for (const [id, known] of this.#known)
      if (!known.told && !known.silent) {
        this.#known.delete(id);
        return true;
      }
    this.dropped++;
    return false;
  }
}
