/**
 * Composition root of the hub: makes every part, joins them through their ports, starts and stops them in order.
 * Order of start: database → disk → server answers → workers. Order of stop: server → analysers → recorder (segments
 * closed, rows written) → database → lock.
 */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Health, LiveEvent } from '#core/api/schemas.ts';
import { systemClock, type Clock } from '#core/base/clock.ts';
import { errorText, type ErrorCode } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { CameraRegistry } from '#core/cameras/registry.ts';
import { openSecretBox } from '#core/cameras/secret-box.ts';
import { CameraSidecar } from '#core/cameras/sidecar.ts';
import type { DemoDeps } from '#core/domain/demo-protocol.ts';
import { newCameraId, type CameraId } from '#core/domain/ids.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { CameraRecord } from '#core/domain/records.ts';
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
import { Analysers } from '#core/hub/analysers.ts';
import { CameraRemoval } from '#core/hub/camera-removal.ts';
import { CameraViews } from '#core/hub/camera-views.ts';
import { CompatLink } from '#core/hub/compat-link.ts';
import type { DataFolder } from '#core/hub/data-folder.ts';
import { DetectorLink } from '#core/hub/detector-link.ts';
import { EventKeeper } from '#core/hub/event-keeper.ts';
import { Exports } from '#core/hub/exports.ts';
import { hubHandlers } from '#core/hub/handlers.ts';
import { readHealth } from '#core/hub/health.ts';
import { hubMetrics } from '#core/hub/hub-metrics.ts';
import { LiveBus } from '#core/hub/live-bus.ts';
import { EventSockets, serveLive } from '#core/hub/live-sockets.ts';
import { Pictures } from '#core/hub/pictures.ts';
import { Prober } from '#core/hub/probe.ts';
import { Reconciler } from '#core/hub/reconcile.ts';
import { RecorderLink } from '#core/hub/recorder-link.ts';
import { Recordings } from '#core/hub/recordings.ts';
import { tendReserve } from '#core/hub/reserve.ts';
import { SideFiles } from '#core/hub/side-files.ts';
import { Storage } from '#core/hub/storage.ts';
import { Volume } from '#core/hub/volume.ts';
import { detectionModels, makeExport, measureCamera, openDemo, segmentFiles, workerEntry } from '#core/ports.ts';
import { Server } from '#core/server/server.ts';
import { openStore } from '#core/store/store.ts';
import { compileCache, recorderEnvironment } from '#core/supervise/child-environment.ts';
import { SupervisedChild, type ChildStatus } from '#core/supervise/child.ts';

export interface HubInit {
  folder: DataFolder;
  host: string;
  port: number;
  version: string;
  logger: Logger;
  clock?: Clock;
  demo?: boolean;
}

