/** Presets: go there, save this view, rename, point at another view, delete. */
import { Bookmark, Pencil, Trash2 } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState, type RefObject, type SubmitEvent } from 'react';
import { usePtzCommand, type PtzCommand, type PtzState } from '../../../client/onvif.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Confirm } from '../../../ui/dialog.tsx';
import { controlClass } from '../../../ui/field.tsx';
import { leaveFullScreen } from './full-screen.ts';

type Preset = PtzState['presets'][number];

interface PresetsMenuProps {
  cameraId: string;
  state: PtzState;
  /** What the menu opens beside. */
  panel: RefObject<HTMLElement | null>;
}

export function PresetsMenu({ cameraId, state, panel }: PresetsMenuProps) {
  const [open, setOpen] = useState(false);
  const [doomed, setDoomed] = useState<Preset | null>(null);
  const command = usePtzCommand(cameraId);
  const wide = window.matchMedia('(min-width: 64rem)').matches;
  return (
    <>
      <Popover.Root
        open={open}
        onOpenChange={(next) => {
          setOpen(next);
          command.reset();
        }}
      >
        <Popover.Trigger asChild>
          <IconButton label="Presets">
            <Bookmark size={19} aria-hidden="true" />
          </IconButton>
        </Popover.Trigger>
        {/* Beside the pad where there is room: one turns the camera, then names the view. */}
        {wide ? <Popover.Anchor virtualRef={panel} /> : null}
        {/* In full screen only what is inside of it can be seen. */}
        <Popover.Portal container={document.fullscreenElement}>
          <Popover.Content
            side={wide ? 'left' : 'top'}
            align="end"
            sideOffset={14}
            collisionPadding={12}
            aria-label="Presets"
            onInteractOutside={(event) => {
              // Turning the camera does not close it.
              if (event.target instanceof Node && panel.current?.contains(event.target)) event.preventDefault();
            }}
            className="sheet-pop z-30 max-h-[min(28rem,var(--radix-popover-content-available-height))] w-[min(20rem,calc(100vw-1.5rem))] overflow-y-auto rounded-card border border-line bg-surface p-3 shadow-pop"
          >
            <h2 className="px-2 font-semibold">Presets</h2>
            {state.presets.length === 0 ? (
              <p className="px-2 pt-1 pb-2 text-sm text-muted">
                None yet. Turn the camera to where it should look and save the view.
              </p>
            ) : (
              <ul className="my-1">
                {state.presets.map((preset) => (
                  <PresetRow
                    key={preset.token}
                    preset={preset}
                    command={command}
                    onDelete={() => {
                      leaveFullScreen();
                      setDoomed(preset);
                    }}
                  />
                ))}
              </ul>
            )}
            {command.isError ? (
              <p role="alert" className="px-2 pb-2 text-sm text-bad">
                {command.error.message}
              </p>
            ) : null}
            {state.presets.length < state.abilities.presets ? (
              <SaveView command={command} />
            ) : (
              <p className="px-2 pt-1 text-sm text-muted">The camera has no room for more.</p>
            )}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <Confirm
        open={doomed !== null}
        onOpenChange={(open) => {
          if (!open) setDoomed(null);
        }}
        title={`Delete ${doomed?.name ?? 'the preset'}?`}
        confirm="Delete it"
        onConfirm={() => command.mutateAsync({ action: 'delete_preset', preset: doomed?.token ?? '' })}
      >
        <p>The camera forgets this view. A patrol that stops there passes it over.</p>
      </Confirm>
    </>
  );
}

interface RowProps {
  preset: Preset;
  command: ReturnType<typeof usePtzCommand>;
  onDelete: () => void;
}

function PresetRow({ preset, command, onDelete }: RowProps) {
  const [name, setName] = useState<string | null>(null);
  const send = (body: PtzCommand): void => command.mutate(body, { onSuccess: () => setName(null) });
  const rename = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted = name?.trim() ?? '';
    if (wanted === '' || wanted === preset.name) setName(null);
    else send({ action: 'rename_preset', preset: preset.token, name: wanted });
  };
  if (name !== null) {
    return (
      <li className="rounded-control bg-raised p-2">
        <form onSubmit={rename} className="flex flex-wrap gap-2">
          <input
            autoFocus
            aria-label={`New name of ${preset.name}`}
            value={name}
            maxLength={60}
            onChange={(event) => setName(event.target.value)}
            className={`${controlClass} min-w-0 flex-1`}
          />
          <Button type="submit" tone="primary" busy={command.isPending}>
            Rename
          </Button>
        </form>
        <div className="mt-2 flex flex-wrap gap-2">
          <Button
            size="small"
            className="min-h-10"
            disabled={command.isPending}
            onClick={() => send({ action: 'save_preset', name: preset.name, preset: preset.token })}
          >
            Point it at this view
          </Button>
          <Button size="small" tone="quiet" className="min-h-10" onClick={() => setName(null)}>
            Cancel
          </Button>
        </div>
      </li>
    );
  }
  return (
    <li className="flex items-center">
      <button
        type="button"
        title={`Turn to ${preset.name}`}
        onClick={() => send({ action: 'goto_preset', preset: preset.token })}
        className="min-h-10 min-w-0 flex-1 truncate rounded-control px-2 text-left hover:bg-raised"
      >
        {preset.name}
      </button>
      <IconButton label={`Change ${preset.name}`} onClick={() => setName(preset.name)}>
        <Pencil size={16} aria-hidden="true" />
      </IconButton>
      <IconButton label={`Delete ${preset.name}`} onClick={onDelete}>
        <Trash2 size={16} aria-hidden="true" />
      </IconButton>
    </li>
  );
}

function SaveView({ command }: { command: ReturnType<typeof usePtzCommand> }) {
  const [name, setName] = useState('');
  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '') return;
    command.mutate({ action: 'save_preset', name: wanted }, { onSuccess: () => setName('') });
  };
  return (
    <form onSubmit={save} className="flex gap-2 border-t border-line px-2 pt-3 pb-1">
      <input
        aria-label="Name for this view"
        placeholder="Name for this view"
        value={name}
        maxLength={60}
        onChange={(event) => setName(event.target.value)}
        className={`${controlClass} min-w-0 flex-1`}
      />
      <Button type="submit" busy={command.isPending} disabled={name.trim() === ''}>
        Save
      </Button>
    </form>
  );
}
