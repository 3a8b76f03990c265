/** What all parts of the hub stand on: the data folder with its database, the cameras, the clock, the log, the pages that listen. */
import type { LiveEvent } from '#core/api/schemas.ts';
import { systemClock, type Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { Signal } from '#core/base/signal.ts';
import { CameraRegistry } from '#core/cameras/registry.ts';
import { openSecretBox } from '#core/cameras/secret-box.ts';
import { CameraSidecar } from '#core/cameras/sidecar.ts';
import type { DataFolder } from '#core/hub/data-folder.ts';
import { EventSockets } from '#core/hub/live-sockets.ts';
import { openStore } from '#core/store/store.ts';

export interface HubInit {
  folder: DataFolder;
  host: string;
  port: number;
  version: string;
  logger: Logger;
  clock?: Clock;
  demo?: boolean;
}

export interface Ground {
  init: HubInit;
  folder: DataFolder;
  clock: Clock;
  logger: Logger;
  startedMs: number;
  startedMono: number;
  store: ReturnType<typeof openStore>;
  registry: CameraRegistry;
  sockets: EventSockets;
  tell: (event: LiveEvent) => void;
  /** Something happened that may change the hub's health. */
  healthChanged: Signal<null>;
  /** Work whose end nobody waits for; its failure is logged. */
  background: (work: Promise<unknown>, what: string) => void;
  /** For what is good to have: a full disk must not end the hub that could make room on it. */
  attempt: (work: () => void, complaint: string) => void;
}

/** Opens the database. Throws as openStore does. */
export function layGround(init: HubInit): Ground {
  const { folder, logger } = init;
  const clock = init.clock ?? systemClock;
  const store = openStore(folder.database, clock);
  const sidecar = new CameraSidecar(folder.sidecar, logger);
  // A new database beside a list of cameras: the old one was damaged or deleted. The recordings are found by the ids.
  if (store.cameras.list().length === 0) for (const camera of sidecar.read()) store.cameras.put(camera);
  const secrets = openSecretBox(folder.secretKey);
  const registry = new CameraRegistry({ cameras: store.cameras, secrets, sidecar, clock, logger });
  const sockets = new EventSockets();
  return {
    init,
    folder,
    clock,
    logger,
    startedMs: clock.nowMs(),
    startedMono: clock.monoMs(),
    store,
    registry,
    sockets,
    tell: (event) => sockets.send(event),
    healthChanged: new Signal<null>(),
    background(work, what) {
      work.catch((error: unknown) => logger.error({ error: errorText(error) }, `${what} failed`));
    },
    attempt(work, complaint) {
      try {
        work();
      } catch (error) {
        logger.warn({ error: errorText(error) }, complaint);
      }
    },
  };
}
