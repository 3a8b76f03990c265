/**
 * How much must go. The only place where thresholds of storage are compared: what this says is deleted, nothing else is.
 * Pure. Sizes in bytes, times in UTC ms.
 */
export interface RetentionRules {
  retentionDays: number;
  /** null: no limit of its own. */
  maxBytes: number | null;
  minFreeBytes: number;
}

export interface DiskState {
  /** Recordings, previews and pictures together. */
  usedBytes: number;
  freeBytes: number;
  /** Size of the whole volume. */
  diskBytes: number;
}

export interface RetentionGoal {
  /** What ended before this is too old. */
  keepFromMs: number;
  /** What must go beyond that, oldest first. */
  bytesToFree: number;
  /** Nothing that ended after this is deleted for its size: recording must not chase its own tail on a disk that others fill. */
  newestDeletableMs: number;
}

const dayMs = 86_400_000;
/** About one segment. */
const alwaysKeptMs = 10_000;
/** After a write that failed: a twentieth of what there is, within these bounds. */
const leastAtOnceBytes = 256_000;
const mostAtOnceBytes = 1_000_000_000;

/** The free space to keep: what is set, but never more than a quarter of the volume. */
export function effectiveMinFree(rules: RetentionRules, diskBytes: number): number {
  return Math.min(rules.minFreeBytes, Math.floor(diskBytes / 4));
}

/** `urgent`: a write failed for lack of room; then some must go whatever the figures say. */
export function retentionGoal(nowMs: number, rules: RetentionRules, disk: DiskState, urgent = false): RetentionGoal {
  const overLimit = rules.maxBytes === null ? 0 : disk.usedBytes - rules.maxBytes;
  const underFree = effectiveMinFree(rules, disk.diskBytes) - disk.freeBytes;
  const atOnce = urgent ? Math.min(mostAtOnceBytes, Math.max(leastAtOnceBytes, Math.floor(disk.usedBytes / 20))) : 0;
  return {
    keepFromMs: nowMs - rules.retentionDays * dayMs,
    bytesToFree: Math.max(0, overLimit, underFree, atOnce),
    newestDeletableMs: nowMs - alwaysKeptMs,
  };
}
