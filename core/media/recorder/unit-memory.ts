/**
 * Keeping and letting go of units' memory, see MediaMemory. Only what keeps a unit beyond the call that brought it must;
 * each hold is followed by at most one letting go.
 */
import type { MediaUnit } from '#core/domain/media.ts';

export function hold(unit: MediaUnit): void {
  if (unit.kind === 'video') unit.memory?.hold();
}

export function letGo(unit: MediaUnit): void {
  if (unit.kind === 'video') unit.memory?.release();
}

/** For what goes into a socket: it is read whenever the other side takes it. */
export function pin(unit: MediaUnit): void {
  if (unit.kind === 'video') unit.memory?.pin();
}
