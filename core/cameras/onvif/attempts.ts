/**
 * Questions whose failure must not spoil the rest of a description. Invariants: a refused password, a cancelled call and a
 * bug of ours are thrown on; a camera that has gone silent is not asked through the whole list.
 */
import { clean } from '#core/base/clean-text.ts';
import { HubError, type ErrorCode } from '#core/base/errors.ts';

/** The camera can't be reached at all: asking on would only take time. */
const gone: readonly ErrorCode[] = [
  'camera_silent',
  'camera_closed',
  'camera_refused_connection',
  'camera_host_not_found',
  'camera_tls',
  'camera_certificate',
];
const mostGone = 2;
const mostProblems = 20;
const late = Symbol('late');

export class Attempts {
  readonly problems: string[] = [];
  readonly #endMs: number;
  #gone = 0;

  /** `endMs`: on the monotonic clock, when the description must be there with what it has by then. */
  constructor(endMs = Infinity) {
    this.#endMs = endMs;
  }

  /** The first question of all: a camera that can't be reached ends the whole description. */
  async first<T>(what: string, work: () => Promise<T>): Promise<T | null> {
    return this.#try(what, work, true);
  }

  /** Null and a problem in words when it fails. `what` begins a sentence: `Its profiles`. */
  async expect<T>(what: string, work: () => Promise<T>): Promise<T | null> {
    return this.#try(what, work);
  }

  /** Null when it fails; only a camera that went silent is told as a problem. */
  async perhaps<T>(work: () => Promise<T>): Promise<T | null> {
    return this.#try(null, work);
  }

  note(problem: string): void {
    if (this.problems.length < mostProblems && !this.problems.includes(problem)) this.problems.push(problem);
  }

  #isLate(): boolean {
    if (performance.now() < this.#endMs) return false;
    this.note('It answers slowly, so not everything was asked; what is missing can be asked again.');
    return true;
  }

  async #inTime<T>(work: Promise<T>): Promise<T | typeof late> {
    if (this.#endMs === Infinity) return work;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<typeof late>((resolve) => {
      timer = setTimeout(() => resolve(late), Math.max(0, this.#endMs - performance.now()));
    });
    try {
      const result = await Promise.race([work, end]);
      if (result === late) this.#isLate();
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  async #try<T>(what: string | null, work: () => Promise<T>, mustReach = false): Promise<T | null> {
    if (this.#gone >= mostGone || this.#isLate()) return null;
    try {
      const result = await this.#inTime(work());
      if (result === late) return null;
      this.#gone = 0;
      return result;
    } catch (error) {
      if (!(error instanceof HubError) || ['camera_wrong_password', 'camera_clock', 'internal'].includes(error.code)) {
        throw error;
      }
      if (gone.includes(error.code)) {
        if (mustReach) throw error;
        this.#gone++;
        this.note(
          this.#gone >= mostGone
            ? 'It stopped answering before it had said everything; what is missing can be asked again.'
            : error.message,
        );
      } else if (what !== null) {
        this.note(`${clean(what, 160)} could not be read: ${error.message}`);
      }
      return null;
    }
  }
}
