/** Eight directions, stop, zoom: each works while it is held. */
import { Square, ZoomIn, ZoomOut } from 'lucide-react';
import { HoldButton } from '../../../ui/hold-button.tsx';
import { directions, speeds, type SpeedName } from './directions.ts';
import type { Mover } from './use-move.ts';

const button =
  'flex size-11 items-center justify-center rounded-control bg-raised text-ink transition-colors hover:bg-line active:bg-accent active:text-on-accent disabled:opacity-40';

interface PtzPadProps {
  mover: Mover;
  speed: SpeedName;
  pan: boolean;
  zoom: boolean;
}

export function PtzPad({ mover, speed, pan, zoom }: PtzPadProps) {
  const by = speeds[speed];
  const arrows = directions.map(({ name, icon: Icon, pan: x, tilt: y }) => (
    <HoldButton
      key={name}
      label={`Move ${name}`}
      disabled={!pan}
      className={button}
      onPress={() => mover.press('pad', { pan: x * by, tilt: y * by, zoom: 0 })}
      onRelease={() => mover.release('pad')}
    >
      <Icon size={20} aria-hidden="true" />
    </HoldButton>
  ));
  return (
    <div role="group" aria-label="Move the camera" className="flex justify-between gap-2" data-ptz-pad="">
      <div className="grid grid-cols-3 gap-1">
        {arrows.slice(0, 4)}
        <button type="button" aria-label="Stop" title="Stop" onClick={mover.halt} className={button}>
          <Square size={15} fill="currentColor" aria-hidden="true" />
        </button>
        {arrows.slice(4)}
      </div>
      {zoom ? (
        <div className="flex flex-col justify-between">
          {([1, -1] as const).map((way) => (
            <HoldButton
              key={way}
              label={way === 1 ? 'Zoom in' : 'Zoom out'}
              className={`${button} h-[4.25rem]`}
              onPress={() => mover.press('pad zoom', { pan: 0, tilt: 0, zoom: way * by })}
              onRelease={() => mover.release('pad zoom')}
            >
              {way === 1 ? <ZoomIn size={20} aria-hidden="true" /> : <ZoomOut size={20} aria-hidden="true" />}
            </HoldButton>
          ))}
        </div>
      ) : null}
    </div>
  );
}
