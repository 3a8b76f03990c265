/** What each route of the contract does, but for those of cameras (camera-handlers.ts). Handlers ask the hub's services; HTTP is core/server's business. */
import type { z } from 'zod';
import type { detectorStatus, exportJob, Health, LiveEvent, selfTest, storage } from '#core/api/schemas.ts';
import { HubError } from '#core/base/errors.ts';
import type { CameraId, EventId } from '#core/domain/ids.ts';
import { snapshotPath } from '#core/domain/media-paths.ts';
import type { CameraRecord, EventRecord, EventWriter, HubSettings } from '#core/domain/records.ts';
import type { Handlers } from '#core/server/handlers.ts';
import type { CameraRoute } from './camera-handlers.ts';
import { eventView } from './event-view.ts';
import type { Recordings } from './recordings.ts';

export interface HubServices {
  registry: {
    list(): readonly CameraRecord[];
    get(id: string): CameraRecord;
  };
  recordings: Recordings;
  pictures: {
    /** The exact recorded picture. */
    frame(cameraId: CameraId, atMs: number, width: number | null): Promise<Buffer>;
  };
  events: EventWriter;
  snapshotsDir: string;
  exports: {
    add(camera: CameraRecord, fromMs: number, toMs: number): z.input<typeof exportJob>;
    list(): z.input<typeof exportJob>[];
    get(id: string): z.input<typeof exportJob>;
    remove(id: string): Promise<void>;
    file(id: string): { path: string; name: string };
  };
  settings: {
    get(): HubSettings;
    change(patch: { [K in keyof HubSettings]?: HubSettings[K] | undefined }): HubSettings;
  };
  storage(): Promise<z.input<typeof storage>>;
  detector: {
    status(): Promise<z.input<typeof detectorStatus>>;
    selfTest(name: string): Promise<z.input<typeof selfTest>>;
    use(name: string): Promise<z.input<typeof detectorStatus>>;
  };
  demo: { add(): Promise<void>; remove(): Promise<void> };
  health(): Health;
  metrics(): string;
  tell(event: LiveEvent): void;
  nowMs(): number;
}

const done = { ok: true } as const;
/** A preview of the past does not change; one of the last minutes may get a nearer neighbour. */
const settledMs = 300_000;

export function hubHandlers(hub: HubServices): Omit<Handlers, CameraRoute> {
  const camera = (id: string): CameraRecord => hub.registry.get(id);
  const event = (id: string): EventRecord => {
    const found = hub.events.get(id as EventId);
    if (!found) throw new HubError('not_found', 'This event is not there any more.');
    return found;
  };
  const eventPicture = (id: string, thumb: boolean): { body: { file: string }; headers: Record<string, string> } => ({
    body: { file: `${hub.snapshotsDir}/${snapshotPath(id as EventId, event(id).startMs, thumb)}` },
    // The best picture may still change while the event goes on.
    headers: { 'cache-control': event(id).endMs === null ? 'no-store' : 'private, max-age=3600' },
  });
  const review = (ids: readonly string[], reviewed: boolean): void => {
    const changed = hub.events.review(ids as EventId[], reviewed);
    if (changed.length > 0)
      hub.tell({ type: 'events-reviewed', ids: changed, reviewed, unreviewed: hub.events.unreviewed() });
  };
  const cached = (atMs: number): Record<string, string> => ({
    'cache-control': hub.nowMs() - atMs > settledMs ? 'private, max-age=86400, immutable' : 'no-store',
  });

  return {
    health: () => hub.health(),
    metrics: () => ({ body: hub.metrics() }),

    recordings({ query }) {
      const cameras = query.cameraId === undefined ? hub.registry.list() : [camera(query.cameraId)];
      return hub.recordings.timeline(cameras, query.from, query.to);
    },
    playlist({ params, query }) {
      const { id } = camera(params.cameraId);
      return { body: hub.recordings.playlist(id, query.stream ?? 'main', query.from, query.to) };
    },
    async segmentInit({ params }) {
      const { id } = camera(params.cameraId);
      const body = await hub.recordings.initSection(id, params.stream, params.startMs);
      return { body, headers: { 'cache-control': 'private, max-age=86400, immutable' } };
    },
    async segmentMedia({ params, query }) {
      const { id } = camera(params.cameraId);
      return {
        body: await hub.recordings.media(id, params.stream, params.startMs, query),
        headers: cached(params.startMs),
      };
    },
    async preview({ params, query }) {
      const { jpeg, timeMs } = await hub.recordings.preview(camera(params.cameraId).id, query.at);
      return { body: jpeg, headers: { ...cached(query.at), 'x-taken-ms': String(Math.round(timeMs)) } };
    },
    async frame({ params, query }) {
      const { id } = camera(params.cameraId);
      return { body: await hub.pictures.frame(id, query.at, query.width ?? null), headers: cached(query.at) };
    },

    listEvents({ query }) {
      if (query.from !== undefined && query.to !== undefined && query.from >= query.to)
        throw new HubError('invalid_range', 'The range is empty or reversed: "from" must lie before "to".');
      const { events, nextCursor } = hub.events.list({
        fromMs: query.from,
        toMs: query.to,
        cameraId: query.cameraId === undefined ? undefined : camera(query.cameraId).id,
        label: query.label,
        reviewed: query.reviewed === undefined ? undefined : query.reviewed === 'true',
        limit: query.limit,
        cursor: query.cursor,
      });
      return { events: events.map(eventView), nextCursor, unreviewed: hub.events.unreviewed() };
    },
    getEvent: ({ params }) => eventView(event(params.id)),
    changeEvent({ params, body }) {
      event(params.id);
      review([params.id], body.reviewed);
      return eventView(event(params.id));
    },
    reviewEvents({ body }) {
      review(body.ids, body.reviewed);
      return done;
    },
    eventSnapshot: ({ params }) => eventPicture(params.id, false),
    eventThumb: ({ params }) => eventPicture(params.id, true),

    addExport({ body }) {
      if (body.from >= body.to)
        throw new HubError('invalid_range', 'The range is empty or reversed: "from" must lie before "to".');
      return hub.exports.add(camera(body.cameraId), body.from, body.to);
    },
    listExports: () => ({ exports: hub.exports.list() }),
    getExport: ({ params }) => hub.exports.get(params.id),
    async removeExport({ params }) {
      await hub.exports.remove(params.id);
      return done;
    },
    exportFile({ params }) {
      const { path, name } = hub.exports.file(params.id);
      return { body: { file: path }, headers: { 'content-disposition': attachment(name) } };
    },

    getSettings: () => hub.settings.get(),
    changeSettings: ({ body }) => hub.settings.change(body),
    storage: () => hub.storage(),
    detector: () => hub.detector.status(),
    testModel: ({ body }) => hub.detector.selfTest(body.name),
    useModel: ({ body }) => hub.detector.use(body.name),
    async addDemo() {
      await hub.demo.add();
      return done;
    },
    async removeDemo() {
      await hub.demo.remove();
      return done;
    },
  };
}

/** RFC 6266: an ASCII name for old readers, the whole name for the others. Nothing a person typed can leave the quotes. */
function attachment(name: string): string {
  const ascii = name.replaceAll(/[^A-Za-z0-9 ._-]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
