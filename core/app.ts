/**
 * Composition root of the hub: makes every part, joins them through their ports, starts and stops them in order.
 * Order of start: lock → database → server answers → workers. Order of stop: server → workers (segments closed, rows
 * written) → database → lock.
 */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { LiveEvent } from '#core/api/schemas.ts';
import { systemClock, type Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { CameraRegistry } from '#core/cameras/registry.ts';
import { openSecretBox } from '#core/cameras/secret-box.ts';
import { CameraSidecar } from '#core/cameras/sidecar.ts';
import type { HubToRecorder, RecorderToHub } from '#core/domain/worker-protocol.ts';
import { CameraViews } from '#core/hub/camera-views.ts';
import type { DataFolder } from '#core/hub/data-folder.ts';
import { hubHandlers, type HubServices } from '#core/hub/handlers.ts';
import { LiveBus } from '#core/hub/live-bus.ts';
import { EventSockets, serveLive } from '#core/hub/live-sockets.ts';
import { RecorderLink } from '#core/hub/recorder-link.ts';
import { Recordings } from '#core/hub/recordings.ts';
import { segmentFiles } from '#core/segment-files.ts';
import { Server } from '#core/server/server.ts';
import { openStore } from '#core/store/store.ts';
import { SupervisedChild } from '#core/supervise/child.ts';

export interface HubInit {
  folder: DataFolder;
  host: string;
  port: number;
  version: string;
  logger: Logger;
  clock?: Clock;
  devOrigins?: readonly string[];
  demo?: boolean;
}

export interface Hub {
  /** Resolves when the API answers. Throws HubErrors for people. */
  start(): Promise<{ url: string; openUrl: string }>;
  stop(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Opens the database; nothing runs yet. Throws as openStore does. */
export function createHub(init: HubInit): Hub {
  const { folder, logger, host } = init;
  const clock = init.clock ?? systemClock;
  const store = openStore(folder.database, clock);
  const sidecar = new CameraSidecar(folder.sidecar, logger);
  const registry = new CameraRegistry({
    cameras: store.cameras,
    secrets: openSecretBox(folder.secretKey),
    sidecar,
    clock,
    logger,
  });
  const worker = <In extends { type: string }, Out extends { type: string }>(
    name: string,
    env: Record<string, string> = {},
  ): SupervisedChild<In, Out> =>
    new SupervisedChild<In, Out>({ name, entry: here(`./workers/${name}.ts`), clock, logger, env });

  const recorder = new RecorderLink({
    child: worker<HubToRecorder, RecorderToHub>('recorder'),
    cameras: registry,
    segments: store.segments,
    settings: store.settings,
    recordingsDir: folder.recordings,
    clock,
    logger,
  });
  const views = new CameraViews(recorder, clock);
  const liveBus = new LiveBus(logger);
  const sockets = new EventSockets();
  const tell = (event: LiveEvent): void => sockets.send(event);
  const recordings = new Recordings({
    segments: store.segments,
    files: segmentFiles,
    openSegment: (cameraId, stream) => recorder.openSegment(cameraId, stream),
    recordingsDir: folder.recordings,
    clock,
  });

  registry.changed.on((camera) => {
    recorder.configure();
    tell({ type: 'camera', camera: views.view(camera) });
  });
  registry.removed.on((camera) => {
    recorder.configure();
    views.forget(camera.id);
    tell({ type: 'camera-removed', cameraId: camera.id });
  });
  recorder.busChanged.on((bus) => liveBus.use(bus));
  recorder.statusChanged.on((cameraId) => {
    views.statusChanged(cameraId);
    const camera = registry.find(cameraId);
    if (camera) tell({ type: 'camera', camera: views.view(camera) });
  });
  recorder.recorded.on(({ cameraId, stream, endMs }) => {
    if (stream === 'main') tell({ type: 'recording', cameraId, endMs: Math.round(endMs) });
  });

  const notYet = (): never => {
    throw new HubError('unavailable', 'This is not there yet.');
  };
  const services: HubServices = {
    registry,
    async removeCamera(id) {
      registry.remove(id, (cameraId, removeRow) =>
        store.inTransaction(() => {
          store.segments.removeCamera(cameraId);
          store.events.removeCamera(cameraId);
          removeRow();
        }),
      );
      await Promise.resolve();
    },
    views,
    retry: (cameraId) => recorder.retry(cameraId),
    probe: notYet,
    recordings,
    pictures: { snapshot: notYet, frame: notYet },
    events: store.events,
    snapshotsDir: folder.snapshots,
    exports: { add: notYet, list: () => [], get: notYet, remove: notYet, file: notYet },
    settings: store.settings as HubServices['settings'],
    storage: notYet,
    detector: { status: notYet, selfTest: notYet, use: notYet },
    demo: { add: notYet, remove: notYet },
    health: () => ({ status: 'ok', checks: [], version: init.version, uptimeMs: clock.monoMs(), nowMs: clock.nowMs() }),
    metrics: () => '',
    tell,
    nowMs: () => clock.nowMs(),
  };
  const server = new Server({
    host,
    port: init.port,
    token: folder.token,
    version: init.version,
    demo: () => registry.list().some((camera) => camera.demo),
    sessions: store.sessions,
    handlers: hubHandlers(services),
    sockets: {
      live(cameraId, stream) {
        const camera = registry.get(cameraId);
        const chosen = stream === 'sub' && camera.subUrl !== null ? 'sub' : 'main';
        return (socket) => serveLive(socket, liveBus, camera, chosen, () => views.describe(camera, chosen));
      },
      events: (socket) => sockets.add(socket),
    },
    rendererDir: join(here('..'), 'dist', 'renderer'),
    devOrigins: init.devOrigins ?? [],
    clock,
    logger,
  });

  return {
    async start() {
      await server.prepare();
      const port = await server.listen();
      const shownHost =
        host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
      const url = `http://${shownHost}:${port}`;
      folder.lock.setUrl(url);
      await recorder.start();
      return { url, openUrl: `${url}/open?key=${server.auth.newOpenKey()}` };
    },
    async stop() {
      await server.close();
      liveBus.close();
      await recorder.stop();
      store.close();
      folder.lock.release();
    },
  };
}
