/** Time for the watcher that moves only when told to: ten minutes pass in as many steps as something is due. */
import { ManualClock } from '#core/base/clock.ts';
import type { Timing } from '#core/cameras/onvif/watch-timing.ts';

export class ManualTiming implements Timing {
  readonly clock = new ManualClock(Date.UTC(2026, 5, 1, 12));
  readonly random = (): number => 0.5;
  #alarms: { atMs: number; work: () => void }[] = [];

  readonly alarm = (ms: number, work: () => void): (() => void) => {
    const entry = { atMs: this.clock.monoMs() + ms, work };
    this.#alarms.push(entry);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== entry);
    };
  };

  get waiting(): number {
    return this.#alarms.length;
  }

  /** Lets time pass; `settle` is awaited whenever something was due, so that what it started comes to rest first. */
  async pass(ms: number, settle: () => Promise<void>): Promise<void> {
    const endMs = this.clock.monoMs() + ms;
    await settle();
    for (let rounds = 0; rounds < 20_000; rounds++) {
      const next = this.#alarms.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#alarms = this.#alarms.filter((other) => other !== next);
      this.clock.advance(Math.max(0, next.atMs - this.clock.monoMs()));
      next.work();
      await settle();
    }
    this.clock.advance(endMs - this.clock.monoMs());
  }
}
