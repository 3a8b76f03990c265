/**
 * The hub's end of the recorder: tells it what to pull, writes down what it recorded, and knows each stream's state.
 * Invariant: a segment's row is written only after the recorder said that its bytes are on disk.
 */
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Service } from '#core/base/lifecycle.ts';
import type { Logger } from '#core/base/logger.ts';
import { Signal } from '#core/base/signal.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { GapReason, StreamName } from '#core/domain/media.ts';
import { segmentPath } from '#core/domain/media-paths.ts';
import type { CameraRecord, SegmentRecord, SegmentWriter, SettingsReader } from '#core/domain/records.ts';
import type {
  Heartbeat,
  HubToRecorder,
  RecorderCamera,
  RecorderStream,
  RecorderToHub,
  SegmentInfo,
  StreamFigures,
  StreamStatus,
} from '#core/domain/worker-protocol.ts';
import { streamKey } from './stream-key.ts';
import type { Child } from './child-port.ts';

export interface CameraSource {
  list(): readonly CameraRecord[];
  credentials(camera: CameraRecord): { username: string | null; password: string | null };
}

export interface RecorderLinkInit {
  child: Child<HubToRecorder, RecorderToHub>;
  cameras: CameraSource;
  /** Cameras that are being added: pulled, never recorded. */
  drafts?: CameraSource;
  segments: SegmentWriter;
  settings: SettingsReader;
  recordingsDir: string;
  clock: Clock;
  logger: Logger;
}

const mostPending = 5_000;
const retryRowsMs = 2_000;

export interface Bus {
  path: string;
  token: string;
}

export class RecorderLink implements Service {
  /** A stream's state changed. */
  readonly statusChanged = new Signal<CameraId>();
  /** A new bus, or null while there is none. */
  readonly busChanged = new Signal<Bus | null>();
  /** Footage up to `endMs` can be played. */
  readonly recorded = new Signal<{ cameraId: CameraId; stream: StreamName; endMs: number }>();
  readonly writeFailed = new Signal<{ cameraId: CameraId; code: string; message: string }>();
  /** A camera showed a certificate at an address where none was kept. */
  readonly firstCertificate = new Signal<{ cameraId: CameraId; address: string; fingerprint: string }>();
  /** The recorder ended with these files open: they want repair. */
  readonly leftOpen = new Signal<SegmentRecord[]>();

  bus: Bus | null = null;
  readonly #init: RecorderLinkInit;
  readonly #status = new Map<string, StreamStatus>();
  readonly #figures = new Map<string, StreamFigures>();
  readonly #open = new Map<string, SegmentRecord>();
  /** Streams that the recorder can't pull, with the address that it tried: the compat process does. */
  readonly #viaCompat = new Map<string, string>();
  /** Where recording was interrupted because the recorder ended: the gap is written when it goes on. */
  readonly #interrupted = new Map<string, number>();
  readonly #pending: SegmentRecord[] = [];
  readonly #retry: NodeJS.Timeout;
  #storage: { writable: boolean; reason: GapReason } = { writable: true, reason: 'disk_error' };
  #stopping = false;

  constructor(init: RecorderLinkInit) {
    this.#init = init;
    init.child.onMessage = (message) => this.#heard(message);
    init.child.onEnd = () => this.#ended();
    this.#retry = setInterval(() => this.#enterPending(), retryRowsMs);
    this.#retry.unref();
  }

