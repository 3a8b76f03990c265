/**
 * Composition root of the hub: makes every part, joins them through their ports, starts and stops them in order. The areas
 * stand in core/composition.
 * Order of start: database → disk → server answers → workers. Order of stop: server → analysers → recorder (segments
 * closed, rows written) → database → lock.
 */
import { makeCameraServices } from '#core/composition/camera-services.ts';
import { makeChildren } from '#core/composition/children.ts';
import { makeCondition } from '#core/composition/condition.ts';
import { makeServer } from '#core/composition/edge.ts';
import { layGround, type HubInit } from '#core/composition/ground.ts';
import { joinParts, watchCameras } from '#core/composition/joins.ts';
import { makeServices } from '#core/composition/services.ts';
import { tendReserve } from '#core/hub/reserve.ts';
import type { Server } from '#core/server/server.ts';

export interface Hub {
  /** For tests: the server without a port. */
  readonly server: Server;
  /** Resolves when the API answers. Throws HubErrors for people. */
  start(): Promise<{ url: string; openUrl: string }>;
  /** May be called twice, and after a start that failed. */
  stop(): Promise<void>;
}

const aliveEveryMs = 10_000;
const healthEveryMs = 5_000;
const reserveEveryMs = 60_000;

/** Opens the database; nothing runs yet. Throws as openStore does. */
export function createHub(init: HubInit): Hub {
  const ground = layGround(init);
  const { folder, logger, clock, registry, store, startedMs } = ground;
  const children = makeChildren(ground);
  const services = makeServices(ground, children);
  const cameras = makeCameraServices(ground, children, services);
  const condition = makeCondition(ground, children, services);
  joinParts(ground, children, services, cameras, condition);
  const server = makeServer(ground, children, services, cameras, condition);

  const { recorder, analysers, detector, compat, onvif, liveBus, drafts } = children;
  const { storage, reconciler, exports, removal, events, demo } = services;
  const timers: NodeJS.Timeout[] = [];

  /** The time the hub was not there is a gap with a known reason. */
  function noteAbsence(): void {
    const aliveMs = Number(store.meta.get('alive_ms') ?? NaN);
    if (!(aliveMs < startedMs)) return;
    for (const { id: cameraId } of registry.list())
      store.segments.addGap({ cameraId, stream: 'main', startMs: aliveMs, endMs: startedMs, reason: 'hub_stopped' });
  }
  function noteAlive(): void {
    ground.attempt(() => store.meta.set('alive_ms', String(clock.nowMs())), 'the database could not be written');
  }
  async function startWorkers(): Promise<void> {
    // A person may look for cameras at once, whatever the disk does.
    watchCameras(ground, children, cameras);
    await onvif.start();
    await storage.start();
    if (storage.state.problem !== null) recorder.setStorage(false, 'disk_error');
    await recorder.start();
    await analysers.start();
    await compat.start();
    cameras.ptz.start();
    cameras.enrolment.start();
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
    cameras.ptz.stop();
    cameras.enrolment.stop();
    drafts.stop();
    await Promise.all([
      demo.stop(),
      exports.stop(),
      reconciler.stop(),
      storage.stop(),
      compat.stop(),
      onvif.stop(),
      detector.stop(),
      analysers.stop(),
      removal.stop(),
    ]);
    cameras.reports.stop();
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
      ground.attempt(noteAbsence, 'the database could not be written');
      noteAlive();
      await server.prepare();
      const port = await server.listen();
      const url = `http://${shownHost(init.host)}:${port}`;
      ground.attempt(() => folder.lock.setUrl(url), 'the lock could not be written');
      timers.push(
        setInterval(noteAlive, aliveEveryMs),
        setInterval(() => condition.tellHealth(), healthEveryMs),
        setInterval(
          () => ground.attempt(() => tendReserve(folder.root), 'the reserve could not be kept'),
          reserveEveryMs,
        ),
      );
      ground.background(startWorkers(), 'starting the workers');
      return { url, openUrl: `${url}/open?key=${server.auth.newOpenKey()}` };
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

/** An address of this machine that a browser can open. */
function shownHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
