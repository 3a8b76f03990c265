/** What is done with cameras as devices: finding, trying, adding, moving, looking after. */
import { CameraAsker, type AskOnvif } from '#core/hub/camera-asker.ts';
import { CameraReports } from '#core/hub/camera-reports.ts';
import { Care } from '#core/hub/care.ts';
import { Discovery } from '#core/hub/discovery.ts';
import { Enrolment } from '#core/hub/enrolment.ts';
import { OnvifFinder } from '#core/hub/onvif-finder.ts';
import { Prober } from '#core/hub/probe.ts';
import { Ptz } from '#core/hub/ptz.ts';
import { reportPicture } from '#core/hub/report-picture.ts';
import { givesPictures, guessStreams, measureCamera, openPorts } from './camera-ports.ts';
import type { Children } from './children.ts';
import type { Ground } from './ground.ts';
import type { Services } from './services.ts';

export interface CameraServices {
  asker: CameraAsker;
  enrolment: Enrolment;
  prober: Prober;
  discovery: Discovery;
  ptz: Ptz;
  care: Care;
  reports: CameraReports;
}

export function makeCameraServices(ground: Ground, children: Children, services: Services): CameraServices {
  const { registry, folder, clock, logger } = ground;
  const { onvif, analysers, kept } = children;
  const ask: AskOnvif = (operation, target, input, options) => onvif.call(operation, target, input, options);
  const asker = new CameraAsker({ ask, credentials: (camera) => registry.credentials(camera) });
  const finder = new OnvifFinder({ ask, openPorts });
  const enrolment = new Enrolment({ registry, finder, asker, clock, logger });
  return {
    asker,
    enrolment,
    prober: new Prober({
      finder,
      openPorts,
      kept,
      measure: (target, signal) => measureCamera(target, clock, signal),
      guess: guessStreams,
      givesPictures,
      picture: async (video, unit, width) => (await analysers.picture({ video, unit, width })).jpeg,
      logger,
    }),
    discovery: new Discovery({
      discover: (address, timeoutMs, onFound, signal) => onvif.discover(address, timeoutMs, onFound, signal),
      cameras: () => registry.list(),
    }),
    ptz: new Ptz({ registry, asker, clock, logger }),
    care: new Care({
      camera: (id) => registry.get(id),
      asker,
      describe: (camera, signal) => enrolment.describe(camera, signal),
      watchState: (id) => onvif.state(id),
    }),
    reports: new CameraReports({
      camera: (id) => registry.find(id),
      events: services.events,
      motion: services.setMotion,
      snapshot: reportPicture({ asker, pictures: services.pictures, logger }),
      snapshotsDir: folder.snapshots,
      clock,
      logger,
    }),
  };
}
