/**
 * The analysers: one process per four cameras, each camera always with the same one; none for a camera that is set to detect
 * by itself. Invariant: pictures and events of a
 * camera come from one process only; an analyser that dies takes nothing with it but what it was looking at.
 */
import type { Service } from '#core/base/lifecycle.ts';
import { HubError } from '#core/base/errors.ts';
import { Signal } from '#core/base/signal.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { EventState } from '#core/domain/detection.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type {
  AnalyserCamera,
  AnalyserToHub,
  AnalysisStatus,
  Heartbeat,
  HubToAnalyser,
  StreamStatus,
} from '#core/domain/worker-protocol.ts';
import type { Child } from './child-port.ts';
import type { Bus } from './recorder-link.ts';

type AnalyserChild = Child<HubToAnalyser, AnalyserToHub>;
type Request = Extract<HubToAnalyser, { requestId: number }>;
type WithoutId<T> = T extends { requestId: number } ? Omit<T, 'requestId'> : never;
export interface Picture {
  jpeg: Buffer;
  timeMs: number;
}

interface Init {
  makeChild: (index: number) => AnalyserChild;
  cameras: () => readonly CameraRecord[];
  status: (cameraId: CameraId, stream: StreamName) => StreamStatus | null;
  previewsDir: string;
  snapshotsDir: string;
}

interface Slot {
  child: AnalyserChild;
  cameras: Set<CameraId>;
  analysis: Map<CameraId, AnalysisStatus>;
  /** What it was told last, so that it is told only what is new. */
  told: string;
}

const camerasPerSlot = 4;
const answerMs = 8_000;
const mostPending = 64;

export class Analysers implements Service {
  readonly motion = new Signal<{ cameraId: CameraId; active: boolean; timeMs: number }>();
  readonly event = new Signal<EventState>();
  /** Nobody looks at these cameras at present: what was going on there is over. */
  readonly lost = new Signal<CameraId[]>();

  readonly #init: Init;
  readonly #slots: Slot[] = [];
  readonly #pending = new Map<number, { slot: Slot; resolve: (p: Picture) => void; reject: (e: Error) => void }>();
  #bus: Bus | null = null;
  #detector: { path: string; token: string } | null = null;
  #nextRequest = 1;
  #running = false;

  constructor(init: Init) {
    this.#init = init;
  }

  async start(): Promise<void> {
    this.#running = true;
    this.configure();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#slots.map((slot) => slot.child.stop()));
  }

  setBus(bus: Bus | null): void {
    this.#bus = bus;
    this.configure();
  }

  setDetector(detector: { path: string; token: string } | null): void {
    this.#detector = detector;
    this.configure();
  }

