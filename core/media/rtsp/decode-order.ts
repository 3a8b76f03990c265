/**
 * Decoding times from presentation times. RTP carries only the latter; with B pictures they are not in order. With a
 * reorder depth of R, the n-th decoded picture gets the (n - R)-th smallest presentation time so far, so decoding times
 * grow and lie at or before presentation times, and nothing waits for pictures to come.
 * Invariant: strictly growing, whatever comes in. A depth that proves too small grows; until the sequence has caught up
 * a decoding time may then lie after its presentation time.
 */
const maxDepth = 16;

export class DecodeOrder {
  #depth = 0;
  readonly #window: number[] = [];
  #last = -Infinity;
  /** Ticks between pictures: a guess until two came. */
  #step = 3000;

  get depth(): number {
    return this.#depth;
  }

  /** What the parameter sets say; null when they say nothing. Never below what was seen. */
  declare(depth: number | null, fps: number | null): void {
    if (fps !== null) this.#step = 90_000 / fps;
    if (depth !== null) this.#depth = Math.max(this.#depth, Math.min(depth, maxDepth));
  }

  /** How far the first decoding time lies before the first presentation time, in ticks. */
  get lead(): number {
    return this.#depth * this.#step;
  }

  /** After a jump: what was before does not order what follows. */
  reset(): void {
    this.#window.length = 0;
  }

  next(pts: number): number {
    const later = this.#window.length - this.#position(pts);
    if (later > this.#depth) this.#depth = Math.min(later, maxDepth);
    if (this.#window.length === 0) for (let i = this.#depth; i > 0; i--) this.#insert(pts - i * this.#step);
    this.#insert(pts);
    while (this.#window.length > this.#depth + 1) this.#window.shift();
    const wanted = this.#window[0] ?? pts;
    this.#last = Math.max(wanted, this.#last + 1);
    return this.#last;
  }

  #insert(pts: number): void {
    this.#window.splice(this.#position(pts), 0, pts);
  }

  /** Index after the last entry that is not later. */
  #position(pts: number): number {
    let at = this.#window.length;
    while (at > 0 && (this.#window[at - 1] ?? 0) > pts) at--;
    return at;
  }
}
