/** Every screen of the interface: how to get there on the fake hub, and how to tell that it is drawn. */
import type { Page } from 'playwright-core';
import type { FakeHubOptions } from '../support/fake-hub.ts';
import { ptzScreens } from './ptz-screens.ts';
import { goodPassword, goodUser } from '../support/fake-network.ts';

export interface Screen {
  name: string;
  path: (cameraId: string) => string;
  home?: Partial<FakeHubOptions>;
  /** Waits until the screen shows what it is for, opening what has to be opened. */
  ready: (page: Page) => Promise<void>;
  expectedFaults?: RegExp[];
  /** Cameras that are being added, and those that turn, show a moving picture; needs ffmpeg. */
  live?: true;
}

const heading = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await page.waitForLoadState('load');
};
/** Until every picture on screen has come. */
const pictures = (page: Page) =>
  page.waitForFunction(() =>
    [...document.images].every((image) => {
      const { top, left } = image.getBoundingClientRect();
      return top > innerHeight || left > innerWidth || image.complete;
    }),
  );

const found = async (page: Page) => {
  await page.getByRole('button', { name: /Duo 2/ }).waitFor();
  await page.getByText('3 cameras answered.').waitFor();
};
/** The camera that wants a password, after a wrong one. */
const refused = async (page: Page) => {
  await found(page);
  await page.getByRole('button', { name: /Dome 40/ }).click();
  await page.getByLabel('User').fill(goodUser);
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText(/refused the user name or password/).waitFor();
};
const shown = async (page: Page) => {
  await refused(page);
  await page.getByLabel('Password', { exact: true }).fill(goodPassword);
  await page.keyboard.press('Enter');
  await page.locator('[data-live-state="live"]').nth(1).waitFor();
};

export const screens: Screen[] = [
  {
    name: 'sign-in',
    path: () => '/',
    home: { signedIn: false },
    ready: heading('Sign in to Porchlight'),
  },
  {
    name: 'home-empty',
    path: () => '/',
    home: { cameras: 'none' },
    ready: (page) => page.getByRole('link', { name: 'Add your first camera' }).waitFor(),
  },
  {
    name: 'home',
    path: () => '/',
    home: { health: 'degraded' },
    ready: async (page) => {
      await heading('Back gate is offline')(page);
      await page
        .getByRole('link', { name: /^Vehicle|^Car/ })
        .first()
        .waitFor();
      await pictures(page);
    },
  },
  {
    name: 'health',
    path: () => '/',
    home: { health: 'degraded' },
    ready: async (page) => {
      await page.getByRole('button', { name: 'Health: Degraded' }).filter({ visible: true }).click();
      await page.getByRole('dialog', { name: 'Health' }).getByText('Back gate').waitFor();
      await pictures(page);
    },
  },
  {
    name: 'demo-banner',
    path: () => '/',
    home: { cameras: 'demo' },
    ready: (page) => page.getByRole('button', { name: 'Remove the demo' }).waitFor(),
  },
  {
    name: 'review',
    path: () => '/review',
    ready: async (page) => {
      await page.getByText('34 events to review').waitFor();
      await page.locator('[data-event]').first().waitFor();
      await pictures(page);
    },
  },
  {
    name: 'review-event',
    path: () => '/review',
    ready: async (page) => {
      await page.locator('[data-event] [data-open]').nth(1).click();
      await page.getByRole('dialog').waitFor();
      await pictures(page);
    },
  },
  { name: 'review-done', path: () => '/review', home: { unreviewed: 0 }, ready: heading("You're up to date") },
  {
    name: 'cameras',
    path: () => '/cameras',
    ready: async (page) => {
      await page.getByRole('heading', { name: /Driveway/ }).waitFor();
      await pictures(page);
    },
  },
  { name: 'camera-add-find', path: () => '/cameras/new', ready: found },
  {
    name: 'camera-add-problem',
    path: () => '/cameras/new',
    expectedFaults: [/422/],
    ready: async (page) => {
      await page.getByLabel('Address').fill('192.0.2.43');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Try the stream address instead' }).click();
      await page.getByRole('button', { name: /Reolink/ }).waitFor();
    },
  },
  { name: 'camera-add-password', path: () => '/cameras/new', expectedFaults: [/422/], ready: refused },
  { name: 'camera-add-picture', path: () => '/cameras/new', live: true, expectedFaults: [/422/], ready: shown },
  {
    name: 'camera-add-name',
    path: () => '/cameras/new',
    live: true,
    expectedFaults: [/422/],
    ready: async (page) => {
      await shown(page);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByLabel('Name').fill('Front gate');
      await page.getByLabel('Room').fill('Garden');
      await page.getByRole('radio', { name: 'Both' }).click();
    },
  },
  {
    name: 'camera-add-stream',
    path: () => '/cameras/new',
    live: true,
    ready: async (page) => {
      await page.getByLabel('Address').fill('rtsp://192.0.2.20/stream1');
      await page.keyboard.press('Enter');
      await page.locator('[data-live-state="live"]').waitFor();
    },
  },
  { name: 'camera', path: (id) => `/cameras/${id}`, ready: heading('Driveway') },
  { name: 'camera-detection', path: (id) => `/cameras/${id}?section=detection`, ready: heading('Driveway') },
  {
    name: 'camera-zones',
    path: (id) => `/cameras/${id}?section=zones`,
    ready: async (page) => {
      await page.getByRole('button', { name: /^Driveway/ }).click();
      await page.getByLabel('Name').waitFor();
      await pictures(page);
    },
  },
  {
    name: 'camera-remove',
    path: (id) => `/cameras/${id}`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Remove this camera' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'settings-storage',
    path: () => '/settings',
    ready: (page) => page.getByRole('meter', { name: 'Storage used' }).waitFor(),
  },
  {
    name: 'settings-recording',
    path: () => '/settings?section=recording',
    ready: (page) => page.getByRole('slider').first().waitFor(),
  },
  {
    name: 'settings-detection',
    path: () => '/settings?section=detection',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Self-test' }).last().click();
      await page.getByText('The model found what is in the test picture.').waitFor();
    },
  },
  {
    name: 'settings-appearance',
    path: () => '/settings?section=appearance',
    ready: (page) => page.getByRole('radio').first().waitFor(),
  },
  {
    name: 'settings-about',
    path: () => '/settings?section=about',
    ready: (page) => page.getByText('What it never does').waitFor(),
  },
  {
    name: 'keyboard',
    path: () => '/review',
    ready: async (page) => {
      await page.locator('[data-event]').first().waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    },
  },
  ...ptzScreens,
];
