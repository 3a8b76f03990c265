/**
 * The cheap look that decides whether a picture is worth the full motion model: averages of a 160x90 grid against those of
 * the last picture that was looked at in full. Leans to "yes": it may call noise a change, it must not call a person quiet.
 * Invariant: compares with the last *accepted* picture, so slow change adds up until it counts.
 */
export const gridCols = 160;
export const gridRows = 90;
const cells = gridCols * gridRows;
/** Cells are judged in blocks of 8x6: one small thing in a corner must count as much as in an empty picture. */
const blockCols = gridCols / 8;
const blockRows = gridRows / 6;

export interface ChangeSettings {
  /** Luma difference at which a cell counts as changed, above the light's common shift. */
  cellDifference: number;
  /** Changed cells in one block that make a change. */
  cellsInBlock: number;
}

export const defaultChangeSettings: ChangeSettings = { cellDifference: 14, cellsInBlock: 2 };

export class ChangeCheck {
  /** Write the picture's samples here, then ask. */
  readonly samples = new Uint8Array(cells);
  readonly #accepted = new Uint8Array(cells);
  readonly #blocks = new Uint8Array(blockCols * blockRows);
  readonly #settings: ChangeSettings;
  #empty = true;

  constructor(settings = defaultChangeSettings) {
    this.#settings = settings;
  }

  /** Whether `samples` differ from the last accepted picture. The first picture always does. */
  changed(): boolean {
    if (this.#empty) return true;
    const { cellDifference, cellsInBlock } = this.#settings;
    const now = this.samples;
    const then = this.#accepted;
    /* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are below `cells`; this runs for every picture looked at */
    let sum = 0;
    for (let i = 0; i < cells; i++) sum += now[i]! - then[i]!;
    // A shift of the whole picture is the camera's exposure, not something that moves.
    const shift = Math.round(sum / cells);
    const blocks = this.#blocks.fill(0);
    let i = 0;
    for (let row = 0; row < gridRows; row++) {
      const blockRow = ((row / 6) | 0) * blockCols;
      for (let col = 0; col < gridCols; col++, i++) {
        const difference = now[i]! - then[i]! - shift;
        if (difference < cellDifference && difference > -cellDifference) continue;
        const block = blockRow + (col >> 3);
        if (++blocks[block]! >= cellsInBlock) return true;
      }
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
