/** Time, injected everywhere so that tests own it. Wall time is UTC milliseconds; durations use the monotonic clock. */
export interface Clock {
  /** UTC milliseconds since 1970. May step when the host's clock is set. */
  nowMs(): number;
  /** Monotonic milliseconds from an arbitrary origin. Never steps. */
  monoMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monoMs: () => performance.now(),
};

/** A clock that moves only when told to. For tests and for replaying recorded footage. */
export class ManualClock implements Clock {
  #now: number;
  #mono = 0;

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#now = nowMs;
  }

  nowMs(): number {
    return this.#now;
  }

  monoMs(): number {
    return this.#mono;
  }

  /** Lets time pass on both clocks. */
  advance(ms: number): void {
    this.#now += ms;
    this.#mono += ms;
  }

  /** Sets the wall clock alone, as NTP or a person does. */
  step(toMs: number): void {
    this.#now = toMs;
  }
}
