/** The events by day, newest first. */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { useMemo } from 'react';
import { counted, dayStart, dayWords } from '../../ui/format.ts';
import { EventCard } from './event-card.tsx';
import type { Triage } from './use-triage.ts';

interface EventGridProps {
  events: HubEvent[];
  /** More is to come: the last day is not whole yet. */
  more: boolean;
  triage: Triage;
  nameOf: (cameraId: string) => string;
  onOpen: (id: string) => void;
}

export function EventGrid({ events, more, triage, nameOf, onOpen }: EventGridProps) {
  const days = useMemo(() => [...Map.groupBy(events, (event) => dayStart(event.startMs))], [events]);
  return days.map(([day, ofDay], index) => (
    <section key={day} aria-labelledby={`day-${day}`} className="mb-8">
      <h2
        id={`day-${day}`}
        className="sticky top-0 z-10 -mx-4 mb-2 bg-bg/95 px-4 py-2 text-base font-semibold backdrop-blur-sm sm:-mx-6 sm:px-6 lg:-mx-10 lg:px-10"
      >
        {dayWords(day)}{' '}
        {more && index === days.length - 1 ? null : (
          <span className="tabular text-sm font-normal text-muted">{counted(ofDay.length, 'event')}</span>
        )}
      </h2>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,10.5rem),1fr))] gap-3 sm:grid-cols-[repeat(auto-fill,minmax(14rem,1fr))] sm:gap-4">
        {ofDay.map((event) => (
          <EventCard
            key={event.id}
            event={event}
            cameraName={nameOf(event.cameraId)}
            current={event.id === triage.currentId}
            selected={triage.selected.has(event.id)}
            onOpen={onOpen}
            onSelect={triage.toggle}
            onFocus={triage.setCurrent}
          />
        ))}
      </ul>
    </section>
  ));
}
