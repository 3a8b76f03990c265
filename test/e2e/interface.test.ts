/** The interface against what people and cameras do: signing in, adding, drawing, losing the hub, hostile names. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoChromium } from '../support/browser.ts';
import { cameraIdOf } from '../support/fake-home.ts';
import { fakeToken, Refusal, whyNoRenderer } from '../support/fake-hub.ts';
import { eventually, InterfaceBench } from '../support/interface-bench.ts';
import { skipFor } from '../support/tools.ts';

const bench = new InterfaceBench();

describe.skipIf(skipFor('the interface in the browser', whyNoChromium, whyNoRenderer))('interface', () => {
  beforeAll(() => bench.start());
  afterAll(() => bench.stop());

  it('a browser without a session learns how to get one, and a wrong token says so', async () => {
    await bench.open({ signedIn: false, expectedFaults: [/401/] }, async ({ page, hub }) => {
      await page.getByLabel('Or paste the token').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('This is not the token.').waitFor();
      expect(hub.callsOf('listCameras')).toHaveLength(0);
      await page.getByLabel('Or paste the token').fill(` ${fakeToken}\n`);
      await page.keyboard.press('Enter');
      await page
        .getByRole('link', { name: /Front door/ })
        .first()
        .waitFor();
    });
  });

  it('a session that ended leads to the sign-in page', async () => {
    await bench.open({ expectedFaults: [/401/] }, async ({ page, hub }) => {
      await page
        .getByRole('link', { name: /Front door/ })
        .first()
        .waitFor();
      hub.refusals.set('storage', new Refusal(401, 'unauthorised', 'Sign in first.'));
      await page.keyboard.press('4');
      await page.getByRole('heading', { name: 'Sign in to Porchlight' }).waitFor();
    });
  });

  it('F51: the last picture of an offline camera is dimmed, grey, and says that it is not live', async () => {
    await bench.open({}, async ({ page }) => {
      const tile = page.getByRole('link', { name: /Back gate/ }).filter({ hasText: 'Offline since' });
      await tile.getByText('Last picture, not live').waitFor();
      expect(await tile.locator('video').count()).toBe(0);
      const style = await tile.locator('img').evaluate((image) => {
        const { opacity, filter } = getComputedStyle(image);
        return { opacity: Number(opacity), filter };
      });
      expect(style.opacity).toBeLessThanOrEqual(0.5);
      expect(style.filter).toContain('grayscale');
    });
  });

  it('F51: a camera that goes offline stops looking live at once', async () => {
    await bench.open({}, async ({ page, hub }) => {
      await page.getByRole('heading', { name: 'Back gate is offline' }).waitFor();
      const camera = hub.home.cameras[0]!;
      const error = { code: 'camera_closed', message: "Camera 'Front door' closed the connection." };
      hub.tell({
        type: 'camera',
        camera: {
          ...camera,
          state: 'offline',
          streams: camera.streams.map((status) => ({ ...status, state: 'retrying', error, recording: false })),
        },
      });
      await page.getByText(/closed the connection/).waitFor();
      await page.getByRole('heading', { name: '2 cameras of 4 are offline' }).waitFor();
    });
  });

  for (const [kind, name] of [
    ['HTML', '<img src=x onerror="window.hacked=1"><b>bold</b>'],
    ['quotes and braces', `"'\`{{7*7}}\${7*7}</script>`],
    ['emoji and other scripts', '🏡 Haustür – الباب'],
    ['right-to-left marks', 'door \u200f txt.exe'],
    ['80 letters without a space', 'W'.repeat(80)],
  ] as const) {
    it(`a name with ${kind} is text on every screen`, async () => {
      await bench.open({ hostileName: name, phone: true }, async ({ page, hub }) => {
        const paths = ['/', '/review', '/cameras', `/cameras/${cameraIdOf(2)}`, '/settings'];
        for (const path of paths) {
          await page.goto(hub.url + path);
          await page.getByText(name.trim()).first().waitFor({ state: 'attached' });
          const state = await page.evaluate(() => ({
            hacked: 'hacked' in window,
            overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          }));
          expect(state, path).toEqual({ hacked: false, overflow: 0 });
        }
      });
    });
  }

  it('a changed name changes only the name', async () => {
    await bench.open({ path: `/cameras/${cameraIdOf(2)}` }, async ({ page, hub }) => {
      await page.getByLabel('Name').fill('Drive');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('heading', { name: 'Drive', level: 1 }).waitFor();
      expect(hub.callsOf('changeCamera').map((call) => call.body)).toEqual([{ name: 'Drive' }]);
    });
  });

  it('a zone is drawn on the picture, moved with the arrow keys and saved', async () => {
    await bench.open({ path: `/cameras/${cameraIdOf(1)}?section=zones` }, async ({ page, hub }) => {
      await page.getByRole('button', { name: 'Draw a zone' }).click();
      const picture = page.getByRole('group', { name: 'Zones and masks on the picture' });
      const box = (await picture.boundingBox())!;
      const at = (x: number, y: number) => page.mouse.click(box.x + box.width * x, box.y + box.height * y);
      await at(0.2, 0.2);
      await at(0.8, 0.2);
      await at(0.5, 0.8);
      await page.keyboard.press('Enter');
      await page.getByLabel('Name').fill('Steps');
      const point = page.getByRole('button', { name: /^Point 1 of Steps/ });
      await point.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Shift+ArrowDown');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Saved.').first().waitFor();
      const { zones, masks } = hub.home.cameras[0]!.detect;
      expect(masks).toEqual([]);
      expect(zones).toHaveLength(1);
      expect(zones[0]!.name).toBe('Steps');
      const [first, , last] = zones[0]!.polygon;
      expect(first![0]).toBeCloseTo(0.21, 2);
      expect(first![1]).toBeCloseTo(0.25, 2);
      expect(last![1]).toBeCloseTo(0.8, 2);
    });
  });

  it('a zone is made without a pointer', async () => {
    await bench.open({ path: `/cameras/${cameraIdOf(1)}?section=zones` }, async ({ page, hub }) => {
      await page.getByRole('button', { name: 'Zone from a rectangle' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('Points (4)').focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('Point 1, percent from the left').fill('10');
      await page.getByRole('button', { name: 'Save', exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('Saved.').first().waitFor();
      expect(hub.home.cameras[0]!.detect.zones[0]!.polygon[0]).toEqual([0.1, 0.3]);
    });
  });

  it('F52: deleting the last mask leaves an empty list and everything else as it was', async () => {
    await bench.open({ path: `/cameras/${cameraIdOf(2)}?section=zones` }, async ({ page, hub }) => {
      const before = structuredClone(hub.home.cameras[1]!.detect);
      await page.getByRole('button', { name: 'Delete Street' }).click();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Saved.').first().waitFor();
      expect(hub.home.cameras[1]!.detect).toEqual({ ...before, masks: [] });
    });
  });

  it('removing a camera says what is lost, and keeping is the default', async () => {
    await bench.open({ path: `/cameras/${cameraIdOf(2)}` }, async ({ page, hub }) => {
      await page.getByRole('button', { name: 'Remove this camera' }).click();
      const dialog = page.getByRole('alertdialog');
      await dialog.getByText('311 GB').waitFor();
      await eventually(() => dialog.evaluate((one) => one.contains(document.activeElement)), Boolean);
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      expect(hub.callsOf('removeCamera')).toHaveLength(0);
      await page.getByRole('button', { name: 'Remove this camera' }).click();
      await dialog.getByRole('button', { name: 'Remove it all' }).click();
      await page.getByText('Driveway is removed.').first().waitFor();
      expect(hub.callsOf('removeCamera')).toHaveLength(1);
    });
  });

  it('settings that the hub refuses are put back with its reason', async () => {
    await bench.open({ path: '/settings?section=appearance', expectedFaults: [/507/] }, async ({ page, hub }) => {
      hub.refusals.set('changeSettings', new Refusal(507, 'disk_full', 'The disk is full: nothing could be saved.'));
      await page.getByRole('radio', { name: 'Light' }).click();
      await page.getByText('The disk is full: nothing could be saved.').first().waitFor();
      await eventually(
        () => page.getByRole('radio', { name: 'As the system' }).getAttribute('aria-checked'),
        (checked) => checked === 'true',
      );
    });
  });

  it('the theme is kept for the first paint of the next visit', async () => {
    await bench.open({ path: '/settings?section=appearance' }, async ({ page, hub }) => {
      await page.getByRole('radio', { name: 'Dark' }).click();
      await eventually(
        () => page.evaluate(() => document.documentElement.dataset['theme']),
        (theme) => theme === 'dark',
      );
      await page.goto(`${hub.url}/theme-boot.js`);
      expect(await page.evaluate(() => localStorage.getItem('porchlight.theme'))).toBe('dark');
    });
  });

  it('the demo is one press away, says that it is one, and goes with one press', async () => {
    await bench.open({ cameras: 'none' }, async ({ page, hub }) => {
      await page.getByRole('button', { name: 'Show me a demo' }).click();
      await page.getByText('This is a demo.').waitFor();
      await page.getByRole('button', { name: 'Remove the demo' }).click();
      await page.getByRole('link', { name: 'Add your first camera' }).waitFor();
      expect(hub.callsOf('removeDemo')).toHaveLength(1);
    });
  });

  it('a hub that stops is said at once', async () => {
    await bench.open(
      { expectedFaults: [/ERR_CONNECTION_REFUSED|WebSocket|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/] },
      async ({ page, hub }) => {
        await page.getByRole('button', { name: 'Health: All well' }).waitFor();
        await hub.stop();
        await page.getByRole('button', { name: 'Health: No hub' }).waitFor();
      },
    );
  });

  it('the keys 1 to 4 go to the screens, ? shows the keys, Tab finds the skip link first', async () => {
    await bench.open({}, async ({ page }) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Tab');
      await eventually(
        () => page.evaluate(() => document.activeElement?.textContent),
        (text) => text === 'Skip to the content',
      );
      for (const [key, heading] of [
        ['2', 'Review'],
        ['3', 'Cameras'],
        ['4', 'Settings'],
      ] as const) {
        await page.keyboard.press(key);
        await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      }
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    });
  });

  it('keys do nothing while somebody types', async () => {
    await bench.open({ path: '/cameras/new' }, async ({ page }) => {
      await page.getByLabel('Address').pressSequentially('2 r u ?');
      expect(await page.getByLabel('Address').inputValue()).toBe('2 r u ?');
      expect(new URL(page.url()).pathname).toBe('/cameras/new');
    });
  });

  it('nonsense in the address bar shows a screen, not a fault', async () => {
    await bench.open(
      { path: '/review?camera=%3Cscript%3E&label=ufo&from=-5&to=abc&event=../../etc', expectedFaults: [] },
      async ({ page, hub }) => {
        await page.locator('[data-event]').first().waitFor();
        await page.goto(`${hub.url}/cameras/${cameraIdOf(99)}`);
        await page.getByText('This camera is not here any more').waitFor();
        await page.goto(`${hub.url}/no/such/place`);
        await page.getByText('There is nothing here').waitFor();
      },
    );
  });
});
