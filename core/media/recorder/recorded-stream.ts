/**
 * One stream of one camera: keeps its connection, and hands every unit to ring, segments, viewers and analysis.
 * Invariants: one pull at most; nothing here waits for another stream; whatever throws in this stream's path ends this
 * stream's connection and nothing else.
 */
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type {
  AudioConfig,
  AudioUnit,
  GapReason,
  MediaUnit,
  Pull,
  PullSink,
  PullStats,
  PullTarget,
  StreamError,
  StreamName,
  StreamState,
  VideoConfig,
} from '#core/domain/media.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { RecorderStream, RecorderToHub, SegmentInfo, StreamFigures } from '#core/domain/worker-protocol.ts';
import { sameAudio, sameVideo } from './same-config.ts';
import { Backoff } from './backoff.ts';
import { toBusAudio, toBusVideo } from './bus-media.ts';
import type { StreamOutlets } from './outlets.ts';
import type { Gop } from './ring.ts';
import type { SyncQueue } from './segment-file.ts';
import { StreamMeter } from './stream-meter.ts';
import { StreamRecording } from './stream-recording.ts';

export interface StreamEnv {
  clock: Clock;
  log: Logger;
  syncs: SyncQueue;
  startPull: (target: PullTarget, sink: PullSink) => Pull;
  send: (message: RecorderToHub) => void;
  /** An open segment grew; told to the hub together with those of the other streams. */
  progress: (segment: SegmentInfo) => void;
}

export interface StreamPlace {
  cameraId: CameraId;
  cameraName: string;
  recordingsDir: string;
  preRollMs: number;
}

/** Above the limits of the pull itself: they catch a pull that does not end by itself. */
const connectLimitMs = 30_000;
const silenceLimitMs = 20_000;
/** After this long with pictures a connection counts as good. */
const goodAfterMs = 10_000;
const noStats: PullStats = {
  bytes: 0,
  packets: 0,
  lostPackets: 0,
  resyncs: 0,
  droppedUnits: 0,
  cameraClockOffsetMs: null,
};

export class RecordedStream {
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  readonly outlets: StreamOutlets;
  readonly #env: StreamEnv;
  readonly #recording: StreamRecording;
  readonly #backoff = new Backoff();
  readonly #meter: StreamMeter;
  #place: StreamPlace;
  #settings: RecorderStream;
  #state: StreamState = 'stopped';
  #stateSinceMs = 0;
  #error: StreamError | null = null;
  #retryAtMono: number | null = null;
  #retryAtMs: number | null = null;
  #pull: Pull | null = null;
  readonly #stopping = new Set<Promise<void>>();
  /** Grows with each connection; calls of an old one are ignored. */
  #session = 0;
  #video: VideoConfig | null = null;
  /** As the camera sends it. */
  #sourceAudio: AudioConfig | null = null;
  /** How G.711 came back. */
  #transcoded: AudioConfig | null = null;
  /** What the compat process said last. */
  #pushed: { video: VideoConfig; audio: AudioConfig | null } | null = null;
  #immediate = false;
  #lastUnitMono = 0;
  #sessionMono = 0;
  #totals: PullStats = { ...noStats };