  async start(): Promise<void> {
    this.#init.child.start();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#init.child.stop();
    clearInterval(this.#retry);
    this.#enterPending();
  }

  /** Segments on disk whose rows could not be written yet. */
  get pendingRows(): number {
    return this.#pending.length;
  }

  /** Sends the whole wanted state. Call after any change of cameras or settings. */
  configure(): void {
    if (this.bus === null) return;
    const preRollMs = this.#init.settings.get().preRollS * 1_000;
    const { cameras: home, drafts } = this.#init;
    const wantedOf =
      (source: CameraSource) =>
      (camera: CameraRecord): RecorderCamera => {
        const wanted = (stream: StreamName, url: string): RecorderStream => ({
          stream,
          url,
          ...source.credentials(camera),
          ingest: this.usesCompat(camera, stream) ? 'compat' : 'rtsp',
          // The sub stream is for analysis and small screens; recording it as well would double the files for little.
          record: stream === 'main' ? camera.record : 'off',
          audio: camera.audio,
          pins: camera.tlsPins,
        });
        const streams = [wanted('main', camera.url)];
        if (camera.subUrl !== null) streams.push(wanted('sub', camera.subUrl));
        return { id: camera.id, name: camera.name, streams, preRollMs };
      };
    const cameras = [...home.list().map(wantedOf(home)), ...(drafts?.list().map(wantedOf(drafts)) ?? [])];
    this.#forgetRemoved(cameras);
    this.#init.child.send({ type: 'configure', recordingsDir: this.#init.recordingsDir, cameras });
  }

  usesCompat(camera: CameraRecord, stream: StreamName): boolean {
    const url = stream === 'main' ? camera.url : camera.subUrl;
    if (url === null) return false;
    return /^https?:/i.test(url) || this.#viaCompat.get(streamKey(camera.id, stream)) === url;
  }

  /** From now on the compat process pulls this stream, as long as its address stays. Returns false if it did already. */
  switchToCompat(camera: CameraRecord, stream: StreamName): boolean {
    const url = stream === 'main' ? camera.url : camera.subUrl;
    if (url === null || this.usesCompat(camera, stream)) return false;
    this.#viaCompat.set(streamKey(camera.id, stream), url);
    this.configure();
    return true;
  }

  /** A page was opened: a recorder that sleeps between beats is awake when its tiles ask for pictures. */
  viewersNear(): void {
    this.#init.child.send({ type: 'viewers-near' });
  }

  retry(cameraId: CameraId): void {
    this.#init.child.send({ type: 'retry', cameraId });
  }

  recordUntil(cameraId: CameraId, fromMs: number, untilMs: number): void {
    this.#init.child.send({ type: 'record-until', cameraId, fromMs, untilMs });
  }

  setStorage(writable: boolean, reason: GapReason): void {
    this.#storage = { writable, reason };
    this.#init.child.send({ type: 'storage', writable, reason });
  }

  status(cameraId: CameraId, stream: StreamName): StreamStatus | null {
    return this.#status.get(streamKey(cameraId, stream)) ?? null;
  }

  figures(cameraId: CameraId, stream: StreamName): StreamFigures | null {
    return this.#figures.get(streamKey(cameraId, stream)) ?? null;
  }

  /** The segment that is being written: complete up to its `bytes`. */
  openSegment(cameraId: CameraId, stream: StreamName): SegmentRecord | null {
    return this.#open.get(streamKey(cameraId, stream)) ?? null;
  }

  #heard(message: RecorderToHub | Heartbeat): void {
    switch (message.type) {
      case 'heartbeat':
        return;
      case 'ready':
        this.bus = { path: message.busPath, token: message.busToken };
        if (!this.#storage.writable) this.setStorage(this.#storage.writable, this.#storage.reason);
        this.configure();
        this.busChanged.emit(this.bus);
        return;
      case 'stream-status': {
        const { type: _, ...status } = message;
        this.#status.set(streamKey(status.cameraId, status.stream), status);
        this.statusChanged.emit(status.cameraId);
        return;
      }
      case 'figures':
        for (const figures of message.streams) this.#figures.set(streamKey(figures.cameraId, figures.stream), figures);
        return;
      case 'segment-progress': {
        for (const info of message.segments) {
          const segment = toRecord(info);
          this.#open.set(streamKey(segment.cameraId, segment.stream), segment);
          this.#resumed(segment);
          this.recorded.emit(segment);
        }
        return;
      }
      case 'segment-closed': {
        const segment = toRecord(message.segment);
        const key = streamKey(segment.cameraId, segment.stream);
        this.#enter(segment);
        const open = this.#open.get(key);
        if (open && open.startMs <= segment.startMs) this.#open.delete(key);
        this.#resumed(segment);
        this.recorded.emit(segment);
        return;
      }
      case 'gap':
        // What is only shown, or was removed meanwhile, has no recording to have gaps.
        if (!this.#init.cameras.list().some(({ id }) => id === message.cameraId)) return;
        this.#init.segments.addGap({
          cameraId: message.cameraId,
          stream: message.stream,
          startMs: message.startMs,
          endMs: message.endMs,
          reason: message.reason,
        });
        return;
      case 'certificate':
        this.firstCertificate.emit(message);
        return;
      case 'write-error':
        this.#init.logger.error({ ...message }, 'a recording could not be written');
        this.writeFailed.emit(message);
        return;
    }
  }

