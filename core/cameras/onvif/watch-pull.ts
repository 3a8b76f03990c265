/**
 * One pull point from its making to its end: pulls without a pause where the camera waits for news, with one where it does
 * not (F22), renews in time (F19). Invariant: at most five requests per second, and one per second while there is no news.
 */
import { HubError } from '#core/base/errors.ts';
import type { EventCalls, Subscription } from './events-calls.ts';
import { grantedMs, mostNotices, noticesIn, type Notice } from './events-notices.ts';
import { pause, type Timing } from './watch-timing.ts';

export interface WatchPart {
  timing: Timing;
  signal: AbortSignal;
  /** Returns whether anything of it was news. */
  heard: (notices: Notice[]) => boolean;
  /** A new subscription: what is heard next may be how things are, and no news. */
  subscribed: () => void;
  /** The subscription stands and the camera answers. */
  watching: () => void;
}

const longPollMs = 10_000;
const leastGapMs = 200;
const quietGapMs = 1_000;
/** After this many pulls in a row that came back at once with nothing new, the pause is doubled. */
const manyEmpty = 30;
/** Renewals are not worth more than one in ten minutes, however long the camera would wait. */
const mostRenewMs = 1_200_000;
const lostPulls = 2;
const farewellMs = 2_000;

/** Returns when the signal is aborted. Throws HubError when the subscription is of no more use. */
export async function pullUntilBroken(calls: EventCalls, part: WatchPart): Promise<void> {
  while (!part.signal.aborted) {
    const subscription = await calls.createPullPoint();
    part.subscribed();
    let failure: unknown = null;
    try {
      await pullAll(calls, subscription, part);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (isWorthFarewell(failure)) await farewell(calls, subscription);
    }
    // The camera renews nothing: the next one, but not in a rush.
    await pause(part.timing, quietGapMs, part.signal);
  }
}

/** A camera has few places for subscriptions: what is not needed is given back, if it can be told. */
export async function farewell(calls: EventCalls, subscription: Subscription): Promise<void> {
  try {
    await calls.unsubscribe(subscription, farewellMs);
  } catch (error) {
    // It ends by itself in a minute.
    if (!(error instanceof HubError)) throw error;
  }
}

/** A camera that does not answer, or not to us, is not told. */
export function isWorthFarewell(failure: unknown): boolean {
  return !(failure instanceof HubError) || isObjection(failure);
}

/** The camera answered, and what it answered is no. `camera_not_onvif`: with a status of HTTP alone. */
function isObjection(error: unknown): boolean {
  const codes = ['camera_error', 'not_offered', 'camera_bad_description', 'camera_not_onvif'];
  return error instanceof HubError && codes.includes(error.code);
}

/** When to renew: half of what was granted is left for trouble. */
export const renewAfterMs = (granted: number): number => Math.min(granted, mostRenewMs) / 2;

/** Returns when the signal is aborted, or the camera refused to renew and the subscription's time is nearly up. */
async function pullAll(calls: EventCalls, subscription: Subscription, part: WatchPart): Promise<void> {
  const { timing, signal, heard } = part;
  const { clock } = timing;
  let granted = subscription.grantedMs;
  let renewedMs = clock.monoMs();
  let empty = 0;
  let lost = 0;
  let renews = true;
  let first = true;
  for (;;) {
    const startMs = clock.monoMs();
    // The first one brings the state of now, and shows whether pulling works at all.
    const waitMs = first ? 1_000 : Math.min(longPollMs, Math.max(1_000, granted / 4));
    if (!renews && startMs - renewedMs + waitMs >= granted) return;
    if (renews && startMs - renewedMs >= renewAfterMs(granted)) {
      const anew = await renewed(calls, subscription);
      renews = anew !== null;
      if (anew !== null) {
        granted = anew;
        renewedMs = clock.monoMs();
      }
    }
    try {
      const answer = await calls.pull(subscription, waitMs, mostNotices);
      part.watching();
      first = false;
      lost = 0;
      const news = heard(noticesIn(answer));
      // Cameras that keep a subscription alive by pulling say so with a later end.
      const left = grantedMs(answer);
      if (left !== null && left > granted - (clock.monoMs() - renewedMs)) {
        granted = left;
        renewedMs = clock.monoMs();
      }
      const tookMs = clock.monoMs() - startMs;
      empty = news || tookMs >= waitMs / 2 ? 0 : empty + 1;
      const gapMs = empty === 0 ? leastGapMs : quietGapMs * (empty > manyEmpty ? 2 : 1);
      await pause(timing, gapMs - tookMs, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      // Some cameras close the connection when there is no news; the subscription stands.
      const closed = error instanceof HubError && (error.code === 'camera_closed' || error.code === 'camera_silent');
      if (!closed || ++lost > lostPulls) throw error;
      await pause(timing, quietGapMs, signal);
    }
    if (isAborted(signal)) return;
  }
}

/** Null: the camera does not renew. Throws when it does not answer, or not to us. */
async function renewed(calls: EventCalls, subscription: Subscription): Promise<number | null> {
  try {
    return await calls.renew(subscription);
  } catch (error) {
    if (isObjection(error)) return null;
    throw error;
  }
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
