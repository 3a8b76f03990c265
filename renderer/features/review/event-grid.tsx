/** The events by day, newest first. Only the rows near the window are drawn (use-grid.ts); lists say how long they are. */
import { counted, dayWords } from '../../ui/format.ts';
import { EventCard } from './event-card.tsx';
import type { DayRow, GridRow } from './grid-rows.ts';
import { useDrawnRows, type DrawnRows, type GridPlace } from './use-grid.ts';
import type { Triage } from './use-triage.ts';

interface EventGridProps {
  rows: GridRow[];
  place: GridPlace;
  /** More is to come: the last day is not whole yet. */
  more: boolean;
  triage: Triage;
  nameOf: (cameraId: string) => string;
  onOpen: (id: string) => void;
}

export function EventGrid(props: EventGridProps) {
  const { rows, place, more, triage } = props;
  const drawn = useDrawnRows(rows, place, triage.currentId);
  const days = rows.flatMap((row, index) => (row.kind === 'day' ? [{ row, index }] : []));
  return days.map(({ row, index }, number) => {
    const next = days[number + 1]?.index ?? rows.length;
    return (
      <Day
        key={row.key}
        {...props}
        day={row}
        first={index}
        end={next}
        open={more && next === rows.length}
        drawn={drawn}
      />
    );
  });
}

interface DayProps extends EventGridProps {
  day: DayRow;
  /** Its heading's row, and the row after its last. */
  first: number;
  end: number;
  /** How many there are is not known yet. */
  open: boolean;
  drawn: DrawnRows;
}

function Day({ place, day, first, end, open, drawn, triage, nameOf, onOpen }: DayProps) {
  const { rows: shown, afterPx } = drawn.between(first + 1, end);
  return (
    <section aria-labelledby={day.key}>
      <h2
        id={day.key}
        ref={drawn.measure}
        data-index={first}
        className="sticky top-0 z-10 -mx-4 bg-bg/95 px-4 pt-4 pb-3 text-base font-semibold backdrop-blur-sm sm:-mx-6 sm:px-6 lg:-mx-10 lg:px-10"
      >
        {dayWords(day.day)}{' '}
        {open ? null : <span className="tabular text-sm font-normal text-muted">{counted(day.count, 'event')}</span>}
      </h2>
      <ul
        className="grid"
        style={{
          gap: place.gapPx,
          gridTemplateColumns: `repeat(${String(place.columns)}, minmax(0, 1fr))`,
          paddingBottom: afterPx + (shown.length === 0 ? 0 : place.gapPx),
        }}
      >
        {shown.flatMap(({ index, row, abovePx }) =>
          row.events.map((event, column) => (
            <EventCard
              key={event.id}
              event={event}
              cameraName={nameOf(event.cameraId)}
              current={event.id === triage.currentId}
              selected={triage.selected.has(event.id)}
              place={row.place + column + 1}
              outOf={open ? -1 : day.count}
              abovePx={abovePx}
              {...(column === 0 ? { measure: drawn.measure, row: index } : {})}
              onOpen={onOpen}
              onSelect={triage.toggle}
              onFocus={triage.setCurrent}
            />
          )),
        )}
      </ul>
    </section>
  );
}
