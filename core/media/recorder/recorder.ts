/**
 * All streams of all cameras: brings what runs in line with what is wanted and carries the hub's orders to the streams.
 * Invariant: a stream whose settings did not change is not touched by a change elsewhere.
 */
import type { Clock } from '#core/base/clock.ts';
import type { Service } from '#core/base/lifecycle.ts';
import type { Logger } from '#core/base/logger.ts';
import { idPattern, type CameraId } from '#core/domain/ids.ts';
import type { GapReason, Pull, PullSink, PullTarget } from '#core/domain/media.ts';
import type { HubToRecorder, RecorderToHub, SegmentInfo } from '#core/domain/worker-protocol.ts';
import { MediaBus, streamKey, type StreamKey } from './media-bus.ts';
import { RecordedStream, type StreamEnv } from './recorded-stream.ts';
import { SyncQueue } from './segment-file.ts';

export interface RecorderInit {
  clock: Clock;
  log: Logger;
  startPull: (target: PullTarget, sink: PullSink) => Pull;
  /** To the hub. */
  send: (message: RecorderToHub) => void;
}

const tickMs = 250;
const figuresEveryMs = 5_000;

export class Recorder implements Service {
  readonly bus: MediaBus;
  readonly #env: StreamEnv;
  readonly #streams = new Map<StreamKey, RecordedStream>();
  /** Streams that were taken away and still close their last segment. */
  readonly #ending = new Set<Promise<void>>();
  #progress: SegmentInfo[] = [];
  #storage: GapReason | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastFiguresMono: number;

  constructor(init: RecorderInit) {
    this.#env = { ...init, syncs: new SyncQueue(), progress: (segment) => this.#progress.push(segment) };
    this.#lastFiguresMono = init.clock.monoMs();
    this.bus = new MediaBus(init, (key) => this.#streams.get(key));
  }

  async start(): Promise<void> {
    await this.bus.listen();
    this.#timer = setInterval(() => {
      this.tick();
    }, tickMs);
    this.#env.send({ type: 'ready', busPath: this.bus.path, busToken: this.bus.token });
  }

  /** Closes all segments; resolves when they are on disk and reported. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    await Promise.all([...streams.map((stream) => stream.stop(null)), ...this.#ending]);
    this.bus.close();
  }

  handle(message: Exclude<HubToRecorder, { type: 'stop' | 'viewers-near' }>): void {
    switch (message.type) {
      case 'configure':
        this.#configure(message);
        return;
      case 'record-until':
        for (const stream of this.#ofCamera(message.cameraId)) stream.recordUntil(message.fromMs, message.untilMs);
        return;
      case 'retry':
        for (const stream of this.#ofCamera(message.cameraId)) stream.retry();
        return;
      case 'storage':
        this.#storage = message.writable ? null : message.reason;
        for (const stream of this.#streams.values()) stream.setStorage(this.#storage);
        return;
    }
  }

  /** Called by its own timer; tests with a clock of their own call it themselves. */
  tick(): void {
    for (const stream of this.#streams.values()) stream.tick();
    if (this.#progress.length > 0) {
      this.#env.send({ type: 'segment-progress', segments: this.#progress });
      this.#progress = [];
    }
    const mono = this.#env.clock.monoMs();
    if (mono - this.#lastFiguresMono < figuresEveryMs) return;
    this.#lastFiguresMono = mono;
    this.bus.sweep();
    this.#env.send({ type: 'figures', streams: [...this.#streams.values()].map((stream) => stream.figures()) });
  }

  #ofCamera(cameraId: CameraId): RecordedStream[] {
    return [...this.#streams.values()].filter((stream) => stream.cameraId === cameraId);
  }

  #configure({ recordingsDir, cameras }: Extract<HubToRecorder, { type: 'configure' }>): void {
    const wanted = new Set<StreamKey>();
    for (const camera of cameras) {
      if (!idPattern.test(camera.id)) throw new RangeError('not a camera id');
      for (const settings of camera.streams) {
        const key = streamKey(camera.id, settings.stream);
        wanted.add(key);
        const place = { cameraId: camera.id, cameraName: camera.name, recordingsDir, preRollMs: camera.preRollMs };
        const running = this.#streams.get(key);
        if (running?.recordingsDir === recordingsDir) {
          running.update(place, settings);
          continue;
        }
        if (running) this.#remove(key, running);
        const stream = new RecordedStream(place, settings, this.bus.outletsOf(key), this.#env);
        stream.setStorage(this.#storage);
        this.#streams.set(key, stream);
        stream.start();
      }
    }
    for (const [key, stream] of this.#streams) if (!wanted.has(key)) this.#remove(key, stream);
  }

  #remove(key: StreamKey, stream: RecordedStream): void {
    this.#streams.delete(key);
    const work = stream
      .stop(null)
      .catch((error: unknown) => {
        this.#env.log.error({ err: error, key }, 'a stream could not be ended');
      })
      .finally(() => this.#ending.delete(work));
    this.#ending.add(work);
  }
}
