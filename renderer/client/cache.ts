/** How a message of the hub changes what the screens hold. Pure over the query cache. */
import type { AnswerOf } from '#core/api/routes.ts';
import type { Event as HubEvent, LiveEvent } from '#core/api/schemas.ts';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { keys, type EventFilters } from './queries.ts';

type EventPage = AnswerOf<'listEvents'>;
type EventPages = InfiniteData<EventPage, string | null>;

export function applyLiveEvent(client: QueryClient, message: LiveEvent): void {
  switch (message.type) {
    case 'camera':
      updateCameras(client, (cameras) => {
        const known = cameras.some((camera) => camera.id === message.camera.id);
        return known
          ? cameras.map((camera) => (camera.id === message.camera.id ? message.camera : camera))
          : [...cameras, message.camera];
      });
      return;
    case 'camera-removed':
      updateCameras(client, (cameras) => cameras.filter((camera) => camera.id !== message.cameraId));
      void client.invalidateQueries({ queryKey: keys.events });
      return;
    case 'motion':
      updateCameras(client, (cameras) =>
        cameras.map((camera) => (camera.id === message.cameraId ? { ...camera, motion: message.active } : camera)),
      );
      return;
    case 'event':
      putEvent(client, message.event);
      return;
    case 'events-reviewed':
      markReviewed(client, new Set(message.ids), message.reviewed);
      void client.invalidateQueries({ queryKey: keys.unreviewed });
      return;
    case 'health':
      client.setQueryData<AnswerOf<'health'>>(keys.health, message.health);
      return;
    case 'settings':
      client.setQueryData<AnswerOf<'getSettings'>>(keys.settings, message.settings);
      return;
    case 'export':
      void client.invalidateQueries({ queryKey: keys.exports });
      return;
    case 'recording':
      markRecording(client, message.cameraId);
      return;
  }
}

function updateCameras(
  client: QueryClient,
  change: (cameras: AnswerOf<'listCameras'>['cameras']) => AnswerOf<'listCameras'>['cameras'],
): void {
  client.setQueryData<AnswerOf<'listCameras'>>(keys.cameras, (old) => old && { cameras: change(old.cameras) });
}

/** That a file grows is the first sign that a new camera is recorded. Told every second: what is known already changes nothing. */
function markRecording(client: QueryClient, cameraId: string): void {
  const old = client.getQueryData<AnswerOf<'listCameras'>>(keys.cameras);
  const main = old?.cameras.find(({ id }) => id === cameraId)?.streams.find(({ stream }) => stream === 'main');
  if (!main || main.recording) return;
  updateCameras(client, (cameras) =>
    cameras.map((camera) =>
      camera.id === cameraId
        ? {
            ...camera,
            streams: camera.streams.map((one) => (one.stream === 'main' ? { ...one, recording: true } : one)),
          }
        : camera,
    ),
  );
}

function matches(event: HubEvent, filters: EventFilters): boolean {
  if (filters.cameraId !== undefined && filters.cameraId !== event.cameraId) return false;
  if (filters.label !== undefined && filters.label !== event.label) return false;
  if (filters.from !== undefined && event.startMs < filters.from) return false;
  if (filters.to !== undefined && event.startMs >= filters.to) return false;
  return filters.reviewed === undefined || filters.reviewed === String(event.reviewed);
}

function putEvent(client: QueryClient, event: HubEvent): void {
  for (const [key, old] of client.getQueriesData<EventPages>({ queryKey: ['events', 'list'] })) {
    if (!old) continue;
    const known = old.pages.some((page) => page.events.some(({ id }) => id === event.id));
    if (!known && !matches(event, key[2] as EventFilters)) continue;
    const pages = old.pages.map((page, index) => {
      if (known) return { ...page, events: page.events.map((other) => (other.id === event.id ? event : other)) };
      return index === 0 ? { ...page, events: newestFirst([event, ...page.events]) } : page;
    });
    client.setQueryData<EventPages>(key, { ...old, pages });
  }
  client.setQueryData<EventPage>(keys.unreviewed, (old) => {
    if (!old) return old;
    const known = old.events.some(({ id }) => id === event.id);
    if (known) return { ...old, events: old.events.map((other) => (other.id === event.id ? event : other)) };
    if (event.reviewed) return old;
    return { ...old, unreviewed: old.unreviewed + 1, events: newestFirst([event, ...old.events]).slice(0, 24) };
  });
}

function newestFirst(events: HubEvent[]): HubEvent[] {
  return events.sort((a, b) => b.startMs - a.startMs);
}

/** Marks events wherever they are held. They stay in their list, so that a person can undo without hunting for them. */
export function markReviewed(client: QueryClient, ids: ReadonlySet<string>, reviewed: boolean): void {
  for (const [key, old] of client.getQueriesData<EventPages>({ queryKey: ['events', 'list'] })) {
    if (!old) continue;
    const pages = old.pages.map((page) => ({
      ...page,
      events: page.events.map((event) => (ids.has(event.id) ? { ...event, reviewed } : event)),
    }));
    client.setQueryData<EventPages>(key, { ...old, pages });
  }
}
