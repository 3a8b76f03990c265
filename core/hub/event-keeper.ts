/**
 * Writes events down as they grow, tells the pages, and keeps footage for them. Invariant: no event stays open without
 * somebody who watches it (an analyser, or camera-reports.ts for what cameras tell themselves), and a camera that records on events records for as long as one of its events goes on.
 */
import type { LiveEvent } from '#core/api/schemas.ts';
import type { Clock } from '#core/base/clock.ts';
import type { EventState } from '#core/domain/detection.ts';
import type { CameraId, EventId } from '#core/domain/ids.ts';
import type { CameraRecord, EventWriter, SettingsReader } from '#core/domain/records.ts';
import { eventView } from './event-view.ts';

interface Init {
  events: EventWriter;
  settings: SettingsReader;
  camera: (id: CameraId) => CameraRecord | null;
  recordUntil: (cameraId: CameraId, fromMs: number, untilMs: number) => void;
  tell: (event: LiveEvent) => void;
  clock: Clock;
}

/** How often recording of a running event is extended, and by how much at least. */
const extendEveryMs = 2_000;
const extendByMs = 10_000;

export class EventKeeper {
  readonly #init: Init;
  /** Running events and when their last report came. */
  readonly #open = new Map<EventId, { event: EventState; reportedMs: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(init: Init) {
    this.#init = init;
    init.events.closeOpen();
    this.#timer = setInterval(() => this.#extend(), extendEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const open of [...this.#open.values()]) this.#end(open);
  }

  /** A report of an analyser. Reports for cameras that were removed meanwhile are dropped. */
  report(event: EventState): void {
    const camera = this.#init.camera(event.cameraId);
    if (!camera) {
      this.#open.delete(event.id);
      return;
    }
    const named = { ...event, zones: event.zones.map((zone) => nameOf(camera, zone)) };
    if (event.endMs === null) this.#open.set(event.id, { event: named, reportedMs: this.#init.clock.nowMs() });
    else this.#open.delete(event.id);
    this.#keepFootage(camera, named);
    this.#init.tell({ type: 'event', event: eventView(this.#init.events.upsert(named)) });
  }

  /** No analyser watches these cameras any more: their events end with what was seen last. What the cameras tell goes on. */
  cameraLost(cameraIds: readonly CameraId[]): void {
    for (const open of [...this.#open.values()])
      if (cameraIds.includes(open.event.cameraId) && open.event.source !== 'camera') this.#end(open);
  }

  /** Something began that may become an event: its footage is kept already, if the camera records on events. */
  expect(camera: CameraRecord, startMs: number): void {
    this.#keepFootage(camera, { startMs, endMs: null });
  }

  #end({ event, reportedMs }: { event: EventState; reportedMs: number }): void {
    this.report({ ...event, endMs: Math.max(event.startMs, reportedMs) });
  }

  #extend(): void {
    for (const { event } of this.#open.values()) {
      const camera = this.#init.camera(event.cameraId);
      if (camera) this.#keepFootage(camera, event);
      else this.#open.delete(event.id);
    }
  }

  #keepFootage(camera: CameraRecord, event: Pick<EventState, 'startMs' | 'endMs'>): void {
    if (camera.record !== 'events') return;
    const { preRollS, postRollS } = this.#init.settings.get();
    const untilMs =
      event.endMs === null
        ? this.#init.clock.nowMs() + Math.max(extendByMs, postRollS * 1_000)
        : event.endMs + postRollS * 1_000;
    this.#init.recordUntil(camera.id, event.startMs - preRollS * 1_000, untilMs);
  }
}

/** Zones are kept by name: an event must stay readable when the zone was deleted. */
function nameOf(camera: CameraRecord, zone: string): string {
  return camera.detect.zones.find((one) => one.id === zone)?.name ?? zone;
}
