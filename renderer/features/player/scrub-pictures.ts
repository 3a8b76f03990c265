/**
 * Small pictures for scrubbing. Latest wins: while one is loading only the newest wish waits, so a fast hand never queues up
 * old pictures. Loaded ones are kept, and the neighbours in the direction of the hand are fetched ahead when idle.
 *
 * Measuring: each picture that had to be waited for adds the performance measure `porchlight:scrub`, read it with a
 * PerformanceObserver.
 */

/** Pictures are asked for on this grid, so that wishes nearby share one. */
export function pictureSlotMs(ms: number, msPerPx: number): number {
  const stepMs = Math.max(2000, 2 ** Math.ceil(Math.log2(Math.max(1, msPerPx * 6))));
  return Math.floor(ms / stepMs) * stepMs;
}

type Load = (slotMs: number, signal: AbortSignal) => Promise<ImageBitmap>;

const mostKept = 160;

export class ScrubPictures {
  private readonly load: Load;
  /** Told when a picture that was wanted is here. Whoever shows it sets this. */
  onPicture: ((slotMs: number, picture: ImageBitmap | null) => void) | null = null;
  /** null: there is none at that moment. */
  private readonly kept = new Map<number, ImageBitmap | null>();
  private loading: number | null = null;
  private wish: { slotMs: number; sinceMs: number; ahead: boolean } | null = null;
  private aborting = new AbortController();

  constructor(load: Load) {
    this.load = load;
  }

  /** Lets go of all pictures and of what is loading. May be used again afterwards. */
  clear(): void {
    this.aborting.abort();
    this.aborting = new AbortController();
    this.loading = null;
    this.wish = null;
    for (const picture of this.kept.values()) picture?.close();
    this.kept.clear();
  }

  /** The picture if it is here, undefined while it is not yet; then `onPicture` tells. null: there is none. */
  want(slotMs: number): ImageBitmap | null | undefined {
    const picture = this.kept.get(slotMs);
    if (picture !== undefined) {
      this.kept.delete(slotMs);
      this.kept.set(slotMs, picture);
      return picture;
    }
    this.wish = { slotMs, sinceMs: performance.now(), ahead: false };
    this.next();
    return undefined;
  }

  /** Fetches a neighbour if nothing better is to be done. */
  ahead(slotMs: number): void {
    if (this.wish || this.loading !== null || this.kept.has(slotMs)) return;
    this.wish = { slotMs, sinceMs: performance.now(), ahead: true };
    this.next();
  }

  private next(): void {
    const { wish } = this;
    if (this.loading !== null || !wish) return;
    this.wish = null;
    this.loading = wish.slotMs;
    const { signal } = this.aborting;
    this.load(wish.slotMs, signal)
      .catch(() => null) // No picture there (404) or no hub: the tooltip then shows the time alone.
      .then((picture) => {
        if (signal.aborted) {
          picture?.close();
          return;
        }
        this.loading = null;
        this.keep(wish.slotMs, picture);
        if (!wish.ahead) {
          performance.measure('porchlight:scrub', { start: wish.sinceMs, end: performance.now() });
          performance.clearMeasures('porchlight:scrub');
        }
        this.onPicture?.(wish.slotMs, picture);
        this.next();
      })
      .catch((error: unknown) => reportError(error));
  }

  private keep(slotMs: number, picture: ImageBitmap | null): void {
    this.kept.set(slotMs, picture);
    if (this.kept.size <= mostKept) return;
    const oldest = this.kept.entries().next().value;
    if (!oldest) return;
    this.kept.delete(oldest[0]);
    oldest[1]?.close();
  }
}
