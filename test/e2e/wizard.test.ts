/** Adding a camera in the browser: every step, every error with its way on, and nothing left behind. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoChromium } from '../support/browser.ts';
import { cameraIdOf } from '../support/fake-home.ts';
import { Refusal, whyNoRenderer, type FakeHub } from '../support/fake-hub.ts';
import { goodPassword, goodUser } from '../support/fake-network.ts';
import { eventually, InterfaceBench } from '../support/interface-bench.ts';
import { skipFor, whyNoFfmpeg } from '../support/tools.ts';

const bench = new InterfaceBench();
const path = '/cameras/new';
const refused = [/422/];

const goOn = (page: Page): Locator => page.getByRole('button', { name: 'Go on' });
const step = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name, level: 2 }).waitFor();
const isFocused = (locator: Locator): Promise<boolean> => locator.evaluate((one) => one === document.activeElement);
const holds = (field: Locator, value: string): Promise<string> =>
  eventually(
    () => field.inputValue(),
    (now) => now === value,
  );
const password = (page: Page): Locator => page.getByLabel('Password', { exact: true });
const livePictures = (page: Page, count: number): Promise<void> =>
  page
    .locator('[data-live-state="live"]')
    .nth(count - 1)
    .waitFor();
const noDrafts = (hub: FakeHub): Promise<number> =>
  eventually(
    () => hub.network.drafts.size,
    (count) => count === 0,
  );
async function typeAddress(page: Page, address: string): Promise<void> {
  await page.getByLabel('Address').fill(address);
  await page.keyboard.press('Enter');
}

describe.skipIf(skipFor('the wizard in the browser', whyNoChromium, whyNoRenderer, whyNoFfmpeg))(
  'adding a camera',
  () => {
    beforeAll(() => bench.start());
    afterAll(() => bench.stop());

    it('a camera nearby: found, refused, let in, seen, named, added, with nothing left behind', async () => {
      await bench.open({ path, live: true, expectedFaults: refused }, async ({ page, hub }) => {
        hub.network.searching = true;
        await page
          .getByRole('button', { name: /Search again|Stop/ })
          .first()
          .waitFor();
        await page.reload();
        await page.getByText('Already added').waitFor();
        // A camera that answers late appears beside the others, and is told.
        hub.network.answer('192.0.2.77', 'Late', 'Bullet');
        await page.getByRole('button', { name: /Late Bullet/ }).waitFor();
        await page
          .getByRole('status')
          .filter({ hasText: 'Late Bullet at 192.0.2.77 answered. 4 cameras so far.' })
          .waitFor({ state: 'attached' });
        expect(hub.callsOf('addCamera')).toHaveLength(0);

        await page.getByRole('button', { name: /Acme Dome 40/ }).click();
        await step(page, 'Sign in to the camera');
        await eventually(
          () => hub.network.aborted,
          (aborted) => aborted.includes('discover'),
        );
        const user = page.getByLabel('User');
        await eventually(() => isFocused(user), Boolean);
        expect(await page.getByRole('alert').count(), 'being asked for a password is no error').toBe(0);
        await user.fill(goodUser);
        await password(page).fill('wrong');
        await page.keyboard.press('Enter');
        await page.getByText('refused the user name or password').waitFor();
        await eventually(() => isFocused(password(page)), Boolean);
        expect(await password(page).getAttribute('aria-invalid')).toBe('true');
        await password(page).fill(goodPassword);
        await page.keyboard.press('Enter');

        await step(page, 'Is this the right picture?');
        await livePictures(page, 2);
        await page.getByText('3 h 2 min behind').waitFor();
        for (const offer of ['Turns and zooms', 'Talk through it', /^Reports motion, people/])
          await page.getByText(offer).waitFor();
        const analyse = page.getByLabel('Watch and analyse');
        await holds(analyse, 'rtsp://192.0.2.31:554/sub');
        await analyse.selectOption({ label: 'Third stream: 1280 × 720, H.264' });
        await livePictures(page, 2);
        expect(page.url(), 'no password in the address').not.toContain('p@ss');
        await goOn(page).click();

        await step(page, 'What is it called?');
        await eventually(() => isFocused(page.getByLabel('Name')), Boolean);
        await page.getByRole('button', { name: 'Add this camera' }).click();
        await page.getByText('Give it a name').waitFor();
        expect(hub.callsOf('addCamera')).toHaveLength(0);
        await page.getByLabel('Name').fill('Gate');
        await page.getByLabel('Room').fill('Garden');
        await page.getByRole('radio', { name: 'Events' }).click();
        await page.getByRole('radio', { name: 'Both' }).click();
        await page.getByRole('button', { name: 'Add this camera' }).click();
        await page.getByText('Gate is added.').first().waitFor();
        await page.getByRole('link', { name: /Gate/ }).first().waitFor();
        expect(hub.callsOf('addCamera').map(({ body }) => body)).toEqual([
          {
            name: 'Gate',
            url: 'rtsp://192.0.2.31:554/main',
            subUrl: 'rtsp://192.0.2.31:554/third',
            onvifUrl: 'http://192.0.2.31/onvif/device_service',
            username: goodUser,
            password: goodPassword,
            room: 'Garden',
            record: 'events',
            audio: true,
            indoor: false,
            detect: { source: 'both', labels: ['person', 'vehicle', 'animal', 'line_crossing', 'input'] },
          },
        ]);
        expect(hub.network.drafts.size).toBe(0);
        const names = hub.calls.map(({ name }) => name);
        expect(names.lastIndexOf('removeDraft'), 'the preview ends before the recorder needs the camera').toBeLessThan(
          names.indexOf('addCamera'),
        );
      });
    });

    it('a camera without a password goes straight to its picture; Back and Forward keep what was chosen', async () => {
      await bench.open({ path, live: true }, async ({ page, hub }) => {
        await typeAddress(page, '192.0.2.32');
        await step(page, 'Is this the right picture?');
        await page.getByText('This camera has 2 lenses.').waitFor();
        await page.getByLabel('Record', { exact: true }).selectOption({ label: 'Right main: 1920 × 1080, H.264' });
        await holds(page.getByLabel('Watch and analyse'), 'rtsp://192.0.2.32:554/right-sub');
        await goOn(page).click();
        await page.getByLabel('Name').fill('Yard');
        await page.getByRole('button', { name: 'Back' }).click();
        await step(page, 'Is this the right picture?');
        await page.goBack();
        await step(page, 'Which camera?');
        await holds(page.getByLabel('Address'), '192.0.2.32');
        await noDrafts(hub);
        await page.goForward();
        await step(page, 'Is this the right picture?');
        await holds(page.getByLabel('Record', { exact: true }), 'rtsp://192.0.2.32:554/right-main');
        await page.goForward();
        await step(page, 'What is it called?');
        await holds(page.getByLabel('Name'), 'Yard');
        expect(hub.callsOf('probeCamera')).toHaveLength(1);
        // Another address: what was found at the old one is no longer to be had.
        await page.goBack();
        await page.goBack();
        await page.getByLabel('Address').fill('192.0.2.31');
        await page.goForward();
        await step(page, 'Which camera?');
      });
    });

    it('a stream address goes on by itself; its user and password leave the address at once', async () => {
      await bench.open({ path, live: true }, async ({ page, hub }) => {
        await typeAddress(page, 'rtsp://me:p%40ss@192.0.2.20/stream1');
        await step(page, 'Is this the right picture?');
        await livePictures(page, 1);
        await page.getByText('There are 4 s between keyframes').waitFor();
        await page.getByLabel('Second, smaller stream').fill('rtsp://192.0.2.20/stream2');
        await page.keyboard.press('Enter');
        await livePictures(page, 2);
        expect([...hub.network.drafts.values()]).toEqual([
          { url: 'rtsp://192.0.2.20/stream1', subUrl: 'rtsp://192.0.2.20/stream2', username: 'me', password: 'p@ss' },
        ]);
        await goOn(page).click();
        await page.getByLabel('Name').fill('Old one');
        expect(await page.getByText('Who looks').count(), 'it reports nothing').toBe(0);
        await page.keyboard.press('Enter');
        await page.getByText('Old one is added.').first().waitFor();
        expect(hub.callsOf('addCamera').at(-1)?.body).toMatchObject({
          url: 'rtsp://192.0.2.20/stream1',
          onvifUrl: null,
          username: 'me',
          password: 'p@ss',
        });
      });
    });

    const addressErrors: [address: string, sentence: RegExp, next: string][] = [
      ['192.0.2.41', /did not answer within 5 s/, 'Try again'],
      ['192.0.2.42', /refuses connections at port 80/, 'Change the address'],
      ['192.0.2.43', /not as an ONVIF camera/, 'Try the stream address instead'],
      ['https://192.0.2.44/', /certificate is too weak/, 'Try without encryption'],
      ['192.0.2.47', /holds no video/, 'Try the stream address instead'],
      ['rtsp://192.0.2.52/nothing', /no stream at \/nothing/, 'Try the stream address instead'],
      ['porch.invalid', /no host named porch.invalid/, 'Change the address'],
      ['exec:rm', /names no host|port/, ''],
      ['ftp://192.0.2.1/', /must begin with rtsp/, ''],
    ];
    const otherErrors: [address: string, sentence: RegExp, next: string, help: RegExp][] = [
      ['rtsp://192.0.2.45/s', /no room for another viewer \(RTSP 453\)/, 'Try again', /Close its other viewers/],
      ['192.0.2.46', /312 days behind/, 'Try again', /Set the camera’s date, time and time zone/],
      ['rtsp://192.0.2.48/s', /MPEG-4, which Porchlight does not record/, 'Try again', /H\.264 or H\.265/],
    ];
    it('every error names its cause at the field it concerns, and the next step', async () => {
      await bench.open({ path, expectedFaults: refused }, async ({ page }) => {
        const address = page.getByLabel('Address');
        for (const [typed, sentence, next] of addressErrors) {
          await typeAddress(page, typed);
          await page.getByText(sentence).waitFor();
          const told = await address.evaluate((input) =>
            (input.getAttribute('aria-describedby') ?? '')
              .split(' ')
              .map((id) => document.getElementById(id)?.textContent)
              .join(' '),
          );
          expect(told).toMatch(sentence);
          expect(await address.getAttribute('aria-invalid'), typed).toBe('true');
          await eventually(() => isFocused(address), Boolean);
          if (next !== '') await page.getByRole('button', { name: next, exact: true }).waitFor();
        }
        for (const [typed, sentence, next, help] of otherErrors) {
          await typeAddress(page, typed);
          const alert = page.getByRole('alert').filter({ hasText: sentence });
          await alert.getByRole('button', { name: next, exact: true }).waitFor();
          expect(await alert.textContent()).toMatch(help);
        }
      });
    });

    it('not ONVIF: a maker is chosen and its stream address stands in the field; TLS trouble: once without', async () => {
      await bench.open({ path, expectedFaults: refused }, async ({ page, hub }) => {
        await typeAddress(page, '192.0.2.43');
        await page.getByRole('button', { name: 'Try the stream address instead' }).click();
        await page.getByRole('button', { name: /Reolink/ }).click();
        await holds(page.getByLabel('Address'), 'rtsp://192.0.2.43:554/h264Preview_01_main');
        await typeAddress(page, 'https://192.0.2.44:8443/onvif/device_service');
        await page.getByRole('button', { name: 'Try without encryption' }).click();
        await step(page, 'Is this the right picture?');
        expect(hub.callsOf('probeCamera').at(-1)?.body).toMatchObject({
          url: 'http://192.0.2.44/onvif/device_service',
        });
      });
    });

    it('an address that is added already is said before it is tried', async () => {
      await bench.open({ path }, async ({ page }) => {
        await page.getByLabel('Address').fill('rtsp://192.0.2.11/other');
        await page.getByText('“Front door” is at this address already.').waitFor();
      });
    });

    it('a try that takes long is stopped by Stop, by typing and by leaving', async () => {
      await bench.open({ path }, async ({ page, hub }) => {
        const aborted = (count: number): Promise<unknown> =>
          eventually(
            () => hub.network.aborted.filter((what) => what === 'probe').length,
            (now) => now === count,
          );
        await typeAddress(page, '192.0.2.49');
        await page.getByText('Asking 192.0.2.49…').waitFor();
        await page.getByText('Asking 192.0.2.49…').locator('..').getByRole('button', { name: 'Stop' }).click();
        await aborted(1);
        await typeAddress(page, '192.0.2.49');
        await page.getByText('Asking 192.0.2.49…').waitFor();
        await page.getByLabel('Address').fill('192.0.2.4');
        await aborted(2);
        await typeAddress(page, '192.0.2.49');
        await page.getByText('Asking 192.0.2.49…').waitFor();
        await page.getByRole('link', { name: 'Cameras', exact: true }).last().click();
        await aborted(3);
      });
    });

    it('a range is searched, not asked; the search ends with the screen', async () => {
      await bench.open({ path }, async ({ page, hub }) => {
        hub.network.searching = true;
        await typeAddress(page, '192.0.2.0/24');
        await page.getByRole('heading', { name: 'Cameras at 192.0.2.0/24' }).waitFor();
        await page.getByText('Searching, up to 10 s…').waitFor();
        expect(hub.callsOf('discoverCameras').at(-1)?.body).toEqual({ address: '192.0.2.0/24' });
        expect(hub.callsOf('probeCamera')).toHaveLength(0);
        await page.keyboard.press('Tab');
        await page.getByRole('link', { name: 'Home', exact: true }).first().click();
        await eventually(
          () => hub.network.aborted,
          (aborted) => aborted.includes('discover'),
        );
      });
    });

    it('nothing found says what to do, and the demo stays one press away', async () => {
      await bench.open({ path, cameras: 'none' }, async ({ page, hub }) => {
        hub.network.devices = [];
        hub.network.problems = ['The network eth1 could not be searched: permission denied.'];
        await page.getByRole('button', { name: 'Search again' }).click();
        await page.getByText('No camera answered.').waitFor();
        await page.getByText('The network eth1 could not be searched').waitFor();
        await page.getByRole('button', { name: 'Show me a demo' }).click();
        await page.getByText('This is a demo.').waitFor();
      });
    });

    it('leaving half-way, by a link or by closing the window, ends the preview', async () => {
      await bench.open({ path, live: true }, async ({ page, hub }) => {
        await typeAddress(page, '192.0.2.32');
        await livePictures(page, 2);
        await page.getByRole('link', { name: 'Cancel' }).click();
        await page.getByRole('heading', { name: 'Cameras', level: 1 }).waitFor();
        await noDrafts(hub);
        await page.goto(hub.url + path);
        await typeAddress(page, '192.0.2.32');
        await livePictures(page, 2);
        await page.goto('about:blank');
        await noDrafts(hub);
        expect(hub.network.draftsMade).toBe(2);
        expect(hub.callsOf('addCamera')).toHaveLength(0);
      });
    });

    it('a camera whose picture can not be shown says why and can be added all the same', async () => {
      await bench.open({ path, live: true, expectedFaults: [/422|429/] }, async ({ page, hub }) => {
        hub.liveTrouble.set('main', 'The camera has no room for another viewer (RTSP 453).');
        hub.refusals.set('addDraft', new Refusal(429, 'too_many', 'Too many cameras are being added at once.'));
        await typeAddress(page, '192.0.2.32');
        await page.getByText('Too many cameras are being added at once.').first().waitFor();
        hub.refusals.clear();
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByText('no room for another viewer (RTSP 453)').waitFor();
        await goOn(page).click();
        await page.getByLabel('Name').fill('Shy');
        await page.keyboard.press('Enter');
        await page.getByText('Shy is added.').first().waitFor();
      });
    });

    it('a stream that does not answer can be added unseen, with the reason shown', async () => {
      await bench.open({ path, expectedFaults: refused }, async ({ page, hub }) => {
        await typeAddress(page, 'rtsp://192.0.2.41/stream1');
        await page.getByRole('button', { name: 'Add it without a picture' }).click();
        await step(page, 'Is this the right picture?');
        await page.getByText(/could not be tried: 192.0.2.41 did not answer/).waitFor();
        await goOn(page).click();
        await page.getByLabel('Name').fill('Later');
        await page.keyboard.press('Enter');
        await page.getByText('Later is added.').first().waitFor();
        expect(hub.callsOf('addCamera').at(-1)?.body).toMatchObject({ url: 'rtsp://192.0.2.41/stream1', subUrl: null });
      });
    });

    it('what the hub refuses at the end leads back to where it can be mended, and nothing typed is lost', async () => {
      await bench.open({ path, live: true, expectedFaults: refused }, async ({ page, hub }) => {
        await typeAddress(page, '192.0.2.32');
        await livePictures(page, 2);
        await goOn(page).click();
        await page.getByLabel('Name').fill('Porch');
        hub.refusals.set('addCamera', new Refusal(422, 'camera_wrong_password', 'The camera refused the password.'));
        await page.keyboard.press('Enter');
        await page.getByRole('alert').getByRole('button', { name: 'Change the password' }).click();
        await step(page, 'Sign in to the camera');
        hub.refusals.clear();
        await page.getByLabel('User').fill('someone');
        await page.keyboard.press('Enter');
        await step(page, 'Is this the right picture?');
        await goOn(page).click();
        await holds(page.getByLabel('Name'), 'Porch');
        await page.keyboard.press('Enter');
        await page.getByText('Porch is added.').first().waitFor();
        expect(hub.network.drafts.size).toBe(0);
      });
    });

    it('the whole way with keys alone, on a phone; a step opened by its address alone begins at the beginning', async () => {
      await bench.open({ path: `${path}?step=name`, phone: true, live: true }, async ({ page, hub }) => {
        await step(page, 'Which camera?');
        expect(new URL(page.url()).search).toBe('');
        const tabTo = async (locator: Locator): Promise<void> => {
          await locator.waitFor();
          for (let presses = 0; presses < 40; presses++) {
            if (await isFocused(locator)) return;
            await page.keyboard.press('Tab');
          }
          throw new Error(`40 tabs did not lead to ${String(locator)}`);
        };
        await tabTo(page.getByRole('button', { name: /Dahlia Duo 2/ }));
        await page.keyboard.press('Enter');
        await step(page, 'Is this the right picture?');
        await tabTo(goOn(page));
        await page.keyboard.press('Enter');
        await step(page, 'What is it called?');
        await eventually(() => isFocused(page.getByLabel('Name')), Boolean);
        await page.keyboard.type('Keys');
        await tabTo(page.getByRole('radio', { name: 'Outdoors' }));
        await page.keyboard.press('ArrowRight');
        await tabTo(page.getByRole('button', { name: 'Add this camera' }));
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
        await page.keyboard.press('Enter');
        await page.getByText('Keys is added.').first().waitFor();
        expect(hub.callsOf('addCamera').at(-1)?.body).toMatchObject({ name: 'Keys', indoor: true });
      });
    });

    it('a camera of the home is tried with the password that is kept, and another stream is chosen', async () => {
      await bench.open({ path: `/cameras/${cameraIdOf(1)}`, live: true }, async ({ page, hub }) => {
        await page.getByLabel('ONVIF address').fill('192.0.2.32');
        await page.getByRole('button', { name: 'Try it' }).click();
        await livePictures(page, 2);
        expect(hub.callsOf('probeCamera').at(-1)?.body).toEqual({
          url: '192.0.2.32',
          username: 'viewer',
          cameraId: cameraIdOf(1),
        });
        await page
          .getByLabel('Record', { exact: true })
          .first()
          .selectOption({ label: 'Left main: 3840 × 2160, H.265' });
        await page.getByLabel('Room').fill('Porch');
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.getByText('Saved.').first().waitFor();
        expect(hub.callsOf('changeCamera').map(({ body }) => body)).toEqual([
          {
            url: 'rtsp://192.0.2.32:554/left-main',
            subUrl: 'rtsp://192.0.2.32:554/left-sub',
            onvifUrl: '192.0.2.32',
            room: 'Porch',
          },
        ]);
      });
    });

    it('a camera that watches itself offers what it tells and nothing of what only the hub sees', async () => {
      await bench.open({ path: `/cameras/${cameraIdOf(1)}?section=detection` }, async ({ page, hub }) => {
        const camera = hub.home.cameras[0]!;
        camera.onvifUrl = 'http://192.0.2.11/onvif/device_service';
        camera.onvif = {
          ...{ make: 'Acme', model: 'Turret', firmware: '1', mainProfile: null, subProfile: null },
          ...{ ptz: false, imaging: false, talk: false, signals: ['motion', 'person', 'line_crossing'], askedMs: 1 },
        };
        await page.reload();
        expect(await page.getByRole('checkbox', { name: 'Line crossed' }).count()).toBe(0);
        await page.getByRole('radio', { name: 'The camera' }).click();
        await page.getByRole('checkbox', { name: 'Line crossed' }).waitFor();
        expect(await page.getByRole('checkbox', { name: 'Bicycle' }).count()).toBe(0);
        expect(await page.getByRole('checkbox', { name: 'Tampering' }).count()).toBe(0);
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.getByText('Saved.').first().waitFor();
        expect(hub.callsOf('changeCamera').at(-1)?.body).toMatchObject({
          detect: { source: 'camera', labels: ['person', 'line_crossing'] },
        });
      });
    });

    it('an event that a camera told itself says so, with the name of its rule', async () => {
      await bench.open({}, async ({ page, hub }) => {
        Object.assign(hub.home.events[1]!, {
          label: 'line_crossing',
          subLabel: null,
          source: 'camera',
          what: 'Gate line',
        });
        await page.goto(`${hub.url}/review`);
        const card = page.locator('[data-event]').filter({ hasText: 'Line crossed' });
        await card.getByText('Gate line · told by the camera').waitFor();
        await card.locator('[data-open]').click();
        await page
          .getByRole('dialog')
          .getByText(/told by the camera: Gate line/)
          .waitFor();
      });
    });
  },
);
