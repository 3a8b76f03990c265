/**
 * The analyser: which cameras it looks at, where their units come from and where results go.
 * Invariant: `configure` carries the whole wanted state; cameras that did not change go on undisturbed.
 */
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { DetectorPort } from '#core/domain/analysis-frame.ts';
import type { EventId } from '#core/domain/ids.ts';
import type { AnalyserCamera, AnalyserToHub, HubToAnalyser } from '#core/domain/worker-protocol.ts';
import { PreviewWriter } from '#core/media/preview-store.ts';
import { AudioLane } from './audio-lane.ts';
import { readUnits, readVideoConfig } from './bus-units.ts';
import { CameraPipeline } from './camera-pipeline.ts';
import type { OpenEyes } from './eyes.ts';
import { MediaBus } from './media-bus.ts';
import { Pictures } from './pictures.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

type Configure = Extract<HubToAnalyser, { type: 'configure' }>;

/** One picture that is looked at. */
const busyBatchMs = 200;
/** Two: no more may wait for detection (see the pipeline). Half the wake-ups of two processes. */
const quietBatchMs = 400;
const statusEveryMs = 2_000;

export interface AnalyserInit {
  clock: Clock;
  send: (message: AnalyserToHub) => void;
  openEyes: OpenEyes;
  /** The one connection to the detector, or null while there is none. Called with each configure. */
  detector: (address: Configure['detector']) => DetectorPort | null;
}

interface WatchedCamera {
  /** Null: only its sound is needed. */
  pipeline: CameraPipeline | null;
  stream: AnalyserCamera['stream'];
  audio: Map<string, AudioLane>;
  end: () => void;
}

export class Analyser {
  readonly #init: AnalyserInit;
  readonly #bus = new MediaBus();
  readonly #cameras = new Map<string, WatchedCamera>();
  readonly #pictures: Pictures;
  #previews: PreviewWriter | null = null;
  #snapshots: SnapshotWriter | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(init: AnalyserInit) {
    this.#init = init;
    this.#pictures = new Pictures({
      bus: this.#bus,
      clock: init.clock,
      pipeline: (cameraId, stream) => {
        const camera = this.#cameras.get(cameraId);
        return camera && (stream === null || stream === camera.stream) ? camera.pipeline : null;
      },
      answer: init.send,
    });
  }

  handle(message: HubToAnalyser): void {
    switch (message.type) {
      case 'configure':
        this.#configure(message);
        return;
      case 'snapshot':
      case 'frame':
      case 'picture':
        this.#pictures.ask(message);
        return;
      case 'stop':
        this.stop();
    }
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    for (const id of [...this.#cameras.keys()]) this.#remove(id);
    this.#bus.close();
  }

  #configure(wanted: Configure): void {
    this.#previews = new PreviewWriter(wanted.previewsDir);
    this.#snapshots = new SnapshotWriter(wanted.snapshotsDir);
    this.#bus.setAddress(wanted.busPath, wanted.busToken);
    const detector = this.#init.detector(wanted.detector);
    const wantedIds = new Set<string>(wanted.cameras.map(({ id }) => id));
    for (const id of [...this.#cameras.keys()]) if (!wantedIds.has(id)) this.#remove(id);
    for (const camera of wanted.cameras) {
      const known = this.#cameras.get(camera.id);
      const sees = camera.audioOnly !== true;
      if (known && (known.stream !== camera.stream || (known.pipeline !== null) !== sees)) this.#remove(camera.id);
      else known?.pipeline?.update(camera, detector);
      const watched = this.#cameras.get(camera.id) ?? (sees ? this.#add(camera, detector) : this.#addUnseen(camera));
      this.#setAudio(watched, camera);
    }
    this.#timer ??= setInterval(() => this.#report(), statusEveryMs);
  }

  #add(camera: AnalyserCamera, detector: DetectorPort | null): WatchedCamera {
    const { clock, send } = this.#init;
    const { id: cameraId, stream } = camera;
    const eyes = this.#init.openEyes({
      cameraId,
      settings: camera.detect,
      detector,
      saveSnapshot: (id: EventId, startMs, frame, thumb) => this.#snapshots?.save(id, startMs, frame, thumb),
      onEvent: (event) => send({ type: 'event', event }),
      onMotion: (active, timeMs) => send({ type: 'motion', cameraId, active, timeMs }),
    });
    const pipeline = new CameraPipeline({
      camera,
      eyes,
      clock,
      savePreview: (timeMs, jpeg) => this.#previews?.append(cameraId, timeMs, jpeg),
    });
    const units = this.#bus.subscribeUnits(
      { t: 'sub-units', cameraId, stream, batchMs: busyBatchMs },
      (reply, body) => {
        if (reply.t === 'units-config') pipeline.onConfig(readVideoConfig(reply.video, body).config);
        else if (reply.t === 'units') {
          pipeline.onUnits(readUnits(reply.units, body));
          units.setBatch(pipeline.quiet ? quietBatchMs : busyBatchMs);
        } else if (reply.t === 'gone') pipeline.onGone();
      },
    );
    const watched: WatchedCamera = { pipeline, stream, audio: new Map(), end: units.end };
    this.#cameras.set(cameraId, watched);
    return watched;
  }

  #addUnseen({ id, stream }: AnalyserCamera): WatchedCamera {
    const watched: WatchedCamera = { pipeline: null, stream, audio: new Map(), end: () => undefined };
    this.#cameras.set(id, watched);
    return watched;
  }

  #setAudio(watched: WatchedCamera, camera: AnalyserCamera): void {
    for (const [stream, lane] of watched.audio) {
      if (camera.transcodeAudio.some((name) => name === stream)) continue;
      lane.stop();
      watched.audio.delete(stream);
    }
    for (const stream of camera.transcodeAudio) {
      if (!watched.audio.has(stream)) watched.audio.set(stream, new AudioLane(this.#bus, camera.id, stream));
    }
  }

  #remove(id: string): void {
    const watched = this.#cameras.get(id);
    if (!watched) return;
    this.#cameras.delete(id);
    watched.end();
    for (const lane of watched.audio.values()) lane.stop();
    watched.pipeline?.stop();
  }

  #report(): void {
    const cameras = [...this.#cameras.values()].flatMap(({ pipeline }) => (pipeline ? [pipeline.status()] : []));
    try {
      this.#init.send({ type: 'analysis', cameras });
    } catch (error) {
      // The hub is gone: the process ends by its 'disconnect' handler.
      process.stderr.write(`analysis report not sent: ${errorText(error)}\n`);
    }
  }
}
