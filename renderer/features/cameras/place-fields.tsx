/** What the camera is called and where it is. */
import { useId } from 'react';
import { useCameras } from '../../client/queries.ts';
import { TextField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import type { CameraDraft, DraftProblems } from './camera-draft.ts';

interface PlaceFieldsProps {
  draft: CameraDraft;
  problems: DraftProblems;
  onChange: (patch: Partial<CameraDraft>) => void;
  /** The step of the wizard begins at the name. */
  start?: boolean;
}

const mostSuggestions = 6;

export function PlaceFields({ draft, problems, onChange, start = false }: PlaceFieldsProps) {
  const hintId = useId();
  const rooms = [...new Set(useCameras().data?.flatMap(({ room }) => (room === null ? [] : [room])))]
    .filter((room) => room !== draft.room.trim())
    .slice(0, mostSuggestions);
  return (
    <div className="space-y-5">
      <TextField
        label="Name"
        placeholder="Front door"
        value={draft.name}
        onChange={(event) => onChange({ name: event.target.value })}
        problem={problems.name}
        maxLength={80}
        autoComplete="off"
        required
        {...(start ? { 'data-step-start': '' } : {})}
      />
      <div>
        <TextField
          label="Room"
          placeholder="Porch"
          value={draft.room}
          onChange={(event) => onChange({ room: event.target.value })}
          problem={problems.room}
          maxLength={80}
          autoComplete="off"
        />
        {rooms.length === 0 ? null : (
          <div role="group" aria-label="Rooms that are there" className="mt-2 flex flex-wrap gap-1.5">
            {rooms.map((room) => (
              <button
                key={room}
                type="button"
                onClick={() => onChange({ room })}
                className="max-w-full truncate rounded-full border border-line px-2.5 py-0.5 text-sm text-muted hover:border-line-strong hover:text-ink"
              >
                {room}
              </button>
            ))}
          </div>
        )}
      </div>
      <div>
        <p className="mb-1.5 text-sm font-medium">Where</p>
        <Segmented
          label="Where"
          value={draft.indoor ? 'in' : 'out'}
          options={[
            { value: 'out', text: 'Outdoors' },
            { value: 'in', text: 'Indoors' },
          ]}
          onChange={(where) => onChange({ indoor: where === 'in' })}
        />
        <p id={hintId} className="mt-1.5 text-sm text-muted">
          {draft.indoor
            ? 'A private place: marked, so that you notice before you share anything from it.'
            : 'Sees what is outside the home.'}
        </p>
      </div>
    </div>
  );
}
