/** A typed list of listeners. A listener that throws is a bug: it is thrown after the others were told. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Returns the call that takes the listener away again. */
  on(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    const failures: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  }
}
