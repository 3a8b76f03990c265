/**
 * The demo as the hub sees it: a camera that is not there, with a past. Owns the virtual camera's process and the two that
 * draw. Invariant: what `add` began goes on after a restart, and `remove` leaves nothing of it behind, whenever it is called.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Demo, DemoAddress, DemoCamera, DemoDeps, FromDemoMaker } from '#core/domain/demo-protocol.ts';
import type { FromVirtualCamera, VirtualClip } from '#core/domain/virtual-camera-protocol.ts';
import type { Heartbeat } from '#core/domain/worker-protocol.ts';
import { isDay, slotS } from './schedule.ts';
import { sceneVersion } from './scene-maker.ts';

const pastMs = 48 * 3_600_000;
/** What is older than this counts as looked at. */
const unreviewedMs = 20 * 3_600_000;
const copyBudgetBytes = 250_000_000;
/** Drawing the first scene takes about 6 s on an idle machine; this is for a very busy one. */
const firstPictureMs = 180_000;
const cameraName = 'Front garden (demo)';

export function createDemo(deps: DemoDeps): Demo {
  return new RunningDemo(deps);
}

type Light = 'day' | 'night';

class RunningDemo implements Demo {
  readonly #deps: DemoDeps;
  readonly #clips = new Map<string, VirtualClip>();
  readonly #made = new Set<Light>();
  #folder = '';
  #running = false;
  #seeding = false;
  #password = '';
  #adding: Promise<void> | null = null;
  /** Fails the `add` that waits for the first picture. */
  #giveUp: ((error: Error) => void) | null = null;
  #onAir: (() => void) | null = null;

  constructor(deps: DemoDeps) {
    this.#deps = deps;
    const { dayMaker, nightMaker, virtualCamera } = deps;
    for (const maker of [dayMaker, nightMaker]) maker.onMessage = (message) => this.#heardMaker(message);
    virtualCamera.onSpawn = () => this.#configure();
    virtualCamera.onMessage = (message) => this.#heardCamera(message);
  }

  async start(): Promise<void> {
    if (this.#deps.cameras.find()) await this.#run();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#giveUp?.(new HubError('unavailable', 'The hub is stopping.'));
    const { virtualCamera, dayMaker, nightMaker } = this.#deps;
    await Promise.all([virtualCamera.stop(), dayMaker.stop(), nightMaker.stop()]);
  }

  async add(): Promise<void> {
    if (this.#deps.cameras.find() && this.#running) return;
    this.#adding ??= this.#run().finally(() => {
      this.#adding = null;
    });
    await this.#adding;
  }

