/**
 * The real thing as a new user meets it: a hub started with --demo, its live picture, its events, its timeline.
 * With PORCHLIGHT_SCREENS=1 the pictures in docs/guide/images are made anew.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AnswerOf } from '#core/api/routes.ts';
import { describe, expect, it } from 'vitest';
import { seriousViolations } from '../support/accessibility.ts';
import { launchBrowser, openPage, whyNoChromium } from '../support/browser.ts';
import { whyNoRenderer } from '../support/fake-hub.ts';
import { startHub } from '../support/hub-process.ts';
import { skipFor } from '../support/tools.ts';

const imagesFolder = join(import.meta.dirname, '../../docs/guide/images');
const keepPictures = process.env['PORCHLIGHT_SCREENS'] === '1';
const enoughEvents = 12;

describe.skipIf(skipFor('pictures of the demo', whyNoChromium, whyNoRenderer))('the demo', () => {
  it('shows a live picture, events and recordings without a fault', { timeout: 900_000 }, async () => {
    if (keepPictures) mkdirSync(imagesFolder, { recursive: true });
    const hub = await startHub({ port: 26_481, args: ['--demo'] });
    const browser = await launchBrowser();
    try {
      const deadline = performance.now() + 600_000;
      for (;;) {
        const { events } = await hub.call<AnswerOf<'listEvents'>>('GET', '/api/events?limit=50');
        if (events.length >= enoughEvents) break;
        if (performance.now() > deadline) throw new Error(`only ${String(events.length)} events after 10 minutes`);
        await new Promise((done) => setTimeout(done, 1000));
      }
      // A moment may have no small picture yet: the interface shows the time alone, Chromium notes the 404.
      const noPictureYet = /status of 404 .*\/preview\.jpg\?/;
      const { page, faults, close } = await openPage(browser, { reducedMotion: 'reduce' }, [noPictureYet]);
      await page.goto(hub.openUrl);
      const { cameras } = await hub.call<AnswerOf<'listCameras'>>('GET', '/api/cameras');
      const { events } = await hub.call<AnswerOf<'listEvents'>>('GET', '/api/events?limit=50');
      const past = events.find((event) => event.label === 'person' && event.endMs !== null) ?? events[0]!;
      const shots = [
        { name: 'demo-home', path: '/', ready: '[data-live-state="live"]' },
        { name: 'demo-review', path: '/review', ready: '[data-event]' },
        { name: 'demo-event', path: `/review?event=${past.id}`, ready: '[role="dialog"] img' },
        { name: 'demo-player', path: `/camera/${cameras[0]!.id}?at=${String(past.startMs + 2000)}`, ready: 'video' },
        { name: 'demo-live', path: `/camera/${cameras[0]!.id}`, ready: '[data-live-state="live"]' },
      ];
      const complaints: string[] = [];
      for (const [size, viewport] of [
        ['desk', { width: 1440, height: 900 }],
        ['phone', { width: 390, height: 844 }],
      ] as const) {
        await page.setViewportSize(viewport);
        for (const { name, path: address, ready } of shots) {
          await page.goto(hub.base + address);
          await page.locator(ready).first().waitFor();
          if (name === 'demo-player') {
            await page.waitForFunction(() =>
              [...document.querySelectorAll('video')].some((video) => video.readyState >= 2),
            );
          }
          await page.waitForFunction(() =>
            [...document.images].every((image) => image.loading === 'lazy' || image.complete),
          );
          for (const colorScheme of ['dark', 'light'] as const) {
            await page.emulateMedia({ colorScheme });
            await page.waitForFunction((theme) => document.documentElement.dataset['theme'] === theme, colorScheme);
            complaints.push(
              ...(await seriousViolations(page)).map((violation) => `${name}, ${colorScheme}: ${violation}`),
            );
            // A picture of a scene is a quarter of the size as a JPEG.
            const path = join(imagesFolder, `${name}-${colorScheme}-${size}.jpg`);
            if (keepPictures) await page.screenshot({ path, type: 'jpeg', quality: 85 });
          }
        }
      }
      expect([...complaints, ...faults]).toEqual([]);
      await close();
    } finally {
      await browser.close();
      await hub.stop();
    }
  });
});
