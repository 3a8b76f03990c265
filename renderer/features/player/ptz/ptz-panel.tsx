/** The pad with all that goes with moving: speed, home, centre by click, presets, patrol. Only while live. */
import type { Camera } from '#core/api/schemas.ts';
import { Crosshair, House, Move, Route, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { usePtzCommand, usePtzState, type PtzState } from '../../../client/onvif.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { cx } from '../../../ui/cx.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { useShortcuts } from '../../../ui/shortcuts.tsx';
import { Problem } from '../../../ui/surfaces.tsx';
import { useToast } from '../../../ui/toast.tsx';
import type { SpeedName } from './directions.ts';
import { PatrolDialog } from './patrol-dialog.tsx';
import { PresetsMenu } from './presets-menu.tsx';
import { ptzKeys } from './ptz-keys.ts';
import { PtzPad } from './ptz-pad.tsx';
import type { Mover } from './use-move.ts';

interface PtzPanelProps {
  camera: Camera;
  mover: Mover;
  aiming: boolean;
  onAim: (aiming: boolean) => void;
}

const closedKey = 'porchlight.ptz-closed';
const speedOptions: { value: SpeedName; text: string }[] = [
  { value: 'slow', text: 'Slow' },
  { value: 'medium', text: 'Medium' },
  { value: 'fast', text: 'Fast' },
];

export function PtzPanel(props: PtzPanelProps) {
  const [open, setOpen] = useState(() => window.localStorage.getItem(closedKey) === null);
  const state = usePtzState(props.camera.id);
  const show = (next: boolean): void => {
    setOpen(next);
    if (next) window.localStorage.removeItem(closedKey);
    else {
      window.localStorage.setItem(closedKey, '1');
      props.onAim(false);
    }
  };
  const patrolling = state.data?.patrolling === true;
  if (!open) {
    return (
      <Button onClick={() => show(true)} className="shadow-pop">
        <Move size={17} aria-hidden="true" /> {patrolling ? 'Patrolling' : 'Move the camera'}
      </Button>
    );
  }
  return (
    <section
      aria-label="Moving the camera"
      className="relative w-full rounded-card border border-line bg-surface p-3 over:w-auto over:shadow-pop"
    >
      <div className="mb-2 flex min-h-8 items-center justify-between gap-2">
        <p role="status" className="text-sm font-medium">
          {patrolling ? <Patrolling /> : 'Move the camera'}
        </p>
        <IconButton label="Hide the pad" onClick={() => show(false)} className="-my-2 -mr-1.5">
          <X size={16} aria-hidden="true" />
        </IconButton>
      </div>
      {state.data ? (
        <Parts {...props} state={state.data} />
      ) : state.isError ? (
        <div className="over:w-64">
          <Problem error={state.error} onRetry={() => void state.refetch()} />
        </div>
      ) : (
        <p className="flex items-center gap-2 py-4 text-sm text-muted">
          <span className="spinner" aria-hidden="true" /> Asking the camera…
        </p>
      )}
    </section>
  );
}

function Patrolling() {
  return (
    <span className="flex items-center gap-2 text-accent-ink">
      <span className="pulse-soft size-2 rounded-full bg-accent" aria-hidden="true" /> Patrolling
    </span>
  );
}

function Parts({ camera, mover, aiming, onAim, state }: PtzPanelProps & { state: PtzState }) {
  const [speed, setSpeed] = useState<SpeedName>('medium');
  const [patrolOpen, setPatrolOpen] = useState(false);
  const { abilities } = state;
  const { mutate: command } = usePtzCommand(camera.id);
  const toast = useToast();
  const group = useMemo(() => {
    const home = (): void =>
      command({ action: 'home' }, { onError: (error) => toast(error.message, { tone: 'problem' }) });
    return ptzKeys({
      mover,
      speed,
      zoom: abilities.zoom,
      home: abilities.home ? home : null,
      toggleAim: abilities.centre ? () => onAim(!aiming) : null,
    });
  }, [mover, speed, abilities, aiming, onAim, command, toast]);
  useShortcuts(group);
  const home = group.shortcuts.find(({ keys }) => keys.includes('Shift+H'));
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-5 gap-y-3 over:w-[12.25rem] over:flex-col over:items-stretch">
      <PtzPad mover={mover} speed={speed} pan={abilities.continuous} zoom={abilities.zoom && abilities.continuous} />
      <div className="flex flex-col gap-2.5">
        <Segmented
          label="Speed of the moves"
          value={speed}
          options={speedOptions}
          onChange={setSpeed}
          className="self-stretch *:grow *:px-1 *:min-h-9"
        />
        <div className="flex items-center justify-between gap-1">
          {home ? (
            <IconButton label="Turn home (Shift H)" onClick={() => home.run('Shift+H')}>
              <House size={19} aria-hidden="true" />
            </IconButton>
          ) : null}
          {abilities.centre ? (
            <IconButton
              label="Centre where I click (Shift C)"
              aria-pressed={aiming}
              onClick={() => onAim(!aiming)}
              className={cx(aiming && 'bg-accent! text-on-accent!')}
            >
              <Crosshair size={19} aria-hidden="true" />
            </IconButton>
          ) : null}
          {abilities.presets > 0 ? <PresetsMenu cameraId={camera.id} state={state} /> : null}
          <IconButton label="Patrol and return home" onClick={() => setPatrolOpen(true)}>
            <Route size={19} aria-hidden="true" />
          </IconButton>
        </div>
      </div>
      {patrolOpen ? <PatrolDialog camera={camera} state={state} onClose={() => setPatrolOpen(false)} /> : null}
    </div>
  );
}
