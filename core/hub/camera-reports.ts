/**
 * What cameras report by themselves becomes events. Invariants: an event is told once its pictures are there; it ends when
 * the camera says so, or when nobody listens to the camera any more; one thing seen by the camera and by us is one event;
 * a camera that invents reports makes at most 30 events at once and one per five seconds after that.
 */
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { EventLabel, EventState } from '#core/domain/detection.ts';
import { newEventId, type CameraId } from '#core/domain/ids.ts';
import type { CameraReport, CameraSignal, WatchStatus } from '#core/domain/onvif.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import { EventPictures, type TakePicture } from './event-pictures.ts';

interface Keeper {
  report(event: EventState): void;
  expect(camera: CameraRecord, startMs: number): void;
}

export interface CameraReportsInit {
  camera: (id: CameraId) => CameraRecord | null;
  events: Keeper;
  /** The camera moves or rests, by its own word; told for cameras that nobody looks at here. */
  motion: (cameraId: CameraId, active: boolean, timeMs: number) => void;
  snapshot: TakePicture;
  snapshotsDir: string;
  clock: Clock;
  logger: Logger;
  /** How long an event of the camera waits for the same one of ours. */
  mergeMs?: number;
  pictureTimeoutMs?: number;
  /** When a picture that was not to be had is asked for again. */
  pictureAgainMs?: number;
}

interface Entry {
  cameraId: CameraId;
  event: EventState;
  /** What keeps it going: several topics may tell of one thing. */
  keys: Set<string>;
  /** It was told; until then it may still be dropped. */
  told: boolean;
}

const mergeWithinMs = 5_000;
const pictureAgainMs = 3_000;
const mostEntries = 64;
const mostOwn = 32;
const mostAtOnce = 30;
const refillMs = 5_000;
/** Of these a camera sees one at a time, whichever rule says so; the others are as many as there are lines and inputs. */
const joined = new Set<CameraSignal>(['motion', 'person', 'vehicle', 'animal']);

/** Whether the camera's own reports are wanted: then it is to be watched. */
export function wantsReports({ detect, onvifUrl }: CameraRecord): boolean {
  return onvifUrl !== null && detect.enabled && detect.source !== 'hub';
}

