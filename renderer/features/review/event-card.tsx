/** One event in the grid. The whole card opens it; the tick selects it. */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { Check, CheckCheck } from 'lucide-react';
import { memo } from 'react';
import { cx } from '../../ui/cx.ts';
import { EventPicture } from '../../ui/event-picture.tsx';
import { clock, duration } from '../../ui/format.ts';
import { eventDetail, eventSentence, eventWord, LabelIcon } from '../../ui/words.tsx';

interface EventCardProps {
  event: HubEvent;
  cameraName: string;
  current: boolean;
  selected: boolean;
  /** From 1, and how many its list has; -1 while that is not known. The document holds a part of the list only. */
  place: number;
  outOf: number;
  /** Room to keep free above its row, CSS pixels. */
  abovePx: number;
  /** The first card of a row stands for the row's height. */
  measure?: (element: Element | null) => void;
  row?: number;
  onOpen: (id: string) => void;
  onSelect: (id: string) => void;
  onFocus: (id: string) => void;
}

export const EventCard = memo(function EventCard({
  event,
  cameraName,
  current,
  selected,
  place,
  outOf,
  abovePx,
  measure,
  row,
  onOpen,
  onSelect,
  onFocus,
}: EventCardProps) {
  const sentence = eventSentence(event, cameraName);
  const detail = eventDetail(event);
  return (
    <li
      // A new function each time: the same card may come to stand for another row.
      ref={measure && ((element) => measure(element))}
      data-index={row}
      data-event={event.id}
      aria-posinset={place}
      aria-setsize={outOf}
      style={abovePx > 0 ? { marginTop: abovePx } : undefined}
      className={cx(
        'event-card group relative scroll-mt-16 scroll-mb-20 overflow-hidden rounded-card border bg-surface shadow-card transition-colors md:scroll-mb-6',
        selected ? 'border-accent bg-accent-soft' : 'border-line hover:border-line-strong',
      )}
    >
      <button
        type="button"
        data-open=""
        tabIndex={current ? 0 : -1}
        onClick={() => onOpen(event.id)}
        onFocus={() => onFocus(event.id)}
        className="block w-full text-left outline-none"
      >
        <EventPicture
          src={event.thumbUrl}
          className={cx('aspect-[16/10] transition-opacity', event.reviewed && 'opacity-40')}
        />
        <span className="block px-3 pt-2 pb-2.5">
          {event.reviewed ? <span className="sr-only">Reviewed: </span> : null}
          <span className="flex items-center gap-1.5">
            <LabelIcon label={event.label} size={17} />
            <span className="min-w-0 flex-1 truncate font-semibold">{eventWord(event)}</span>
            <span className="tabular shrink-0 text-sm text-muted">{clock(event.startMs)}</span>
          </span>
          <span className="mt-0.5 flex items-baseline gap-2 text-sm text-muted">
            <span className="min-w-0 flex-1 truncate">{cameraName}</span>
            <span className="tabular shrink-0">
              {event.endMs === null ? 'Going on' : duration(event.endMs - event.startMs)}
            </span>
          </span>
          {event.source === 'camera' ? (
            <span className="mt-0.5 block truncate text-sm text-muted">
              {detail === null ? 'Told by the camera' : `${detail} · told by the camera`}
            </span>
          ) : null}
          {event.zones.length === 0 ? null : (
            <span className="mt-1.5 flex flex-wrap gap-1">
              {event.zones.slice(0, 3).map((zone) => (
                <span key={zone} className="max-w-full truncate rounded-full bg-raised px-2 py-0.5 text-xs text-muted">
                  {zone}
                </span>
              ))}
            </span>
          )}
        </span>
      </button>
      {event.reviewed ? (
        <span className="pointer-events-none absolute top-2 right-2 flex items-center gap-1 rounded-full bg-black/70 px-2 py-0.5 text-xs font-medium text-white">
          <CheckCheck size={14} aria-hidden="true" /> Reviewed
        </span>
      ) : null}
      <button
        type="button"
        role="checkbox"
        aria-checked={selected}
        aria-label={`Select ${sentence}`}
        tabIndex={current ? 0 : -1}
        onClick={() => onSelect(event.id)}
        className={cx(
          'absolute top-2 left-2 flex size-7 items-center justify-center rounded-lg border-2 transition-opacity',
          selected
            ? 'border-accent bg-accent text-on-accent'
            : 'border-white/90 bg-black/45 text-transparent opacity-0 group-hover:opacity-100 focus-visible:opacity-100 [@media(hover:none)]:opacity-100',
        )}
      >
        <Check size={16} strokeWidth={3} aria-hidden="true" />
      </button>
    </li>
  );
});
