/** The pad with all that goes with moving: speed, home, centre by click, presets, patrol. Only while live. */
import type { Camera } from '#core/api/schemas.ts';
import { Crosshair, House, Move, Route, X } from 'lucide-react';
import { useMemo, useRef, useState, type RefObject } from 'react';
import { usePtzCommand, usePtzState, type PtzState } from '../../../client/onvif.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { cx } from '../../../ui/cx.ts';
import { DeviceProblem } from '../../../ui/device-problem.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { useShortcuts } from '../../../ui/shortcuts.tsx';
import { useToast } from '../../../ui/toast.tsx';
import type { SpeedName } from './directions.ts';
import { leaveFullScreen } from './full-screen.ts';
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
  const [speed, setSpeed] = useState<SpeedName>('medium');
  const panel = useRef<HTMLElement>(null);
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
      <Button onClick={() => show(true)} className="w-full over:w-auto over:shadow-pop">
        {patrolling ? (
          <Patrolling />
        ) : (
          <>
            <Move size={17} aria-hidden="true" /> Move the camera
          </>
        )}
      </Button>
    );
  }
  return (
    <section
      ref={panel}
      aria-label="Moving the camera"
      className={cx(
        'w-full space-y-2.5 rounded-card border border-line bg-surface p-3 over:shadow-pop',
        // A sentence needs more room than the arrows.
        state.isError && !state.data ? 'over:w-96' : 'over:w-[13.625rem]',
      )}
    >
      <div className="flex items-center justify-between gap-2">
        <Segmented
          label="Speed of the moves"
          value={speed}
          options={speedOptions}
          onChange={setSpeed}
          className="max-w-60 flex-1 *:min-h-10 *:grow *:px-1"
        />
        <IconButton label="Hide the pad" onClick={() => show(false)} className="-mr-1.5">
          <X size={16} aria-hidden="true" />
        </IconButton>
      </div>
      <p role="status" className="text-sm font-medium empty:hidden">
        {patrolling ? <Patrolling /> : null}
      </p>
      {state.data ? (
        <Parts {...props} state={state.data} speed={speed} panel={panel} />
      ) : state.isError ? (
        <DeviceProblem cameraId={props.camera.id} error={state.error} onRetry={() => void state.refetch()} />
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
    <span className="flex items-center gap-2 font-medium text-accent-ink">
      <span className="pulse-soft size-2 rounded-full bg-accent" aria-hidden="true" /> Patrolling
    </span>
  );
}

interface PartsProps extends PtzPanelProps {
  state: PtzState;
  speed: SpeedName;
  panel: RefObject<HTMLElement | null>;
}

function Parts({ camera, mover, aiming, onAim, state, speed, panel }: PartsProps) {
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
    <div className="flex items-center justify-evenly gap-2 over:flex-col over:items-stretch">
      <PtzPad mover={mover} speed={speed} pan={abilities.continuous} zoom={abilities.zoom && abilities.continuous} />
      <div className="grid grid-cols-2 gap-1 over:flex over:justify-between">
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
        {abilities.presets > 0 ? <PresetsMenu cameraId={camera.id} state={state} panel={panel} /> : null}
        <IconButton
          label="Patrol and return home"
          onClick={() => {
            leaveFullScreen();
            setPatrolOpen(true);
          }}
        >
          <Route size={19} aria-hidden="true" />
        </IconButton>
      </div>
      {patrolOpen ? <PatrolDialog camera={camera} state={state} onClose={() => setPatrolOpen(false)} /> : null}
    </div>
  );
}
