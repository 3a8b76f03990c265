/** The hub's face: the server with its handlers and sockets. It listens when told to. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cameraHandlers } from '#core/hub/camera-handlers.ts';
import { hubHandlers } from '#core/hub/handlers.ts';
import { serveLive } from '#core/hub/live-sockets.ts';
import { TalkDesk } from '#core/hub/talk.ts';
import { Server } from '#core/server/server.ts';
import type { SocketHandlers } from '#core/server/sockets.ts';
import type { CameraServices } from './camera-services.ts';
import type { Children } from './children.ts';
import type { Condition } from './condition.ts';
import type { Ground } from './ground.ts';
import type { Services } from './services.ts';

export function makeServer(
  ground: Ground,
  children: Children,
  services: Services,
  cameras: CameraServices,
  condition: Condition,
): Server {
  const { init, folder, registry, store, clock, logger, tell } = ground;
  const { recorder, detector } = children;
  const { views, recordings, pictures, exports, storage, removal, demo } = services;
  return new Server({
    host: init.host,
    port: init.port,
    token: folder.token,
    version: init.version,
    demo: () => services.demoCamera() !== null,
    sessions: store.sessions,
    handlers: {
      ...hubHandlers({
        registry,
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
            ground.background(storage.retain(), 'retention');
            return settings;
          },
        },
        storage: () => Promise.resolve(storage.figures()),
        detector,
        demo,
        health: () => condition.health(),
        metrics: () => condition.metrics(),
        tell,
        nowMs: () => clock.nowMs(),
      }),
      ...cameraHandlers({
        registry,
        ...cameras,
        drafts: children.drafts,
        views,
        pictures,
        remove: (id) => removal.remove(id),
        trust: (id) => registry.forgetPins(id),
        retry(camera) {
          cameras.asker.forget(camera.id);
          children.onvif.watchAgain(camera.id);
          recorder.retry(camera.id);
        },
      }),
    },
    sockets: makeSockets(ground, children, services),
    rendererDir: join(fileURLToPath(new URL('../..', import.meta.url)), 'dist', 'renderer'),
    clock,
    logger,
  });
}

function makeSockets(
  { registry, sockets }: Ground,
  { liveBus, drafts, onvif, recorder }: Children,
  { views }: Services,
): SocketHandlers {
  const talkDesk = new TalkDesk({
    open: (target, onEnd, signal) => onvif.talk(target, onEnd, signal),
    credentials: (camera) => registry.credentials(camera),
  });
  return {
    live(cameraId, stream) {
      const camera = drafts.find(cameraId) ?? registry.get(cameraId);
      const chosen = stream === 'sub' && camera.subUrl !== null ? 'sub' : 'main';
      return (socket) => {
        socket.on('close', drafts.watch(camera.id));
        serveLive(socket, liveBus, camera, chosen, () => views.describe(camera, chosen));
      };
    },
    talk(cameraId) {
      return talkDesk.admit(registry.get(cameraId));
    },
    events(socket) {
      sockets.add(socket);
      recorder.viewersNear();
    },
  };
}
