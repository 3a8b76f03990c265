import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Held } from '../../../renderer/ui/held.ts';

const later = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
};

describe('something that goes on while it is held', () => {
  let told: string[];
  let answerMs: number;
  let refuse: boolean;
  let problems: string[];
  let held: Held<number>;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    told = [];
    problems = [];
    answerMs = 10;
    refuse = false;
    held = new Held<number>({
      repeatMs: 500,
      combine: (values) => values.reduce((sum, value) => sum + value, 0) || null,
      send: (value) => {
        told.push(String(value));
        return new Promise((resolve, reject) => {
          setTimeout(() => (refuse ? reject(new Error('no')) : resolve(null)), answerMs);
        });
      },
      stop: () => {
        told.push('stop');
        return Promise.resolve();
      },
      onProblem: ({ message }) => problems.push(message),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is sent at once, again every half second, and stopped once', async () => {
    held.press('a', 1);
    await later(1100);
    held.release('a');
    held.release('a');
    await later(3000);
    expect(told).toEqual(['1', '1', '1', 'stop']);
  });

  it('two hands are one move; it goes on with what is left, and opposite ones are a stop', async () => {
    held.press('a', 1);
    held.press('b', 2);
    held.release('a');
    held.press('c', -2);
    await later(2000);
    expect(told.filter((what, index) => what !== told[index - 1])).toEqual(['1', '3', '2', 'stop']);
    expect(told.at(-1)).toBe('stop');
  });

  it('a move that was on its way when one let go is stopped a second time: it may arrive after the stop', async () => {
    answerMs = 400;
    held.press('a', 1);
    await later(100);
    held.release('a');
    expect(told).toEqual(['1', 'stop']);
    await later(1000);
    expect(told).toEqual(['1', 'stop', 'stop']);
  });

  it('a slow hub is not buried under repetitions', async () => {
    answerMs = 60_000;
    held.press('a', 1);
    await later(10_000);
    expect(told).toEqual(['1', '1']);
  });

  it('a refusal is told once and ends the hold; the next press tries again', async () => {
    refuse = true;
    held.press('a', 1);
    await later(3000);
    expect(told).toEqual(['1']);
    expect(problems).toEqual(['no']);
    held.release('a');
    refuse = false;
    held.press('a', 1);
    await later(20);
    held.releaseAll();
    expect(told).toEqual(['1', '1', 'stop']);
  });
});
