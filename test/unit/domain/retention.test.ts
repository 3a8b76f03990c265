import { describe, expect, it } from 'vitest';
import { effectiveMinFree, retentionGoal } from '#core/domain/retention.ts';

const now = 1_700_000_000_000;
const rules = { retentionDays: 2, maxBytes: 1_000, minFreeBytes: 500 };
const disk = { usedBytes: 800, freeBytes: 5_000, diskBytes: 100_000 };

describe('F40: one goal decides what goes', () => {
  it('nothing by size while there is room', () => {
    expect(retentionGoal(now, rules, disk)).toMatchObject({ bytesToFree: 0, keepFromMs: now - 2 * 86_400_000 });
  });

  it('what is over the limit, or missing in free space, whichever is more', () => {
    expect(retentionGoal(now, rules, { ...disk, usedBytes: 1_300 }).bytesToFree).toBe(300);
    expect(retentionGoal(now, rules, { ...disk, freeBytes: 100 }).bytesToFree).toBe(400);
    expect(retentionGoal(now, rules, { ...disk, usedBytes: 1_300, freeBytes: 100 }).bytesToFree).toBe(400);
  });

  it('something after a write that failed for lack of room, whatever the figures say', () => {
    expect(retentionGoal(now, rules, disk, true).bytesToFree).toBeGreaterThan(0);
  });

  it('never everything of a small disk because the free space asked for is larger than it', () => {
    expect(effectiveMinFree({ ...rules, minFreeBytes: 5e9 }, 64e6)).toBe(16e6);
  });

  it('never the newest seconds for their size', () => {
    expect(retentionGoal(now, rules, { ...disk, freeBytes: 0 }).newestDeletableMs).toBe(now - 10_000);
  });
});
