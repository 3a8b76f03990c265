/** What happened and nobody has looked at yet: newest first, a press opens the moment. A row; beside the wall where there is room. */
import type { Camera, Event as HubEvent } from '#core/api/schemas.ts';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { clockOrDay, number } from '../../ui/format.ts';
import { EventPicture } from '../../ui/event-picture.tsx';
import { eventWord, LabelIcon } from '../../ui/words.tsx';

interface FilmstripProps {
  events: HubEvent[];
  unreviewed: number;
  cameras: Camera[];
}

export function Filmstrip({ events, unreviewed, cameras }: FilmstripProps) {
  if (events.length === 0) return null;
  const nameOf = (id: string): string => cameras.find((camera) => camera.id === id)?.name ?? 'Removed camera';
  return (
    <section aria-labelledby="filmstrip-title" className="mb-7 xl:mb-0 xl:w-72">
      <div className="mb-2.5 flex items-baseline justify-between gap-4">
        <h2 id="filmstrip-title" className="font-semibold">
          To review <span className="tabular font-normal text-muted">{number(unreviewed)}</span>
        </h2>
        <Link
          to="/review"
          className="inline-flex items-center gap-1 rounded-md font-medium text-accent-ink hover:underline"
        >
          Review all <ArrowRight size={16} aria-hidden="true" />
        </Link>
      </div>
      <ul className="strip -mx-4 flex gap-3 overflow-x-auto px-4 pt-1 pb-2 sm:-mx-6 sm:px-6 lg:-mx-10 lg:px-10 xl:-mx-2 xl:max-h-[calc(100dvh-11rem)] xl:flex-col xl:overflow-x-hidden xl:overflow-y-auto xl:px-2">
        {events.map((event) => (
          <li key={event.id} className="w-38 shrink-0 xl:w-auto">
            <Link
              to="/review"
              search={{ event: event.id }}
              className="group block rounded-control xl:flex xl:items-center xl:gap-3"
            >
              <EventPicture
                src={event.thumbUrl}
                className="aspect-[4/3] rounded-control border xl:aspect-[16/10] xl:w-28 xl:shrink-0 border-line transition-colors group-hover:border-accent"
              />
              <span className="mt-1.5 block min-w-0 xl:mt-0">
                <span className="flex items-center gap-1.5 text-sm">
                  <LabelIcon label={event.label} size={15} />
                  <span className="tabular truncate">
                    <span className="font-medium">{eventWord(event)}</span>, {clockOrDay(event.startMs)}
                  </span>
                </span>
                <span className="block truncate text-xs text-muted">{nameOf(event.cameraId)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
