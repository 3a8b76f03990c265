/** Review: what was seen, by day, gone through with a few keys. */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { CheckCheck, Inbox } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { flushSync } from 'react-dom';
import { reviewSearch, type ReviewSearch } from '../../app/search.ts';
import { api } from '../../client/api.ts';
import { useCameras, useEventList, useUnreviewed, type EventFilters } from '../../client/queries.ts';
import { Button } from '../../ui/button.tsx';
import { counted, number } from '../../ui/format.ts';
import { useShortcuts } from '../../ui/shortcuts.tsx';
import { Empty, Key, Loading, PageHead, Problem } from '../../ui/surfaces.tsx';
import { EventGrid } from './event-grid.tsx';
import { EventViewer } from './event-viewer.tsx';
import { gridRows, rowAway } from './grid-rows.ts';
import { ReviewFilters } from './review-filters.tsx';
import { useGridPlace } from './use-grid.ts';
import { useTriage } from './use-triage.ts';

export function ReviewPage() {
  const search = reviewSearch(useSearch({ from: '/review' }));
  const navigate = useNavigate({ from: '/review' });
  const cameras = useCameras();
  const waiting = useUnreviewed().data?.unreviewed;
  const list = useEventList(filtersOf(search));
  const events = useMemo(() => list.data?.pages.flatMap((page) => page.events) ?? [], [list.data]);
  const triage = useTriage(events);
  const grid = useRef<HTMLDivElement>(null);
  const place = useGridPlace(grid);
  const columns = place?.columns ?? 1;
  const rows = useMemo(() => gridRows(events, columns), [events, columns]);

  const names = useMemo(() => new Map(cameras.data?.map((camera) => [camera.id, camera.name])), [cameras.data]);
  const nameOf = useCallback((id: string): string => names.get(id) ?? 'Removed camera', [names]);

  const show = useCallback(
    (event: string | undefined) =>
      void navigate({
        search: ({ event: _before, ...rest }) => (event === undefined ? rest : { ...rest, event }),
        replace: event !== undefined,
        resetScroll: false,
      }),
    [navigate],
  );
  const { setCurrent } = triage;
  const open = useCallback(
    (id: string) => {
      setCurrent(id);
      show(id);
    },
    [setCurrent, show],
  );
  const focus = (id: string | null): void => {
    if (id === null) return;
    // The card may be in a row that is not drawn; being current draws it.
    flushSync(() => triage.setCurrent(id));
    const card = grid.current?.querySelector<HTMLElement>(`[data-event="${id}"]`);
    card?.querySelector<HTMLElement>('[data-open]')?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: 'nearest' });
  };
  const step = (by: number): void => focus(triage.currentId === null ? null : triage.neighbour(triage.currentId, by));

  const reviewCurrent = (): void => {
    if (triage.selected.size > 0) {
      triage.mark([...triage.selected], true);
      triage.clear();
      return;
    }
    const id = triage.currentId;
    if (id === null) return;
    triage.mark([id], true);
    focus(triage.neighbour(id, 1));
  };

  useShortcuts({
    title: 'Review',
    shortcuts: [
      { keys: ['j', 'ArrowRight'], words: 'Next', run: () => step(1) },
      { keys: ['k', 'ArrowLeft'], words: 'Previous', run: () => step(-1) },
      { keys: ['ArrowDown'], words: 'Row down', run: () => focus(rowAway(rows, triage.currentId, 1)) },
      { keys: ['ArrowUp'], words: 'Row up', run: () => focus(rowAway(rows, triage.currentId, -1)) },
      { keys: ['Enter', ' '], words: 'Open', run: () => triage.currentId !== null && open(triage.currentId) },
      { keys: ['r'], words: 'Mark as reviewed and go on', run: reviewCurrent },
      { keys: ['u'], words: 'Undo', run: triage.undo },
      { keys: ['x'], words: 'Select', run: () => triage.currentId !== null && triage.toggle(triage.currentId) },
      { keys: ['a'], words: 'Select all shown', run: triage.selectAll },
      { keys: ['Escape'], words: 'Select nothing', run: triage.clear },
    ],
  });

  const viewed = useViewedEvent(search.event, events);
  const nextEvent = viewed ? (events.find(({ id }) => id === triage.neighbour(viewed.id, 1)) ?? null) : null;

  return (
    <>
      <PageHead
        title={waiting === 0 ? "You're up to date" : 'Review'}
        note={
          <p role="status">
            {waiting === undefined
              ? ' '
              : waiting === 0
                ? 'Nothing waits for you.'
                : `${counted(waiting, 'event')} to review`}
          </p>
        }
        actions={
          <p className="hidden items-center gap-1.5 text-sm text-muted lg:flex">
            <Key>J</Key>
            <Key>K</Key> move <Key>R</Key> reviewed <Key>U</Key> undo <Key>?</Key> all keys
          </p>
        }
      />
      <ReviewFilters search={search} cameras={cameras.data ?? []} />
      {list.isError ? <Problem error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isPending ? <Loading what="Asking for events" /> : null}
      {list.isSuccess && events.length === 0 ? <Nothing search={search} /> : null}
      <div ref={grid}>
        {place ? (
          <EventGrid rows={rows} place={place} more={list.hasNextPage} triage={triage} nameOf={nameOf} onOpen={open} />
        ) : null}
      </div>
      {events.length > 0 ? <End list={list} /> : null}
      {triage.selected.size > 0 ? (
        <div className="sticky bottom-20 z-20 mx-auto mt-6 flex w-fit max-w-full flex-wrap items-center gap-3 rounded-card border border-line-strong bg-raised py-2 pr-2 pl-4 shadow-pop md:bottom-6">
          <span role="status" className="tabular font-medium">
            {number(triage.selected.size)} selected
          </span>
          <Button tone="primary" size="small" onClick={reviewCurrent}>
            Mark as reviewed
          </Button>
          <Button tone="quiet" size="small" onClick={triage.clear}>
            Clear
          </Button>
        </div>
      ) : null}
      {viewed ? (
        <EventViewer
          event={viewed}
          cameraName={nameOf(viewed.cameraId)}
          previousId={triage.neighbour(viewed.id, -1)}
          next={nextEvent}
          onGo={open}
          onMark={(reviewed) => {
            triage.mark([viewed.id], reviewed);
            if (reviewed) {
              if (nextEvent) open(nextEvent.id);
              else show(undefined);
            }
          }}
          onUndo={triage.undo}
          onClose={() => {
            show(undefined);
            requestAnimationFrame(() => focus(viewed.id));
          }}
        />
      ) : null}
    </>
  );
}

