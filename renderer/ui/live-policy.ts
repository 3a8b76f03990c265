/**
 * How the live player stays near the edge. Pure decisions over plain numbers; live-player.ts carries them out. Seconds are
 * media time.
 *
 * The spare is how much media was still unplayed when the next picture arrived. It is the latency we add ourselves: too much
 * and the picture is late, none and it stutters. So it is steered to a small band by playing a little faster or slower.
 */

export interface TimeRange {
  start: number;
  end: number;
}

export type EdgeMove = { kind: 'jump'; to: number } | { kind: 'rate'; rate: number };

export const jumpBehindS = 0.5;

export interface EdgeInput {
  currentTime: number;
  ranges: readonly TimeRange[];
  /** Smallest spare seen in the last second. */
  minSpareS: number;
  /** What the spare is steered to; grows when playback ran dry. */
  targetSpareS: number;
  /** Length of one picture. */
  frameS: number;
}

/** Where to jump, or how fast to play. */
export function edgeMove({ currentTime, ranges, minSpareS, targetSpareS, frameS }: EdgeInput): EdgeMove {
  const last = ranges.at(-1);
  if (!last) return { kind: 'rate', rate: 1 };
  const edge = Math.max(last.start, last.end - frameS - targetSpareS);
  if (currentTime < last.start - 0.001) return { kind: 'jump', to: edge };
  if (last.end - currentTime > jumpBehindS + frameS + targetSpareS) return { kind: 'jump', to: edge };
  return { kind: 'rate', rate: rateFor(minSpareS - targetSpareS, targetSpareS) };
}

/** Gentle enough not to be seen: half as fast again while far behind, 3 % for the last steps. */
function rateFor(surplusS: number, targetSpareS: number): number {
  if (surplusS > 0.15) return 1.5;
  if (surplusS > 0.06) return 1.15;
  if (surplusS > 0.012) return 1.03;
  return surplusS < -targetSpareS * 0.9 ? 0.98 : 1;
}

export const leastSpareS = 0.012;
const mostSpareS = 0.4;

/** After playback ran dry keep more in hand; while all is well give it back slowly. Called once a second. */
export function nextTargetSpare(targetS: number, ranDry: boolean): number {
  return ranDry ? Math.min(mostSpareS, targetS + 0.02) : Math.max(leastSpareS, targetS - 0.003);
}

const keepBehindS = 6;
const evictAfterS = 15;

/** What may be removed from the source buffer: everything older than 6 s, but only once 15 s have gathered. */
export function evictable(currentTime: number, ranges: readonly TimeRange[]): TimeRange | null {
  const first = ranges[0];
  if (!first || currentTime - first.start < evictAfterS) return null;
  return { start: 0, end: currentTime - keepBehindS };
}

export const queueLimitBytes = 12_000_000;

/** 0.5 s doubling to 10 s, with up to a quarter taken off at random so that tiles don't come back in step. */
export function reconnectDelayMs(attempt: number, random: number): number {
  return Math.min(10_000, 500 * 2 ** Math.min(attempt, 6)) * (1 - random / 4);
}

/** A picture is stale when none came for 2 s, or for four picture lengths of a slow camera. */
export const staleAfterMs = (frameS: number): number => Math.max(2000, frameS * 4000);
