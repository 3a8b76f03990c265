/**
 * One timer for all pulls: resumes the paused sockets every 100 ms and gives each pull its chance to do what is due.
 * Two thirds of what a recorder costs is event-loop wake-ups, so all batched sockets wake in the same turn.
 * Invariant: the timer runs only while something is registered.
 */
export interface BatchMember {
  /** Reads what the kernel holds for this socket, if it is paused. */
  resume(): void;
  /** Every interval, for timeouts and keep-alives. Must not throw. */
  tick(): void;
}

export class ReadBatcher {
  readonly intervalMs: number;
  readonly #members = new Set<BatchMember>();
  #timer: NodeJS.Timeout | null = null;

  /** More than 100 ms risks a camera with a small send buffer dropping pictures. */
  constructor(intervalMs = 100) {
    this.intervalMs = intervalMs;
  }

  get size(): number {
    return this.#members.size;
  }

  add(member: BatchMember): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => {
      for (const each of this.#members) {
        each.resume();
        each.tick();
      }
    }, this.intervalMs);
  }

  remove(member: BatchMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
