/** The moment on screen, 30 times a second: kept outside React's state so that only what shows it is drawn again. */
import { useSyncExternalStore } from 'react';

export class Playhead {
  private ms: number;
  private readonly listeners = new Set<() => void>();

  constructor(ms: number) {
    this.ms = ms;
  }

  readonly get = (): number => this.ms;

  set(ms: number): void {
    if (ms === this.ms) return;
    this.ms = ms;
    for (const listener of this.listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** The moment in whole seconds: a component that shows a clock is drawn once a second. */
export function usePlayheadSecond(playhead: Playhead): number {
  return useSyncExternalStore(playhead.subscribe, () => Math.floor(playhead.get() / 1000) * 1000);
}
