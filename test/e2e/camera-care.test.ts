/** What a camera can be set to and asked for, in a real browser: its picture, its care, speaking through it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoChromium } from '../support/browser.ts';
import { cameraIdOf } from '../support/fake-home.ts';
import { Refusal, whyNoRenderer, type FakeHub } from '../support/fake-hub.ts';
import { talkSampleRate } from '../support/fake-onvif.ts';
import { eventually, InterfaceBench } from '../support/interface-bench.ts';
import { skipFor } from '../support/tools.ts';

const bench = new InterfaceBench();
const player = `/camera/${cameraIdOf(2)}`;
const settings = (section: string): string => `/cameras/${cameraIdOf(2)}?section=${section}`;
const imagingSent = (hub: FakeHub): unknown[] => hub.callsOf('changeImaging').map(({ body }) => body);

describe.skipIf(skipFor('setting a camera', whyNoChromium, whyNoRenderer))('setting a camera', () => {
  // A microphone that beeps, and a person who says yes.
  beforeAll(() => bench.start(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']));
  afterAll(() => bench.stop());

  it('a slider is sent when it is let go, and "as it was" puts back what was changed and no more', async () => {
    await bench.open({ path: settings('picture'), able: true }, async ({ page, hub }) => {
      const slider = page.getByRole('slider', { name: 'Brightness' });
      await slider.hover();
      await page.mouse.down();
      const box = (await slider.boundingBox())!;
      await page.mouse.move(box.x + 60, box.y + box.height / 2, { steps: 5 });
      expect(imagingSent(hub)).toEqual([]);
      await page.mouse.up();
      await eventually(
        () => imagingSent(hub).length,
        (count) => count === 1,
      );
      expect(hub.onvif.imaging.brightness).toBeGreaterThan(50);
      await page.getByRole('radio', { name: 'Night' }).click();
      await eventually(
        () => hub.onvif.imaging.irCut,
        (now) => now === 'off',
      );
      await page.getByRole('button', { name: 'As it was' }).click();
      await eventually(
        () => imagingSent(hub).at(-1),
        (last) => JSON.stringify(last) === JSON.stringify({ brightness: 50, irCut: 'auto' }),
      );
      await page.getByRole('radio', { name: 'By itself', checked: true }).waitFor();
    });
  });

  it('the focus moves while its button is held, and a refusal is told and puts the slider back', async () => {
    await bench.open({ path: settings('picture'), able: true, expectedFaults: [/502/] }, async ({ page, hub }) => {
      await page.getByRole('button', { name: 'Focus nearer while held' }).hover();
      await page.mouse.down();
      await eventually(
        () => imagingSent(hub).length,
        (count) => count >= 3,
      );
      await page.mouse.up();
      await eventually(
        () => imagingSent(hub).at(-1),
        (last) => JSON.stringify(last) === '{"focus":0}',
      );
      expect(imagingSent(hub)[0]).toEqual({ focus: -0.5 });
      hub.refusals.set('changeImaging', new Refusal(502, 'camera_fault', 'The camera refused the change.'));
      const contrast = page.getByRole('slider', { name: 'Contrast' });
      await contrast.press('PageUp');
      await page.getByText('The camera refused the change.').first().waitFor();
      await eventually(
        () => contrast.getAttribute('aria-valuenow'),
        (now) => now === '45',
      );
    });
  });

  it('care: sets the clock, changes an encoder within its range, switches an output, restarts when one is sure', async () => {
    await bench.open({ path: settings('care'), able: true }, async ({ page, hub }) => {
      await page.getByText('is 3 minutes behind. Set it from here').waitFor();
      await page.getByText('2.8.1 build 230907').waitFor();
      await page.getByText('Coming in').waitFor();
      await page.getByRole('button', { name: 'Set the camera’s clock' }).click();
      await page.getByText('The camera’s clock is right.').first().waitFor();

      await page.getByRole('button', { name: 'Change Main stream' }).click();
      const dialog = page.getByRole('dialog', { name: 'Main stream' });
      await dialog.getByLabel('Data rate, kbit/s').fill('90000');
      await dialog.getByText('From 256 to 8,192.').waitFor();
      expect(await dialog.getByRole('button', { name: 'Change it' }).isDisabled()).toBe(true);
      await dialog.getByLabel('Data rate, kbit/s').fill('3000');
      await dialog.getByLabel('Size of the picture').selectOption('1920x1080');
      await dialog.getByRole('button', { name: 'Change it' }).click();
      await page.getByRole('cell', { name: '1920 × 1080' }).waitFor();
      expect(hub.callsOf('changeEncoder')[0]?.body).toEqual({
        ...{ token: 'main', width: 1920, height: 1080, bitsPerSecond: 3_000_000 },
      });

      await page.getByRole('group', { name: 'Floodlight' }).getByRole('button', { name: 'On' }).click();
      await page.getByText('Floodlight is switched on.').first().waitFor();
      expect([...hub.onvif.relays]).toEqual([['relay/1', true]]);

      await page.getByRole('button', { name: 'Restart the camera' }).click();
      const sure = page.getByRole('alertdialog', { name: 'Restart Driveway?' });
      expect(hub.onvif.restarts).toBe(0);
      await sure.getByRole('button', { name: 'Restart it' }).click();
      await page.getByText('The camera restarts now.').first().waitFor();
      expect(hub.onvif.restarts).toBe(1);
    });
  });

  it('a camera that shows another certificate is asked again once a person trusts it', async () => {
    await bench.open({ path: settings('picture'), able: true, expectedFaults: [/422/] }, async ({ page, hub }) => {
      const words = "Camera 'Driveway' shows another certificate than when it was added.";
      await page.getByRole('slider', { name: 'Brightness' }).waitFor();
      hub.refusals.set('care', new Refusal(422, 'camera_certificate', words));
      await page.goto(hub.url + settings('care'));
      await page.getByRole('alert').getByText(words).waitFor();
      hub.refusals.clear();
      await page.getByRole('button', { name: 'Trust the new certificate' }).click();
      await page.getByRole('heading', { name: 'Its clock' }).waitFor();
      expect(hub.callsOf('trustCamera')).toHaveLength(1);
    });
  });

  it('recommended settings say what would change and why, and change nothing before one says so', async () => {
    await bench.open({ path: settings('care'), able: true }, async ({ page, hub }) => {
      const open = page.getByRole('button', { name: 'Recommended settings…' });
      await open.click();
      const dialog = page.getByRole('dialog', { name: 'Recommended settings' });
      await dialog.getByText('every 10 s').waitFor();
      await dialog.getByText('every 2 s').waitFor();
      await dialog.getByText('Live view and seeking wait for a keyframe: now up to 10 s.').waitFor();
      await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
      expect(hub.callsOf('applyRecommended')).toHaveLength(0);
      await open.click();
      await dialog.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('Set as Porchlight would set it.').first().waitFor();
      await page.getByText('every 2 s (40 pictures)').waitFor();
    });
  });

  it('a camera without ONVIF says so in one sentence and takes its ONVIF address', async () => {
    await bench.open({ path: settings('care') }, async ({ page, hub }) => {
      await page.getByText('once Porchlight knows the camera’s ONVIF address').waitFor();
      expect(hub.callsOf('care')).toHaveLength(0);
      await page.getByRole('button', { name: 'Ask the camera' }).click();
      await page.getByRole('heading', { name: 'Its clock' }).waitFor();
      expect(hub.callsOf('changeCamera')[0]?.body).toEqual({ onvifUrl: '192.0.2.12' });
    });
  });

  it('speaks while the key is held: 16-bit sound at the rate the camera asked for, and gives the microphone back', async () => {
    await bench.open({ path: player, able: true }, async ({ page, hub }) => {
      await page.getByRole('button', { name: /Hold to speak/ }).waitFor();
      await page.evaluate(() => {
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wish) => {
          const stream = await ask(wish);
          Object.assign(window, { heard: stream.getTracks() });
          return stream;
        };
      });
      await page.keyboard.down('Shift');
      await page.keyboard.down('T');
      await page.getByRole('meter', { name: 'How loud the microphone is' }).waitFor();
      const sent = (): number => hub.onvif.speech.reduce((sum, { length }) => sum + length, 0);
      await eventually(sent, (bytes) => bytes > 0);
      const startMs = performance.now();
      const before = sent();
      await eventually(sent, (bytes) => bytes - before >= talkSampleRate * 2 * 1.5);
      const seconds = (performance.now() - startMs) / 1000;
      await page.keyboard.up('T');
      await page.keyboard.up('Shift');
      await page.waitForSelector('[data-talk="quiet"]');
      await eventually(
        () => hub.onvif.talkers,
        (talkers) => talkers === 0,
      );
      const rate = (sent() - before) / 2 / seconds;
      expect(rate / talkSampleRate).toBeGreaterThan(0.7);
      expect(rate / talkSampleRate).toBeLessThan(1.5);
      const lengths = hub.onvif.speech.map(({ length }) => length);
      expect(lengths.every((length) => length % 2 === 0 && length / 2 / talkSampleRate <= 0.04)).toBe(true);
      const all = Buffer.concat(hub.onvif.speech);
      const loudest = Math.max(
        ...Array.from({ length: all.length / 2 }, (_, index) => Math.abs(all.readInt16LE(index * 2))),
      );
      expect(loudest).toBeGreaterThan(1000);
      const tracks = await page.evaluate(() =>
        (window as unknown as { heard: MediaStreamTrack[] }).heard.map(({ readyState }) => readyState),
      );
      expect(tracks).toEqual(['ended']);
    });
  });

  it('says why one can not speak: the camera, no permission, no microphone, a page the browser does not trust', async () => {
    await bench.open({ path: player, able: true }, async ({ page, hub }) => {
      const button = page.getByRole('button', { name: /Hold to speak/ });
      await button.waitFor();
      const tryIt = async (words: RegExp): Promise<void> => {
        await button.hover();
        await page.mouse.down();
        await page.getByText(words).waitFor();
        await page.mouse.up();
      };
      hub.onvif.talkTrouble = "Camera 'Driveway' is being spoken through already.";
      await tryIt(/is being spoken through already/);
      for (const [name, words] of [
        ['NotAllowedError', /not allowed for this page/],
        ['NotFoundError', /no microphone on this device/],
      ] as const) {
        await page.evaluate((why) => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', why));
        }, name);
        await tryIt(words);
      }
      await page.evaluate(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
      await tryIt(/open Porchlight over https/);
      await eventually(
        () => hub.onvif.talkers,
        (talkers) => talkers === 0,
      );
      expect(hub.onvif.speech).toEqual([]);
    });
  });
});
