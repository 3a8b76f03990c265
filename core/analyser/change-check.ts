/**
 * The cheap look that decides whether a picture is worth the full motion model: means of a 160x90 grid against those of
 * the last picture that was looked at in full. Leans to "yes": it may call noise a change, it must not call a person quiet.
 * Invariant: compares with the last *accepted* picture, so slow change adds up until it counts.
 */
export const gridCols = 160;
export const gridRows = 90;
const cells = gridCols * gridRows;
/** Luma difference at which a cell has changed, above the light's common shift. One cell is enough: small things count. */
const changedBy = 14;

export class ChangeCheck {
  /** Write the picture's samples here, then ask. */
  readonly samples = new Uint8Array(cells);
  readonly #accepted = new Uint8Array(cells);
  #empty = true;

  /** Whether `samples` differ from the last accepted picture. The first picture always does. */
  changed(): boolean {
    if (this.#empty) return true;
    const now = this.samples;
    const then = this.#accepted;
    /* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are below `cells`; this runs for every picture looked at */
    let sum = 0;
    for (let i = 0; i < cells; i++) sum += now[i]! - then[i]!;
    // A shift of the whole picture is the camera's exposure, not something that moves.
    const shift = Math.round(sum / cells);
    const brighter = shift + changedBy;
    const darker = shift - changedBy;
    for (let i = 0; i < cells; i++) {
      const difference = now[i]! - then[i]!;
      if (difference >= brighter || difference <= darker) return true;
    }
    /* eslint-enable @typescript-eslint/no-non-null-assertion */
    return false;
  }

  /** The picture was looked at in full: it is the one to compare with from now on. */
  accept(): void {
    this.#accepted.set(this.samples);
    this.#empty = false;
  }

  reset(): void {
    this.#empty = true;
  }
}
