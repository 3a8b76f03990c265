/**
 * Every screen, in both themes, on a desk, on a phone and on a narrow phone: draws without a fault, nothing sticks out sideways,
 * no serious accessibility violation. With PORCHLIGHT_SCREENS=1 it also takes the pictures of docs/guide/images.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousViolations } from '../support/accessibility.ts';
import { launchBrowser, openPage, whyNoChromium } from '../support/browser.ts';
import { drawPictures, type DrawnPictures } from '../support/drawn-pictures.ts';
import { cameraIdOf } from '../support/fake-home.ts';
import { FakeHub, whyNoRenderer } from '../support/fake-hub.ts';
import { makeSceneClip, sceneShape, type Clip } from '../support/fake-player-media.ts';
import { skipFor, whyNoFfmpeg } from '../support/tools.ts';
import { screens } from './screens.ts';

const imagesFolder = join(import.meta.dirname, '../../docs/guide/images');
const keep = process.env['PORCHLIGHT_SCREENS'] === '1';
const sizes = [
  { name: 'desk', viewport: { width: 1440, height: 900 } },
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'narrow', viewport: { width: 360, height: 640 } },
];

describe.skipIf(skipFor('the screens', whyNoChromium, whyNoRenderer))('every screen', () => {
  let browser: Browser;
  let pictures: DrawnPictures;
  let clip: Clip | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
    pictures = await drawPictures(browser);
    if (whyNoFfmpeg === null) clip = makeSceneClip(pictures.scene('door', 'none', false), sceneShape);
    if (keep) mkdirSync(imagesFolder, { recursive: true });
  });
  afterAll(() => browser.close());

  for (const screen of screens) {
    it.skipIf(screen.live === true && skipFor(screen.name, whyNoFfmpeg))(
      `${screen.name}: no fault, nothing sticks out, accessible, in both themes and three sizes`,
      async () => {
        const hub = new FakeHub({ pictures, ...(clip ? { clip } : {}), ...screen.home });
        await hub.start();
        const { page, faults, close } = await openPage(
          browser,
          { viewport: sizes[0]!.viewport, colorScheme: 'dark', reducedMotion: 'reduce' },
          screen.expectedFaults,
        );
        const complaints: string[] = [];
        try {
          for (const { name: size, viewport } of sizes) {
            await page.setViewportSize(viewport);
            // The phone gets a page of its own: a layout that was only squeezed could hide what does not load there. A narrow
            // phone shows the same, squeezed.
            if (size !== 'narrow') {
              await page.goto(hub.url + screen.path(cameraIdOf(2)));
              await screen.ready(page);
            }
            for (const colorScheme of ['dark', 'light'] as const) {
              await page.emulateMedia({ colorScheme });
              await page.waitForFunction((theme) => document.documentElement.dataset['theme'] === theme, colorScheme);
              const where = `${size}, ${colorScheme}`;
              const overflow = await page.evaluate(async () => {
                // What follows the size by script has done so two pictures later.
                for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
                return document.documentElement.scrollWidth - document.documentElement.clientWidth;
              });
              if (overflow > 0) complaints.push(`${where}: ${String(overflow)} px stick out sideways`);
              if (keep && size !== 'narrow') {
                await page.screenshot({ path: join(imagesFolder, `${screen.name}-${colorScheme}-${size}.png`) });
              }
              if (size === 'narrow') continue;
              complaints.push(...(await seriousViolations(page)).map((violation) => `${where}: ${violation}`));
            }
          }
          expect([...complaints, ...faults]).toEqual([]);
        } finally {
          await close();
          await hub.stop();
        }
      },
    );
  }
});
