/**
 * Whether the detector can be counted on. Asks it with a time limit of its own, gives it up for a while after failures, and
 * tries it again now and then. Invariant: `ask` settles within the limit and never rejects.
 */
import type { Clock } from '#core/base/clock.ts';
import type { DetectorPort } from '#core/domain/analysis-frame.ts';

/** A picture's answer that takes longer is not waited for. */
const answerLimitMs = 2_500;
const failuresUntilAbsent = 2;
const hangsForMs = 10_000;
const retryEveryMs = 2_000;
/** Above this mean it can't keep up with five pictures per second. */
const slowMs = 200;
const gain = 0.1;

export class DetectorHealth {
  readonly #clock: Clock;
  #detector: DetectorPort | null;
  #failures = 0;
  #nextTryMs = -Infinity;
  #meanMs = 0;
  /** A question was given up on: until it comes back, or until then, no other is asked. */
  #hangingUntilMs: number | null = null;

  constructor(detector: DetectorPort | null, clock: Clock) {
    this.#detector = detector;
    this.#clock = clock;
  }

  get isAbsent(): boolean {
    return this.#detector === null || this.#hangingUntilMs !== null || this.#failures >= failuresUntilAbsent;
  }

  get state(): 'ok' | 'slow' | 'absent' {
    if (this.isAbsent) return 'absent';
    return this.#meanMs > slowMs ? 'slow' : 'ok';
  }

  replace(detector: DetectorPort | null): void {
    if (detector === this.#detector) return;
    this.#detector = detector;
    this.#failures = 0;
    this.#nextTryMs = -Infinity;
    this.#meanMs = 0;
    this.#hangingUntilMs = null;
  }

  /** The answer, or null if there is none to be had now. */
  async ask<T>(question: (detector: DetectorPort) => Promise<T>): Promise<T | null> {
    const detector = this.#detector;
    const startMs = this.#clock.monoMs();
    if (!detector || startMs < (this.#hangingUntilMs ?? -Infinity) || (this.isAbsent && startMs < this.#nextTryMs))
      return null;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), answerLimitMs);
    });
    const answer = question(detector).then(
      (value) => ({ value }),
      // Why it failed is in the detector's own log and state; here only that it did matters.
      () => null,
    );
    const first = await Promise.race([answer, tooLate]);
    clearTimeout(timer);
    if (detector !== this.#detector) return first !== 'late' && first ? first.value : null;
    if (first === 'late') {
      this.#hangingUntilMs = this.#clock.monoMs() + hangsForMs;
      void answer.then(() => {
        if (detector === this.#detector) this.#hangingUntilMs = null;
      });
    }
    if (first === 'late' || first === null) {
      this.#failures++;
      this.#nextTryMs = this.#clock.monoMs() + retryEveryMs;
      return null;
    }
    this.#failures = 0;
    this.#hangingUntilMs = null;
    this.#meanMs += (this.#clock.monoMs() - startMs - this.#meanMs) * gain;
    return first.value;
  }
}
