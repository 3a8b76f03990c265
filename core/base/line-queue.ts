/** Joins callbacks to an async iteration: what is pushed comes out in order, then the end or the error. One reader. */
export class LineQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #ended: { error: Error | null } | null = null;
  #wake: () => void = () => undefined;

  push(line: T): void {
    if (this.#ended) return;
    this.#waiting.push(line);
    this.#wake();
  }

  end(error: Error | null = null): void {
    this.#ended ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const line = this.#waiting.shift();
      if (line !== undefined) yield line;
      else if (this.#ended) {
        if (this.#ended.error) throw this.#ended.error;
        return;
      } else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
