import { describe, expect, it } from 'vitest';
import { changedPositions } from '../../../renderer/client/camera-order.ts';

const at = (...positions: number[]) => positions.map((position, index) => ({ id: 'abcd'[index]!, position }));

describe('the order of cameras', () => {
  it('one step concerns two cameras, and a leap those it passes', () => {
    expect([...changedPositions(Array.from('bacd'), at(0, 3, 5, 9))]).toEqual([
      ['b', 0],
      ['a', 3],
    ]);
    expect([...changedPositions(Array.from('bcad'), at(0, 1, 2, 3)).keys()]).toEqual(Array.from('bca'));
  });

  it('the same order changes nothing', () => {
    expect(changedPositions(Array.from('abcd'), at(0, 1, 2, 3)).size).toBe(0);
  });

  it('cameras that share a place are counted anew', () => {
    const changes = changedPositions(Array.from('badc'), at(0, 0, 1, 1));
    const placed = new Map(at(0, 0, 1, 1).map(({ id, position }) => [id, changes.get(id) ?? position]));
    expect([...placed].sort(([, one], [, other]) => one - other).map(([id]) => id)).toEqual(Array.from('badc'));
    expect(new Set(placed.values()).size).toBe(4);
  });

  it('a camera that was removed meanwhile is left out', () => {
    expect([...changedPositions(Array.from('cxa'), at(0, 1, 2)).keys()]).toEqual(['c', 'a']);
  });
});
