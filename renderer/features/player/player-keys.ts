/** The player's keys. The same list is what the `?` sheet shows. */
import type { ShortcutGroup } from '../../ui/shortcuts.tsx';
import type { PlayerActions } from './controls.tsx';

export function playerKeys(actions: PlayerActions): ShortcutGroup {
  return {
    title: 'Player',
    shortcuts: [
      { keys: [' '], words: 'Play or pause', run: actions.togglePlay },
      { keys: ['l'], words: 'Go live', run: actions.goLive },
      { keys: ['t'], words: 'Type a time', run: actions.focusTime },
      { keys: ['ArrowLeft'], words: 'Back 5 seconds', run: () => actions.jump(-5000) },
      { keys: ['ArrowRight'], words: 'On 5 seconds', run: () => actions.jump(5000) },
      { keys: ['j'], words: 'Back 30 seconds', run: () => actions.jump(-30_000) },
      { keys: ['k'], words: 'On 30 seconds', run: () => actions.jump(30_000) },
      { keys: [','], words: 'One picture back', run: () => actions.step(-1) },
      { keys: ['.'], words: 'One picture on', run: () => actions.step(1) },
      { keys: ['['], words: 'Previous event', run: () => actions.neighbour(-1) },
      { keys: [']'], words: 'Next event', run: () => actions.neighbour(1) },
      { keys: ['<'], words: 'Slower', run: () => actions.faster(-1) },
      { keys: ['>'], words: 'Faster', run: () => actions.faster(1) },
      { keys: ['i'], words: 'Mark the start', run: actions.markIn },
      { keys: ['o'], words: 'Mark the end', run: actions.markOut },
      { keys: ['x'], words: 'Clear the marks', run: actions.clearMarks },
      { keys: ['+', '='], words: 'Timeline closer', run: () => actions.zoom(0.5) },
      { keys: ['-'], words: 'Timeline wider', run: () => actions.zoom(2) },
      { keys: ['s'], words: 'Save this picture', run: actions.snapshot },
      { keys: ['m'], words: 'Sound', run: actions.toggleMute },
      { keys: ['f'], words: 'Full screen', run: actions.fullScreen },
    ],
  };
}
