/** What each route below /api/cameras does: cameras of the home, cameras that are being added, and cameras as devices. */
import { HubError } from '#core/base/errors.ts';
import { LineQueue } from '#core/base/line-queue.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { Handlers } from '#core/server/handlers.ts';
import type { CameraViews } from './camera-views.ts';
import type { Care } from './care.ts';
import type { Discovered, Discovery } from './discovery.ts';
import type { Drafts } from './drafts.ts';
import type { Enrolment } from './enrolment.ts';
import type { Prober } from './probe.ts';
import type { Ptz } from './ptz.ts';

export interface CameraHandlerServices {
  registry: {
    list(): readonly CameraRecord[];
    get(id: string): CameraRecord;
  };
  enrolment: Enrolment;
  prober: Prober;
  discovery: Discovery;
  drafts: Drafts;
  ptz: Ptz;
  care: Care;
  views: CameraViews;
  /** The picture of now. */
  pictures: { snapshot(camera: CameraRecord, stream: StreamName | null, width: number | null): Promise<Buffer> };
  /** Removes the camera, its rows and its files. */
  remove(id: string): Promise<void>;
  /** A person says that it should be tried again. */
  retry(camera: CameraRecord): void;
  /** Forgets the certificates that were kept. */
  trust(id: string): CameraRecord;
}

export type CameraRoute =
  | 'listCameras'
  | 'getCamera'
  | 'addCamera'
  | 'changeCamera'
  | 'removeCamera'
  | 'retryCamera'
  | 'trustCamera'
  | 'cameraSnapshot'
  | 'probeCamera'
  | 'discoverCameras'
  | 'addDraft'
  | 'removeDraft'
  | 'ptzState'
  | 'ptz'
  | 'changePtz'
  | 'imaging'
  | 'changeImaging'
  | 'care'
  | 'setCameraClock'
  | 'rebootCamera'
  | 'changeEncoder'
  | 'applyRecommended'
  | 'changeRelay';

const done = { ok: true } as const;

export function cameraHandlers(hub: CameraHandlerServices): Pick<Handlers, CameraRoute> {
  const { registry, enrolment, prober, discovery, drafts, ptz, care, views } = hub;
  return {
    listCameras: () => ({ cameras: registry.list().map((one) => views.view(one)) }),
    getCamera: ({ params }) => views.view(registry.get(params.id)),
    addCamera: async ({ body, signal }) => views.view(await enrolment.add(body, signal)),
    changeCamera({ params, body }) {
      const changed = enrolment.change(params.id, body);
      // Also the same password: whoever types it again wants to know whether it is taken now.
      if (typeof body.password === 'string') hub.retry(changed);
      return views.view(changed);
    },
    async removeCamera({ params }) {
      await hub.remove(params.id);
      return done;
    },
    retryCamera({ params }) {
      const found = registry.get(params.id);
      hub.retry(found);
      return views.view(found);
    },
    trustCamera({ params }) {
      const found = hub.trust(params.id);
      hub.retry(found);
      return views.view(found);
    },
    async cameraSnapshot({ params, query }) {
      const camera = registry.get(params.id);
      return { body: await hub.pictures.snapshot(camera, query.stream ?? null, query.width ?? null) };
    },

    probeCamera: ({ body, signal }) => prober.probe(body, signal),
    discoverCameras({ body, signal, inLines }) {
      if (inLines) {
        const queue = new LineQueue<{ device: Discovered } | { problems: string[] }>();
        void discovery
          .search(body, (device) => queue.push({ device }), signal)
          .then((problems) => {
            queue.push({ problems });
            queue.end();
          })
          .catch((error: unknown) => queue.end(error as Error));
        return { lines: queue };
      }
      const devices: Discovered[] = [];
      return discovery
        .search(body, (device) => devices.push(device), signal)
        .then((problems) => ({ devices, problems }));
    },
    addDraft: ({ body }) => ({ id: drafts.add(body) }),
    removeDraft({ params }) {
      if (!drafts.find(params.id)) throw new HubError('not_found', 'This preview has ended already.');
      drafts.remove(params.id);
      return done;
    },

    ptzState: ({ params, signal }) => ptz.state(params.id, signal),
    async ptz({ params, body, signal }) {
      await ptz.command(params.id, body, signal);
      return done;
    },
    changePtz: ({ params, body }) => ptz.change(params.id, body),

    imaging: ({ params, signal }) => care.imaging(params.id, signal),
    changeImaging: ({ params, body, signal }) => care.changeImaging(params.id, body, signal),
    care: ({ params, signal }) => care.care(params.id, signal),
    setCameraClock: ({ params, signal }) => care.setClock(params.id, signal),
    rebootCamera: ({ params, signal }) => care.reboot(params.id, signal),
    changeEncoder: ({ params, body, signal }) => care.changeEncoder(params.id, body, signal),
    applyRecommended: ({ params, signal }) => care.applyRecommended(params.id, signal),
    async changeRelay({ params, body }) {
      await care.switchRelay(params.id, params.token, body.active);
      return done;
    },
  };
}
