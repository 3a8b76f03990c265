/**
 * Stops what was set moving when nobody says to go on. Cameras are asked to stop by themselves as well, but some ignore
 * it. Invariant: whatever was armed is stopped, by its own time, by an answered stop of a person, or when the process ends.
 */

interface Armed {
  ticket: number;
  timer: NodeJS.Timeout;
  stop: () => Promise<void>;
}

const retryMs = 500;
/** Waits double: about 15 s of trying in all. */
const mostTries = 5;

export class DeadMan {
  readonly #armed = new Map<string, Armed>();
  readonly #onFailure: (what: string, error: unknown) => void;
  #tickets = 0;

  /** `onFailure`: `what` could not be stopped after all tries. */
  constructor(onFailure: (what: string, error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** `what` is stopped in `ms` unless armed again. `stop` is tried again when it fails. Returns the ticket of this arming. */
  arm(what: string, ms: number, stop: () => Promise<void>): number {
    this.release(what);
    const ticket = ++this.#tickets;
    this.#schedule({ what, ticket, ms, stop, tries: 0 });
    return ticket;
  }

  armed(what: string): boolean {
    return this.#armed.has(what);
  }

  /** This arming still holds: nobody armed again or released since. */
  holds(what: string, ticket: number): boolean {
    return this.#armed.get(what)?.ticket === ticket;
  }

  /** It was stopped, or moves of another kind have taken over. */
  release(what: string): boolean {
    const armed = this.#armed.get(what);
    if (!armed) return false;
    clearTimeout(armed.timer);
    return this.#armed.delete(what);
  }

  /** Stops all that moves, at once. Resolves when all were told or after `withinMs`. */
  async stopAll(withinMs: number): Promise<void> {
    const all = [...this.#armed];
    this.#armed.clear();
    const told = all.map(async ([what, { timer, stop }]) => {
      clearTimeout(timer);
      try {
        await stop();
      } catch (error) {
        this.#onFailure(what, error);
      }
    });
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, withinMs)));
    await Promise.race([Promise.all(told), late]);
    clearTimeout(limit);
  }

  #schedule(next: { what: string; ticket: number; ms: number; stop: () => Promise<void>; tries: number }): void {
    const timer = setTimeout(() => void this.#fire(next), next.ms);
    this.#armed.set(next.what, { ticket: next.ticket, timer, stop: next.stop });
  }

  async #fire(due: {
    what: string;
    ticket: number;
    ms: number;
    stop: () => Promise<void>;
    tries: number;
  }): Promise<void> {
    try {
      await due.stop();
      if (this.holds(due.what, due.ticket)) this.release(due.what);
    } catch (error) {
      // Another move or stop came meanwhile: it decides.
      if (!this.holds(due.what, due.ticket)) return;
      if (due.tries + 1 < mostTries) {
        this.#schedule({ ...due, tries: due.tries + 1, ms: retryMs * 2 ** due.tries });
        return;
      }
      this.release(due.what);
      this.#onFailure(due.what, error);
    }
  }
}
