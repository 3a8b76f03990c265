/** The keys of a camera that moves: with Shift, because the plain ones belong to the recording. */
import type { ShortcutGroup } from '../../../ui/shortcuts.tsx';
import { speeds, type SpeedName, type Velocity } from './directions.ts';
import type { Mover } from './use-move.ts';

interface PtzKeyActions {
  mover: Mover;
  speed: SpeedName;
  zoom: boolean;
  home: (() => void) | null;
  toggleAim: (() => void) | null;
}

export function ptzKeys({ mover, speed, zoom, home, toggleAim }: PtzKeyActions): ShortcutGroup {
  const hold = (key: string, words: string, part: Partial<Velocity>) => ({
    keys: [key],
    words,
    run: () => {
      const scaled = { pan: 0, tilt: 0, zoom: 0, ...part };
      const by = speeds[speed];
      mover.press(key, { pan: scaled.pan * by, tilt: scaled.tilt * by, zoom: scaled.zoom * by });
    },
    release: () => mover.release(key),
  });
  return {
    title: 'Moving the camera',
    shortcuts: [
      hold('Shift+ArrowLeft', 'Turn left while held', { pan: -1 }),
      hold('Shift+ArrowRight', 'Turn right while held', { pan: 1 }),
      hold('Shift+ArrowUp', 'Look up while held', { tilt: 1 }),
      hold('Shift+ArrowDown', 'Look down while held', { tilt: -1 }),
      ...(zoom
        ? [hold('Shift+I', 'Zoom in while held', { zoom: 1 }), hold('Shift+O', 'Zoom out while held', { zoom: -1 })]
        : []),
      ...(home ? [{ keys: ['Shift+H'], words: 'Turn home', run: home }] : []),
      ...(toggleAim ? [{ keys: ['Shift+C'], words: 'Centre where I click', run: toggleAim }] : []),
    ],
  };
}
