/** Raises motion and what was seen when the scene on air has someone in it: the maker of the scene wrote down when. */
import type { CameraSignal } from '#core/domain/onvif.ts';
import type { Playout } from '../playout.ts';

const everyMs = 250;

export class SceneWatch {
  readonly #playout: Playout;
  readonly #raise: (signal: CameraSignal, active: boolean) => void;
  readonly #seen = new Set<CameraSignal>();
  #timer: NodeJS.Timeout | undefined;

  constructor(playout: Playout, raise: (signal: CameraSignal, active: boolean) => void) {
    this.#playout = playout;
    this.#raise = raise;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const frame = this.#playout.frameNow();
    const picture = frame % this.#playout.picturesPerClip;
    const now = new Set<CameraSignal>();
    for (const { label, firstPicture, lastPicture } of this.#playout.clip(frame, 'main').sightings) {
      if (picture < firstPicture || picture > lastPicture) continue;
      now.add('motion');
      if (label === 'person' || label === 'vehicle' || label === 'animal') now.add(label);
    }
    for (const signal of now) if (!this.#seen.has(signal)) this.#raise(signal, true);
    for (const signal of this.#seen) if (!now.has(signal)) this.#raise(signal, false);
    this.#seen.clear();
    for (const signal of now) this.#seen.add(signal);
  }
}
