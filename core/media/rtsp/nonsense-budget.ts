/**
 * How much of what is neither picture, sound nor a wanted answer one connection may send: each piece costs the shared recorder
 * time. Invariant: a camera whose framing breaks now and then stays; one that sends little else is not listened to.
 */
/** Kept for a bad moment. */
const mostPieces = 200;
/** More than this in every second is no bad moment: a stream in which each picture is damaged. */
const piecesPerSecond = 50;
/** A packet is found again within 128 KiB wherever there is one. */
export const mostSkippedBytes = 1024 * 1024;

export class NonsenseBudget {
  #left = mostPieces;
  #atMono = -Infinity;

  /** Takes one piece at this monotonic time, in milliseconds; false when there are too many. */
  spend(monoMs: number): boolean {
    this.#left = Math.min(mostPieces, this.#left + ((monoMs - this.#atMono) / 1000) * piecesPerSecond) - 1;
    this.#atMono = monoMs;
    return this.#left >= 0;
  }
}
