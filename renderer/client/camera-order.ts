/** Which cameras get another position when they are put into another order. Pure. */
interface Placed {
  id: string;
  position: number;
}

/** As every screen shows them. */
export const inOrder = <T extends Placed & { createdMs: number }>(cameras: readonly T[]): T[] =>
  [...cameras].sort((a, b) => a.position - b.position || a.createdMs - b.createdMs);

/**
 * The new positions, for those alone whose position changes. The places that are taken now are dealt out anew, so that moving
 * one camera by one step concerns two cameras; where two share a place, all are counted from 0.
 */
export function changedPositions(ids: readonly string[], cameras: readonly Placed[]): Map<string, number> {
  const now = new Map(cameras.map(({ id, position }) => [id, position]));
  const known = ids.filter((id) => now.has(id));
  const taken = known.map((id) => now.get(id) ?? 0).sort((a, b) => a - b);
  const shared = taken.some((place, index) => place === taken[index - 1]);
  const wanted = known.map((id, index) => [id, shared ? index : (taken[index] ?? index)] as const);
  return new Map(wanted.filter(([id, position]) => now.get(id) !== position));
}
