/** What follows from what: the signals of one part, as calls of the others. */
import type { ErrorCode } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import { wantsReports } from '#core/hub/camera-reports.ts';
import type { CameraServices } from './camera-services.ts';
import type { Children } from './children.ts';
import type { Condition } from './condition.ts';
import type { Ground } from './ground.ts';
import type { Services } from './services.ts';

export function joinParts(
  ground: Ground,
  children: Children,
  services: Services,
  cameras: CameraServices,
  condition: Condition,
): void {
  const { registry } = ground;
  const { recorder, analysers, detector, compat, onvif, liveBus, drafts } = children;
  const { reports } = cameras;
  const { views, events, storage, reconciler } = services;
  const show = (cameraId: CameraId): void => {
    const camera = registry.find(cameraId);
    if (camera) ground.tell({ type: 'camera', camera: views.view(camera) });
  };
  const reconfigure = (): void => {
    recorder.configure();
    analysers.configure();
    compat.configure();
    watchCameras(ground, children, cameras);
  };
  /** Streams that the recorder can't pull go to the process that can. */
  const considerCompat = (camera: CameraRecord): void => {
    for (const stream of ['main', 'sub'] as const) {
      const status = recorder.status(camera.id, stream);
      if (isForCompat(status?.error?.code) && recorder.switchToCompat(camera, stream)) compat.configure();
    }
  };

  registry.changed.on((camera) => {
    reconfigure();
    reports.changed(camera);
    show(camera.id);
  });
  registry.removed.on((camera) => {
    reconfigure();
    views.forget(camera.id);
    cameras.asker.forget(camera.id);
    cameras.ptz.forget(camera.id);
    reports.forget(camera.id);
    ground.tell({ type: 'camera-removed', cameraId: camera.id });
  });
  drafts.changed.on((gone) => {
    recorder.configure();
    compat.configure();
    if (gone !== null) views.forget(gone);
  });
  recorder.busChanged.on((bus) => {
    liveBus.use(bus);
    analysers.setBus(bus);
    compat.setBus(bus);
  });
  recorder.statusChanged.on((cameraId) => {
    views.statusChanged(cameraId);
    const draft = drafts.find(cameraId);
    if (draft) considerCompat(draft);
    const camera = registry.find(cameraId);
    if (!camera) return;
    considerCompat(camera);
    analysers.configure();
    show(cameraId);
  });
  recorder.recorded.on(({ cameraId, stream, endMs }) => {
    if (stream === 'main') ground.tell({ type: 'recording', cameraId, endMs: Math.round(endMs) });
  });
  recorder.writeFailed.on(({ code }) => ground.background(storage.writeFailed(code), 'making room'));
  for (const link of [recorder, onvif])
    link.firstCertificate.on(({ cameraId, address, fingerprint }) => {
      ground.registry.pin(cameraId, address, fingerprint);
    });
  recorder.leftOpen.on((open) => ground.background(reconciler.mend(open), 'mending open recordings'));
  detector.changed.on((port) => analysers.setDetector(port));
  analysers.event.on((event) => {
    events.report(event);
    reports.sawOwn(event);
  });
  onvif.report.on((report) => reports.heard(report));
  onvif.watchStatus.on((status) => {
    reports.watchStatus(status);
    const camera = registry.find(status.cameraId);
    if (camera && status.state === 'refused')
      cameras.asker.refused(camera, status.message ?? 'It refused the password.');
  });
  analysers.lost.on((ids) => {
    events.cameraLost(ids);
    for (const cameraId of ids) services.setMotion(cameraId, false, ground.clock.nowMs());
  });
  analysers.motion.on(({ cameraId, active, timeMs }) => services.setMotion(cameraId, active, timeMs));
  ground.healthChanged.on(() => condition.tellHealth());
}

/** Cameras whose own events are wanted, and whether any camera speaks ONVIF at all. */
export function watchCameras({ registry }: Ground, { onvif }: Children, { asker }: CameraServices): void {
  const able = registry.list().filter((camera) => camera.onvifUrl !== null);
  const watched = able.filter(wantsReports);
  onvif.watch(
    watched.map((camera) => ({ cameraId: camera.id, target: asker.target(camera) })),
    able.length > 0,
  );
}

/** What the recorder says when it can't read the codec, or the camera offers UDP only. */
function isForCompat(code: ErrorCode | undefined): boolean {
  return code === 'camera_unsupported_codec' || code === 'unsupported_source';
}
