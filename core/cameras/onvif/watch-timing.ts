/** Time for what waits for hours: a clock and alarms, injected, so that a test can let ten minutes pass at once. */
import { systemClock, type Clock } from '#core/base/clock.ts';

export interface Timing {
  clock: Clock;
  /** Calls `work` once after `ms`. Returns the call that takes it back. */
  alarm: (ms: number, work: () => void) => () => void;
  /** 0..1, for spreading attempts. */
  random: () => number;
}

export const systemTiming: Timing = {
  clock: systemClock,
  alarm(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** Resolves after `ms`, or at once when `signal` is aborted. Never rejects. */
export async function pause(timing: Timing, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timing.alarm(ms, end);
    signal.addEventListener('abort', end, { once: true });
  });
}