  async remove(): Promise<void> {
    await this.stop();
    const camera = this.#deps.cameras.find();
    if (camera) {
      this.#deps.meta.set(seededKey(camera), '');
      await this.#deps.cameras.remove(camera.id);
    }
    await rm(this.#deps.folder, { recursive: true, force: true });
  }

  /** Resolves when the camera is on air. */
  async #run(): Promise<void> {
    const { folder, clock } = this.#deps;
    const version = sceneVersion();
    this.#folder = join(folder, version);
    this.#running = true;
    this.#seeding = false;
    this.#clips.clear();
    this.#made.clear();
    const { dayMaker, nightMaker } = this.#deps;
    dayMaker.onSpawn = () => dayMaker.send({ type: 'make', folder: this.#folder, light: 'day' });
    nightMaker.onSpawn = () => nightMaker.send({ type: 'make', folder: this.#folder, light: 'night' });
    await mkdir(this.#folder, { recursive: true });
    // Scenes of an older version will never be played again.
    for (const name of await readdir(folder)) {
      if (name !== version) await rm(join(folder, name), { recursive: true, force: true });
    }
    this.#password = randomBytes(12).toString('base64url');
    const onAir = new Promise<void>((resolve, reject) => {
      this.#onAir = resolve;
      this.#giveUp = reject;
    });
    const timer = setTimeout(
      () => this.#giveUp?.(new HubError('unavailable', 'The demo camera could not be drawn in time. Try again.')),
      firstPictureMs,
    );
    // The light it is now comes first, alone: the first picture is what a person waits for.
    (isDay(clock.nowMs()) ? dayMaker : nightMaker).start();
    try {
      await onAir;
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#onAir = null;
      this.#giveUp = null;
    }
  }

  #heardMaker(message: FromDemoMaker | Heartbeat): void {
    if (!this.#running) return;
    const { dayMaker, nightMaker, virtualCamera, logger, meta } = this.#deps;
    switch (message.type) {
      case 'clip': {
        const first = this.#clips.size === 0;
        this.#clips.set(message.clip.name, message.clip);
        if (first) {
          virtualCamera.start();
          dayMaker.start();
          nightMaker.start();
        } else virtualCamera.send({ type: 'clips', clips: [...this.#clips.values()] });
        return;
      }
      case 'made':
        this.#made.add(message.light);
        this.#seed();
        return;
      case 'seeded-part': {
        const reviewedBeforeMs = this.#deps.clock.nowMs() - unreviewedMs;
        this.#deps.write({
          segments: message.segments,
          gaps: message.gaps,
          events: message.events.map((event) => ({ ...event, reviewed: event.startMs < reviewedBeforeMs })),
        });
        return;
      }
      case 'seeded': {
        const camera = this.#deps.cameras.find();
        if (camera) meta.set(seededKey(camera), 'yes');
        const { segments, events, diskBytes } = message;
        logger.info({ segments, events, diskBytes }, 'demo: the past is laid down');
        this.#endMakers();
        return;
      }
      case 'failed':
        logger.error({ reason: message.message }, 'demo: drawing failed');
        this.#giveUp?.(new HubError('unavailable', `The demo could not be made: ${message.message}`));
        return;
      case 'heartbeat':
    }
  }

  /** The past ends where the camera's own recording begins. */
  #seed(): void {
    const { cameras, clock, dayMaker, nightMaker, recordingsDir, snapshotsDir, meta } = this.#deps;
    const camera = cameras.find();
    // Not on air yet: `#heardCamera` comes back here.
    if (!camera || this.#made.size < 2 || this.#seeding) return;
    if (meta.get(seededKey(camera)) === 'yes') {
      this.#endMakers();
      return;
    }
    this.#seeding = true;
    const toMs = Math.floor(Math.min(camera.createdMs, clock.nowMs()) / (slotS * 1000)) * slotS * 1000;
    const maker = isDay(clock.nowMs()) ? nightMaker : dayMaker;
    const job = {
      type: 'seed' as const,
      folder: this.#folder,
      cameraId: camera.id,
      recordingsDir,
      snapshotsDir,
      fromMs: toMs - pastMs,
      toMs,
      copyBudgetBytes,
    };
    // Either may have ended already; a fresh one finds all scenes made and comes to the job at once.
    maker.onSpawn = () => maker.send(job);
    if (!maker.send(job)) maker.start();
  }

  #endMakers(): void {
    for (const maker of [this.#deps.dayMaker, this.#deps.nightMaker]) {
      maker.stop().catch((error: unknown) => {
        this.#deps.logger.warn({ error: errorText(error) }, 'demo: a drawing process did not end');
      });
    }
  }

  #configure(): void {
    this.#deps.virtualCamera.send({
      type: 'configure',
      port: 0,
      clips: [...this.#clips.values()],
      audio: 'aac',
      auth: { scheme: 'digest', username: 'demo', password: this.#password },
      faults: [],
      sessionTimeoutS: 60,
    });
  }

  #heardCamera(message: FromVirtualCamera | Heartbeat): void {
    if (!this.#running) return;
    if (message.type === 'failed')
      this.#deps.logger.error({ reason: message.message }, 'demo: the virtual camera failed');
    if (message.type !== 'ready') return;
    const address: DemoAddress = {
      url: `rtsp://127.0.0.1:${message.port}/main`,
      subUrl: `rtsp://127.0.0.1:${message.port}/sub`,
      username: 'demo',
      password: this.#password,
    };
    try {
      const camera = this.#deps.cameras.find();
      if (camera) this.#deps.cameras.move(camera.id, address);
      else this.#deps.cameras.add({ ...address, name: cameraName });
    } catch (error) {
      this.#giveUp?.(error instanceof Error ? error : new Error(errorText(error)));
      return;
    }
    this.#onAir?.();
    this.#seed();
  }
}

function seededKey(camera: DemoCamera): string {
  return `demo-seeded-${camera.id}`;
}
