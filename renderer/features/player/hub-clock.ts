/** The hub's clock as seen from here: a phone whose clock is wrong must not shift the recordings. */
import { useCallback, useEffect, useRef } from 'react';
import { useHealth } from '../../client/queries.ts';

/** Less than this is the answer's own travel time, not a wrong clock. */
const worthCorrectingMs = 1500;

export function useHubNow(): () => number {
  const health = useHealth();
  const offsetMs = useRef(0);
  const hubMs = health.data?.nowMs;
  const { dataUpdatedAt } = health;
  useEffect(() => {
    if (hubMs === undefined) return;
    const difference = hubMs - dataUpdatedAt;
    offsetMs.current = Math.abs(difference) > worthCorrectingMs ? difference : 0;
  }, [hubMs, dataUpdatedAt]);
  return useCallback(() => Date.now() + offsetMs.current, []);
}
