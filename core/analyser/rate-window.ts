/** How often something happened per second over the last `windowMs`, by monotonic time. Bounded: ten counters. */
const slots = 10;

export class RateWindow {
  readonly #slotMs: number;
  readonly #counts = new Uint32Array(slots);
  #slot = 0;
  #firstMs: number | null = null;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / slots;
  }

  count(monoMs: number): void {
    this.#advance(monoMs);
    this.#firstMs ??= monoMs;
    const at = this.#slot % slots;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  perSecond(monoMs: number): number {
    this.#advance(monoMs);
    if (this.#firstMs === null) return 0;
    const spanMs = Math.max(this.#slotMs, Math.min(slots * this.#slotMs, monoMs - this.#firstMs));
    return (this.#counts.reduce((sum, n) => sum + n, 0) * 1_000) / spanMs;
  }

  #advance(monoMs: number): void {
    const slot = Math.floor(monoMs / this.#slotMs);
    const steps = Math.min(slots, slot - this.#slot);
    for (let i = 1; i <= steps; i++) this.#counts[(slot - steps + i) % slots] = 0;
    this.#slot = Math.max(this.#slot, slot);
  }
}
