/** Waiting times between restarts: doubled from `firstMs` up to `mostMs`, and from the start again after a minute well. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #wellMs: number;
  #nextMs: number;

  constructor(firstMs: number, mostMs: number, wellMs = 60_000) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#wellMs = wellMs;
    this.#nextMs = firstMs;
  }

  /** How long to wait after a run that was well for `ranMs`. */
  next(ranMs: number): number {
    if (ranMs >= this.#wellMs) this.#nextMs = this.#firstMs;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#mostMs, waitMs * 2);
    return waitMs;
  }
}
