/** Patrol: which presets, how long at each, when; and going home after somebody moved the camera. Saved as one. */
import type { Camera } from '#core/api/schemas.ts';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useChangePtz, type PtzSettings, type PtzState } from '../../../client/onvif.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { controlClass, Field } from '../../../ui/field.tsx';
import { duration } from '../../../ui/format.ts';
import { Switch } from '../../../ui/switch.tsx';
import { useToast } from '../../../ui/toast.tsx';
import { dwell, mostStops, moved, patrolProblem, type PatrolStop } from './patrol-draft.ts';
import { PatrolTimes } from './patrol-times.tsx';

interface PatrolDialogProps {
  camera: Camera;
  state: PtzState;
  onClose: () => void;
}

const homeChoices = [10, 30, 60, 120, 300, 600, 1800, 3600];

export function PatrolDialog({ camera, state, onClose }: PatrolDialogProps) {
  const [draft, setDraft] = useState<PtzSettings>(state.settings);
  const save = useChangePtz(camera.id);
  const toast = useToast();
  const change = (patrol: Partial<PtzSettings['patrol']>): void =>
    setDraft((old) => ({ ...old, patrol: { ...old.patrol, ...patrol } }));
  const problem = patrolProblem(draft);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (problem !== null) return;
    save.mutate(draft, {
      onSuccess: () => {
        toast(draft.patrol.enabled ? 'Saved. The patrol is on.' : 'Saved.');
        onClose();
      },
    });
  };
  const { patrol, homeAfterS } = draft;
  const choices = [...new Set([...homeChoices, ...(homeAfterS === null ? [] : [homeAfterS])])].sort((a, b) => a - b);
  const said = save.error?.message ?? problem;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Patrol and return home"
      description={`What ${camera.name} does while nobody moves it.`}
      width="wide"
    >
      <form onSubmit={submit} className="space-y-6">
        <Field label="After somebody moved it, turn back after" hint="To its home position, or to the patrol.">
          {(ids) => (
            <select
              {...ids}
              value={homeAfterS ?? ''}
              onChange={({ target: { value } }) =>
                setDraft((old) => ({ ...old, homeAfterS: value === '' ? null : Number(value) }))
              }
              className={`${controlClass} select w-full sm:w-64`}
            >
              <option value="">Never: it stays</option>
              {choices.map((seconds) => (
                <option key={seconds} value={seconds}>
                  {duration(seconds * 1000)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="border-t border-line pt-4">
          <Switch
            label="Patrol"
            hint="Goes from preset to preset, round and round. It waits while somebody moves the camera."
            checked={patrol.enabled}
            onChange={(enabled) => change({ enabled })}
          />
          <Stops stops={patrol.stops} presets={state.presets} onChange={(stops) => change({ stops })} />
        </div>
        <PatrolTimes times={patrol.schedule} onChange={(schedule) => change({ schedule })} />
        {said === null ? null : (
          <p role="alert" className="text-bad">
            {said}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-3">
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={problem !== null}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface StopsProps {
  stops: PatrolStop[];
  presets: PtzState['presets'];
  onChange: (stops: PatrolStop[]) => void;
}

function Stops({ stops, presets, onChange }: StopsProps) {
  const put = (at: number, part: Partial<PatrolStop>): void =>
    onChange(stops.map((stop, index) => (index === at ? { ...stop, ...part } : stop)));
  const first = presets[0];
  return (
    <section aria-label="Stops" className="mt-3">
      {stops.length === 0 ? (
        <p className="text-sm text-muted">
          {first ? 'No stops yet.' : 'It needs presets to stop at: save some views first.'}
        </p>
      ) : (
        <ol className="space-y-2">
          {stops.map((stop, index) => (
            // The same preset may come twice: only its place tells one stop from another.
            <li key={index} className="flex flex-wrap items-center gap-x-1 gap-y-2 rounded-control bg-raised p-2">
              <span className="w-6 text-center text-sm text-muted tabular-nums">{index + 1}</span>
              <select
                aria-label={`Preset of stop ${index + 1}`}
                value={stop.preset}
                onChange={({ target: { value } }) => put(index, { preset: value })}
                className={`${controlClass} select min-w-0 flex-1`}
              >
                {presets.some(({ token }) => token === stop.preset) ? null : (
                  <option value={stop.preset}>A preset that is gone</option>
                )}
                {presets.map(({ token, name }) => (
                  <option key={token} value={token}>
                    {name}
                  </option>
                ))}
              </select>
              <span className="flex basis-full items-center gap-1 pl-7 sm:basis-auto sm:pl-1">
                <input
                  type="number"
                  inputMode="numeric"
                  aria-label={`Seconds at stop ${index + 1}`}
                  min={dwell.min}
                  max={dwell.max}
                  value={Number.isNaN(stop.dwellS) ? '' : stop.dwellS}
                  onChange={({ target }) => put(index, { dwellS: target.valueAsNumber })}
                  className={`${controlClass} w-20 tabular-nums`}
                />
                <span className="mr-auto text-sm text-muted">s</span>
                <IconButton
                  label={`Stop ${index + 1} earlier`}
                  disabled={index === 0}
                  onClick={() => onChange(moved(stops, index, -1))}
                >
                  <ArrowUp size={17} aria-hidden="true" />
                </IconButton>
                <IconButton
                  label={`Stop ${index + 1} later`}
                  disabled={index === stops.length - 1}
                  onClick={() => onChange(moved(stops, index, 1))}
                >
                  <ArrowDown size={17} aria-hidden="true" />
                </IconButton>
                <IconButton
                  label={`Take stop ${index + 1} out`}
                  onClick={() => onChange(stops.filter((_stop, at) => at !== index))}
                >
                  <X size={17} aria-hidden="true" />
                </IconButton>
              </span>
            </li>
          ))}
        </ol>
      )}
      {first && stops.length < mostStops ? (
        <Button
          className="mt-3"
          onClick={() => {
            // The next one that is not in yet: adding all of them is pressing the button a few times.
            const unused = presets.find(({ token }) => !stops.some(({ preset }) => preset === token));
            onChange([...stops, { preset: (unused ?? first).token, dwellS: stops.at(-1)?.dwellS ?? 20 }]);
          }}
        >
          <Plus size={16} aria-hidden="true" /> Add a stop
        </Button>
      ) : null}
    </section>
  );
}
