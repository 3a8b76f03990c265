/** What happened and nobody has looked at yet: newest first, one row, a press opens the moment. */
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
    <section aria-labelledby="filmstrip-title" className="mb-7">
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
      <ul className="strip -mx-4 flex gap-3 overflow-x-auto px-4 pt-1 pb-2 sm:-mx-6 sm:px-6 lg:-mx-10 lg:px-10">
        {events.map((event) => (
          <li key={event.id} className="w-38 shrink-0">
            <Link to="/review" search={{ event: event.id }} className="group block rounded-control">
              <EventPicture
                src={event.thumbUrl}
                className="aspect-[4/3] rounded-control border border-line transition-colors group-hover:border-accent"
              />
              <span className="mt-1.5 flex items-center gap-1.5 text-sm">
                <LabelIcon label={event.label} size={15} />
                <span className="tabular truncate">
                  <span className="font-medium">{eventWord(event)}</span>, {clockOrDay(event.startMs)}
                </span>
              </span>
              <span className="block truncate text-xs text-muted">{nameOf(event.cameraId)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
