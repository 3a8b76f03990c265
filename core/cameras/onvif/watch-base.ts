/** Base notification, where pull points fail: the camera calls a listener of ours. The subscription is renewed until it breaks. */
import { farewell, isWorthFarewell, renewAfterMs, type WatchPart } from './watch-pull.ts';
import type { EventCalls } from './events-calls.ts';
import { openListener } from './notification-listener.ts';
import { pause } from './watch-timing.ts';

/** Returns when the signal is aborted, or after `mostMs`. Throws HubError when the subscription can't be made or kept. */
export async function listenUntilBroken(
  calls: EventCalls,
  host: string,
  part: WatchPart,
  mostMs: number,
): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([part.signal, broken.signal]);
  const listener = await openListener(
    host,
    (notices) => void part.heard(notices),
    (error) => broken.abort(error),
  );
  try {
    // Some call before they have answered.
    part.subscribed();
    const subscription = await calls.subscribe(listener.url);
    part.watching();
    const { clock } = part.timing;
    const endMs = clock.monoMs() + mostMs;
    let failure: unknown = null;
    try {
      let granted = subscription.grantedMs;
      for (;;) {
        await pause(part.timing, renewAfterMs(granted), signal);
        if (part.signal.aborted || clock.monoMs() >= endMs) return;
        broken.signal.throwIfAborted();
        granted = await calls.renew(subscription);
      }
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (isWorthFarewell(failure)) await farewell(calls, subscription);
    }
  } finally {
    await listener.close();
  }
}