  /** Brings assignments and settings up to date. Call after any change of cameras, streams, bus or detector. */
  configure(): void {
    if (!this.#running) return;
    this.#assign();
    for (const slot of this.#slots) this.#tell(slot);
  }

  analysis(cameraId: CameraId): AnalysisStatus | null {
    for (const slot of this.#slots) {
      const found = slot.analysis.get(cameraId);
      if (found) return found;
    }
    return null;
  }

  /** The picture of now, from the ring. Rejects with `unavailable`. */
  async snapshot(cameraId: CameraId, stream: StreamName, width: number | null): Promise<Picture> {
    const slot = this.#slots.find((one) => one.cameras.has(cameraId)) ?? this.#slot(0);
    return await this.#ask(slot, { type: 'snapshot', cameraId, stream, width });
  }

  /** The recorded picture at `offsetMs` of a segment file. Rejects with `unavailable`. */
  async frame(cameraId: CameraId, path: string, offsetMs: number, width: number | null): Promise<Picture> {
    const slot = this.#slots.find((one) => one.cameras.has(cameraId)) ?? this.#slot(0);
    return await this.#ask(slot, { type: 'frame', path, offsetMs, width });
  }

  /** One keyframe as a picture. Rejects with `unavailable`. */
  async picture(request: Omit<Extract<Request, { type: 'picture' }>, 'requestId' | 'type'>): Promise<Picture> {
    return await this.#ask(this.#slot(0), { type: 'picture', ...request });
  }

  /** A camera that detects by itself needs none, unless its sound must be made playable. */
  #looked(): CameraRecord[] {
    return this.#init.cameras().filter((camera) => isLookedAt(camera) || this.#transcoded(camera).length > 0);
  }

  #assign(): void {
    const cameras = this.#looked();
    const wanted = new Set(cameras.map((camera) => camera.id));
    for (const slot of this.#slots)
      for (const id of slot.cameras)
        if (!wanted.has(id)) {
          slot.cameras.delete(id);
          slot.analysis.delete(id);
        }
    for (const camera of cameras) {
      if (this.#slots.some((slot) => slot.cameras.has(camera.id))) continue;
      const free = this.#slots.findIndex((slot) => slot.cameras.size < camerasPerSlot);
      this.#slot(free === -1 ? this.#slots.length : free).cameras.add(camera.id);
    }
    // Numbers stay dense, so only the last ones go; an idle analyser in the middle gets the next camera.
    for (let last = this.#slots.at(-1); last?.cameras.size === 0 && this.#slots.length > 1; last = this.#slots.at(-1)) {
      this.#slots.pop();
      void last.child.stop();
    }
  }

  /** Starts it if it is not there: the first one is also needed to show a camera that is being added. */
  #slot(index: number): Slot {
    const existing = this.#slots[index];
    if (existing) return existing;
    const slot: Slot = { child: this.#init.makeChild(index), cameras: new Set(), analysis: new Map(), told: '' };
    slot.child.onMessage = (message) => this.#heard(slot, message);
    slot.child.onSpawn = () => {
      slot.told = '';
      this.#tell(slot);
    };
    slot.child.onEnd = () => this.#ended(slot);
    this.#slots.push(slot);
    slot.child.start();
    return slot;
  }

  #tell(slot: Slot): void {
    const bus = this.#bus;
    if (!bus || !slot.child.running) return;
    const cameras = this.#looked()
      .filter((camera) => slot.cameras.has(camera.id))
      .map((camera) => this.#analyserCamera(camera));
    const message: HubToAnalyser = {
      type: 'configure',
      busPath: bus.path,
      busToken: bus.token,
      detector: this.#detector,
      previewsDir: this.#init.previewsDir,
      snapshotsDir: this.#init.snapshotsDir,
      cameras,
    };
    const text = JSON.stringify(message);
    if (slot.told === text) return;
    if (slot.child.send(message)) slot.told = text;
  }

  #analyserCamera(camera: CameraRecord): AnalyserCamera {
    return {
      id: camera.id,
      name: camera.name,
      stream: camera.subUrl === null ? 'main' : 'sub',
      detect: camera.detect,
      transcodeAudio: this.#transcoded(camera),
      ...(isLookedAt(camera) ? {} : { audioOnly: true }),
    };
  }

  #transcoded(camera: CameraRecord): StreamName[] {
    const streams: StreamName[] = camera.subUrl === null ? ['main'] : ['main', 'sub'];
    return streams.filter((stream) => {
      const codec = this.#init.status(camera.id, stream)?.audio?.codec;
      return camera.audio && (codec === 'pcmu' || codec === 'pcma');
    });
  }

  async #ask(slot: Slot, request: WithoutId<Request>): Promise<Picture> {
    if (this.#pending.size >= mostPending)
      throw new HubError('unavailable', 'Too many pictures were asked for at once. Try again.');
    const requestId = this.#nextRequest++;
    return await new Promise<Picture>((resolve, reject) => {
      const timer = setTimeout(
        () => entry.reject(new HubError('unavailable', 'The picture took too long. Try again.')),
        answerMs,
      );
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending.delete(requestId);
      };
      const entry = {
        slot,
        resolve: (picture: Picture) => {
          settle();
          resolve(picture);
        },
        reject: (error: Error) => {
          settle();
          reject(error);
        },
      };
      this.#pending.set(requestId, entry);
      if (!slot.child.send({ ...request, requestId }))
        entry.reject(new HubError('unavailable', 'Pictures are not available at present. Try again in a moment.'));
    });
  }

  #heard(slot: Slot, message: AnalyserToHub | Heartbeat): void {
    switch (message.type) {
      case 'heartbeat':
      case 'ready':
        return;
      case 'motion':
        this.motion.emit(message);
        return;
      case 'event':
        this.event.emit(message.event);
        return;
      case 'analysis':
        for (const status of message.cameras) slot.analysis.set(status.cameraId, status);
        return;
      case 'snapshot':
      case 'jpeg': {
        const waiting = this.#pending.get(message.requestId);
        if (!waiting) return;
        if (message.jpeg) waiting.resolve({ jpeg: Buffer.from(message.jpeg), timeMs: message.timeMs });
        else waiting.reject(new HubError('unavailable', message.error ?? 'There is no picture yet.'));
        return;
      }
    }
  }

  #ended(slot: Slot): void {
    slot.told = '';
    slot.analysis.clear();
    for (const waiting of [...this.#pending.values()])
      if (waiting.slot === slot)
        waiting.reject(new HubError('unavailable', 'The picture could not be made. Try again in a moment.'));
    this.lost.emit([...slot.cameras]);
  }
}

/** Whether its picture is decoded for seeing and for previews. */
function isLookedAt({ detect }: CameraRecord): boolean {
  return detect.source !== 'camera';
}