function filtersOf(search: ReviewSearch): EventFilters {
  return {
    cameraId: search.camera,
    label: search.label,
    from: search.from,
    to: search.to,
    reviewed: search.all === true ? undefined : 'false',
  };
}

/** The open event: out of the list, or asked for by its id when a link led here. */
function useViewedEvent(id: string | undefined, events: HubEvent[]): HubEvent | null {
  const listed = id === undefined ? undefined : events.find((event) => event.id === id);
  const asked = useQuery({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => api.call('getEvent', { params: { id: id ?? '' }, signal }),
    enabled: id !== undefined && listed === undefined,
  });
  return id === undefined ? null : (listed ?? asked.data ?? null);
}

function Nothing({ search }: { search: ReviewSearch }) {
  const narrowed =
    search.camera !== undefined || search.label !== undefined || search.from !== undefined || search.to !== undefined;
  const navigate = useNavigate({ from: '/review' });
  if (narrowed) {
    return (
      <Empty
        picture={<Inbox size={48} strokeWidth={1.5} aria-hidden="true" />}
        title="Nothing matches"
        action={
          <Button onClick={() => void navigate({ search: search.all === true ? { all: true } : {} })}>
            Show everything
          </Button>
        }
      >
        No event fits these filters.
      </Empty>
    );
  }
  return (
    <Empty
      picture={<CheckCheck size={48} strokeWidth={1.5} aria-hidden="true" />}
      title={search.all === true ? 'Nothing was seen yet' : 'All looked at'}
      action={
        search.all === true ? undefined : (
          <Button onClick={() => void navigate({ search: { all: true } })}>Show reviewed events</Button>
        )
      }
    >
      {search.all === true
        ? 'People, vehicles and animals that a camera sees are collected here.'
        : 'What the cameras see next is collected here.'}
    </Empty>
  );
}

/** Asks for more when the end comes near, and says when there is no more. */
function End({ list }: { list: ReturnType<typeof useEventList> }) {
  const mark = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    const element = mark.current;
    if (!element || !hasNextPage || isFetchingNextPage) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void fetchNextPage();
      },
      // Several rows ahead of a hand on the keyboard.
      { rootMargin: '2400px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div ref={mark} className="flex min-h-16 items-center justify-center pt-8 text-sm text-muted">
      {hasNextPage ? <Loading what="More" /> : <p>That is all there is.</p>}
    </div>
  );
}