export interface Hub {
  /** For tests: the server without a port. */
  readonly server: Server;
  /** Resolves when the API answers. Throws HubErrors for people. */
  start(): Promise<{ url: string; openUrl: string }>;
  /** May be called twice, and after a start that failed. */
  stop(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const aliveEveryMs = 10_000;
const healthEveryMs = 5_000;
const reserveEveryMs = 60_000;

/** Opens the database; nothing runs yet. Throws as openStore does. */
export function createHub(init: HubInit): Hub {
  const { folder, logger, host, version } = init;
  const clock = init.clock ?? systemClock;
  const startedMono = clock.monoMs();
  const startedMs = clock.nowMs();
  const store = openStore(folder.database, clock);
  const sidecar = new CameraSidecar(folder.sidecar, logger);
  // A new database beside a list of cameras: the old one was damaged or deleted. The recordings are found by the ids.
  if (store.cameras.list().length === 0) for (const camera of sidecar.read()) store.cameras.put(camera);
  const registry = new CameraRegistry({
    cameras: store.cameras,
    secrets: openSecretBox(folder.secretKey),
    sidecar,
    clock,
    logger,
  });

  // ------------------------------------------------------------------ children
  const children = new Set<SupervisedChild<never, never>>();
  const child = <In extends { type: string }, Out extends { type: string }>(
    worker: string,
    options: { name?: string; env?: Readonly<Record<string, string>>; heartbeatTimeoutMs?: number } = {},
  ): SupervisedChild<In, Out> => {
    const made = new SupervisedChild<In, Out>({
      name: options.name ?? worker,
      entry: workerEntry(worker),
      clock,
      logger,
      env: { ...compileCache(folder.cache), ...options.env },
      heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? 10_000,
    });
    children.add(made);
    return made;
  };
  const recorder = new RecorderLink({
    child: child<HubToRecorder, RecorderToHub>('recorder', { env: recorderEnvironment }),
    cameras: registry,
    segments: store.segments,
    settings: store.settings,
    recordingsDir: folder.recordings,
    clock,
    logger,
  });
  const analysers = new Analysers({
    makeChild: (index) =>
      child<HubToAnalyser, AnalyserToHub>('analyser', { name: `analyser-${index}`, env: { UV_THREADPOOL_SIZE: '4' } }),
    cameras: () => registry.list(),
    status: (id, stream) => recorder.status(id, stream),
    previewsDir: folder.recordings,
    snapshotsDir: folder.snapshots,
  });
  const detector = new DetectorLink({
    child: child<HubToDetector, DetectorToHub>('detector'),
    models: detectionModels(folder, logger),
    meta: store.meta,
    logger,
  });
  const compat = new CompatLink({
    makeChild: () => child<HubToCompat, CompatToHub>('compat'),
    cameras: registry,
    usesCompat: (camera, stream) => recorder.usesCompat(camera, stream),
  });
  // Those that were let go (a compat process nobody needs, an analyser too many) are nobody's concern.
  const workers = (): ChildStatus[] =>
    [...children].map((one) => one.status()).filter(({ state }) => state !== 'stopped');

  // ------------------------------------------------------------------ services
  const sockets = new EventSockets();
  const tell = (event: LiveEvent): void => sockets.send(event);
  const views = new CameraViews(recorder, clock);
  const liveBus = new LiveBus(logger);
  const recordings = new Recordings({
    segments: store.segments,
    files: segmentFiles,
    openSegment: (cameraId, stream) => recorder.openSegment(cameraId, stream),
    recordingsDir: folder.recordings,
    clock,
  });
  const events = new EventKeeper({
    events: store.events,
    settings: store.settings,
    camera: (id) => registry.find(id),
    recordUntil: (cameraId, fromMs, untilMs) => recorder.recordUntil(cameraId, fromMs, untilMs),
    tell,
    clock,
  });
  const storage = new Storage({
    volume: new Volume(folder.recordings, store.meta),
    sideFiles: new SideFiles(folder.recordings, folder.snapshots),
    segments: store.segments,
    events: store.events,
    settings: store.settings,
    cameras: () => registry.list(),
    openBytes: () => registry.list().reduce((sum, { id }) => sum + (recorder.openSegment(id, 'main')?.bytes ?? 0), 0),
    setWritable(writable, reason) {
      recorder.setStorage(writable, reason);
      // Comparing with a disk that is not there would find every recording missing: it is done when it is there.
      if (writable) background(reconciler.start(), 'comparing the index with the disk');
    },
    changed: () => tellHealth(),
    clock,
    logger,
  });
  const reconciler = new Reconciler({
    segments: store.segments,
    files: segmentFiles,
    recordingsDir: folder.recordings,
    cameras: () => registry.list(),
    beforeMs: startedMs,
    clock,
    logger,
  });
  const exports = new Exports({
    exports: store.exports,
    segments: (cameraId, fromMs, toMs) => recordings.segments(cameraId, 'main', fromMs, toMs),
    pathOf: (segment) => recordings.pathOf(segment),
    run: (job, options) => makeExport(job, options, logger),
    clipsDir: folder.clips,
    tell,
    clock,
    logger,
  });
  const removal = new CameraRemoval({
    segments: store.segments,
    events: store.events,
    inTransaction: (change) => store.inTransaction(change),
    remove: (id, removeData) => registry.remove(id, removeData),
    recordingsDir: folder.recordings,
    snapshotsDir: folder.snapshots,
    logger,
  });
  const pictures = new Pictures({ analysers, recordings });
  const prober = new Prober({
    kept: (id) => {
      const camera = registry.find(id);
      return camera && { url: camera.url, ...registry.credentials(camera) };
    },
    measure: (target) => measureCamera({ cameraId: newCameraId(), ...target }, clock),
    picture: async (video, unit, width) => (await analysers.picture({ video, unit, width })).jpeg,
    logger,
  });
  const demoCamera = (): CameraRecord | null => registry.list().find((camera) => camera.demo) ?? null;
  const demoMaker = (light: string): DemoDeps['dayMaker'] =>
    child('demo-maker', { name: `demo-maker-${light}`, heartbeatTimeoutMs: 60_000 });
  const demo = openDemo(
    () => demoCamera() !== null,
    () => ({
      clock,
      logger,
      folder: join(folder.root, 'demo'),
      recordingsDir: folder.recordings,
      snapshotsDir: folder.snapshots,
      virtualCamera: child('virtual-camera'),
      dayMaker: demoMaker('day'),
      nightMaker: demoMaker('night'),
      cameras: {
        find: demoCamera,
        add: (camera) => registry.add(camera, { demo: true }),
        move: (id, address) => void registry.change(id, address),
        remove: (id) => removal.remove(id),
      },
      write({ segments, gaps, events: seen }) {
        store.segments.insert(segments);
        for (const gap of gaps) store.segments.addGap(gap);
        store.inTransaction(() => {
          for (const event of seen) if (registry.find(event.cameraId)) store.events.upsert(event);
          for (const reviewed of [true, false])
            store.events.review(
              seen.filter((event) => event.reviewed === reviewed).map((event) => event.id),
              reviewed,
            );
        });
      },
      meta: store.meta,
    }),
    logger,
  );

  // ------------------------------------------------------------------ what follows from what
  const show = (cameraId: CameraId): void => {
    const camera = registry.find(cameraId);
    if (camera) tell({ type: 'camera', camera: views.view(camera) });
  };
  const reconfigure = (): void => {
    recorder.configure();
    analysers.configure();
    compat.configure();
  };
  const considerCompat = (camera: CameraRecord, stream: StreamName): void => {
    const status = recorder.status(camera.id, stream);
    if (isForCompat(status?.error?.code) && recorder.switchToCompat(camera, stream)) compat.configure();
  };
  registry.changed.on((camera) => {
    reconfigure();
    show(camera.id);
  });
  registry.removed.on((camera) => {
    reconfigure();
    views.forget(camera.id);
    tell({ type: 'camera-removed', cameraId: camera.id });
  });
  recorder.busChanged.on((bus) => {
    liveBus.use(bus);
    analysers.setBus(bus);
    compat.setBus(bus);
  });
  recorder.statusChanged.on((cameraId) => {
    views.statusChanged(cameraId);
    const camera = registry.find(cameraId);
    if (!camera) return;
    for (const stream of ['main', 'sub'] as const) considerCompat(camera, stream);
    analysers.configure();
    show(cameraId);
  });
  recorder.recorded.on(({ cameraId, stream, endMs }) => {
    if (stream === 'main') tell({ type: 'recording', cameraId, endMs: Math.round(endMs) });
  });
  recorder.writeFailed.on(({ code }) => background(storage.writeFailed(code), 'making room'));
  recorder.leftOpen.on((open) => background(reconciler.mend(open), 'mending open recordings'));
  detector.changed.on((port) => analysers.setDetector(port));
  analysers.event.on((event) => events.report(event));
  analysers.lost.on((ids) => {
    events.cameraLost(ids);
    for (const cameraId of ids) setMotion(cameraId, false, clock.nowMs());
  });
  analysers.motion.on(({ cameraId, active, timeMs }) => setMotion(cameraId, active, timeMs));

  function setMotion(cameraId: CameraId, active: boolean, timeMs: number): void {
    if (!registry.find(cameraId)) return;
    views.setMotion(cameraId, active);
    tell({ type: 'motion', cameraId, active, timeMs: Math.round(timeMs) });
  }
  function background(work: Promise<unknown>, what: string): void {
    work.catch((error: unknown) => logger.error({ error: errorText(error) }, `${what} failed`));
  }

  // ------------------------------------------------------------------ health
  const uptimeMs = (): number => clock.monoMs() - startedMono;
  const health = (): Health =>
    readHealth({
      cameras: () => registry.list(),
      views,
      workers,
      analysis: (camera) => analysers.analysis(camera.id),
      detector: () => detector.summary,
      disk: () => ({ problem: storage.problem, freeBytes: storage.state.freeBytes }),
      database: () => ({
        pendingRows: recorder.pendingRows,
        rowsKept: reconciler.figures.rowsKept,
        filesDamaged: reconciler.figures.filesDamaged,
        corruptMovedTo: store.corruptMovedTo,
      }),
      version,
      nowMs: () => clock.nowMs(),
      uptimeMs,
    });
  let toldHealth = '';
  function tellHealth(): void {
    const now = health();
    const text = JSON.stringify([now.status, now.checks]);
    if (text === toldHealth) return;
    toldHealth = text;
    tell({ type: 'health', health: now });
  }
  const metrics = (): string =>
    hubMetrics({
      cameras: () => registry.list(),
      views,
      figures: (camera, stream) => recorder.figures(camera.id, stream),
      analysis: (camera) => analysers.analysis(camera.id),
      workers,
      detector: () => detector.figures,
      disk: () => storage.state,
      usedBytes: () => storage.usedBytes(),
      segments: () => store.segments.count(),
      unreviewed: () => store.events.unreviewed(),
      viewers: () => liveBus.viewers,
      healthStatus: () => health().status,
      uptimeMs,
    });

  // ------------------------------------------------------------------ edge
  const server = new Server({
    host,
    port: init.port,
    token: folder.token,
    version,
    demo: () => demoCamera() !== null,
    sessions: store.sessions,
    handlers: hubHandlers({
      registry,
      removeCamera: (id) => removal.remove(id),
      views,
      retry: (id) => recorder.retry(id),
      probe: (request) => prober.probe(request),
      recordings,
      pictures,
      events: store.events,
      snapshotsDir: folder.snapshots,
      exports,
      settings: {
        get: () => store.settings.get(),
        change(patch) {
          const settings = store.settings.change(patch);
          recorder.configure();
          tell({ type: 'settings', settings });
          background(storage.retain(), 'retention');
          return settings;
        },
      },
      storage: () => Promise.resolve(storage.figures()),
      detector,
      demo,
      health,
      metrics,
      tell,
      nowMs: () => clock.nowMs(),
    }),
    sockets: {
      live(cameraId, stream) {
        const camera = registry.get(cameraId);
        const chosen = stream === 'sub' && camera.subUrl !== null ? 'sub' : 'main';
        return (socket) => serveLive(socket, liveBus, camera, chosen, () => views.describe(camera, chosen));
      },
      events: (socket) => sockets.add(socket),
    },
    rendererDir: join(here('..'), 'dist', 'renderer'),
    clock,
    logger,
  });

  const timers: NodeJS.Timeout[] = [];
  /** The time the hub was not there is a gap with a known reason. */
  function noteAbsence(): void {
    const aliveMs = Number(store.meta.get('alive_ms') ?? NaN);
    if (!(aliveMs < startedMs)) return;
    for (const camera of registry.list())
      store.segments.addGap({
        cameraId: camera.id,
        stream: 'main',
        startMs: aliveMs,
        endMs: startedMs,
        reason: 'hub_stopped',
      });
  }
  function noteAlive(): void {
    attempt(() => store.meta.set('alive_ms', String(clock.nowMs())), 'the database could not be written');
  }
  /** For what is good to have: a full disk must not end the hub that could make room on it. */
  function attempt(work: () => void, complaint: string): void {
    try {
      work();
    } catch (error) {
      logger.warn({ error: errorText(error) }, complaint);
    }
  }
  async function startWorkers(): Promise<void> {
    await storage.start();
    if (storage.state.problem !== null) recorder.setStorage(false, 'disk_error');
    await recorder.start();
    await analysers.start();
    await compat.start();
    if (storage.state.problem === null) await reconciler.start();
    await detector.start();
    await exports.start();
    await demo.start(init.demo ?? false);
  }

  let stopping: Promise<void> | null = null;
  async function stopAll(): Promise<void> {
    for (const timer of timers) clearInterval(timer);
    await server.close();
    liveBus.close();
    await Promise.all([
      demo.stop(),
      exports.stop(),
      reconciler.stop(),
      storage.stop(),
      compat.stop(),
      detector.stop(),
      analysers.stop(),
      removal.stop(),
    ]);
    events.stop();
    await recorder.stop();
    noteAlive();
    store.close();
    folder.lock.release();
    logger.info({}, 'hub stopped');
  }

  return {
    server,
    async start() {
      attempt(noteAbsence, 'the database could not be written');
      noteAlive();
      await server.prepare();
      const port = await server.listen();
      const url = `http://${shownHost(host)}:${port}`;
      attempt(() => folder.lock.setUrl(url), 'the lock could not be written');
      timers.push(
        setInterval(noteAlive, aliveEveryMs),
        setInterval(tellHealth, healthEveryMs),
        setInterval(() => attempt(() => tendReserve(folder.root), 'the reserve could not be kept'), reserveEveryMs),
      );
      background(startWorkers(), 'starting the workers');
      return { url, openUrl: `${url}/open?key=${server.auth.newOpenKey()}` };
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

/** What the recorder says when it can't read the codec, or the camera offers UDP only. */
function isForCompat(code: ErrorCode | undefined): boolean {
  return code === 'camera_unsupported_codec' || code === 'unsupported_source';
}

/** An address of this machine that a browser can open. */
function shownHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
