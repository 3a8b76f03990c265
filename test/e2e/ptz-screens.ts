/** The screens of a camera that can do more than send pictures. Same shape as the others; see screens.ts. */
import type { Page } from 'playwright-core';
import type { Screen } from './screens.ts';

const home = { able: true } as const;
const player = (id: string): string => `/camera/${id}`;
const settings = (section: string) => (id: string) => `/cameras/${id}?section=${section}`;

const pad = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Move up', exact: true }).waitFor();
  await page.getByRole('button', { name: /^Hold to speak/ }).waitFor();
  await page.locator('[data-live-state="live"], [data-live-state="connecting"]').waitFor();
};
const live = (page: Page) => page.waitForSelector('[data-live-state="live"]');

export const ptzScreens: Screen[] = [
  {
    name: 'camera-moving',
    path: player,
    home,
    live: true,
    ready: async (page) => {
      await pad(page);
      await live(page);
    },
  },
  {
    name: 'camera-presets',
    path: player,
    home,
    live: true,
    ready: async (page) => {
      await pad(page);
      await live(page);
      await page.getByRole('button', { name: 'Presets' }).click();
      await page.getByRole('button', { name: 'Letterbox', exact: true }).waitFor();
    },
  },
  {
    name: 'camera-patrol',
    path: player,
    home,
    live: true,
    ready: async (page) => {
      await pad(page);
      await page.getByRole('button', { name: 'Patrol and return home' }).click();
      const dialog = page.getByRole('dialog', { name: 'Patrol and return home' });
      await dialog.getByRole('switch', { name: 'Patrol' }).click();
      await dialog.getByRole('button', { name: 'Add a stop' }).click();
      await dialog.getByRole('button', { name: 'Add a stop' }).click();
      await dialog.getByRole('button', { name: 'Only at certain times' }).click();
      await dialog.getByLabel('Time 1 from').waitFor();
    },
  },
  {
    name: 'camera-picture',
    path: settings('picture'),
    home,
    live: true,
    ready: async (page) => {
      await page.getByRole('slider', { name: 'Sharpness' }).waitFor();
      await live(page);
    },
  },
  {
    name: 'camera-care',
    path: settings('care'),
    home,
    ready: (page) => page.getByRole('heading', { name: 'Its streams' }).waitFor(),
  },
  {
    name: 'camera-encoder',
    path: settings('care'),
    home,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Change Main stream' }).click();
      await page.getByLabel('Data rate, kbit/s').waitFor();
    },
  },
  {
    name: 'camera-recommended',
    path: settings('care'),
    home,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Recommended settings…' }).click();
      await page.getByRole('dialog').getByText('every 2 s').waitFor();
    },
  },
  {
    name: 'camera-no-onvif',
    path: settings('care'),
    ready: (page) => page.getByLabel('ONVIF address').waitFor(),
  },
];
