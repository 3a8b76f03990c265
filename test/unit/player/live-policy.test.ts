import { describe, expect, it } from 'vitest';
import {
  edgeMove,
  evictable,
  leastSpareS,
  nextTargetSpare,
  reconnectDelayMs,
  staleAfterMs,
} from '../../../renderer/ui/live-policy.ts';

const calm = { minSpareS: 0.03, targetSpareS: 0.03, frameS: 1 / 15 };

describe('staying near the live edge', () => {
  it('F50: a viewer that fell behind jumps to the edge instead of staying behind', () => {
    const move = edgeMove({ ...calm, currentTime: 10, ranges: [{ start: 0, end: 14 }] });
    expect(move).toEqual({ kind: 'jump', to: 14 - 1 / 15 - 0.03 });
  });

  it('F50: a hole after a lost connection is jumped over', () => {
    const ranges = [
      { start: 0, end: 10 },
      { start: 25, end: 25.2 },
    ];
    expect(edgeMove({ ...calm, currentTime: 10, ranges })).toMatchObject({ kind: 'jump' });
  });

  it('never jumps before the start of what is there', () => {
    const move = edgeMove({ ...calm, currentTime: 0, ranges: [{ start: 5, end: 5.05 }] });
    expect(move).toEqual({ kind: 'jump', to: 5 });
  });

  it('plays faster when there is more in hand than needed, at normal speed when it is right, slower before it runs dry', () => {
    const at = (minSpareS: number): unknown =>
      edgeMove({ ...calm, minSpareS, currentTime: 10, ranges: [{ start: 0, end: 10.1 }] });
    expect(at(0.3)).toEqual({ kind: 'rate', rate: 1.5 });
    expect(at(0.05)).toEqual({ kind: 'rate', rate: 1.03 });
    expect(at(0.03)).toEqual({ kind: 'rate', rate: 1 });
    expect(at(0)).toEqual({ kind: 'rate', rate: 0.98 });
  });

  it('keeps more in hand after running dry, gives it back slowly, within bounds', () => {
    let target = leastSpareS;
    for (let i = 0; i < 100; i++) target = nextTargetSpare(target, true);
    expect(target).toBeLessThanOrEqual(0.4);
    const after = nextTargetSpare(target, false);
    expect(after).toBeLessThan(target);
    expect(after).toBeGreaterThan(target - 0.01);
    for (let i = 0; i < 1000; i++) target = nextTargetSpare(target, false);
    expect(target).toBe(leastSpareS);
  });

  it('evicts what was watched long ago, and only then', () => {
    expect(evictable(10, [{ start: 0, end: 11 }])).toBeNull();
    expect(evictable(100, [{ start: 80, end: 101 }])).toEqual({ start: 0, end: 94 });
  });

  it('comes back sooner at first, later at last, and never all tiles at once', () => {
    expect(reconnectDelayMs(0, 0)).toBe(500);
    expect(reconnectDelayMs(99, 0)).toBe(10_000);
    expect(reconnectDelayMs(3, 1)).toBeLessThan(reconnectDelayMs(3, 0));
  });

  it('F51: a slow camera is given the time that its pictures take', () => {
    expect(staleAfterMs(1 / 30)).toBe(2000);
    expect(staleAfterMs(2)).toBe(8000);
  });
});
