/** The wizard against the real hub and the virtual camera: what a person with a new camera goes through, nothing made up. */
import { describe, expect, it } from 'vitest';
import type { AnswerOf } from '#core/api/routes.ts';
import { launchBrowser, openPage, whyNoChromium } from '../support/browser.ts';
import { whyNoRenderer } from '../support/fake-hub.ts';
import { startHub, until } from '../support/hub-process.ts';
import { startOnvifCamera } from '../support/onvif-camera.ts';
import { skipFor } from '../support/tools.ts';

const password = 'p@ss/w:rd?#%&é "\\';

describe.skipIf(skipFor('the wizard with a real hub', whyNoChromium, whyNoRenderer))('a new camera, for real', () => {
  it('typed address, wrong password, right password, live main and sub, named, recorded, nothing left', async () => {
    const camera = await startOnvifCamera({ username: 'viewer', password, name: 'Acme' });
    const hub = await startHub({ port: 37_480 });
    const browser = await launchBrowser();
    try {
      const { page, faults, close } = await openPage(browser, { reducedMotion: 'reduce' }, [
        /status of 422 /,
        // A camera that is seconds old has no picture yet.
        /status of (404|503) .*\.jpg/,
      ]);
      await page.goto(hub.openUrl);
      await page.getByRole('link', { name: 'Add your first camera' }).click();
      await page.getByLabel('Address').fill(`127.0.0.1:${camera.onvifPort}`);
      await page.keyboard.press('Enter');
      await page.getByLabel('User').fill('viewer');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.keyboard.press('Enter');
      await page.locator('input[aria-invalid="true"]').waitFor();
      const { onvif, rtsp } = await camera.figures();
      expect(onvif.wrongPasswords + rtsp.wrongPasswords, 'once per way of signing in').toBeLessThanOrEqual(2);
      await page.getByLabel('Password', { exact: true }).fill(password);
      const asked = performance.now();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Is this the right picture?' }).waitFor();
      const tiles = page.locator('[data-live-state="live"]');
      await tiles.nth(1).waitFor();
      console.log(`both pictures live ${Math.round(performance.now() - asked)} ms after the password`);
      expect(await tiles.first().getAttribute('data-live-stream')).toBe('main');
      expect(await tiles.last().getAttribute('data-live-stream')).toBe('sub');
      await page.getByText('1280 × 720').first().waitFor();
      await page.getByText('Turns and zooms').waitFor();
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByLabel('Name').fill('Gate');
      await page.getByLabel('Room').fill('Outside');
      await page.getByRole('button', { name: 'Add this camera' }).click();
      await page.getByText('Gate is added.').first().waitFor();
      const tile = page.getByRole('link', { name: /Gate/ }).first();
      await tile.getByText('REC').waitFor();
      await tile.getByText('Live').waitFor();
      const { cameras } = await hub.call<AnswerOf<'listCameras'>>('GET', '/api/cameras');
      expect(cameras).toHaveLength(1);
      expect(cameras[0]).toMatchObject({ name: 'Gate', room: 'Outside', state: 'live', hasPassword: true });
      expect(cameras[0]!.subUrl, 'the small stream is the one that is analysed').toMatch(/sub/);
      // Two streams for the recorder and no third for a preview that was forgotten.
      await until('the previews are over', 10, async () => (await camera.figures()).rtsp.connections <= 2);
      expect(faults).toEqual([]);
      await close();
    } finally {
      await browser.close();
      await hub.stop();
      await camera.stop();
    }
  });
});
