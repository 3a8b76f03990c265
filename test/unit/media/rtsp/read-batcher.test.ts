import { afterEach, describe, expect, it, vi } from 'vitest';
import { ReadBatcher, type BatchMember } from '../../../../core/media/rtsp/read-batcher.ts';

function member(): BatchMember & { resumes: number; ticks: number; napping: boolean } {
  return {
    resumes: 0,
    ticks: 0,
    napping: false,
    resume() {
      this.resumes++;
    },
    tick() {
      this.ticks++;
    },
    setNapping(napping) {
      this.napping = napping;
    },
  };
}

const members: { batcher: ReadBatcher; one: BatchMember }[] = [];
function join(batcher: ReadBatcher): ReturnType<typeof member> {
  const one = member();
  members.push({ batcher, one });
  batcher.add(one);
  return one;
}
afterEach(() => {
  for (const { batcher, one } of members.splice(0)) batcher.remove(one);
});

describe('the beat of all pulls', () => {
  it('reads every member at each beat, and stops when the last one left', async () => {
    const batcher = new ReadBatcher({ intervalMs: 5 });
    const one = join(batcher);
    await vi.waitFor(() => expect(one.resumes).toBeGreaterThan(2));
    expect(one.napping).toBe(false);
    batcher.remove(one);
    const before = one.ticks;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(one.ticks).toBe(before);
  });

  it('sleeps between beats when nobody needs it, and still lets everything else happen at each beat', async () => {
    const batcher = new ReadBatcher({ intervalMs: 20, nap: true });
    const one = join(batcher);
    expect(one.napping).toBe(true);
    const cpu = process.cpuUsage();
    const began = performance.now();
    let timers = 0;
    const timer = setInterval(() => timers++, 1);
    await vi.waitFor(() => expect(one.ticks).toBeGreaterThanOrEqual(20), { timeout: 5_000 });
    clearInterval(timer);
    const elapsedMs = performance.now() - began;
    // A timer of 1 ms came about once a beat: the loop was asleep meanwhile, not spinning.
    expect(timers).toBeLessThan(elapsedMs / 5);
    expect(timers).toBeGreaterThan(5);
    expect(process.cpuUsage(cpu).user / 1_000).toBeLessThan(elapsedMs / 2);
    expect(one.resumes).toBe(0);
  });

  it('stays awake while anyone is watched or connecting, and goes back to sleep after', async () => {
    const batcher = new ReadBatcher({ intervalMs: 10, nap: true });
    const one = join(batcher);
    const watched = join(batcher);
    batcher.stayAwake(watched, true);
    expect([one.napping, watched.napping]).toEqual([false, false]);
    await vi.waitFor(() => expect(one.resumes).toBeGreaterThan(1));
    batcher.stayAwake(watched, false);
    expect([one.napping, watched.napping]).toEqual([true, true]);
    batcher.stayAwake(watched, true);
    // Who leaves keeps nobody awake.
    batcher.remove(watched);
    expect(one.napping).toBe(true);
  });

  it('does not sleep unless it was told that it may', () => {
    const one = join(new ReadBatcher());
    expect(one.napping).toBe(false);
  });
});
