/**
 * Units of one kind of one stream for another process (pictures for analysis, G.711 for transcoding), batched. Invariant:
 * a client that falls behind goes on at the next keyframe; nothing is kept for it, and what it missed is counted.
 */
import type { Clock } from '#core/base/clock.ts';
import type { MediaUnit } from '#core/domain/media.ts';
import type { BusReply } from '#core/domain/worker-protocol.ts';
import { toBusUnit, type MediaBusConnection } from './bus-media.ts';
import { pin } from './unit-memory.ts';

interface Client {
  connection: MediaBusConnection;
  id: number;
  batchMs: number;
  batch: MediaUnit[];
  batchBytes: number;
  sinceMono: number;
  needsKey: boolean;
  allowedBytes: number;
}

interface Announcement {
  header: (id: number) => BusReply;
  body: readonly Uint8Array[];
}

const maxUnreadBytes = 2 * 1024 * 1024;
const maxBatchMs = 2_000;
const maxBatchBytes = 4 * 1024 * 1024;

const bounded = (batchMs: number): number => Math.min(maxBatchMs, Math.max(0, batchMs || 0));

export class UnitFeed {
  dropped = 0;
  readonly #answer: 'units' | 'audio';
  readonly #clock: Clock;
  readonly #clients: Client[] = [];
  #announcement: Announcement | null = null;

  constructor(answer: 'units' | 'audio', clock: Clock) {
    this.#answer = answer;
    this.#clock = clock;
  }

  get clients(): number {
    return this.#clients.length;
  }

  /** Parameters of what follows. */
  begin(header: (id: number) => BusReply, body: readonly Uint8Array[]): void {
    this.#announcement = { header, body };
    for (const client of this.#clients) {
      this.#flush(client);
      client.needsKey = true;
      client.connection.send(header(client.id), body);
    }
  }

  end(): void {
    if (!this.#announcement) return;
    this.#announcement = null;
    for (const client of this.#clients) {
      this.#flush(client);
      client.connection.send({ t: 'gone', id: client.id });
    }
  }

  /** @param backlog Units since the last keyframe, which the client gets at once. */
  addClient(connection: MediaBusConnection, id: number, batchMs: number, backlog: readonly MediaUnit[]): void {
    const client: Client = {
      connection,
      id,
      batchMs: bounded(batchMs),
      batch: [],
      batchBytes: 0,
      sinceMono: 0,
      needsKey: true,
      allowedBytes: maxUnreadBytes,
    };
    this.#clients.push(client);
    if (!this.#announcement) {
      connection.send({ t: 'gone', id });
      return;
    }
    connection.send(this.#announcement.header(id), this.#announcement.body);
    for (const unit of backlog) client.allowedBytes += unit.data.length;
    for (const unit of backlog) this.#offer(client, unit);
    this.#flush(client);
  }

  setBatch(connection: MediaBusConnection, id: number, batchMs: number): void {
    const client = this.#clients.find((one) => one.connection === connection && one.id === id);
    if (client) client.batchMs = bounded(batchMs);
  }

  removeClient(connection: MediaBusConnection, id: number | null): void {
    for (let i = this.#clients.length - 1; i >= 0; i--) {
      const client = this.#clients[i];
      if (client?.connection === connection && (id === null || client.id === id)) this.#clients.splice(i, 1);
    }
  }

  add(unit: MediaUnit): void {
    for (const client of this.#clients) this.#offer(client, unit);
  }

  /** Sends batches that are due although no unit came. */
  tick(): void {
    if (this.#clients.length === 0) return;
    const mono = this.#clock.monoMs();
    for (const client of this.#clients) if (mono - client.sinceMono >= client.batchMs) this.#flush(client);
  }

  #offer(client: Client, unit: MediaUnit): void {
    const mono = this.#clock.monoMs();
    const start = unit.kind === 'audio' || unit.key;
    if (client.needsKey && (!start || client.connection.queuedBytes > maxUnreadBytes)) {
      if (start) this.dropped++;
      return;
    }
    client.needsKey = false;
    if (client.batch.length === 0) client.sinceMono = mono;
    client.batch.push(unit);
    pin(unit);
    client.batchBytes += unit.data.length;
    if (mono - client.sinceMono >= client.batchMs || client.batchBytes > maxBatchBytes) this.#flush(client);
  }

  #flush(client: Client): void {
    const batch = client.batch;
    if (batch.length === 0) return;
    client.batch = [];
    client.batchBytes = 0;
    const unread = client.connection.queuedBytes;
    const fits = unread <= client.allowedBytes;
    if (unread < maxUnreadBytes / 2) client.allowedBytes = maxUnreadBytes;
    const header: BusReply = { t: this.#answer, id: client.id, units: batch.map(toBusUnit) };
    const body = batch.map((unit) => unit.data);
    if (fits && client.connection.send(header, body)) return;
    this.dropped += batch.length;
    client.needsKey = true;
  }
}
