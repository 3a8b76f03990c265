/**
 * Moving, adjusting, looking after and speaking through a camera, with nothing made up: the real hub, the virtual camera,
 * a browser. What counts is what the camera itself says happened to it.
 */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AnswerOf } from '#core/api/routes.ts';
import { launchBrowser, openPage, whyNoChromium, type WatchedPage } from '../support/browser.ts';
import { whyNoRenderer } from '../support/fake-hub.ts';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { startOnvifCamera } from '../support/onvif-camera.ts';
import { skipFor } from '../support/tools.ts';

type Camera = AnswerOf<'addCamera'>;
const microphone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const password = 'p@ss:w/rd?';
const stoodStillMs = 1_500;

describe.skipIf(skipFor('a moving camera with a real hub', whyNoChromium, whyNoRenderer))('a moving camera', () => {
  let device: Awaited<ReturnType<typeof startOnvifCamera>>;
  let hub: HubProcess;
  let browser: Browser;
  let camera: Camera;
  let watched: WatchedPage | null = null;

  beforeAll(async () => {
    device = await startOnvifCamera({ username: 'viewer', password, audio: 'pcmu' });
    [hub, browser] = await Promise.all([startHub({ port: 37_490 }), launchBrowser(microphone)]);
    camera = await addTo(hub);
  }, 40_000);
  afterAll(async () => {
    await browser.close();
    await hub.stop();
    await device.stop();
  }, 30_000);
  afterEach(async () => {
    await watched?.close();
    watched = null;
  });

  const addTo = (to: HubProcess): Promise<Camera> =>
    to.call<Camera>('POST', '/api/cameras', {
      name: 'Gate',
      onvifUrl: device.onvifUrl,
      username: 'viewer',
      password,
      detect: { source: 'camera', labels: ['person', 'line_crossing', 'input', 'tamper'] },
    });
  /** Signed in; `expected` are faults that the test provokes. */
  async function open(path: string, { at = hub, expected = [] as RegExp[] } = {}): Promise<Page> {
    watched = await openPage(
      browser,
      { viewport: { width: 1440, height: 900 }, permissions: ['microphone'] },
      expected,
    );
    const { page } = watched;
    const signedIn = await page.request.post(`${at.base}/api/session`, {
      data: { token: at.token },
      headers: { origin: at.base },
    });
    expect(signedIn.ok()).toBe(true);
    await page.goto(at.base + path);
    return page;
  }
  const head = async () => (await device.figures()).ptz;
  const standsStill = (seconds: number) =>
    until('the camera stands still', seconds, async () => !(await head()).moving);
  async function hold(button: Locator): Promise<void> {
    await button.hover();
    await button.page().mouse.down();
  }
  const player = () => `/camera/${camera.id}`;
  const section = (name: string) => `/cameras/${camera.id}?section=${name}`;
  const named = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true });

  it('turns while the pad is held, longer than one command lasts, and stands still within 1.5 s of letting go', async () => {
    const page = await open(player());
    const before = await head();
    await hold(named(page, 'Move right'));
    // One command lasts a second and the head takes four from stop to stop: it is held on by repetitions.
    await until('it turned far', 15, async () => (await head()).position.pan - before.position.pan > 0.5);
    await until('it still turns', 15, async () => (await head()).moving);
    const letGo = performance.now();
    await page.mouse.up();
    await standsStill(15);
    expect(performance.now() - letGo).toBeLessThan(stoodStillMs);
    const { moves, position } = await head();
    expect(moves).toBeGreaterThan(before.moves + 1);
    expect(position.tilt).toBe(before.position.tilt);
    expect((await head()).position.pan, 'it stays').toBe(position.pan);
    expect(watched?.faults).toEqual([]);
  });

  it('stops by itself when the hub is killed while the pad is held', async () => {
    const doomed = await startHub({ port: 37_491 });
    try {
      const { id } = await addTo(doomed);
      const page = await open(`/camera/${id}`, { at: doomed, expected: [/./] });
      await named(page, 'Turn home (Shift H)').click();
      await standsStill(15);
      await hold(named(page, 'Move down'));
      await until('it turns', 15, async () => (await head()).moving);
      doomed.child.kill('SIGKILL');
      const killed = performance.now();
      await standsStill(15);
      expect(performance.now() - killed, 'a command lasts a second, which cameras count in whole ones').toBeLessThan(
        2_500,
      );
      const { position } = await head();
      expect(position.tilt, 'not at its stop: it was ended').toBeGreaterThan(-1);
      await page.mouse.up();
    } finally {
      await doomed.stop();
    }
  });

  it('presets: a view is saved, gone to, renamed without moving it, and deleted at the camera', async () => {
    const page = await open(player());
    await hold(named(page, 'Move up'));
    await until('it turns', 15, async () => (await head()).position.tilt > 0.2);
    await page.mouse.up();
    await standsStill(15);
    const view = (await head()).position;
    await named(page, 'Presets').click();
    const menu = page.getByRole('dialog', { name: 'Presets' });
    await menu.getByLabel('Name for this view').fill('Letterbox');
    await page.keyboard.press('Enter');
    await named(menu, 'Letterbox').waitFor();
    expect((await head()).presets).toContain('Letterbox');
    await named(menu, 'Gate').click();
    const gate = { pan: -0.4, tilt: 0.1, zoom: 0 };
    const isAt = async (place: typeof gate): Promise<boolean> => {
      const { position, moving } = await head();
      return !moving && position.pan === place.pan && position.tilt === place.tilt && position.zoom === place.zoom;
    };
    await until('it is at the gate', 15, () => isAt(gate));
    await named(menu, 'Change Letterbox').click();
    await menu.getByLabel('New name of Letterbox').fill('Post');
    await page.keyboard.press('Enter');
    await named(menu, 'Post').waitFor();
    await named(menu, 'Gate').click();
    await until('it is at the gate again', 15, () => isAt(gate));
    await named(menu, 'Post').click();
    await until('the renamed preset is where it was saved', 15, () => isAt(view));
    await named(menu, 'Delete Post').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete it' }).click();
    await until('it is gone at the camera', 15, async () => !(await head()).presets.includes('Post'));
    expect((await head()).presets).toHaveLength(2);
    expect(watched?.faults).toEqual([]);
  });

  it('a patrol goes round as soon as it is switched on, although somebody moved the camera just before', async () => {
    const page = await open(player());
    await named(page, 'Move down').click();
    await standsStill(15);
    await named(page, 'Patrol and return home').click();
    const dialog = page.getByRole('dialog', { name: 'Patrol and return home' });
    await dialog.getByRole('switch', { name: 'Patrol' }).click();
    for (const stop of [1, 2]) {
      await named(dialog, 'Add a stop').click();
      await dialog.getByLabel(`Seconds at stop ${stop}`).fill('5');
    }
    await named(dialog, 'Save').click();
    await page.getByText('Patrolling', { exact: true }).waitFor();
    for (const pan of [-0.4, 0.5]) await until(`it is at ${pan}`, 12, async () => (await head()).position.pan === pan);
    await hub.call('PATCH', `/api/cameras/${camera.id}/ptz`, { patrol: { enabled: false, stops: [], schedule: [] } });
    expect(watched?.faults).toEqual([]);
  });

  it('a slider of the picture changes the camera, and "As it was" changes it back', async () => {
    const page = await open(section('picture'));
    const slider = page.getByRole('slider', { name: 'Brightness' });
    await slider.focus();
    const before = (await device.figures()).imaging.brightness;
    await page.keyboard.press('ArrowRight');
    await until('the camera is brighter', 15, async () => (await device.figures()).imaging.brightness > before);
    await page.getByRole('radio', { name: 'Night' }).click();
    await until('the filter is out', 15, async () => (await device.figures()).imaging.irCut === 'OFF');
    await named(page, 'As it was').click();
    await until('all is as it was', 15, async () => {
      const { brightness, irCut } = (await device.figures()).imaging;
      return brightness === before && irCut === 'AUTO';
    });
    expect(watched?.faults).toEqual([]);
  });

  it('F17: a clock that is an hour off is told, and set', async () => {
    await device.fault({ kind: 'clock', offsetMs: 3_600_000 });
    const page = await open(section('care'));
    await page.getByText(/The clock of camera 'Gate' is 60 minutes ahead\. Set it from here/).waitFor();
    await named(page, 'Set the camera’s clock').click();
    await page.getByText('The camera’s clock is right.').first().waitFor();
    expect(Math.abs((await device.figures()).clockOffsetMs)).toBeLessThan(1_500);
    expect(watched?.faults).toEqual([]);
  });

  it('recommended settings are shown first and then are what the camera says of itself', async () => {
    const main = async () => (await device.figures()).encoders.find(({ token }) => token === 'encoder_main')!;
    await hub.call('PATCH', `/api/cameras/${camera.id}/care/encoders`, { token: 'encoder_main', keyframeEvery: 240 });
    expect((await main()).gov).toBe(240);
    const page = await open(section('care'));
    await named(page, 'Recommended settings…').click();
    await page
      .getByRole('dialog')
      .getByText(/^to every 2 s/)
      .waitFor();
    expect((await main()).gov, 'looking changes nothing').toBe(240);
    await named(page.getByRole('dialog'), 'Apply').click();
    await page.getByText('The camera has taken over all of it.').first().waitFor();
    const { gov, fps } = await main();
    expect(gov).toBe(2 * fps);
    expect(watched?.faults).toEqual([]);
  });

  it('a voice comes out of the camera while the button is held, and no longer', async () => {
    const page = await open(player());
    const before = (await device.heard()).length;
    await hold(page.getByRole('button', { name: /^Hold to speak/ }));
    await page.locator('[data-talk="speaking"]').waitFor();
    // 8000 bytes a second.
    await until('half a second was heard', 15, async () => (await device.heard()).length > before + 4_000);
    const heard = await device.heard();
    expect(new Set(heard).size, 'a sound, not one value').toBeGreaterThan(8);
    await page.mouse.up();
    await page.locator('[data-talk="quiet"]').waitFor();
    await until('the connection for speaking is over', 15, async () => {
      const length = (await device.heard()).length;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return (await device.heard()).length === length;
    });
    expect(watched?.faults).toEqual([]);
  });

  it('a person that the camera reports is on Review with a picture, without a word that says the same twice', async () => {
    await until('the camera is listened to', 10, async () => {
      const { watch } = await hub.call<AnswerOf<'care'>>('GET', `/api/cameras/${camera.id}/care`);
      return watch?.state === 'watching';
    });
    const page = await open('/review');
    await device.raise('person', true);
    await device.raise('input', true);
    const card = page.locator('[data-event]').filter({ hasText: 'Person' });
    await card.getByText('Told by the camera', { exact: true }).waitFor();
    await page.getByText('Input 1 · told by the camera').waitFor();
    const picture = card.locator('img');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
    const { events } = await hub.call<AnswerOf<'listEvents'>>('GET', '/api/events');
    const event = events.find(({ label }) => label === 'person')!;
    expect(event).toMatchObject({ source: 'camera', endMs: null });
    const none = await page.request.get(`${hub.base}${event.snapshotUrl}`);
    expect((await none.body()).length, 'a picture of the camera').toBeGreaterThan(5_000);
    await device.raise('person', false);
    await device.raise('input', false);
    await card.getByText('Going on').waitFor({ state: 'detached' });
    expect(watched?.faults).toEqual([]);
  });
});
