/**
 * One connection to the recorder's media bus, many subscriptions for live view. Invariant: a subscription outlives the
 * recorder: when a new bus comes up it is asked for again, and its viewer gets a new init section.
 */
import { errorText } from '#core/base/errors.ts';
import { connectBus, type BusConnection } from '#core/base/local-bus.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { BusReply, BusRequest } from '#core/domain/worker-protocol.ts';
import type { Bus } from './recorder-link.ts';

export type LiveInit = Extract<BusReply, { t: 'live-init' }>;

export interface LiveSink {
  onInit(init: LiveInit, section: Buffer): void;
  onFragment(key: boolean, media: Buffer): void;
  /** No picture at present. */
  onGone(): void;
}

interface Subscription {
  cameraId: CameraId;
  stream: StreamName;
  sink: LiveSink;
}

export class LiveBus {
  readonly #logger: Logger;
  readonly #subscriptions = new Map<number, Subscription>();
  #connection: BusConnection<BusReply, BusRequest> | null = null;
  #bus: Bus | null = null;
  #retry: NodeJS.Timeout | null = null;
  #nextId = 1;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The recorder's bus changed; null: there is none. */
  use(bus: Bus | null): void {
    this.#bus = bus;
    this.#drop();
    if (bus) void this.#connect(bus);
  }

  /** Returns the call that ends it. */
  subscribe(cameraId: CameraId, stream: StreamName, sink: LiveSink): () => void {
    const id = this.#nextId++;
    const subscription = { cameraId, stream, sink };
    this.#subscriptions.set(id, subscription);
    this.#ask(id, subscription);
    return () => {
      if (this.#subscriptions.delete(id)) this.#connection?.send({ t: 'unsub', id });
    };
  }

  get viewers(): number {
    return this.#subscriptions.size;
  }

  close(): void {
    this.#bus = null;
    this.#drop();
  }

  async #connect(bus: Bus): Promise<void> {
    let connection: BusConnection<BusReply, BusRequest>;
    try {
      connection = await connectBus<BusReply, BusRequest>(bus.path, bus.token, 'hub');
    } catch (error) {
      this.#logger.warn({ error: errorText(error) }, 'the media bus did not answer');
      if (this.#bus === bus) this.#retry = setTimeout(() => void this.#connect(bus), 1_000);
      return;
    }
    if (this.#bus !== bus) {
      connection.close();
      return;
    }
    this.#connection = connection;
    connection.onMessage = (header, body) => this.#heard(header, body);
    connection.onClose = () => {
      if (this.#connection !== connection) return;
      this.#connection = null;
      this.#tellGone();
      // The recorder may live on and have dropped us for reading too slowly.
      if (this.#bus === bus) this.#retry = setTimeout(() => void this.#connect(bus), 1_000);
    };
    for (const [id, subscription] of this.#subscriptions) this.#ask(id, subscription);
  }

  #ask(id: number, { cameraId, stream }: Subscription): void {
    this.#connection?.send({ t: 'sub-live', id, cameraId, stream });
  }

  #heard(header: BusReply, body: Buffer): void {
    if (header.t !== 'live-init' && header.t !== 'live-frag' && header.t !== 'gone') return;
    const sink = this.#subscriptions.get(header.id)?.sink;
    if (!sink) return;
    if (header.t === 'live-init') sink.onInit(header, body);
    else if (header.t === 'live-frag') sink.onFragment(header.key, body);
    else sink.onGone();
  }

  #tellGone(): void {
    for (const { sink } of [...this.#subscriptions.values()]) sink.onGone();
  }

  #drop(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    if (connection) this.#tellGone();
  }
}
