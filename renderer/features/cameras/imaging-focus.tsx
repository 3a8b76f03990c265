/** Focus: by the camera itself, or nearer and farther while a button is held. */
import type { useChangeImaging, ImagingState } from '../../client/onvif.ts';
import { Minus, Plus } from 'lucide-react';
import { HoldButton } from '../../ui/hold-button.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useHeld } from '../../ui/use-held.ts';

interface FocusControlsProps {
  state: ImagingState;
  change: ReturnType<typeof useChangeImaging>;
}

const button =
  'inline-flex min-h-11 flex-1 items-center justify-center gap-2 rounded-control border border-line bg-raised px-4 hover:border-line-strong active:bg-accent active:text-on-accent disabled:cursor-not-allowed disabled:opacity-50';
/** A step of the focus lasts 300 ms at the camera: asked again before it ends. */
const repeatMs = 250;
const speed = 0.5;

export function FocusControls({ state, change }: FocusControlsProps) {
  const { focus } = state.abilities;
  const toast = useToast();
  const held = useHeld<number>({
    repeatMs,
    combine: (values) => values.at(-1) ?? null,
    send: (by) => change.mutateAsync({ focus: by }),
    stop: () => change.mutateAsync({ focus: 0 }),
    onProblem: (error) => toast(error.message, { tone: 'problem' }),
  });
  const movable = focus.continuous || focus.relative || focus.absolute;
  const automatic = focus.auto && state.autoFocus === true;
  return (
    <div className="space-y-3">
      {focus.auto ? (
        <Switch
          label="Focus by itself"
          checked={state.autoFocus === true}
          onChange={(autoFocus) => change.mutate({ autoFocus })}
        />
      ) : (
        <p className="text-sm font-medium">Focus</p>
      )}
      {movable ? (
        <div role="group" aria-label="Focus" className="flex gap-2">
          {([-1, 1] as const).map((way) => (
            <HoldButton
              key={way}
              label={way === -1 ? 'Focus nearer while held' : 'Focus farther while held'}
              className={button}
              disabled={automatic}
              onPress={() => held.press('focus', way * speed)}
              onRelease={() => held.release('focus')}
            >
              {way === -1 ? <Minus size={16} aria-hidden="true" /> : <Plus size={16} aria-hidden="true" />}
              {way === -1 ? 'Nearer' : 'Farther'}
            </HoldButton>
          ))}
        </div>
      ) : null}
      {movable && automatic ? <p className="text-sm text-muted">Switch it off to set the focus by hand.</p> : null}
    </div>
  );
}
