/** Every screen of the interface: how to get there on the fake hub, and how to tell that it is drawn. */
import type { Page } from 'playwright-core';
import type { FakeHubOptions } from '../support/fake-hub.ts';

export interface Screen {
  name: string;
  path: (cameraId: string) => string;
  home?: Partial<FakeHubOptions>;
  /** Waits until the screen shows what it is for, opening what has to be opened. */
  ready: (page: Page) => Promise<void>;
  expectedFaults?: RegExp[];
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
  {
    name: 'camera-add',
    path: () => '/cameras/new',
    ready: async (page) => {
      await page.getByLabel('Address of the camera').fill('rtsp://192.0.2.20/stream1');
      await page.getByRole('button', { name: 'Try it' }).first().click();
      await page.getByText('The camera answers').waitFor();
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
];
