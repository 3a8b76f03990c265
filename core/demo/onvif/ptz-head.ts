/**
 * A head that pans, tilts and zooms in ONVIF's generic spaces. Its position is worked out from the time when it is asked,
 * so nothing ticks. Invariant: pan and tilt stay within -1..1, zoom within 0..1.
 */
import type { Clock } from '#core/base/clock.ts';

export interface Position {
  pan: number;
  tilt: number;
  zoom: number;
}

/** Units per second at velocity 1: pan goes from stop to stop in 4 s. */
const fullSpeed: Position = { pan: 0.5, tilt: 0.5, zoom: 0.25 };
const axes = ['pan', 'tilt', 'zoom'] as const;
const limits: Record<keyof Position, [number, number]> = { pan: [-1, 1], tilt: [-1, 1], zoom: [0, 1] };

/** Half the horizontal field of view at zoom 0, in units of pan: 60 degrees of a head that turns 340. */
const halfViewPan = 30 / 170;
const halfViewTilt = 17 / 90;
const zoomFactor = 9;

type Axis = { from: number; startMs: number; perSecond: number; untilMs: number };

export class PtzHead {
  readonly #clock: Clock;
  readonly #moving: Record<keyof Position, Axis>;
  home: Position = { pan: 0, tilt: 0, zoom: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
    const rest = (): Axis => ({ from: 0, startMs: 0, perSecond: 0, untilMs: 0 });
    this.#moving = { pan: rest(), tilt: rest(), zoom: rest() };
  }

  position(): Position {
    const now = this.#clock.monoMs();
    return { pan: this.#at('pan', now), tilt: this.#at('tilt', now), zoom: this.#at('zoom', now) };
  }

  moving(): { panTilt: boolean; zoom: boolean } {
    const now = this.#clock.monoMs();
    const goes = (axis: keyof Position): boolean => {
      const { perSecond, untilMs } = this.#moving[axis];
      if (perSecond === 0 || now >= untilMs) return false;
      const limit = limits[axis][perSecond > 0 ? 1 : 0];
      return this.#at(axis, now) !== limit;
    };
    return { panTilt: goes('pan') || goes('tilt'), zoom: goes('zoom') };
  }

  /** Velocities -1..1; what is not named goes on as it does. Stops by itself after `timeoutMs`. */
  go(velocity: Partial<Position>, timeoutMs: number): void {
    const now = this.#clock.monoMs();
    for (const axis of axes) {
      const speed = velocity[axis];
      if (speed === undefined) continue;
      const perSecond = Math.max(-1, Math.min(1, speed)) * fullSpeed[axis];
      this.#moving[axis] = { from: this.#at(axis, now), startMs: now, perSecond, untilMs: now + timeoutMs };
    }
  }

  stop(panTilt: boolean, zoom: boolean): void {
    this.go({ ...(panTilt ? { pan: 0, tilt: 0 } : {}), ...(zoom ? { zoom: 0 } : {}) }, 0);
  }

  /** To a position; out of range is brought to the limit. `speed` 0..1. */
  goTo(target: Partial<Position>, speed = 1): void {
    const now = this.#clock.monoMs();
    for (const axis of axes) {
      const wanted = target[axis];
      if (wanted === undefined) continue;
      const [low, high] = limits[axis];
      const from = this.#at(axis, now);
      const way = Math.max(low, Math.min(high, wanted)) - from;
      const perSecond = Math.sign(way) * fullSpeed[axis] * Math.max(0.01, Math.min(1, speed));
      const tookMs = way === 0 ? 0 : (way / perSecond) * 1000;
      this.#moving[axis] = { from, startMs: now, perSecond, untilMs: now + tookMs };
    }
  }

  goBy(by: Partial<Position>, speed = 1): void {
    const at = this.position();
    const target: Partial<Position> = {};
    for (const axis of axes) {
      const step = by[axis];
      if (step !== undefined) target[axis] = at[axis] + step;
    }
    this.goTo(target, speed);
  }

  /** `x`, `y` in the field-of-view space: 1 is the edge of the picture. */
  goInView(x: number, y: number): void {
    const narrower = 1 + zoomFactor * this.position().zoom;
    this.goBy({ pan: (x * halfViewPan) / narrower, tilt: (y * halfViewTilt) / narrower });
  }

  #at(axis: keyof Position, nowMs: number): number {
    const { from, startMs, perSecond, untilMs } = this.#moving[axis];
    const [low, high] = limits[axis];
    const goneS = Math.max(0, Math.min(nowMs, untilMs) - startMs) / 1000;
    // Rounded, so that a target that was reached reads as it was asked for.
    return Math.max(low, Math.min(high, Math.round((from + perSecond * goneS) * 1e6) / 1e6));
  }
}