  constructor(place: StreamPlace, settings: RecorderStream, outlets: StreamOutlets, env: StreamEnv) {
    this.cameraId = place.cameraId;
    this.stream = settings.stream;
    this.outlets = outlets;
    this.#place = place;
    this.#settings = settings;
    this.#env = env;
    this.#meter = new StreamMeter(env.clock.monoMs());
    const about = { cameraId: place.cameraId, stream: settings.stream };
    this.#recording = new StreamRecording(
      { recordingsDir: place.recordingsDir, ...about },
      { mode: settings.record, preRollMs: place.preRollMs },
      {
        progress: env.progress,
        closed: (segment) => env.send({ type: 'segment-closed', segment }),
        gap: (startMs, endMs, reason) => env.send({ type: 'gap', ...about, startMs, endMs, reason }),
        writeError: (error) =>
          env.send({ type: 'write-error', ...about, code: error.code ?? 'EIO', message: errorText(error) }),
      },
      env,
    );
  }

  get recordingsDir(): string {
    return this.#place.recordingsDir;
  }

  start(): void {
    this.outlets.attach(this);
    this.#connect();
  }

  /** Ends the connection, closes the segment and resolves when it is on disk and reported. `reason` explains what follows. */
  async stop(reason: GapReason | null): Promise<void> {
    this.#endSession(reason);
    this.#retryAtMono = null;
    this.outlets.detach(this);
    this.#setState('stopped', null);
    await this.#recording.settled();
    await Promise.all(this.#stopping);
  }

  /** Takes over new settings. The connection is kept unless what it depends on changed. */
  update(place: StreamPlace, settings: RecorderStream): void {
    const old = this.#settings;
    this.#place = place;
    this.#settings = settings;
    this.#recording.update({ mode: settings.record, preRollMs: place.preRollMs });
    const reconnect =
      old.url !== settings.url ||
      old.username !== settings.username ||
      old.password !== settings.password ||
      old.ingest !== settings.ingest ||
      old.audio !== settings.audio;
    if (!reconnect) return;
    this.#endSession('camera_offline');
    this.#backoff.reset();
    this.#connect();
  }

  retry(): void {
    if (this.#state !== 'refused' && this.#state !== 'retrying') return;
    this.#backoff.reset();
    this.#connect();
  }

  setStorage(problem: GapReason | null): void {
    this.#recording.setStorage(problem);
  }

  /** Event recording: what there is from `fromMs` on until `untilMs`. */
  recordUntil(fromMs: number, untilMs: number): void {
    this.#guard(() => {
      this.#recording.recordUntil(fromMs, untilMs);
    });
  }

  /** Call every few hundred milliseconds. */
  tick(): void {
    const mono = this.#env.clock.monoMs();
    this.#recording.tick();
    this.outlets.tick();
    if (this.#retryAtMono !== null && mono >= this.#retryAtMono) this.#connect();
    const connecting = this.#state === 'connecting' && this.#settings.ingest === 'rtsp';
    if (connecting && mono - this.#sessionMono > connectLimitMs) {
      this.#failed({
        code: 'camera_silent',
        message: `Camera '${this.#place.cameraName}' did not start sending in time.`,
      });
    }
    if (this.#state === 'streaming' && mono - this.#lastUnitMono > silenceLimitMs) {
      this.#failed({ code: 'camera_silent', message: `Camera '${this.#place.cameraName}' stopped sending pictures.` });
    }
    if (this.#state === 'streaming' && mono - this.#sessionMono > goodAfterMs) this.#backoff.reset();
  }

  figures(): StreamFigures {
    const live = this.#pull?.stats() ?? noStats;
    return {
      cameraId: this.cameraId,
      stream: this.stream,
      bytes: this.#totals.bytes + live.bytes,
      packets: this.#totals.packets + live.packets,
      lostPackets: this.#totals.lostPackets + live.lostPackets,
      resyncs: this.#totals.resyncs + live.resyncs,
      droppedUnits: this.#totals.droppedUnits + live.droppedUnits + this.#recording.ringOverflows,
      cameraClockOffsetMs: live.cameraClockOffsetMs,
      ...this.#meter.read(this.#env.clock.monoMs()),
      viewers: this.outlets.live.viewers,
      ringBytes: this.#recording.ringBytes,
      droppedWrites: this.#recording.droppedWrites,
      droppedLiveFragments: this.outlets.live.dropped,
      droppedAnalysisUnits: this.outlets.units.dropped + this.outlets.audio.dropped,
    };
  }

  sendStatus(): void {
    this.#env.send({
      type: 'stream-status',
      cameraId: this.cameraId,
      stream: this.stream,
      state: this.#state,
      sinceMs: this.#stateSinceMs,
      error: this.#error,
      retryAtMs: this.#retryAtMs,
      video: this.#video,
      audio: this.#sourceAudio,
    });
  }

  /** What the ring has since the last keyframe. */
  lastGop(): Gop | null {
    return this.#recording.lastGop();
  }

  /** Viewers came or went. */
  viewersChanged(): void {
    const immediate = this.outlets.live.viewers > 0;
    if (immediate === this.#immediate) return;
    this.#immediate = immediate;
    this.#guard(() => this.#pull?.setImmediate(immediate));
  }

  // ------------------------------------------------------------ what another process pushes

  pushConfig(video: VideoConfig, audio: AudioConfig | null): void {
    if (this.#settings.ingest !== 'compat') return;
    if (this.#state === 'stopped') return;
    if (this.#state !== 'streaming' && this.#state !== 'connecting') this.#newSession();
    this.#pushed = { video, audio };
    this.#guard(() => {
      this.#onConfig(video, audio);
    });
  }

  pushUnits(units: readonly MediaUnit[]): void {
    if (this.#settings.ingest !== 'compat' || this.#state === 'stopped') return;
    // It was given up as silent, but the process behind it went on.
    if (this.#state === 'retrying' && this.#pushed) this.pushConfig(this.#pushed.video, this.#pushed.audio);
    if (this.#state !== 'streaming') return;
    this.#guard(() => {
      for (const unit of units) this.#onUnit(unit);
    });
  }

  pushEnd(error: StreamError): void {
    this.#pushed = null;
    if (this.#settings.ingest === 'compat' && this.#state !== 'stopped') this.#failed(error);
  }

  /** G.711 that came back as AAC. */
  pushAudio(config: AudioConfig, units: readonly AudioUnit[]): void {
    const source = this.#sourceAudio;
    if (this.#state !== 'streaming' || !source || isStorable(source)) return;
    this.#guard(() => {
      if (!sameAudio(this.#transcoded, config)) {
        this.#transcoded = config;
        this.#recording.setAudio(config);
        this.outlets.live.setAudio(config);
      }
      for (const unit of units) this.#distribute(unit);
    });
  }

  // ------------------------------------------------------------ connection

  #connect(): void {
    this.#newSession();
    if (this.#settings.ingest === 'compat') return;
    const session = this.#session;
    const mine = (work: () => void): void => {
      if (session === this.#session) this.#guard(work);
    };
    const sink: PullSink = {
      onConfig: (config) => {
        mine(() => {
          this.#onConfig(config.video, config.audio);
        });
      },
      // Not through `mine`: this runs for every picture and must not make a closure each time.
      onUnit: (unit) => {
        if (session !== this.#session) return;
        try {
          this.#onUnit(unit);
        } catch (error) {
          this.#broken(error);
        }
      },
      onEnd: (error) => {
        if (session !== this.#session) return;
        // It ended by itself: there is nothing to stop.
        this.#collectStats();
        this.#pull = null;
        this.#failed(error);
      },
    };
    const { url, username, password, audio, pins } = this.#settings;
    const { cameraId, cameraName } = this.#place;
    try {
      const pull = this.#env.startPull(
        {
          ...{ cameraId, cameraName, url, username, password, audio, pins },
          onCertificate: (address, fingerprint) => {
            this.#env.send({ type: 'certificate', cameraId, address, fingerprint });
          },
        },
        sink,
      );
      // A pull that fails at once has called onEnd already, and this session is over.
      if (session !== this.#session) {
        this.#stopPull(pull);
        return;
      }
      this.#pull = pull;
      if (this.#immediate) pull.setImmediate(true);
    } catch (error) {
      this.#broken(error);
    }
  }

  #newSession(): void {
    this.#session++;
    this.#retryAtMono = null;
    this.#retryAtMs = null;
    this.#sessionMono = this.#env.clock.monoMs();
    this.#setState('connecting', this.#error);
  }

  #endSession(reason: GapReason | null): void {
    this.#session++;
    if (this.#pull) {
      this.#collectStats();
      this.#stopPull(this.#pull);
      this.#pull = null;
    }
    this.#video = null;
    this.#sourceAudio = null;
    this.outlets.end();
    // An exception while closing must not keep the stream from being retried.
    try {
      this.#recording.endSession(reason);
    } catch (error) {
      this.#env.log.error({ err: error, cameraId: this.cameraId }, 'a segment could not be ended');
    }
  }

  #stopPull(pull: Pull): void {
    const work = pull
      .stop()
      .catch((error: unknown) => {
        this.#env.log.warn({ err: error, cameraId: this.cameraId }, 'a connection could not be ended politely');
      })
      .finally(() => this.#stopping.delete(work));
    this.#stopping.add(work);
  }

  #collectStats(): void {
    const stats = this.#pull?.stats();
    if (!stats) return;
    const totals = this.#totals;
    totals.bytes += stats.bytes;
    totals.packets += stats.packets;
    totals.lostPackets += stats.lostPackets;
    totals.resyncs += stats.resyncs;
    totals.droppedUnits += stats.droppedUnits;
  }

  #failed(error: StreamError): void {
    this.#endSession(gapReasonOf(error));
    if (error.code === 'camera_wrong_password') {
      // Cameras lock the account after a few wrong passwords (F15): a person has to change something first.
      this.#setState('refused', error);
      return;
    }
    const delayMs = this.#backoff.next();
    if (this.#settings.ingest === 'rtsp') {
      this.#retryAtMono = this.#env.clock.monoMs() + delayMs;
      this.#retryAtMs = Math.round(this.#env.clock.nowMs() + delayMs);
    }
    this.#setState('retrying', error);
  }

  #broken(error: unknown): void {
    this.#env.log.error({ err: error, cameraId: this.cameraId, stream: this.stream }, 'stream restarted after a fault');
    const message = `Camera '${this.#place.cameraName}' sent something that could not be handled; it is connected again.`;
    this.#failed({ code: 'internal', message });
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#broken(error);
    }
  }

  #setState(state: StreamState, error: StreamError | null): void {
    if (state !== this.#state) this.#stateSinceMs = Math.round(this.#env.clock.nowMs());
    this.#state = state;
    this.#error = error;
    this.sendStatus();
  }

  // ------------------------------------------------------------ media

  #onConfig(video: VideoConfig, source: AudioConfig | null): void {
    this.#lastUnitMono = this.#env.clock.monoMs();
    if (this.#video && sameVideo(this.#video, video) && sameAudio(this.#sourceAudio, source)) return;
    this.#meter.restart();
    this.#video = video;
    this.#sourceAudio = source;
    const audio = source && !isStorable(source) ? this.#transcoded : source;
    this.#recording.begin({ number: this.#session, video, audio }, this.#awaitsAudio());
    this.outlets.live.begin(video, audio);
    this.outlets.units.begin((id) => ({ t: 'units-config', id, video: toBusVideo(video) }), video.parameterSets);
    if (source && !isStorable(source)) {
      this.outlets.audio.begin((id) => ({ t: 'audio-config', id, audio: toBusAudio(source) }), []);
    } else this.outlets.audio.end();
    this.#setState('streaming', null);
  }

  #awaitsAudio(): boolean {
    const source = this.#sourceAudio;
    // G.711 without anybody to transcode it will not turn up.
    return source !== null && (isStorable(source) || this.outlets.audio.clients > 0);
  }

  #onUnit(unit: MediaUnit): void {
    if (this.#state !== 'streaming') return;
    this.#lastUnitMono = this.#env.clock.monoMs();
    this.#meter.add(unit);
    if (unit.kind === 'audio' && this.#sourceAudio && !isStorable(this.#sourceAudio)) {
      this.outlets.audio.add(unit);
      return;
    }
    this.#distribute(unit);
  }

  #distribute(unit: MediaUnit): void {
    if (!this.#video) return;
    this.#recording.add(unit);
    this.outlets.live.add(unit);
    if (unit.kind === 'video') this.outlets.units.add(unit);
  }
}

function isStorable(audio: AudioConfig): boolean {
  return audio.codec === 'aac' || audio.codec === 'opus';
}

function gapReasonOf(error: StreamError): GapReason {
  return error.code === 'camera_silent' ? 'camera_silent' : 'camera_offline';
}
