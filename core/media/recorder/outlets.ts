/**
 * Who listens to one stream over the media bus. Lives as long as there are listeners or a stream, so that a subscription
 * made before the camera exists, or kept while it is changed, revives by itself.
 */
import type { Clock } from '#core/base/clock.ts';
import type { MediaUnit } from '#core/domain/media.ts';
import type { MediaBusConnection } from './bus-media.ts';
import { LiveFeed } from './live-feed.ts';
import type { Gop } from './ring.ts';
import { UnitFeed } from './unit-feed.ts';

/** The stream as its listeners need it. */
export interface OutletSource {
  lastGop(): Gop | null;
  viewersChanged(): void;
}

export class StreamOutlets {
  readonly live: LiveFeed;
  readonly units: UnitFeed;
  readonly audio: UnitFeed;
  #source: OutletSource | null = null;

  constructor(clock: Clock) {
    this.live = new LiveFeed(clock);
    this.units = new UnitFeed('units', clock);
    this.audio = new UnitFeed('audio', clock);
  }

  get unused(): boolean {
    return !this.#source && this.live.viewers + this.units.clients + this.audio.clients === 0;
  }

  attach(source: OutletSource): void {
    this.#source = source;
    source.viewersChanged();
  }

  detach(source: OutletSource): void {
    if (this.#source === source) this.#source = null;
  }

  /** The stream ended. */
  end(): void {
    this.live.end();
    this.units.end();
    this.audio.end();
  }

  tick(): void {
    this.units.tick();
    this.audio.tick();
  }

  lastGop(): Gop | null {
    return this.#source?.lastGop() ?? null;
  }

  addViewer(connection: MediaBusConnection, id: number): void {
    this.live.addViewer(connection, id, this.lastGop());
    this.#source?.viewersChanged();
  }

  addUnits(connection: MediaBusConnection, id: number, batchMs: number): void {
    const backlog = (this.lastGop()?.units ?? []).filter((unit: MediaUnit) => unit.kind === 'video');
    this.units.addClient(connection, id, batchMs, backlog);
  }

  addAudio(connection: MediaBusConnection, id: number): void {
    this.audio.addClient(connection, id, 100, []);
  }

  /** @param id null: all of this connection. */
  remove(connection: MediaBusConnection, id: number | null): void {
    this.live.removeViewer(connection, id);
    this.units.removeClient(connection, id);
    this.audio.removeClient(connection, id);
    this.#source?.viewersChanged();
  }
}
