/**
 * Who may talk to which camera when: first come first served, at most 16 calls in all and 2 per camera, and only one while
 * the password has not been proved, so that a wrong one is tried once and not by all that wait (F15). PTZ commands of one
 * camera keep their order; `urgent` ones (stop) wait for nobody. Invariant: what waits is bounded, and each job that was
 * let in is started exactly once or dropped.
 */
import { HubError } from '#core/base/errors.ts';

export interface Lane {
  /** One camera: host and port. */
  camera: string;
  /** The camera with one user and password. */
  key: string;
  /** Jobs of one order never run side by side; null: no order needed. */
  order: string | null;
  urgent: boolean;
}

export interface LaneLimits {
  all: number;
  perCamera: number;
  waiting: number;
  waitingPerCamera: number;
}

interface Job extends Lane {
  run: () => Promise<void>;
}

const usual: LaneLimits = { all: 16, perCamera: 2, waiting: 256, waitingPerCamera: 32 };

export class Lanes {
  readonly #limits: LaneLimits;
  readonly #proved: (key: string) => boolean;
  #waiting: Job[] = [];
  readonly #running = new Set<Job>();

  /** `proved`: the camera has taken this password, several calls at once are fine. */
  constructor(proved: (key: string) => boolean, limits: Partial<LaneLimits> = {}) {
    this.#limits = { ...usual, ...limits };
    this.#proved = proved;
  }

  /** `run` must not reject. Returns the call that takes it out again while it waits. Throws `too_many`. */
  add(lane: Lane, run: () => Promise<void>): () => void {
    const job: Job = { ...lane, run };
    if (lane.urgent) {
      this.#start(job);
      return () => undefined;
    }
    const ofCamera = this.#waiting.filter(({ camera }) => camera === lane.camera).length;
    if (this.#waiting.length >= this.#limits.waiting || ofCamera >= this.#limits.waitingPerCamera)
      throw new HubError('too_many', 'Too many questions to this camera are waiting. Try again in a moment.');
    this.#waiting.push(job);
    this.#fill();
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== job);
    };
  }

  #fill(): void {
    for (const job of [...this.#waiting]) {
      if (this.#running.size >= this.#limits.all) return;
      if (!this.#fits(job)) continue;
      this.#waiting = this.#waiting.filter((other) => other !== job);
      this.#start(job);
    }
  }

  #fits(job: Job): boolean {
    let ofCamera = 0;
    for (const other of this.#running) {
      if (other.camera !== job.camera || other.urgent) continue;
      ofCamera++;
      if (job.order !== null && other.order === job.order) return false;
      if (other.key === job.key && !this.#proved(job.key)) return false;
    }
    return ofCamera < this.#limits.perCamera;
  }

  #start(job: Job): void {
    this.#running.add(job);
    void job.run().finally(() => {
      this.#running.delete(job);
      this.#fill();
    });
  }
}
