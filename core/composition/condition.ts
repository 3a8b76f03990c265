/** How the hub does: its health, told when it changes, and its figures. */
import type { Health } from '#core/api/schemas.ts';
import { readHealth } from '#core/hub/health.ts';
import { hubMetrics } from '#core/hub/hub-metrics.ts';
import type { Children } from './children.ts';
import type { Ground } from './ground.ts';
import type { Services } from './services.ts';

export interface Condition {
  health: () => Health;
  metrics: () => string;
  /** Tells the pages when it is another than they were told. */
  tellHealth: () => void;
}

export function makeCondition(ground: Ground, children: Children, services: Services): Condition {
  const { registry, store, clock, tell } = ground;
  const { recorder, analysers, detector, onvif, liveBus, workers } = children;
  const { views, storage, reconciler } = services;
  const uptimeMs = (): number => clock.monoMs() - ground.startedMono;
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
      version: ground.init.version,
      nowMs: () => clock.nowMs(),
      uptimeMs,
    });
  let told = '';
  return {
    health,
    metrics: () =>
      hubMetrics({
        cameras: () => registry.list(),
        views,
        figures: (camera, stream) => recorder.figures(camera.id, stream),
        analysis: (camera) => analysers.analysis(camera.id),
        workers,
        detector: () => detector.figures,
        watches: () => onvif.states,
        disk: () => storage.state,
        usedBytes: () => storage.usedBytes(),
        segments: () => store.segments.count(),
        unreviewed: () => store.events.unreviewed(),
        viewers: () => liveBus.viewers,
        healthStatus: () => health().status,
        uptimeMs,
      }),
    tellHealth() {
      const now = health();
      const text = JSON.stringify([now.status, now.checks]);
      if (text === told) return;
      told = text;
      tell({ type: 'health', health: now });
    },
  };
}
