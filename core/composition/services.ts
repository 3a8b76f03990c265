/** The services around recordings: playing, keeping, removing, exporting, events, and the demo. */
import { join } from 'node:path';
import type { DemoDeps } from '#core/domain/demo-protocol.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import { CameraRemoval } from '#core/hub/camera-removal.ts';
import { CameraViews } from '#core/hub/camera-views.ts';
import { EventKeeper } from '#core/hub/event-keeper.ts';
import { Exports } from '#core/hub/exports.ts';
import { Pictures } from '#core/hub/pictures.ts';
import { Reconciler } from '#core/hub/reconcile.ts';
import { Recordings } from '#core/hub/recordings.ts';
import { SideFiles } from '#core/hub/side-files.ts';
import { Storage } from '#core/hub/storage.ts';
import { Volume } from '#core/hub/volume.ts';
import { makeExport, openDemo, segmentFiles, type DemoPort } from '#core/ports.ts';
import type { Children } from './children.ts';
import type { Ground } from './ground.ts';

export interface Services {
  views: CameraViews;
  recordings: Recordings;
  events: EventKeeper;
  storage: Storage;
  reconciler: Reconciler;
  exports: Exports;
  removal: CameraRemoval;
  pictures: Pictures;
  demo: DemoPort;
  /** Something moves in front of a camera, or not any more. */
  setMotion: (cameraId: CameraId, active: boolean, timeMs: number) => void;
  demoCamera: () => CameraRecord | null;
}

export function makeServices(ground: Ground, children: Children): Services {
  const { folder, registry, store, clock, logger, tell } = ground;
  const { recorder, analysers } = children;
  const recordings = new Recordings({
    segments: store.segments,
    files: segmentFiles,
    openSegment: (cameraId, stream) => recorder.openSegment(cameraId, stream),
    recordingsDir: folder.recordings,
    clock,
  });
  const reconciler = new Reconciler({
    segments: store.segments,
    files: segmentFiles,
    recordingsDir: folder.recordings,
    cameras: () => registry.list(),
    beforeMs: ground.startedMs,
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
  const demoCamera = (): CameraRecord | null => registry.list().find((camera) => camera.demo) ?? null;
  const views = new CameraViews(recorder, clock);
  return {
    views,
    recordings,
    events: new EventKeeper({
      events: store.events,
      settings: store.settings,
      camera: (id) => registry.find(id),
      recordUntil: (cameraId, fromMs, untilMs) => recorder.recordUntil(cameraId, fromMs, untilMs),
      tell,
      clock,
    }),
    storage: new Storage({
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
        if (writable) ground.background(reconciler.start(), 'comparing the index with the disk');
      },
      changed: () => ground.healthChanged.emit(null),
      clock,
      logger,
    }),
    reconciler,
    exports: new Exports({
      exports: store.exports,
      segments: (cameraId, fromMs, toMs) => recordings.segments(cameraId, 'main', fromMs, toMs),
      pathOf: (segment) => recordings.pathOf(segment),
      run: (job, options) => makeExport(job, options, logger),
      clipsDir: folder.clips,
      tell,
      clock,
      logger,
    }),
    removal,
    pictures: new Pictures({ analysers, recordings }),
    demo: openDemo(
      () => demoCamera() !== null,
      () => demoDeps(ground, children, removal, demoCamera),
      logger,
    ),
    setMotion(cameraId, active, timeMs) {
      if (!registry.find(cameraId)) return;
      views.setMotion(cameraId, active);
      tell({ type: 'motion', cameraId, active, timeMs: Math.round(timeMs) });
    },
    demoCamera,
  };
}

function demoDeps(
  { folder, registry, store, clock, logger }: Ground,
  { child }: Children,
  removal: CameraRemoval,
  find: () => CameraRecord | null,
): DemoDeps {
  const maker = (light: string): DemoDeps['dayMaker'] =>
    child('demo-maker', { name: `demo-maker-${light}`, heartbeatTimeoutMs: 60_000 });
  return {
    clock,
    logger,
    folder: join(folder.root, 'demo'),
    recordingsDir: folder.recordings,
    snapshotsDir: folder.snapshots,
    virtualCamera: child('virtual-camera'),
    dayMaker: maker('day'),
    nightMaker: maker('night'),
    cameras: {
      find,
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
  };
}
