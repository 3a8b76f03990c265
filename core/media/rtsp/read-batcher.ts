/**
 * One beat for all pulls: every 100 ms the paused sockets are read and each pull gets its chance to do what is due.
 * What a recorder costs is mostly event-loop wake-ups, so a recorder that nobody watches (`nap`) sleeps between beats with
 * the whole event loop: the sockets need no pausing then, and the kernel has nobody to wake as packets come in.
 * Invariants: the beat runs only while something is registered; the loop never sleeps while anyone asked to stay awake, and
 * never longer than one interval.
 */
export interface BatchMember {
  /** Reads what the kernel holds for this socket, if it is paused. */
  resume(): void;
  /** true: the loop sleeps between beats, pausing after each read is of no use. */
  setNapping(napping: boolean): void;
  /** Every interval, for timeouts and keep-alives. Must not throw. */
  tick(): void;
}

export interface BatcherOptions {
  /** More than 100 ms risks a camera with a small send buffer dropping pictures. */
  intervalMs?: number;
  /** Only for a process that has nothing else to do: everything in it waits up to one interval. */
  nap?: boolean;
}

export class ReadBatcher {
  readonly intervalMs: number;
  readonly #nap: boolean;
  readonly #members = new Set<BatchMember>();
  readonly #awake = new Set<object>();
  readonly #bed = new Int32Array(new SharedArrayBuffer(4));
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #dueMs = 0;

  constructor({ intervalMs = 100, nap = false }: BatcherOptions = {}) {
    this.intervalMs = intervalMs;
    this.#nap = nap;
  }

  get size(): number {
    return this.#members.size;
  }

  add(member: BatchMember): void {
    this.#members.add(member);
    if (this.#immediate) member.setNapping(true);
    this.#arrange();
  }

  remove(member: BatchMember): void {
    this.#members.delete(member);
    this.#awake.delete(member);
    this.#arrange();
  }

  /** While `who` is connecting, or somebody watches it, packets are to be read at once. */
  stayAwake(who: object, awake: boolean): void {
    if (awake) this.#awake.add(who);
    else this.#awake.delete(who);
    this.#arrange();
  }

  #arrange(): void {
    const wanted = this.#members.size > 0;
    const nap = wanted && this.#nap && this.#awake.size === 0;
    if (nap && this.#immediate === null) {
      this.#dueMs = performance.now() + this.intervalMs;
      for (const member of this.#members) member.setNapping(true);
      this.#immediate = setImmediate(this.#sleep);
    } else if (!nap && this.#immediate !== null) {
      clearImmediate(this.#immediate);
      this.#immediate = null;
      for (const member of this.#members) member.setNapping(false);
    }
    if (wanted && !nap) this.#timer ??= setInterval(this.#beat, this.intervalMs);
    else if (this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  readonly #beat = (): void => {
    for (const member of this.#members) {
      member.resume();
      member.tick();
    }
  };

  /** Runs after all that was readable has been read: an immediate follows the poll. */
  readonly #sleep = (): void => {
    this.#immediate = setImmediate(this.#sleep);
    const restMs = this.#dueMs - performance.now();
    if (restMs > 1) Atomics.wait(this.#bed, 0, 0, Math.min(restMs, this.intervalMs));
    this.#dueMs = Math.max(this.#dueMs, performance.now() - this.intervalMs) + this.intervalMs;
    for (const member of this.#members) member.tick();
  };
}
