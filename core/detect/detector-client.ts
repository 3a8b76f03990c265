/**
 * The analyser's end of the detector's bus. Invariant: an answer or a rejection comes within the time limit whatever the
 * other side does; at most a bounded number of questions is under way; a lost connection is made again by the next question.
 */
import { connectBus, type BusConnection } from '#core/base/local-bus.ts';
import { systemClock, type Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { DetectorPort } from '#core/domain/analysis-frame.ts';
import type { Detection } from '#core/domain/detection.ts';
import type { DetectReply, DetectRequest } from '#core/domain/worker-protocol.ts';

type Connection = BusConnection<DetectReply, DetectRequest>;
interface Answer {
  detections: Detection[];
  ms: number;
}
interface Pending {
  resolve: (answer: Answer) => void;
  reject: (error: HubError) => void;
  timer: NodeJS.Timeout;
}

export interface DetectorClientInit {
  path: string;
  token: string;
  clock?: Clock;
  timeoutMs?: number;
}

const defaultTimeoutMs = 3_000;
const mostPending = 16;
/** After this many questions in a row without an answer the connection is given up. */
const mostTimeouts = 3;
const reconnectEveryMs = 500;

export class DetectorClient implements DetectorPort {
  readonly #init: DetectorClientInit;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #connection: Connection | null = null;
  #connecting: Promise<Connection> | null = null;
  #nextTryMs = -Infinity;
  #nextId = 1;
  #timeouts = 0;
  #closed = false;

  constructor(init: DetectorClientInit) {
    this.#init = init;
    this.#clock = init.clock ?? systemClock;
  }

  /** `rgb`: 3 bytes per pixel. Boxes are fractions of this image. Rejects with `unavailable`. */
  async detect(rgb: Uint8Array, width: number, height: number, minScore: number): Promise<Answer> {
    if (this.#pending.size >= mostPending) throw unavailable('The detector does not keep up.');
    const connection = this.#connection ?? (await this.#connect());
    const id = this.#nextId++;
    return await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => this.#timedOut(id), this.#init.timeoutMs ?? defaultTimeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      if (!connection.send({ t: 'detect', id, width, height, minScore }, rgb))
        this.#settle(id)?.reject(unavailable('The detector does not read what it is sent.'));
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop('The detector was exchanged.');
  }

  async #connect(): Promise<Connection> {
    if (this.#closed) throw unavailable('The detector was exchanged.');
    if (!this.#connecting) {
      const nowMs = this.#clock.monoMs();
      if (nowMs < this.#nextTryMs) throw unavailable('The detector is not reachable.');
      this.#nextTryMs = nowMs + reconnectEveryMs;
      this.#connecting = this.#open().finally(() => {
        this.#connecting = null;
      });
    }
    return await this.#connecting;
  }

  async #open(): Promise<Connection> {
    const connection: Connection = await connectBus<DetectReply, DetectRequest>(
      this.#init.path,
      this.#init.token,
      'analyser',
    );
    if (this.#closed) {
      connection.close();
      throw unavailable('The detector was exchanged.');
    }
    this.#timeouts = 0;
    connection.onMessage = (reply) => this.#heard(reply);
    connection.onClose = () => {
      if (this.#connection === connection) this.#drop('The connection to the detector was lost.');
    };
    this.#connection = connection;
    return connection;
  }

  #heard(reply: DetectReply): void {
    if (reply.t === 'welcome') return;
    this.#timeouts = 0;
    const pending = this.#settle(reply.id);
    if (reply.t === 'boxes') pending?.resolve({ detections: reply.detections, ms: reply.ms });
    else pending?.reject(unavailable(reply.message));
  }

  #timedOut(id: number): void {
    this.#settle(id)?.reject(unavailable('The detector did not answer in time.'));
    if (++this.#timeouts >= mostTimeouts) this.#drop('The detector hangs.');
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    clearTimeout(pending?.timer);
    this.#pending.delete(id);
    return pending;
  }

  #drop(reason: string): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(unavailable(reason));
  }
}

function unavailable(message: string): HubError {
  return new HubError('unavailable', message);
}
