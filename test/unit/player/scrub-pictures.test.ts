import { describe, expect, it } from 'vitest';
import { pictureSlotMs, ScrubPictures } from '../../../renderer/features/player/scrub-pictures.ts';

const bitmap = (): ImageBitmap => ({ width: 1, height: 1, close: () => undefined });

/** A loader whose answers the test releases. */
function scripted() {
  const asked: number[] = [];
  const waiting = new Map<number, { done: (picture: ImageBitmap) => void; fail: (error: Error) => void }>();
  const shown: [number, boolean][] = [];
  const pictures = new ScrubPictures((slotMs) => {
    asked.push(slotMs);
    return new Promise((done, fail) => waiting.set(slotMs, { done, fail }));
  });
  pictures.onPicture = (slotMs, picture) => shown.push([slotMs, picture !== null]);
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return {
    pictures,
    asked,
    shown,
    answer: async (slotMs: number) => {
      waiting.get(slotMs)?.done(bitmap());
      await settle();
    },
    fail: async (slotMs: number) => {
      waiting.get(slotMs)?.fail(new Error('404'));
      await settle();
    },
  };
}

describe('pictures while scrubbing', () => {
  it('a fast hand: only the newest wish waits, what lay between is never asked for', async () => {
    const { pictures, asked, answer } = scripted();
    for (const slot of [1, 2, 3, 4, 5]) pictures.want(slot);
    await answer(1);
    expect(asked).toEqual([1, 5]);
  });

  it('what was loaded once is there at once', async () => {
    const { pictures, answer, asked } = scripted();
    expect(pictures.want(7)).toBeUndefined();
    await answer(7);
    expect(pictures.want(7)).not.toBeUndefined();
    expect(asked).toEqual([7]);
  });

  it('where there is none the answer is none, and it is not asked for again', async () => {
    const { pictures, fail, shown, asked } = scripted();
    pictures.want(9);
    await fail(9);
    expect(shown).toEqual([[9, false]]);
    expect(pictures.want(9)).toBeNull();
    expect(asked).toEqual([9]);
  });

  it('fetching ahead never makes a wish wait longer than one picture', async () => {
    const { pictures, asked, answer } = scripted();
    pictures.want(1);
    pictures.ahead(2);
    expect(asked).toEqual([1]);
    await answer(1);
    pictures.ahead(2);
    pictures.want(3);
    await answer(2);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('works again after it was cleared, and an answer from before is dropped', async () => {
    const { pictures, answer, shown } = scripted();
    pictures.want(1);
    pictures.clear();
    await answer(1);
    expect(shown).toEqual([]);
    pictures.want(2);
    await answer(2);
    expect(shown).toEqual([[2, true]]);
  });

  it('moments nearby share a picture; the grid is finer when zoomed in', () => {
    expect(pictureSlotMs(10_500, 1)).toBe(pictureSlotMs(11_900, 1));
    expect(pictureSlotMs(10_500, 60_000) % 524_288).toBe(0);
  });
});
