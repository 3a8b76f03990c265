/** Going through events: with the keyboard alone, and what happens when the hub refuses. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousViolations } from '../support/accessibility.ts';
import { whyNoChromium } from '../support/browser.ts';
import { cameraIdOf, eventIdOf } from '../support/fake-home.ts';
import { Refusal, whyNoRenderer } from '../support/fake-hub.ts';
import { eventually, InterfaceBench } from '../support/interface-bench.ts';
import { skipFor } from '../support/tools.ts';

const bench = new InterfaceBench();
const card = (page: Page, index: number) => page.locator(`[data-event="${eventIdOf(index)}"]`);
const focusedEvent = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-event]')?.dataset['event'] ?? null);
const isFocused = (page: Page, index: number) =>
  eventually(
    () => focusedEvent(page),
    (id) => id === eventIdOf(index),
  );

describe.skipIf(skipFor('review in the browser', whyNoChromium, whyNoRenderer))('review', () => {
  beforeAll(() => bench.start());
  afterAll(() => bench.stop());

  it('thirty events are gone through with one key, and undo brings the last back', async () => {
    await bench.open({ path: '/review', unreviewed: 30 }, async ({ page, hub }) => {
      await card(page, 29).waitFor();
      const startedMs = performance.now();
      for (let i = 0; i < 30; i++) await page.keyboard.press('r');
      await page.getByRole('heading', { name: "You're up to date" }).waitFor();
      console.log(`30 events by key: ${Math.round(performance.now() - startedMs)} ms`);
      await eventually(
        () => hub.home.events.filter((event) => !event.reviewed).length,
        (left) => left === 0,
      );
      await page.keyboard.press('u');
      await eventually(
        () => hub.home.events.filter((event) => !event.reviewed).map((event) => event.id),
        (ids) => ids.length === 1 && ids[0] === eventIdOf(29),
      );
      await page.getByText('1 event to review').waitFor();
    });
  });

  it('arrows and j/k move the focus, rows included', async () => {
    await bench.open({ path: '/review' }, async ({ page }) => {
      await card(page, 0).waitFor();
      await page.keyboard.press('j');
      await isFocused(page, 1);
      await page.keyboard.press('k');
      await isFocused(page, 0);
      await page.keyboard.press('ArrowDown');
      const below = await eventually(
        () => focusedEvent(page),
        (id) => id !== eventIdOf(0),
      );
      const rows = await page.evaluate(
        (ids) =>
          ids.map(
            (id) =>
              document
                .querySelector(`[data-event="${String(id)}"]`)!
                .getBoundingClientRect()
                .toJSON() as DOMRect,
          ),
        [eventIdOf(0), below],
      );
      expect(rows[1]!.top).toBeGreaterThan(rows[0]!.top);
      expect(rows[1]!.left).toBe(rows[0]!.left);
      await page.keyboard.press('ArrowUp');
      await isFocused(page, 0);
    });
  });

  it('Enter opens, j goes on, r marks and goes on, Escape closes and the focus is back on the card', async () => {
    await bench.open({ path: '/review' }, async ({ page, hub }) => {
      await card(page, 0).waitFor();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Person at Front door', { exact: true }).waitFor();
      await page.keyboard.press('j');
      await dialog.getByText('Truck at Driveway', { exact: true }).waitFor();
      await page.keyboard.press('r');
      await dialog.getByText('Person at Driveway', { exact: true }).waitFor();
      await eventually(
        () => hub.home.events.find(({ id }) => id === eventIdOf(1))!.reviewed,
        (reviewed) => reviewed,
      );
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await isFocused(page, 2);
    });
  });

  it('a selects all that is shown, r marks them in one go', async () => {
    await bench.open({ path: '/review' }, async ({ page, hub }) => {
      await card(page, 0).waitFor();
      await page.keyboard.press('a');
      await page.getByText('34 selected').waitFor();
      await page.keyboard.press('r');
      await page.getByRole('heading', { name: "You're up to date" }).waitFor();
      expect(hub.callsOf('reviewEvents')).toHaveLength(1);
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('34 events to review').waitFor();
    });
  });

  it('x selects single cards and Escape lets go', async () => {
    await bench.open({ path: '/review' }, async ({ page }) => {
      await card(page, 0).waitFor();
      await page.keyboard.press('x');
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.getByText('2 selected').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('2 selected').waitFor({ state: 'detached' });
    });
  });

  it('a refused mark is taken back and the reason is shown', async () => {
    await bench.open({ path: '/review', expectedFaults: [/503/] }, async ({ page, hub }) => {
      hub.refusals.set('reviewEvents', new Refusal(503, 'unavailable', 'The database is busy. Try again.'));
      await card(page, 0).waitFor();
      await page.keyboard.press('r');
      await page.getByText('The database is busy. Try again.').first().waitFor();
      await card(page, 0).getByText('Reviewed', { exact: true }).waitFor({ state: 'detached' });
    });
  });

  it('filters ask the hub and stay in the address', async () => {
    await bench.open({ path: '/review' }, async ({ page, hub }) => {
      await card(page, 0).waitFor();
      await page.getByRole('button', { name: 'Vehicle' }).click();
      await page.getByLabel('Camera').selectOption('Driveway');
      await eventually(
        () => hub.callsOf('listEvents').at(-1)?.query.toString() ?? '',
        (query) => query.includes('label=vehicle') && query.includes(`cameraId=${cameraIdOf(2)}`),
      );
      await page.reload();
      await eventually(
        () => page.getByRole('button', { name: 'Vehicle' }).getAttribute('aria-pressed'),
        (pressed) => pressed === 'true',
      );
    });
  });

  it('what happens now appears on top without a reload', async () => {
    await bench.open({ path: '/review' }, async ({ page, hub }) => {
      await card(page, 0).waitFor();
      const event = { ...hub.home.events[0]!, id: eventIdOf(777), startMs: Date.now() };
      hub.home.events.unshift(event);
      hub.tell({ type: 'event', event });
      await card(page, 777).waitFor();
      await page.getByText('35 events to review').waitFor();
    });
  });

  it('more events come as the end comes near', async () => {
    await bench.open({ path: '/review', unreviewed: 150 }, async ({ page }) => {
      await card(page, 0).waitFor();
      // At the end of what has come so far a key does nothing.
      await eventually(
        async () => {
          for (let i = 0; i < 10; i++) await page.keyboard.press('j');
          return focusedEvent(page);
        },
        (id) => id === eventIdOf(149),
        60_000,
      );
      await page.getByText('That is all there is.').waitFor();
    });
  });

  it('of 3,000 events only those near the window are drawn, keys stay quick, and each list says how long it is', async () => {
    await bench.open({ path: '/review', unreviewed: 3000 }, async ({ page }) => {
      await card(page, 0).waitFor();
      const end = page.getByText('That is all there is.');
      await eventually(
        async () => {
          await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
          return (await end.count()) === 1 && (await card(page, 2999).count()) === 1;
        },
        (all) => all,
        60_000,
      );
      await eventually(
        () => page.locator('[data-event]').count(),
        (count) => count < 150,
      );
      const lists = await page.locator('section > ul').evaluateAll((all) =>
        all.map((list) => {
          const cards = [...list.querySelectorAll('[data-event]')];
          const said = Number(/(\d+) event/.exec(list.previousElementSibling?.textContent ?? '')?.[1]);
          const right = cards.every(
            (one) =>
              Number(one.ariaSetSize) === said && Number(one.ariaPosInSet) >= 1 && Number(one.ariaPosInSet) <= said,
          );
          return { said, right };
        }),
      );
      expect(lists.every(({ right }) => right)).toBe(true);
      expect(lists.reduce((sum, { said }) => sum + said, 0)).toBe(3000);
      expect(await seriousViolations(page)).toEqual([]);

      // The current card was left far behind, and is still the one that the keys go on from.
      await page.keyboard.press('j');
      await isFocused(page, 1);
      const startedMs = performance.now();
      for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowDown');
      console.log(`40 rows down among 3,000 events: ${String(Math.round(performance.now() - startedMs))} ms`);
      const focused = page.locator('[data-event]:focus-within');
      await eventually(() => focused.evaluate((one) => one.getBoundingClientRect().bottom <= innerHeight), Boolean);
      await eventually(
        () => page.locator('[data-event]').count(),
        (count) => count < 150,
      );
      for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowUp');
      await eventually(
        () => focusedEvent(page),
        (id) => Number(id?.slice(1)) < 5,
      );
    });
  });

  it('who comes back to the grid finds it where it was', async () => {
    await bench.open({ path: '/review', unreviewed: 400 }, async ({ page }) => {
      await card(page, 0).waitFor();
      const drawnAt = () =>
        page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>('[data-event]')]
            .map((one) => [one.dataset['event'], Math.round(one.getBoundingClientRect().top)] as const)
            .find(([, top]) => top > 60),
        );
      await page.mouse.move(700, 500);
      for (let down = 500; down <= 6000; down += 500) {
        await page.mouse.wheel(0, 500);
        await eventually(
          () => page.evaluate(() => window.scrollY),
          (y) => y >= down - 50,
        );
      }
      let before = await drawnAt();
      await eventually(drawnAt, (now) => {
        const still = now?.[1] === before?.[1];
        before = now;
        return still;
      });
      await page.keyboard.press('4');
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
      await page.goBack();
      await card(page, Number(before![0]!.slice(1))).waitFor();
      await eventually(
        drawnAt,
        (now) => now !== undefined && now[0] === before![0] && Math.abs(now[1] - before![1]) <= 2,
      );
    });
  });
});
