/** What the timeline asks the hub: recordings, gaps and events around the view, in ranges that change seldom while panning. */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api } from '../../client/api.ts';
import { onLiveEvent } from '../../client/live-events.ts';
import { keys } from '../../client/queries.ts';
import { joinSpans, type Gap, type Stretch } from './timeline-model.ts';
import { spanOf, type TimelineView } from './timeline-scale.ts';

/** The view rounded outwards to a power of two of its span, so that nearby views share one answer. */
export function askedRange(view: TimelineView): TimelineView {
  const unit = 2 ** Math.ceil(Math.log2(spanOf(view)));
  return {
    fromMs: Math.max(0, (Math.floor(view.fromMs / unit) - 0.5) * unit),
    toMs: (Math.ceil(view.toMs / unit) + 0.5) * unit,
  };
}

const pageSize = 500;
const mostPages = 6;

async function allEvents(cameraId: string, from: number, to: number, signal: AbortSignal): Promise<HubEvent[]> {
  const events: HubEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await api.call('listEvents', { query: { cameraId, from, to, limit: pageSize, cursor }, signal });
    events.push(...answer.events);
    if (answer.nextCursor === null) break;
    cursor = answer.nextCursor;
  }
  return events;
}

export interface TimelineData {
  stretches: Stretch[];
  gaps: Gap[];
  events: HubEvent[];
  error: Error | null;
}

const noEvents: HubEvent[] = [];

export function useTimelineData(cameraId: string, view: TimelineView): TimelineData {
  const { fromMs: from, toMs: to } = askedRange(view);
  const recordings = useQuery({
    queryKey: [...keys.recordings, cameraId, from, to],
    queryFn: ({ signal }) => api.call('recordings', { query: { cameraId, from, to }, signal }),
    placeholderData: keepPreviousData,
    // Recording goes on: the answer grows by itself.
    refetchInterval: to > Date.now() ? 10_000 : false,
  });
  const events = useQuery({
    queryKey: [...keys.events, 'player', cameraId, from, to],
    queryFn: ({ signal }) => allEvents(cameraId, from, to, signal),
    placeholderData: keepPreviousData,
  });
  useFreshEvents(cameraId);
  const answer = recordings.data;
  return useMemo(
    () => ({
      stretches: joinSpans(answer?.spans ?? []),
      gaps: answer?.gaps ?? [],
      events: events.data ?? noEvents,
      error: recordings.error ?? events.error,
    }),
    [answer, events.data, recordings.error, events.error],
  );
}

/** A new or changed event of this camera asks again, at most once in two seconds. */
function useFreshEvents(cameraId: string): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: number | undefined;
    const end = onLiveEvent((message) => {
      if (message.type !== 'event' || message.event.cameraId !== cameraId || timer !== undefined) return;
      timer = window.setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: [...keys.events, 'player', cameraId] });
      }, 2000);
    });
    return () => {
      end();
      window.clearTimeout(timer);
    };
  }, [client, cameraId]);
}
