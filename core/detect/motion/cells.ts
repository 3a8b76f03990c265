/** From changed pixels to moving things: cells of 4x4 pixels, joined to components where they touch, as boxes. */
import type { Box } from '#core/domain/geometry.ts';

export const cellSize = 4;
/** Changed pixels of 16 from which on a cell counts: lone pixels are sensor noise. */
const leastPixels = 5;
/** Components smaller than this many cells are leaves and noise. */
const leastCells = 3;
const mostBoxes = 40;

export class CellGrid {
  readonly columns: number;
  readonly rows: number;
  readonly #width: number;
  /** 1 where the cell is hidden by a mask. */
  readonly #hidden: Uint8Array;
  readonly #active: Uint8Array;
  readonly #queue: Int32Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.columns = Math.floor(width / cellSize);
    this.rows = Math.floor(height / cellSize);
    const cells = this.columns * this.rows;
    this.#hidden = new Uint8Array(cells);
    this.#active = new Uint8Array(cells);
    this.#queue = new Int32Array(cells);
  }

  /** `hidden(x, y)`: whether the cell whose centre is at this fraction of the picture is masked. */
  hide(hidden: (x: number, y: number) => boolean): void {
    for (let row = 0; row < this.rows; row++)
      for (let column = 0; column < this.columns; column++)
        this.#hidden[row * this.columns + column] = hidden((column + 0.5) / this.columns, (row + 0.5) / this.rows)
          ? 1
          : 0;
  }

  /** Boxes (fractions) around what moves, the largest first, and the share of cells that are active. */
  components(foreground: Uint8Array): { boxes: Box[]; area: number } {
    const count = this.#mark(foreground);
    if (count < leastCells) return { boxes: [], area: count / this.#active.length };
    const found: { box: Box; cells: number }[] = [];
    for (let cell = 0; cell < this.#active.length; cell++) {
      if (this.#active[cell] !== 1) continue;
      const component = this.#flood(cell);
      if (component.cells >= leastCells) found.push(component);
    }
    found.sort((a, b) => b.cells - a.cells);
    return { boxes: found.slice(0, mostBoxes).map((one) => one.box), area: count / this.#active.length };
  }

  #mark(foreground: Uint8Array): number {
    const { columns } = this;
    let count = 0;
    for (let row = 0; row < this.rows; row++)
      for (let column = 0; column < columns; column++) {
        const cell = row * columns + column;
        let pixels = 0;
        let p = row * cellSize * this.#width + column * cellSize;
        for (let y = 0; y < cellSize; y++, p += this.#width)
          pixels +=
            (foreground[p] ?? 0) + (foreground[p + 1] ?? 0) + (foreground[p + 2] ?? 0) + (foreground[p + 3] ?? 0);
        const active = pixels >= leastPixels && this.#hidden[cell] === 0 ? 1 : 0;
        this.#active[cell] = active;
        count += active;
      }
    return count;
  }

  /** Takes one component off the grid. Cells join over a gap of one cell: parts of one thing often do not touch. */
  #flood(start: number): { box: Box; cells: number } {
    const { columns, rows } = this;
    const active = this.#active;
    const queue = this.#queue;
    let head = 0;
    let tail = 0;
    let left = columns;
    let right = 0;
    let top = rows;
    let bottom = 0;
    queue[tail++] = start;
    active[start] = 2;
    while (head < tail) {
      const cell = queue[head++] ?? 0;
      const row = Math.floor(cell / columns);
      const column = cell - row * columns;
      if (column < left) left = column;
      if (column > right) right = column;
      if (row < top) top = row;
      if (row > bottom) bottom = row;
      const lastRow = Math.min(rows - 1, row + 2);
      const lastColumn = Math.min(columns - 1, column + 2);
      for (let r = Math.max(0, row - 2); r <= lastRow; r++)
        for (let c = Math.max(0, column - 2); c <= lastColumn; c++) {
          const next = r * columns + c;
          if (active[next] !== 1) continue;
          active[next] = 2;
          queue[tail++] = next;
        }
    }
    return {
      cells: tail,
      box: {
        x: left / columns,
        y: top / rows,
        w: (right - left + 1) / columns,
        h: (bottom - top + 1) / rows,
      },
    };
  }
}
