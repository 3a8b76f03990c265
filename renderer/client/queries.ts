/**
 * What the screens read: one hook per thing, one key per thing. Answers stay fresh through the live-events socket
 * (live-events.ts), so nothing here polls except what has no message of its own (storage, detector).
 */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, ApiError } from './api.ts';
import { inOrder } from './camera-order.ts';

export interface EventFilters {
  cameraId?: string | undefined;
  label?: HubEvent['label'] | undefined;
  /** UTC milliseconds, inclusive. */
  from?: number | undefined;
  /** UTC milliseconds, exclusive. */
  to?: number | undefined;
  reviewed?: 'true' | 'false' | undefined;
}

export const keys = {
  session: ['session'] as const,
  cameras: ['cameras'] as const,
  health: ['health'] as const,
  settings: ['settings'] as const,
  storage: ['storage'] as const,
  detector: ['detector'] as const,
  events: ['events'] as const,
  eventList: (filters: EventFilters) => ['events', 'list', filters] as const,
  unreviewed: ['events', 'unreviewed'] as const,
  recordings: ['recordings'] as const,
  exports: ['exports'] as const,
};

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        // A refusal stays a refusal; only a hub that did not answer is worth asking again.
        retry: (count, error) =>
          count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status === 503),
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4000),
      },
    },
  });
}

export function useSession() {
  return useQuery({ queryKey: keys.session, queryFn: ({ signal }) => api.call('getSession', { signal }) });
}

export function useCameras() {
  return useQuery({
    queryKey: keys.cameras,
    queryFn: ({ signal }) => api.call('listCameras', { signal }),
    select: (answer) => inOrder(answer.cameras),
  });
}

/** One camera out of the list, so that a screen and the wall can never disagree. undefined while loading, null when there is none. */
export function useCamera(cameraId: string) {
  const cameras = useCameras();
  return {
    ...cameras,
    data: cameras.data ? (cameras.data.find((camera) => camera.id === cameraId) ?? null) : undefined,
  };
}

export function useHealth() {
  return useQuery({
    queryKey: keys.health,
    queryFn: ({ signal }) => api.call('health', { signal }),
    refetchInterval: 30_000,
  });
}

export function useSettings(enabled = true) {
  return useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => api.call('getSettings', { signal }), enabled });
}

export function useStorage() {
  return useQuery({
    queryKey: keys.storage,
    queryFn: ({ signal }) => api.call('storage', { signal }),
    refetchInterval: 60_000,
    staleTime: 0,
  });
}

export function useDetector() {
  return useQuery({
    queryKey: keys.detector,
    queryFn: ({ signal }) => api.call('detector', { signal }),
    refetchInterval: 15_000,
    staleTime: 0,
  });
}

/** The first page fills a screen and comes soon; who goes on wants many. */
const eventsAtFirst = 60;
const eventsPerPage = 300;

export function useEventList(filters: EventFilters) {
  return useInfiniteQuery({
    queryKey: keys.eventList(filters),
    queryFn: ({ pageParam, signal }) =>
      api.call('listEvents', {
        query: {
          ...filters,
          limit: pageParam === null ? eventsAtFirst : eventsPerPage,
          cursor: pageParam ?? undefined,
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}

/** The newest events nobody has looked at, and how many there are in all. */
export function useUnreviewed() {
  return useQuery({
    queryKey: keys.unreviewed,
    queryFn: ({ signal }) => api.call('listEvents', { query: { reviewed: 'false', limit: 24 }, signal }),
  });
}
