/** What the review grid shows. The choice lives in the address, so that it survives a reload and can be kept as a bookmark. */
import type { Camera } from '#core/api/schemas.ts';
import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import type { ReviewSearch } from '../../app/search.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { cx } from '../../ui/cx.ts';
import { controlClass } from '../../ui/field.tsx';
import { dateInputValue, fromDateInput, nextDayStart } from '../../ui/format.ts';
import { LabelIcon, labelsOf, labelWords } from '../../ui/words.tsx';

interface FiltersProps {
  search: ReviewSearch;
  cameras: Camera[];
}

export function ReviewFilters({ search, cameras }: FiltersProps) {
  const navigate = useNavigate({ from: '/review' });
  const set = (patch: { [K in keyof ReviewSearch]?: ReviewSearch[K] | undefined }): void => {
    const next = Object.entries({ ...search, ...patch }).filter(([, value]) => value !== undefined);
    void navigate({ search: Object.fromEntries(next) as ReviewSearch, replace: true });
  };
  // What no camera here can tell is not offered, unless the address asks for it.
  const possible = labelsOf(cameras.map(({ detect }) => detect.source));
  const labels = search.label === undefined || possible.includes(search.label) ? possible : [...possible, search.label];
  const narrowed =
    search.camera !== undefined || search.label !== undefined || search.from !== undefined || search.to !== undefined;
  return (
    <div role="search" aria-label="Filter events" className="mb-6 flex flex-wrap items-center gap-x-3 gap-y-2.5">
      <div
        role="group"
        aria-label="What was seen"
        className="strip -mx-4 flex gap-1.5 overflow-x-auto px-4 py-1 sm:mx-0 sm:flex-wrap sm:px-0"
      >
        {labels.map((label) => (
          <button
            key={label}
            type="button"
            aria-pressed={search.label === label}
            onClick={() => set({ label: search.label === label ? undefined : label })}
            className={cx(
              'inline-flex min-h-9 shrink-0 items-center gap-1.5 rounded-full border px-3 text-sm transition-colors',
              search.label === label
                ? 'border-accent bg-accent-soft font-semibold text-ink'
                : 'border-line text-muted hover:border-line-strong hover:text-ink',
            )}
          >
            <LabelIcon label={label} />
            {labelWords[label]}
          </button>
        ))}
      </div>
      <select
        aria-label="Camera"
        value={search.camera ?? ''}
        onChange={(event) => set({ camera: event.target.value === '' ? undefined : event.target.value })}
        className={cx(controlClass, 'select min-h-9! w-full text-sm sm:w-auto sm:max-w-52 sm:min-w-36')}
      >
        <option value="">All cameras</option>
        {cameras.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {camera.name}
          </option>
        ))}
      </select>
      <div className="flex w-full items-center gap-2 text-sm text-muted sm:w-auto">
        <input
          type="date"
          aria-label="From day"
          value={search.from === undefined ? '' : dateInputValue(search.from)}
          onChange={(event) => set({ from: fromDateInput(event.target.value) })}
          className={cx(controlClass, 'min-h-9! min-w-0 flex-1 px-2.5! text-sm')}
        />
        <span aria-hidden="true">to</span>
        <input
          type="date"
          aria-label="To day, inclusive"
          value={search.to === undefined ? '' : dateInputValue(search.to - 1)}
          onChange={(event) => {
            const day = fromDateInput(event.target.value);
            set({ to: day === undefined ? undefined : nextDayStart(day) });
          }}
          className={cx(controlClass, 'min-h-9! min-w-0 flex-1 px-2.5! text-sm')}
        />
      </div>
      <Checkbox
        label={<span className="text-sm">Only what is not reviewed</span>}
        checked={search.all !== true}
        onChange={(only) => set({ all: only ? undefined : true })}
      />
      {narrowed ? (
        <Button
          tone="quiet"
          size="small"
          onClick={() => set({ camera: undefined, label: undefined, from: undefined, to: undefined })}
        >
          <X size={15} aria-hidden="true" /> Clear
        </Button>
      ) : null}
    </div>
  );
}
