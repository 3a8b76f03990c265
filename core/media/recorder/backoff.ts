/** When to try a camera again: 1 s, doubling to 25 s, with jitter so that cameras behind one dead switch do not come back in step. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds until the next attempt, 1,000 to 25,000: a camera that is back is recorded again in less than 30 s. */
  next(): number {
    const fullMs = Math.min(25_000, 1_250 * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    return Math.max(1_000, fullMs * (0.6 + 0.4 * this.#random()));
  }

  reset(): void {
    this.#failures = 0;
  }
}