export class CameraReports {
  /** Reports that made no event because there were too many. */
  dropped = 0;
  readonly #init: CameraReportsInit;
  readonly #pictures: EventPictures;
  /** By camera and signal, and by key too where distinct ones run side by side. Also those that ended not long ago. */
  readonly #entries = new Map<string, Entry>();
  /** Events that we saw ourselves, per camera, newest last. */
  readonly #own = new Map<CameraId, EventState[]>();
  readonly #allowance = new Map<CameraId, { left: number; atMs: number }>();
  readonly #moving = new Map<CameraId, Set<string>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(init: CameraReportsInit) {
    const { snapshotsDir, snapshot, logger, pictureTimeoutMs } = init;
    this.#init = init;
    this.#pictures = new EventPictures({
      snapshotsDir,
      take: snapshot,
      logger,
      ...(pictureTimeoutMs === undefined ? {} : { timeoutMs: pictureTimeoutMs }),
    });
  }

  /** A change that a camera reported. */
  heard(report: CameraReport): void {
    if (this.#stopped) return;
    const camera = this.#init.camera(report.cameraId);
    if (!camera) {
      this.forget(report.cameraId);
      return;
    }
    if (!wantsReports(camera)) return;
    if (report.signal === 'motion' && camera.detect.source === 'camera') this.#setMotion(report);
    if (!isWanted(camera, report.signal)) return;
    if (report.active) this.#begin(camera, report);
    else this.#finish(report);
  }

  /** An event that we saw ourselves, at each change of it. */
  sawOwn(event: EventState): void {
    const own = (this.#own.get(event.cameraId) ?? []).filter(({ id }) => id !== event.id);
    own.push(event);
    if (own.length > mostOwn) own.shift();
    this.#own.set(event.cameraId, own);
    for (const [id, entry] of this.#entries)
      if (!entry.told && entry.cameraId === event.cameraId && meets(entry.event, event)) this.#entries.delete(id);
  }

  /** How watching does: what a camera that is not heard any more had begun is over. */
  watchStatus({ cameraId, state }: WatchStatus): void {
    if (state === 'connecting' || state === 'refused' || state === 'unsupported') this.#over(cameraId);
  }

  /** The camera's settings changed. */
  changed(camera: CameraRecord): void {
    if (!wantsReports(camera)) this.#over(camera.id);
  }

  /** The camera was removed. */
  forget(cameraId: CameraId): void {
    for (const [id, entry] of this.#entries) if (entry.cameraId === cameraId) this.#entries.delete(id);
    this.#own.delete(cameraId);
    this.#moving.delete(cameraId);
    this.#allowance.delete(cameraId);
  }

  /** Ends what is open. Call before the keeper stops. */
  stop(): void {
    for (const cameraId of new Set([...this.#entries.values()].map((entry) => entry.cameraId))) this.#over(cameraId);
    for (const entry of this.#entries.values()) if (!entry.told) this.#tell(entry, null);
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #begin(camera: CameraRecord, report: CameraReport): void {
    const id = entryId(report);
    const timeMs = Math.round(report.timeMs);
    const known = this.#entries.get(id);
    if (known) {
      const before = known.event.endMs;
      // Soon after its end it is the same thing that goes on: cameras flicker.
      if (before === null || timeMs - before <= camera.detect.cooldownS * 1_000) {
        known.keys.add(report.key);
        if (before !== null) this.#change(known, { endMs: null });
        return;
      }
    }
    this.#forgetOld();
    const ofCamera = [...this.#entries.values()].filter(({ cameraId }) => cameraId === camera.id).length;
    const full = ofCamera >= mostEntries && known === undefined;
    if (full || !this.#allows(camera.id)) {
      this.dropped++;
      if (this.dropped % 100 === 1)
        this.#init.logger.warn({ camera: camera.id, dropped: this.dropped }, 'a camera reports more than is taken');
      return;
    }
    const event = newEvent(report, timeMs);
    if (this.#isOwn(camera, event)) return;
    const entry: Entry = { cameraId: camera.id, event, keys: new Set([report.key]), told: false };
    this.#entries.set(id, entry);
    this.#init.events.expect(camera, timeMs);
    this.#tellSoon(camera, id, entry).catch((error: unknown) =>
      this.#init.logger.error({ camera: camera.id, error: errorText(error) }, 'an event of a camera was lost'),
    );
  }

  #finish(report: CameraReport): void {
    const entry = this.#entries.get(entryId(report));
    if (!entry || entry.event.endMs !== null) return;
    entry.keys.delete(report.key);
    if (entry.keys.size > 0) return;
    this.#change(entry, { endMs: Math.max(entry.event.startMs, Math.round(report.timeMs)) });
  }

  /** Its pictures first; in 'both' it waits for our own event of the same, which has the better picture and place. */
  async #tellSoon(camera: CameraRecord, id: string, entry: Entry): Promise<void> {
    const both = camera.detect.source === 'both' && joined.has(entry.event.label as CameraSignal);
    const [pictures] = await Promise.all([
      this.#pictures.take(camera),
      both ? this.#wait(this.#init.mergeMs ?? mergeWithinMs) : null,
    ]);
    // Dropped meanwhile: seen by us as well, or the camera was removed.
    if (this.#entries.get(id) !== entry || entry.told || this.#stopped) return;
    if (this.#isOwn(camera, entry.event)) {
      this.#entries.delete(id);
      return;
    }
    this.#tell(entry, pictures);
    if (pictures) return;
    await this.#wait(this.#init.pictureAgainMs ?? pictureAgainMs);
    const again = await this.#pictures.take(camera);
    if (this.#hasStopped() || !again || !this.#init.camera(camera.id)) return;
    this.#pictures.save(entry.event, again);
    // The time in the picture's address makes pages fetch it.
    this.#change(entry, { snapshotMs: Math.round(this.#init.clock.nowMs()) });
  }

  #tell(entry: Entry, pictures: { frame: Buffer; thumb: Buffer } | null): void {
    this.#pictures.save(entry.event, pictures);
    entry.told = true;
    this.#init.events.report(entry.event);
  }

  #hasStopped(): boolean {
    return this.#stopped;
  }

  #change(entry: Entry, change: Partial<EventState>): void {
    entry.event = { ...entry.event, ...change };
    if (entry.told) this.#init.events.report(entry.event);
  }

  #over(cameraId: CameraId): void {
    const nowMs = Math.round(this.#init.clock.nowMs());
    for (const entry of this.#entries.values()) {
      if (entry.cameraId !== cameraId || entry.event.endMs !== null) continue;
      entry.keys.clear();
      this.#change(entry, { endMs: Math.max(entry.event.startMs, nowMs) });
    }
    if (this.#moving.delete(cameraId)) this.#init.motion(cameraId, false, nowMs);
  }

  #isOwn(camera: CameraRecord, event: EventState): boolean {
    if (camera.detect.source !== 'both') return false;
    return (this.#own.get(camera.id) ?? []).some((own) => meets(event, own));
  }

  #setMotion({ cameraId, key, active, timeMs }: CameraReport): void {
    const keys = this.#moving.get(cameraId) ?? new Set<string>();
    const before = keys.size > 0;
    if (!active) keys.delete(key);
    else if (keys.size < mostEntries) keys.add(key);
    if (keys.size > 0) this.#moving.set(cameraId, keys);
    else this.#moving.delete(cameraId);
    if (before !== keys.size > 0) this.#init.motion(cameraId, keys.size > 0, timeMs);
  }

  #allows(cameraId: CameraId): boolean {
    const nowMs = this.#init.clock.monoMs();
    const before = this.#allowance.get(cameraId) ?? { left: mostAtOnce, atMs: nowMs };
    const left = Math.min(mostAtOnce, before.left + (nowMs - before.atMs) / refillMs);
    this.#allowance.set(cameraId, { left: left < 1 ? left : left - 1, atMs: nowMs });
    return left >= 1;
  }

  /** What ended longer ago than any cooldown is not needed for joining. */
  #forgetOld(): void {
    const nowMs = this.#init.clock.nowMs();
    for (const [id, { event, cameraId, told }] of this.#entries) {
      const cooldownMs = (this.#init.camera(cameraId)?.detect.cooldownS ?? 0) * 1_000;
      if (told && event.endMs !== null && nowMs - event.endMs > cooldownMs) this.#entries.delete(id);
    }
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }
}

/** Lines, inputs and tampering are always told; things and motion as the camera's detection is set. */
function isWanted(camera: CameraRecord, signal: CameraSignal): boolean {
  if (!joined.has(signal)) return true;
  // On a camera that records on events, motion is what it records on.
  return camera.detect.labels.includes(signal) || (signal === 'motion' && camera.record === 'events');
}

function entryId({ cameraId, signal, key }: CameraReport): string {
  return joined.has(signal) ? `${cameraId} ${signal}` : `${cameraId} ${signal} ${key}`;
}

function newEvent({ cameraId, signal, what }: CameraReport, timeMs: number): EventState {
  const label: EventLabel = signal;
  return {
    id: newEventId(),
    cameraId,
    label,
    subLabel: null,
    score: 1,
    startMs: timeMs,
    endMs: null,
    box: { x: 0, y: 0, w: 1, h: 1 },
    zones: [],
    stationary: false,
    snapshotMs: timeMs,
    source: 'camera',
    what: what === '' ? null : what,
  };
}

/** The same kind of thing at the same time, give or take. */
function meets(event: EventState, own: EventState): boolean {
  if (event.label !== own.label) return false;
  const [ends, ownEnds] = [event.endMs ?? Infinity, own.endMs ?? Infinity];
  return event.startMs <= ownEnds + mergeWithinMs && own.startMs <= ends + mergeWithinMs;
}
