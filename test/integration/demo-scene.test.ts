import { beforeAll, describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { daylight } from '#core/demo/scene/light.ts';
import { Painter } from '#core/demo/scene/painter.ts';
import { actorsAt } from '#core/demo/scene/scripts.ts';
import { crop } from '#core/demo/picture.ts';
import { dayScenes, nightScenes, slotS } from '#core/demo/schedule.ts';

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const count = 300;

describe('the demo scene', () => {
  let painter: Painter;
  beforeAll(() => {
    painter = new Painter(daylight);
  }, 60_000);

  const paint = (scene: (typeof dayScenes)[number], n: number): ReturnType<Painter['paint']> =>
    painter.paint(actorsAt(scene, n / 15), n, count);

  test('the same scene and number give the same bytes, whatever was drawn before', () => {
    const first = hash(paint('day-visitor', 100).i420);
    paint('day-car', 55);
    expect(hash(paint('day-visitor', 100).i420)).toBe(first);
    expect(hash(paint('day-visitor', 101).i420)).not.toBe(first);
  });

  test('a person is where the truth says: the picture differs from the quiet one there and nowhere far away', () => {
    const quiet = paint('day-quiet', 100).i420;
    const { i420, seen } = paint('day-visitor', 100);
    const person = seen.find((one) => one.label === 'person')!.box;
    let inside = 0;
    let far = 0;
    for (let y = 0; y < 720; y++) {
      for (let x = 0; x < 1280; x++) {
        if (Math.abs(i420[y * 1280 + x]! - quiet[y * 1280 + x]!) < 20) continue;
        const dx = x / 1280 - (person.x + person.w / 2);
        const dy = y / 720 - (person.y + person.h / 2);
        if (Math.abs(dx) <= person.w / 2 && Math.abs(dy) <= person.h / 2) inside++;
        // The shadow lies to the right of the feet.
        else if (Math.abs(dx) > person.w * 4 || Math.abs(dy) > person.h * 0.75) far++;
      }
    }
    expect(inside).toBeGreaterThan(3_000);
    expect(far).toBe(0);
  });

  test('figures come whole into the picture and are gone at both ends of every scene', () => {
    for (const scene of [...dayScenes, ...nightScenes]) {
      for (const t of [0, slotS - 1 / 15]) {
        const seen = painter.paint(actorsAt(scene, t), Math.round(t * 15), count).seen;
        expect(seen, `${scene} at ${t} s`).toEqual([]);
      }
    }
  });

  test('people pass behind the fence: pickets hide parts of their shins, nothing hides their chests', () => {
    const quiet = paint('day-quiet', 90).i420;
    const { i420, seen } = paint('day-walker', 90);
    const { x, y, w, h } = seen[0]!.box;
    /** Share of the columns of the figure in which something differs from the quiet picture, within [from, to) of its height. */
    const changed = (from: number, to: number, column: number): number => {
      let differing = 0;
      let all = 0;
      for (let py = Math.round((y + h * from) * 720); py < Math.round((y + h * to) * 720); py++) {
        const at = py * 1280 + Math.round((x + w * column) * 1280);
        if (Math.abs(i420[at]! - quiet[at]!) > 12) differing++;
        all++;
      }
      return differing / all;
    };
    const columns = Array.from({ length: 40 }, (_, i) => 0.1 + (0.8 * i) / 40);
    expect(columns.some((column) => changed(0.2, 0.4, column) > 0.95)).toBe(true);
    const shins = columns.map((column) => changed(0.78, 0.97, column));
    expect(shins.some((share) => share > 0.5)).toBe(true);
    expect(shins.filter((share) => share < 0.35).length).toBeGreaterThan(5);
  });
});

test('a crop at its own size is the picture itself', () => {
  const i420 = Buffer.from(Array.from({ length: 96 }, (_, i) => i * 2));
  expect(crop(i420, 8, 8, { x: 0, y: 0, w: 1, h: 1 }, 8, 8)).toEqual(i420);
});