  /** A row that can't be written (the disk is full) is tried again: its file is there and must not be forgotten. */
  #enter(segment: SegmentRecord): void {
    this.#pending.push(segment);
    this.#enterPending();
  }

  #enterPending(): void {
    if (this.#pending.length === 0) return;
    try {
      this.#init.segments.insert(this.#pending);
      this.#pending.length = 0;
    } catch (error) {
      // The oldest are found again by the comparison with the disk at the next start.
      if (this.#pending.length > mostPending) this.#pending.splice(0, this.#pending.length - mostPending);
      const { cameraId } = this.#pending[0] ?? { cameraId: null };
      this.#init.logger.error(
        { error: errorText(error), rows: this.#pending.length },
        'recordings could not be entered',
      );
      if (cameraId !== null) this.writeFailed.emit({ cameraId, code: writeCode(error), message: errorText(error) });
    }
  }

  /** The gap between the recorder's end and its first new footage has a reason only we know. */
  #resumed(segment: SegmentRecord): void {
    const key = streamKey(segment.cameraId, segment.stream);
    const sinceMs = this.#interrupted.get(key);
    if (sinceMs === undefined) return;
    this.#interrupted.delete(key);
    const { cameraId, stream, startMs } = segment;
    this.#init.segments.addGap({ cameraId, stream, startMs: sinceMs, endMs: startMs, reason: 'recorder_restart' });
  }

  #ended(): void {
    this.bus = null;
    this.busChanged.emit(null);
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#figures.clear();
    for (const segment of open)
      this.#interrupted.set(streamKey(segment.cameraId, segment.stream), Math.floor(segment.endMs));
    const nowMs = this.#init.clock.nowMs();
    for (const [key, status] of this.#status) {
      const ended = { ...status, state: this.#stopping ? 'stopped' : 'connecting', sinceMs: nowMs } as const;
      this.#status.set(key, ended);
    }
    if (open.length > 0) this.leftOpen.emit(open);
    const { cameras, drafts } = this.#init;
    for (const camera of [...cameras.list(), ...(drafts?.list() ?? [])]) this.statusChanged.emit(camera.id);
  }

  #forgetRemoved(cameras: readonly RecorderCamera[]): void {
    const kept = new Set(cameras.flatMap((camera) => camera.streams.map((s) => streamKey(camera.id, s.stream))));
    for (const map of [this.#status, this.#figures, this.#open, this.#interrupted])
      for (const key of map.keys()) if (!kept.has(key)) map.delete(key);
    for (const key of this.#viaCompat.keys()) if (!kept.has(key)) this.#viaCompat.delete(key);
  }
}

function writeCode(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return code === 'SQLITE_FULL' ? 'ENOSPC' : typeof code === 'string' ? code : 'EIO';
}

/** Refuses a segment that is not where its name says: a path is never taken from a message. */
function toRecord(info: SegmentInfo): SegmentRecord {
  const { path, ...rest } = info;
  const record = { ...rest, startMs: Math.round(rest.startMs) };
  if (path.replaceAll('\\', '/') !== segmentPath(record.cameraId, record.stream, record.startMs))
    throw new Error(`the recorder reported a segment at an unexpected place: ${path}`);
  return record;
}
