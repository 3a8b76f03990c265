/**
 * Moving the camera while something is held. The hub is asked again every half second for a move of one second, so whatever
 * is lost on the way (a tab, the network, this page), the camera stands still a second later.
 */
import { useMemo } from 'react';
import { usePtzCommand } from '../../../client/onvif.ts';
import { useHeld } from '../../../ui/use-held.ts';
import { useToast } from '../../../ui/toast.tsx';
import { together, type Velocity } from './directions.ts';

const repeatMs = 500;
const deadManMs = 1000;

export interface Mover {
  press: (hand: string, velocity: Velocity) => void;
  release: (hand: string) => void;
  /** Lets go of everything and says stop, also when nothing is held here. */
  halt: () => void;
}

export function useMove(cameraId: string): Mover {
  const { mutateAsync: command } = usePtzCommand(cameraId);
  const toast = useToast();
  const held = useHeld<Velocity>({
    repeatMs,
    combine: together,
    send: (velocity) => command({ action: 'move', ...velocity, timeoutMs: deadManMs }),
    stop: () => command({ action: 'stop' }),
    onProblem: (error) => toast(error.message, { tone: 'problem' }),
  });
  return useMemo(
    () => ({
      press: (hand, velocity) => held.press(hand, velocity),
      release: (hand) => held.release(hand),
      halt: () => {
        held.releaseAll();
        command({ action: 'stop' }).catch((error: unknown) =>
          toast(error instanceof Error ? error.message : String(error), { tone: 'problem' }),
        );
      },
    }),
    [held, command, toast],
  );
}
