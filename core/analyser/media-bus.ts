/**
 * The analyser's line to the recorder: one connection, kept up, with subscriptions that outlive it.
 * Invariant: a subscription's handler hears only replies of its own id, in order; after a reconnect it starts with a
 * config again. A question is answered once, with null if the line breaks or nothing comes in time.
 */
import { connectBus, type BusConnection } from '#core/base/local-bus.ts';
import type { BusReply, BusRequest } from '#core/domain/worker-protocol.ts';

type Ask = Extract<BusRequest, { id: number }>;
type Subscribe = Exclude<Ask, { t: 'unsub' | 'get-gop' | 'set-batch' }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
/** The end of a subscription, and how long its units may be held back. */
export interface UnitsSubscription {
  end: () => void;
  setBatch: (batchMs: number) => void;
}
type Handler = (reply: BusReply, body: Buffer) => void;

const questionTimeoutMs = 4_000;

export class MediaBus {
  #address: { path: string; token: string } | null = null;
  #connection: BusConnection<BusReply, BusRequest> | null = null;
  #connecting = false;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #nextId = 1;
  readonly #subscriptions = new Map<number, { ask: Subscribe; handler: Handler }>();
  readonly #questions = new Map<number, (answer: { reply: BusReply; body: Buffer } | null) => void>();

  get connected(): boolean {
    return this.#connection !== null;
  }

  /** Where the recorder listens now; a new address replaces the old connection. */
  setAddress(path: string, token: string): void {
    if (this.#address?.path === path && this.#address.token === token) return;
    this.#address = { path, token };
    this.#failures = 0;
    const old = this.#connection;
    this.#connection = null;
    old?.close();
    this.#connect();
  }

  /** Returns the call that ends the subscription. */
  subscribe(ask: WithoutId<Subscribe>, handler: Handler): () => void {
    return this.#add({ ...ask, id: this.#nextId++ }, handler);
  }

  /** Like `subscribe`; a batch length that was set is asked for again after a reconnect. */
  subscribeUnits(ask: WithoutId<Extract<Ask, { t: 'sub-units' }>>, handler: Handler): UnitsSubscription {
    const full = { ...ask, id: this.#nextId++ };
    const { id } = full;
    return {
      end: this.#add(full, handler),
      setBatch: (wantedMs) => {
        if (full.batchMs === wantedMs) return;
        full.batchMs = wantedMs;
        this.#connection?.send({ t: 'set-batch', id, batchMs: wantedMs });
      },
    };
  }

  /** Resolves with null if there is no connection, no answer within 4 s, or no such stream. */
  async question(ask: WithoutId<Extract<Ask, { t: 'get-gop' }>>): Promise<{ reply: BusReply; body: Buffer } | null> {
    const connection = this.#connection;
    if (!connection || this.#questions.size > 64) return null;
    const id = this.#nextId++;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => settle(null), questionTimeoutMs);
      const settle = (answer: { reply: BusReply; body: Buffer } | null): void => {
        clearTimeout(timer);
        this.#questions.delete(id);
        resolve(answer);
      };
      this.#questions.set(id, settle);
      if (!connection.send({ ...ask, id })) settle(null);
    });
  }

  /** Returns false if it was dropped. */
  send(message: BusRequest, body: Uint8Array | readonly Uint8Array[]): boolean {
    return this.#connection?.send(message, body) ?? false;
  }

  close(): void {
    this.#address = null;
    if (this.#retry) clearTimeout(this.#retry);
    this.#subscriptions.clear();
    this.#connection?.close();
  }

  #add(ask: Subscribe, handler: Handler): () => void {
    const { id } = ask;
    this.#subscriptions.set(id, { ask, handler });
    this.#connection?.send(ask);
    return () => {
      if (this.#subscriptions.delete(id)) this.#connection?.send({ t: 'unsub', id });
    };
  }

  #connect(): void {
    const address = this.#address;
    if (!address || this.#connecting || this.#connection) return;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#connecting = true;
    connectBus<BusReply, BusRequest>(address.path, address.token, 'analyser').then(
      (connection) => {
        this.#connecting = false;
        if (this.#address !== address) {
          connection.close();
          this.#connect();
          return;
        }
        this.#failures = 0;
        this.#use(connection);
      },
      () => {
        // The recorder is restarting; its next address comes by a configure message, or it is up again soon.
        this.#connecting = false;
        this.#later();
      },
    );
  }

  #use(connection: BusConnection<BusReply, BusRequest>): void {
    this.#connection = connection;
    connection.onMessage = (reply, body) => this.#heard(reply, body);
    connection.onClose = () => {
      if (this.#connection !== connection) return;
      this.#connection = null;
      for (const settle of [...this.#questions.values()]) settle(null);
      this.#later();
    };
    for (const { ask } of this.#subscriptions.values()) connection.send(ask);
  }

  #later(): void {
    if (!this.#address || this.#retry) return;
    this.#retry = setTimeout(
      () => {
        this.#retry = null;
        this.#connect();
      },
      Math.min(5_000, 200 * 2 ** this.#failures++),
    );
  }

  #heard(reply: BusReply, body: Buffer): void {
    if (!('id' in reply)) return;
    const question = this.#questions.get(reply.id);
    if (question) question(reply.t === 'gone' ? null : { reply, body });
    else this.#subscriptions.get(reply.id)?.handler(reply, body);
  }
}
