/**
 * One queue for all who ask the detector. Serves a local bus of its own; answers one picture at a time.
 * Invariant: who asks most waits most: connections take turns, each has a bounded queue, and what falls out of it is the
 * oldest, is answered with an error and counted.
 */
import { BusServer, type BusConnection } from '#core/base/local-bus.ts';
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Detection } from '#core/domain/detection.ts';
import type { DetectReply, DetectRequest, DetectorToHub } from '#core/domain/worker-protocol.ts';
import type { RgbImage } from './families/family.ts';

type Connection = BusConnection<DetectRequest, DetectReply>;
interface Job {
  id: number;
  image: RgbImage;
  minScore: number;
}

export interface DetectorServiceInit {
  detect: (image: RgbImage, minScore: number) => Promise<Detection[]>;
  clock: Clock;
  /** Told when a picture could not be answered, e.g. because the model fails. */
  onError: (error: unknown) => void;
}

const mostWaiting = 16;
const timesKept = 200;

export class DetectorService {
  readonly #init: DetectorServiceInit;
  readonly #bus: BusServer<DetectRequest, DetectReply>;
  /** In the order in which they are served next. */
  readonly #queues = new Map<Connection, Job[]>();
  readonly #times: number[] = [];
  #working = false;
  #closed = false;
  #runs = 0;
  #dropped = 0;

  constructor(init: DetectorServiceInit) {
    this.#init = init;
    this.#bus = new BusServer<DetectRequest, DetectReply>((connection) => {
      this.#queues.set(connection, []);
      connection.onMessage = (header, body) => this.#ask(connection, header, body);
      connection.onClose = () => this.#queues.delete(connection);
    });
  }

  get address(): { path: string; token: string } {
    return { path: this.#bus.path, token: this.#bus.token };
  }

  async start(): Promise<void> {
    await this.#bus.listen();
  }

  stop(): void {
    this.#closed = true;
    this.#queues.clear();
    this.#bus.close();
  }

  figures(): Extract<DetectorToHub, { type: 'figures' }> {
    const sorted = [...this.#times].sort((a, b) => a - b);
    let queued = 0;
    for (const queue of this.#queues.values()) queued += queue.length;
    return {
      type: 'figures',
      runs: this.#runs,
      meanMs: sorted.length === 0 ? 0 : sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length,
      p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
      queued,
      dropped: this.#dropped,
    };
  }

  #ask(connection: Connection, header: DetectRequest, body: Buffer): void {
    if (header.t !== 'detect') return;
    const queue = this.#queues.get(connection);
    if (!queue) return;
    const { id, width, height, minScore } = header;
    queue.push({ id, minScore, image: { data: body, width, height } });
    if (queue.length > mostWaiting) {
      const oldest = queue.shift();
      this.#dropped++;
      if (oldest) connection.send({ t: 'error', id: oldest.id, message: 'The detector has too much to do.' });
    }
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#next(); next && !this.#closed; next = this.#next()) {
      await this.#answer(next.connection, next.job);
      // A run blocks the process: let sockets and heartbeats have their turn between two.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#working = false;
  }

  /** The first job of the connection that waited longest since it was last served. */
  #next(): { connection: Connection; job: Job } | null {
    for (const [connection, queue] of this.#queues) {
      const job = queue.shift();
      if (!job) continue;
      this.#queues.delete(connection);
      this.#queues.set(connection, queue);
      return { connection, job };
    }
    return null;
  }

  async #answer(connection: Connection, job: Job): Promise<void> {
    const startMs = this.#init.clock.monoMs();
    try {
      const detections = await this.#init.detect(job.image, job.minScore);
      const ms = this.#init.clock.monoMs() - startMs;
      this.#runs++;
      this.#times.push(ms);
      if (this.#times.length > timesKept) this.#times.shift();
      connection.send({ t: 'boxes', id: job.id, detections, ms });
    } catch (error) {
      this.#init.onError(error);
      connection.send({ t: 'error', id: job.id, message: errorText(error) });
    }
  }
}
