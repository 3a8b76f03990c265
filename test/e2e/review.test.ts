/** Going through events: with the keyboard alone, and what happens when the hub refuses. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoChromium } from '../support/browser.ts';
import { cameraIdOf, eventIdOf } from '../support/fake-home.ts';
import { Refusal, whyNoRenderer } from '../support/fake-hub.ts';
import { eventually, InterfaceBench } from '../support/interface-bench.ts';
import { skipFor } from '../support/tools.ts';

const bench = new InterfaceBench();
const card = (page: Page, index: number) => page.locator(`[data-event="${eventIdOf(index)}"]`);
const focusedEvent = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-event]')?.dataset['event'] ?? null);

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
      expect(await focusedEvent(page)).toBe(eventIdOf(1));
      await page.keyboard.press('k');
      expect(await focusedEvent(page)).toBe(eventIdOf(0));
      await page.keyboard.press('ArrowDown');
      const below = await focusedEvent(page);
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
      expect(await focusedEvent(page)).toBe(eventIdOf(0));
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
      await eventually(
        () => focusedEvent(page),
        (id) => id === eventIdOf(2),
      );
    });
  });

  it('a selects all that is shown, r marks them in one go', async () => {
    await bench.open({ path: '/review' }, async ({ page, hub }) => {
      await card(page, 33).waitFor();
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
      for (let i = 0; i < 149; i++) await page.keyboard.press('j');
      await eventually(
        () => page.locator('[data-event]').count(),
        (count) => count === 150,
      );
      await page.getByText('That is all there is.').waitFor();
    });
  });
});
