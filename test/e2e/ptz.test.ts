/** A camera that moves, in a real browser: held moves that always end, presets, patrol, the keys. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoChromium } from '../support/browser.ts';
import { cameraIdOf } from '../support/fake-home.ts';
import { Refusal, whyNoRenderer, type FakeHub } from '../support/fake-hub.ts';
import { eventually, InterfaceBench } from '../support/interface-bench.ts';
import { skipFor } from '../support/tools.ts';

const bench = new InterfaceBench();
const path = `/camera/${cameraIdOf(2)}`;
const actions = (hub: FakeHub): string[] => hub.onvif.moves.map(({ action }) => action);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
/** Sent after everything else: what came before it is all there was. */
async function nothingMore(page: Page, hub: FakeHub): Promise<string[]> {
  await page.getByRole('button', { name: /^Turn home/ }).click();
  await eventually(
    () => actions(hub),
    (all) => all.includes('home'),
  );
  return actions(hub).slice(0, actions(hub).indexOf('home'));
}
async function hold(page: Page, name: string): Promise<void> {
  await button(page, name).hover();
  await page.mouse.down();
}
const movesOf = (hub: FakeHub) => hub.onvif.moves.filter(({ action }) => action === 'move');

describe.skipIf(skipFor('a camera that moves', whyNoChromium, whyNoRenderer))('a camera that moves', () => {
  beforeAll(() => bench.start());
  afterAll(() => bench.stop());

  it('moves while a button is held, asks again well before the dead man ends it, and stops when it is let go', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      await hold(page, 'Move up and right');
      await eventually(
        () => movesOf(hub).length,
        (count) => count >= 4,
      );
      await page.mouse.up();
      await eventually(
        () => actions(hub),
        (all) => all.includes('stop'),
      );
      const moves = movesOf(hub);
      expect(moves[0]).toMatchObject({ pan: 0.5, tilt: 0.5, zoom: 0, timeoutMs: 1000 });
      const gaps = moves.slice(1).map(({ atMs }, index) => atMs - moves[index]!.atMs);
      // On a busy machine one may be late; that is what the dead man is for.
      expect(gaps.toSorted((a, b) => a - b)[Math.floor((gaps.length - 1) / 2)]).toBeLessThan(750);
      const all = await nothingMore(page, hub);
      expect(all.filter((action) => action === 'move')).toHaveLength(moves.length);
      expect(all.at(-1)).toBe('stop');
    });
  });

  it('stops when the window loses the focus, although the button is still held', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      await hold(page, 'Zoom in');
      await eventually(
        () => movesOf(hub).length,
        (count) => count >= 2,
      );
      expect(movesOf(hub)[0]).toMatchObject({ pan: 0, tilt: 0, zoom: 0.5 });
      await page.evaluate(() => window.dispatchEvent(new Event('blur')));
      await eventually(
        () => actions(hub),
        (all) => all.includes('stop'),
      );
      await page.mouse.up();
      expect((await nothingMore(page, hub)).at(-1)).toBe('stop');
    });
  });

  it('stops when the page is hidden, when the pointer is cancelled and when the player goes away', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      const ends = [
        () =>
          page.evaluate(() => {
            Object.defineProperty(document, 'hidden', { value: true, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
            Object.defineProperty(document, 'hidden', { value: false, configurable: true });
          }),
        () => button(page, 'Move left').dispatchEvent('pointercancel'),
        () => page.keyboard.press('1'),
      ];
      for (const [index, end] of ends.entries()) {
        const before = movesOf(hub).length;
        await hold(page, 'Move left');
        await eventually(
          () => movesOf(hub).length,
          (count) => count > before,
        );
        await end();
        await eventually(
          () => actions(hub).filter((action) => action === 'stop').length,
          (count) => count > index,
        );
        await page.mouse.up();
        expect(actions(hub).at(-1)).toBe('stop');
      }
    });
  });

  it('moves while Shift and arrows are held, two of them are a diagonal, and letting go of Shift stops', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      await button(page, 'Move up').waitFor();
      await page.getByRole('radio', { name: 'Fast' }).click();
      // The timeline has keys of its own; with Shift they turn the camera all the same.
      await page.getByRole('slider', { name: 'Timeline' }).focus();
      await page.keyboard.down('Shift');
      await page.keyboard.down('ArrowLeft');
      await page.keyboard.down('ArrowDown');
      await eventually(
        () => movesOf(hub),
        (moves) => moves.some(({ pan, tilt }) => pan === -1 && tilt === -1),
      );
      expect(movesOf(hub)[0]).toMatchObject({ pan: -1, tilt: 0 });
      await page.keyboard.up('Shift');
      await eventually(
        () => actions(hub).at(-1),
        (last) => last === 'stop',
      );
      await page.keyboard.up('ArrowLeft');
      await page.keyboard.up('ArrowDown');
      expect(await page.getAttribute('[data-player-mode]', 'data-player-mode')).toBe('live');
      await page.keyboard.press('?');
      const sheet = page.getByRole('dialog', { name: 'Keyboard' });
      await sheet.getByText('Turn left while held').waitFor();
      await sheet.getByText('Shift ←').waitFor();
    });
  });

  it('a press without length, as a screen reader makes it, moves a little', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      await button(page, 'Move down').evaluate((element: HTMLElement) => element.click());
      await eventually(
        () => actions(hub).join(),
        (all) => all === 'move,stop',
      );
    });
  });

  it('works with a finger at phone width: everything to press is 40 pixels large', async () => {
    await bench.open({ path, able: true, phone: true }, async ({ page, hub }) => {
      await button(page, 'Move right').tap();
      await eventually(
        () => actions(hub).at(-1),
        (last) => last === 'stop',
      );
      expect(movesOf(hub)[0]).toMatchObject({ pan: 0.5, tilt: 0, zoom: 0 });
      const small = await page
        .getByRole('region', { name: 'Moving the camera' })
        .locator('button')
        .evaluateAll((buttons) =>
          buttons
            .map((element) => ({ element, box: element.getBoundingClientRect() }))
            .filter(({ box }) => box.width < 40 || box.height < 40)
            .map(({ element }) => element.outerHTML.slice(0, 80)),
        );
      expect(small).toEqual([]);
    });
  });

  it('says in the words of the hub why the camera does not move, once, and asks no more', async () => {
    await bench.open({ path, able: true, expectedFaults: [/502/] }, async ({ page, hub }) => {
      await button(page, 'Move up').waitFor();
      const words = "Camera 'Driveway' did not take the move. Is another app moving it?";
      hub.refusals.set('ptz', new Refusal(502, 'camera_fault', words));
      await hold(page, 'Move up');
      await page.getByText(words).first().waitFor();
      await page.mouse.up();
      hub.refusals.clear();
      await nothingMore(page, hub);
      expect(hub.callsOf('ptz').filter(({ body }) => (body as { action: string }).action === 'move')).toHaveLength(1);
    });
  });

  it('is there only while live', async () => {
    // The made-up past has no pictures.
    await bench.open({ path, able: true, expectedFaults: [/404/] }, async ({ page }) => {
      await button(page, 'Move up').waitFor();
      await page.getByRole('slider', { name: 'Timeline' }).focus();
      await page.keyboard.press('PageUp');
      await page.waitForSelector('[data-player-mode="recorded"]');
      await button(page, 'Move up').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: /Hold to speak/ }).waitFor({ state: 'detached' });
      await page.keyboard.press('l');
      await button(page, 'Move up').waitFor();
    });
  });

  it('centres where one clicks and zooms with the wheel, in its own mode only', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      await button(page, 'Move up').waitFor();
      const stage = (await page.locator('[data-player-mode]').boundingBox())!;
      const at = { x: stage.x + stage.width / 2, y: stage.y + stage.height / 4 };
      await page.mouse.click(at.x, at.y);
      await page.keyboard.press('Shift+C');
      await page.locator('[data-aim]').waitFor();
      await page.mouse.click(at.x, at.y);
      await eventually(
        () => actions(hub),
        (all) => all.includes('centre'),
      );
      expect(actions(hub)).toEqual(['centre']);
      const { x, y } = hub.onvif.moves[0] as unknown as { x: number; y: number };
      expect(x).toBeCloseTo(0.5, 2);
      expect(y).toBeCloseTo(0.25, 2);
      await page.mouse.wheel(0, -120);
      await eventually(
        () => actions(hub).at(-1),
        (last) => last === 'stop',
      );
      expect(movesOf(hub)[0]).toMatchObject({ pan: 0, tilt: 0, zoom: 0.5 });
      await page.keyboard.press('Shift+C');
      await page.locator('[data-aim]').waitFor({ state: 'detached' });
    });
  });

  it('presets: goes there, saves this view, renames, deletes only when one is sure', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      await button(page, 'Presets').click();
      const menu = page.getByRole('dialog', { name: 'Presets' });
      await menu.getByRole('button', { name: 'Letterbox', exact: true }).click();
      await menu.getByLabel('Name for this view').fill('Bins');
      await page.keyboard.press('Enter');
      await menu.getByRole('button', { name: 'Bins', exact: true }).waitFor();
      // Turning the camera does not close what one is about to name.
      await button(page, 'Move up').click();
      await menu.getByRole('button', { name: 'Change Gate' }).click();
      await menu.getByLabel('New name of Gate').fill('Garden gate');
      await page.keyboard.press('Enter');
      await menu.getByRole('button', { name: 'Garden gate', exact: true }).waitFor();
      await menu.getByRole('button', { name: 'Delete Letterbox' }).click();
      const sure = page.getByRole('alertdialog', { name: 'Delete Letterbox?' });
      await sure.getByRole('button', { name: 'Keep' }).click();
      expect(actions(hub)).not.toContain('delete_preset');
      await menu.waitFor({ state: 'hidden' });
      await button(page, 'Presets').click();
      await menu.getByRole('button', { name: 'Delete Letterbox' }).click();
      await sure.getByRole('button', { name: 'Delete it' }).click();
      await eventually(
        () => hub.onvif.ptz.presets.map(({ name }) => name).join(),
        (names) => names === 'Garden gate,Driveway, whole,Bins',
      );
      expect(hub.onvif.moves.find(({ action }) => action === 'goto_preset')).toMatchObject({ preset: '3' });
    });
  });

  it('patrol: stops in order, times and the way home are saved as one, and the pad says that it goes round', async () => {
    await bench.open({ path, able: true }, async ({ page, hub }) => {
      await button(page, 'Patrol and return home').click();
      const dialog = page.getByRole('dialog', { name: 'Patrol and return home' });
      await dialog.getByRole('switch', { name: 'Patrol' }).click();
      await dialog.getByText('A patrol needs at least one stop.').waitFor();
      expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
      await dialog.getByRole('button', { name: 'Add a stop' }).click();
      await dialog.getByRole('button', { name: 'Add a stop' }).click();
      await dialog.getByLabel('Seconds at stop 2').fill('45');
      await dialog.getByRole('button', { name: 'Stop 2 earlier' }).click();
      await dialog.getByLabel('After somebody moved it, turn back after').selectOption('60');
      await dialog.getByRole('button', { name: 'Only at certain times' }).click();
      await dialog.getByRole('button', { name: 'Sunday' }).click();
      await dialog.getByLabel('Time 1 from').fill('21:30');
      hub.onvif.ptz.patrolling = true;
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.waitFor({ state: 'hidden' });
      expect(hub.onvif.ptz.settings).toEqual({
        homeAfterS: 60,
        patrol: {
          enabled: true,
          stops: [
            { preset: '2', dwellS: 45 },
            { preset: '1', dwellS: 20 },
          ],
          schedule: [{ days: [1, 2, 3, 4, 5, 6], fromMinute: 21 * 60 + 30, toMinute: 6 * 60 }],
        },
      });
      await page.getByText('Patrolling', { exact: true }).waitFor();
    });
  });
});
