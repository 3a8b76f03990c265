/** Putting the cameras into another order: by keyboard, by pointer, by finger; told aloud, kept by the hub, put back when refused. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousViolations } from '../support/accessibility.ts';
import { whyNoChromium } from '../support/browser.ts';
import { Refusal, whyNoRenderer, type FakeHub } from '../support/fake-hub.ts';
import { eventually, InterfaceBench } from '../support/interface-bench.ts';
import { skipFor } from '../support/tools.ts';

const bench = new InterfaceBench();
const shown = (page: Page) =>
  page
    .locator('[data-arranged]')
    .evaluateAll((items) => items.map((item) => /[A-Z][a-z]+ ?[a-z]*/.exec(item.textContent)?.[0]));
const showing = (page: Page, names: string) =>
  eventually(
    () => shown(page),
    (now) => now.join() === names,
  );
const kept = (hub: FakeHub) => [...hub.home.cameras].sort((a, b) => a.position - b.position).map(({ name }) => name);
const grip = (page: Page, name: string) => page.locator('[data-arranged]', { hasText: name }).locator('[data-grip]');
const centre = async (page: Page, name: string): Promise<[number, number]> => {
  const box = (await grip(page, name).boundingBox())!;
  return [box.x + box.width / 2, box.y + box.height / 2];
};

describe.skipIf(skipFor('the order of cameras in the browser', whyNoChromium, whyNoRenderer))(
  'the order of cameras',
  () => {
    beforeAll(() => bench.start());
    afterAll(() => bench.stop());

    it('moves by keyboard alone, keeps the focus, says where the camera is now, and the hub keeps it', async () => {
      await bench.open({ path: '/cameras' }, async ({ page, hub }) => {
        await page.getByRole('button', { name: 'Change order' }).focus();
        await page.keyboard.press('Enter');
        const down = page.getByRole('button', { name: 'Move Front door down' });
        await down.focus();
        await page.keyboard.press('Enter');
        await page.getByText('Front door is now 2 of 4.').waitFor({ state: 'attached' });
        await page.keyboard.press('ArrowDown');
        await page.getByText('Front door is now 3 of 4.').waitFor({ state: 'attached' });
        await showing(page, 'Driveway,Garden,Front door,Back gate');
        await eventually(() => down.evaluate((button) => button === document.activeElement), Boolean);
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.getByText('Front door is last already.').waitFor({ state: 'attached' });
        await eventually(
          () => kept(hub).join(),
          (names) => names === 'Driveway,Garden,Back gate,Front door',
        );
        expect(hub.callsOf('changeCamera').every(({ body }) => Object.keys(body as object).join() === 'position')).toBe(
          true,
        );
        expect(await seriousViolations(page)).toEqual([]);
        await page.getByRole('button', { name: 'Done' }).click();
        await page.getByRole('link', { name: 'Settings of Driveway' }).waitFor();
      });
    });

    for (const phone of [false, true]) {
      it(`is dragged on the wall${phone ? ' with the grip on a phone' : ', and Escape puts back what was'}`, async () => {
        await bench.open({ phone }, async ({ page, hub }) => {
          await page.getByRole('button', { name: 'Change order' }).click();
          await grip(page, 'Garden').waitFor();
          expect(await page.locator('main video').count(), 'nothing that stands still looks live').toBe(0);
          expect(await seriousViolations(page)).toEqual([]);
          await grip(page, 'Back gate').scrollIntoViewIfNeeded();
          await page.mouse.move(...(await centre(page, 'Garden')));
          await page.mouse.down();
          await page.mouse.move(...(await centre(page, 'Driveway')), { steps: 4 });
          await showing(page, 'Front door,Garden,Driveway,Back gate');
          if (!phone) {
            await page.keyboard.press('Escape');
            await showing(page, 'Front door,Driveway,Garden,Back gate');
            await page.mouse.up();
            expect(hub.callsOf('changeCamera')).toHaveLength(0);
            await page.mouse.move(...(await centre(page, 'Garden')));
            await page.mouse.down();
            await page.mouse.move(...(await centre(page, 'Driveway')), { steps: 4 });
          }
          await page.mouse.up();
          await page.getByText('Garden is now 2 of 4.').waitFor({ state: 'attached' });
          await eventually(
            () => kept(hub).join(),
            (names) => names === 'Front door,Garden,Driveway,Back gate',
          );
          await page.getByRole('button', { name: 'Done' }).click();
          await eventually(
            () => page.locator('main ul a[href^="/camera/"]').count(),
            (count) => count === 4,
          );
        });
      });
    }

    it('a refused order is put back, with the reason', async () => {
      await bench.open({ path: '/cameras', expectedFaults: [/503/] }, async ({ page, hub }) => {
        hub.refusals.set('changeCamera', new Refusal(503, 'unavailable', 'The database is busy. Try again.'));
        await page.getByRole('button', { name: 'Change order' }).click();
        await page.getByRole('button', { name: 'Move Garden up' }).click();
        await page.getByText('The database is busy. Try again.').first().waitFor();
        await showing(page, 'Front door,Driveway,Garden,Back gate');
      });
    });
  },
);
