/** The hub's child processes and its end of each. Nothing runs yet. */
import type {
  AnalyserToHub,
  CompatToHub,
  DetectorToHub,
  HubToAnalyser,
  HubToCompat,
  HubToDetector,
  HubToRecorder,
  RecorderToHub,
} from '#core/domain/worker-protocol.ts';
import type { HubToOnvif, OnvifToHub } from '#core/domain/onvif-protocol.ts';
import { Analysers } from '#core/hub/analysers.ts';
import { CompatLink } from '#core/hub/compat-link.ts';
import { DetectorLink } from '#core/hub/detector-link.ts';
import { Drafts } from '#core/hub/drafts.ts';
import type { Kept } from '#core/hub/kept-password.ts';
import { LiveBus } from '#core/hub/live-bus.ts';
import { OnvifLink } from '#core/hub/onvif-link.ts';
import { RecorderLink } from '#core/hub/recorder-link.ts';
import { detectionModels, workerEntry } from '#core/ports.ts';
import { compileCache, recorderEnvironment } from '#core/supervise/child-environment.ts';
import { SupervisedChild, type ChildStatus } from '#core/supervise/child.ts';
import type { Ground } from './ground.ts';

interface ChildOptions {
  name?: string;
  env?: Readonly<Record<string, string>>;
  heartbeatTimeoutMs?: number;
}
type MakeChild = <In extends { type: string }, Out extends { type: string }>(
  worker: string,
  options?: ChildOptions,
) => SupervisedChild<In, Out>;

export interface Children {
  child: MakeChild;
  /** All that are wanted at present. */
  workers: () => ChildStatus[];
  recorder: RecorderLink;
  analysers: Analysers;
  detector: DetectorLink;
  compat: CompatLink;
  onvif: OnvifLink;
  liveBus: LiveBus;
  drafts: Drafts;
  /** Addresses, user and password of a camera of this home. */
  kept: (cameraId: string) => Kept | null;
}

export function makeChildren({ folder, registry, store, clock, logger }: Ground): Children {
  const all = new Set<SupervisedChild<never, never>>();
  const child: MakeChild = <In extends { type: string }, Out extends { type: string }>(
    worker: string,
    options: ChildOptions = {},
  ) => {
    const made = new SupervisedChild<In, Out>({
      name: options.name ?? worker,
      entry: workerEntry(worker),
      clock,
      logger,
      env: { ...compileCache(folder.cache), ...options.env },
      heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? 10_000,
    });
    all.add(made);
    return made;
  };
  const kept = (cameraId: string): Kept | null => {
    const camera = registry.find(cameraId);
    if (!camera) return null;
    const urls = [camera.url, camera.subUrl, camera.onvifUrl].filter((url) => url !== null);
    return { urls, ...registry.credentials(camera), pins: camera.tlsPins };
  };
  const drafts = new Drafts({ kept, clock });
  const recorder = new RecorderLink({
    child: child<HubToRecorder, RecorderToHub>('recorder', { env: recorderEnvironment }),
    cameras: registry,
    drafts,
    segments: store.segments,
    settings: store.settings,
    recordingsDir: folder.recordings,
    clock,
    logger,
  });
  return {
    child,
    workers() {
      // Those that were let go (a compat process nobody needs, an analyser too many) are nobody's concern.
      for (const one of all) if (one.retired && !one.running) all.delete(one);
      return [...all].map((one) => one.status()).filter(({ state }) => state !== 'stopped');
    },
    recorder,
    analysers: new Analysers({
      makeChild: (index) =>
        child<HubToAnalyser, AnalyserToHub>('analyser', {
          name: `analyser-${index}`,
          env: { UV_THREADPOOL_SIZE: '4' },
        }),
      cameras: () => registry.list(),
      status: (id, stream) => recorder.status(id, stream),
      previewsDir: folder.recordings,
      snapshotsDir: folder.snapshots,
    }),
    detector: new DetectorLink({
      child: child<HubToDetector, DetectorToHub>('detector'),
      models: detectionModels(folder, logger),
      meta: store.meta,
      logger,
    }),
    compat: new CompatLink({
      makeChild: () => child<HubToCompat, CompatToHub>('compat'),
      cameras: registry,
      drafts,
      usesCompat: (camera, stream) => recorder.usesCompat(camera, stream),
    }),
    onvif: new OnvifLink({ makeChild: () => child<HubToOnvif, OnvifToHub>('onvif') }),
    liveBus: new LiveBus(logger),
    drafts,
    kept,
  };
}
