/** The player in a real browser, against a hub that plays real media and a past that is known. */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, whyNoChromium, type WatchedPage } from '../support/browser.ts';
import { whyNoRenderer } from '../support/fake-hub.ts';
import { FakePlayerHub } from '../support/fake-player-hub.ts';
import { makeClip } from '../support/fake-player-media.ts';
import { drive, fakePast, porch } from '../support/fake-player-past.ts';
import { skipFor, whyNoFfmpeg } from '../support/tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

const minute = 60_000;
const zone = 'Europe/Berlin';
const clockText = (ms: number): string => new Date(ms).toLocaleTimeString('en-GB', { timeZone: zone });

describe.skipIf(skipFor('the player in a browser', whyNoChromium, whyNoRenderer, whyNoFfmpeg))(
  'the player in a browser',
  () => {
    let folder: string;
    let browser: Browser;
    let hub: FakePlayerHub;
    let base: string;
    let past: ReturnType<typeof fakePast>;
    let watched: WatchedPage;
    let page: Page;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'porchlight-interface-'));
      // What is shipped; a build that runs meanwhile must not change it.
      cpSync(join(import.meta.dirname, '../../dist/renderer'), folder, { recursive: true });
      browser = await launchBrowser();
    });
    afterAll(async () => {
      await browser.close();
      removeFolder(folder);
    });
    beforeEach(async () => {
      past = fakePast(Date.now());
      const clip = makeClip({ width: 640, height: 360, fps: 15, seconds: 20, keyframeEveryS: 2, bitrate: '350k' });
      hub = new FakePlayerHub(folder, clip, past);
      base = await hub.start();
      // The fake hub has no socket for changes; a lost live socket is part of some tests.
      watched = await openPage(browser, { viewport: { width: 1280, height: 800 } }, [/WebSocket/]);
      page = watched.page;
    });
    afterEach(async () => {
      await watched.close();
      await hub.stop();
    });

    const liveState = (state: string): Promise<unknown> => page.waitForSelector(`[data-live-state="${state}"]`);
    const shownSecond = async (): Promise<number> =>
      Number(await page.getAttribute('[data-playhead]', 'data-playhead'));
    /** Recorded, its picture shown, and the clock says so. */
    const settledAt = (ms: number, withinMs = 1000): Promise<unknown> =>
      page.waitForFunction(
        ([want, slack]) => {
          const stage = document.querySelector('[data-player-mode="recorded"]');
          const shown = Number(document.querySelector('[data-playhead]')?.getAttribute('data-playhead'));
          return stage && !stage.hasAttribute('data-seeking') && Math.abs(shown - want) <= slack;
        },
        [ms, withinMs] as const,
      );
    const openPast = async (ms: number): Promise<void> => {
      await page.goto(`${base}/camera/${porch}?at=${ms}`);
      // It plays on from there.
      await settledAt(ms + 10_000, 10_500);
    };
    const timeline = async (): Promise<{ x: number; y: number; width: number }> => {
      const found = await page.locator('[data-timeline]').boundingBox();
      if (!found) throw new Error('no timeline');
      return found;
    };
    /** Seconds at the edges of the timeline. */
    const range = async (): Promise<[number, number]> => {
      const slider = page.getByRole('slider', { name: 'Timeline' });
      return [Number(await slider.getAttribute('aria-valuemin')), Number(await slider.getAttribute('aria-valuemax'))];
    };
    /** Once it stands still; pausing and the clock are drawn after the key. */
    const pausedSecond = async (): Promise<number> => {
      await page.waitForFunction(() => {
        const video = document.querySelector('video')!;
        return video.paused && !video.seeking;
      });
      let before = NaN;
      await expect
        .poll(async () => {
          const still = (await shownSecond()) === before;
          before = await shownSecond();
          return still;
        })
        .toBe(true);
      return before;
    };
    const typeTime = async (text: string): Promise<void> => {
      await page.keyboard.press('t');
      await page.keyboard.insertText(text);
      await page.keyboard.press('Enter');
    };

    it('shows a live picture whose pictures advance', async () => {
      await page.goto(`${base}/camera/${porch}`);
      await liveState('live');
      const before = await page.evaluate(
        () => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames,
      );
      await page.waitForFunction(
        (n) => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames > n + 10,
        before,
      );
      expect(watched.faults).toEqual([]);
    });

    it('F50: comes back by itself after the connection was lost, and leaves no socket behind', async () => {
      await page.goto(`${base}/camera/${porch}`);
      await liveState('live');
      hub.refusing = true;
      hub.dropViewers();
      await liveState('stale');
      expect(await page.textContent('[data-live-state]')).toContain('The connection to Porchlight was lost');
      hub.refusing = false;
      await liveState('live');
      expect(hub.viewerCount).toBe(1);
      await page.goto(`${base}/settings`);
      await expect.poll(() => hub.viewerCount).toBe(0);
    });

    it('F51: a camera that sends nothing more is dimmed and says when the last picture was', async () => {
      await page.goto(`${base}/camera/${porch}`);
      await liveState('live');
      hub.silent = true;
      await liveState('stale');
      expect(await page.textContent('[data-live-state]')).toMatch(
        /No new picture from the camera.*Last picture \d\d:\d\d:\d\d, not live/,
      );
      hub.silent = false;
      await liveState('live');
    });

    it('F51: says in the words of the hub why there is no picture', async () => {
      hub.liveState = { state: 'offline', message: 'Camera "Front porch" does not answer. Is it switched on?' };
      await page.goto(`${base}/camera/${porch}`);
      await liveState('offline');
      expect(await page.textContent('[data-live-state]')).toContain('does not answer. Is it switched on?');
    });

    it('F33: shows the second stream when the browser lacks the codec of the first', async () => {
      hub.liveMime = { main: 'video/mp4; codecs="hvc1.2.4.L999.B0"' };
      await page.goto(`${base}/camera/${porch}`);
      await liveState('live');
      expect(await page.getAttribute('[data-live-state]', 'data-live-stream')).toBe('sub');
    });

    it('F33: says so in words when the browser can show neither stream', async () => {
      const mime = 'video/mp4; codecs="hvc1.2.4.L999.B0"';
      hub.liveMime = { main: mime, sub: mime };
      await page.goto(`${base}/camera/${porch}`);
      await liveState('unsupported');
      expect(await page.textContent('[data-live-state]')).toContain('This browser can’t show H.265 video');
    });

    it('F7: sleeps when nobody looks for 30 s, and wakes when somebody does', async () => {
      await page.clock.install();
      await page.goto(`${base}/camera/${porch}`);
      await liveState('live');
      const hide = (hidden: boolean): Promise<void> =>
        page.evaluate((value) => {
          Object.defineProperty(document, 'hidden', { value, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }, hidden);
      await hide(true);
      await page.clock.runFor(31_000);
      await expect.poll(() => hub.viewerCount).toBe(0);
      await hide(false);
      await expect.poll(() => hub.viewerCount).toBe(1);
    });

    it('an exact time in three actions: T, the time, Enter', async () => {
      await page.goto(`${base}/camera/${porch}`);
      await liveState('live');
      const wanted = past.personMs - 3 * minute + 17_000;
      await typeTime(clockText(wanted));
      await settledAt(wanted, 2000);
      expect(watched.faults).toEqual([]);
    });

    it('shows the picture of the very moment that was asked for', async () => {
      await openPast(past.personMs);
      await page.keyboard.press(' ');
      await typeTime(clockText(past.personMs + 63_000));
      await settledAt(past.personMs + 63_000, 0);
      // Every segment of 10 s plays the clip from its start: the picture's place is known.
      const media = await page.evaluate(() => document.querySelector('video')!.currentTime);
      expect(((past.personMs + 63_000) / 1000) % 10).toBeCloseTo(3, 5);
      expect(media).toBeGreaterThan(0);
    });

    it('a seek inside the window loads no playlist again, and one inside the buffer loads nothing at all', async () => {
      await openPast(past.personMs);
      await page.keyboard.press(' ');
      await expect
        .poll(() =>
          page.evaluate(() => {
            const { buffered, currentTime } = document.querySelector('video')!;
            return buffered.length > 0 ? buffered.end(buffered.length - 1) - currentTime : 0;
          }),
        )
        .toBeGreaterThan(12);
      const asked = hub.asked.length;
      const second = await pausedSecond();
      await page.keyboard.press('ArrowRight');
      await settledAt(second + 5000);
      const fetched = hub.asked.slice(asked).filter((path) => /media\.m4s|playlist/.test(path));
      expect(fetched.filter((path) => path.includes('playlist'))).toEqual([]);
      // The buffer ahead may be topped up; what is shown must not come from a new request.
      await typeTime(clockText(past.personMs + 9 * minute));
      await settledAt(past.personMs + 9 * minute);
      expect(hub.asked.filter((path) => path.includes('playlist')).length).toBe(1);
    });

    it('a moment in a gap leads to the first picture after it', async () => {
      await openPast(past.personMs);
      await page.keyboard.press(' ');
      await typeTime(clockText(past.gapMs));
      await settledAt(past.gapMs + 3 * minute, 2000);
    });

    it('plays across a gap without stopping, and the clock jumps with it', async () => {
      const gapStart = past.gapMs - 3 * minute;
      await openPast(gapStart - 2000);
      await expect.poll(shownSecond, { timeout: 15_000 }).toBeGreaterThanOrEqual(gapStart + 6 * minute);
    });

    it('the timeline says why there is nothing, and shows a picture where there is something', async () => {
      await openPast(past.personMs);
      const { x, y, width } = await timeline();
      const [from, to] = await range();
      const at = (ms: number): number => x + width * ((ms / 1000 - from) / (to - from));
      await page.mouse.move(at(past.gapMs), y + 64);
      await page.waitForSelector('[data-timeline-tip="gap"]');
      expect(await page.textContent('[data-timeline-tip]')).toMatch(/The camera was offline, 6 min/);
      await page.mouse.move(at(past.personMs + 12_000), y + 35);
      await page.waitForSelector('[data-timeline-tip="event"]');
      expect(await page.textContent('[data-timeline-tip]')).toContain('Person');
      await page.waitForSelector('[data-timeline-tip] canvas:not(.invisible)');
    });

    it('a click on the timeline goes there, the wheel keeps the moment under the pointer, a drag moves it', async () => {
      await openPast(past.personMs);
      const { x, y, width } = await timeline();
      const [from, to] = await range();
      await page.mouse.click(x + width * 0.6, y + 64);
      await settledAt((from + (to - from) * 0.6) * 1000, 10_000);
      await page.mouse.move(x + width * 0.25, y + 64);
      await page.mouse.wheel(0, -400);
      await expect.poll(async () => (await range())[1] - (await range())[0]).toBeLessThan((to - from) * 0.8);
      const [from2, to2] = await range();
      expect(from2 + (to2 - from2) * 0.25).toBeCloseTo(from + (to - from) * 0.25, -1);
      await page.mouse.move(x + width * 0.5, y + 64);
      await page.mouse.down();
      await page.mouse.move(x + width * 0.7, y + 64, { steps: 5 });
      await page.mouse.up();
      await expect.poll(async () => (await range())[0]).toBeCloseTo(from2 - (to2 - from2) * 0.2, -2);
    });

    it('the timeline is a slider that the keyboard moves and a screen reader reads', async () => {
      await openPast(past.personMs);
      await page.keyboard.press(' ');
      const slider = page.getByRole('slider', { name: 'Timeline' });
      await slider.focus();
      const second = await pausedSecond();
      await page.keyboard.press('Shift+ArrowLeft');
      await settledAt(second - 30_000);
      expect(await slider.getAttribute('aria-valuetext')).toBe(`Today ${clockText(second - 30_000)}`);
    });

    it('goes from event to event', async () => {
      await openPast(past.personMs - 12 * minute);
      await page.keyboard.press(']');
      await settledAt(past.personMs - 9 * minute - 1000, 2500);
      await page.keyboard.press(']');
      await settledAt(past.personMs - 1000, 2500);
      await page.keyboard.press('[');
      await settledAt(past.personMs - 9 * minute - 1000, 2500);
    });

    it('steps one picture at a time', async () => {
      await openPast(past.personMs);
      await page.waitForFunction(() => document.querySelector('video')!.currentTime > 0.8);
      await page.keyboard.press(' ');
      const time = (): Promise<number> => page.evaluate(() => document.querySelector('video')!.currentTime);
      const still = () =>
        page.waitForFunction(() => {
          const video = document.querySelector('video')!;
          return video.paused && !video.seeking;
        });
      await still();
      const before = await time();
      await page.keyboard.press('.');
      await expect.poll(time).toBeGreaterThan(before);
      await still();
      const first = await time();
      await page.keyboard.press('.');
      await expect.poll(time).toBeCloseTo(first + 1 / 15, 1);
      await still();
      await page.keyboard.press(',');
      await expect.poll(time).toBeLessThan(first + 0.04);
    });

    it('sixteen times as fast passes a minute in a few seconds', async () => {
      await openPast(past.personMs);
      await page.getByLabel('Speed').selectOption('16');
      const begin = await shownSecond();
      await expect.poll(shownSecond, { timeout: 15_000 }).toBeGreaterThan(begin + minute);
    });

    it('marks a range and exports it, with progress and a download', async () => {
      await openPast(past.personMs);
      await page.keyboard.press(' ');
      await page.keyboard.press('i');
      const start = await pausedSecond();
      await page.keyboard.press('k');
      await settledAt(start + 30_000);
      await page.keyboard.press('o');
      await page.getByRole('button', { name: 'Export' }).click();
      const link = page.getByRole('link', { name: /Download/ });
      await link.waitFor();
      expect(await link.getAttribute('href')).toMatch(/^\/api\/exports\/x\d+\/file$/);
      const [job] = hub.exports.values();
      expect(job!.to - job!.from).toBeGreaterThan(29_000);
      expect(job!.to - job!.from).toBeLessThan(31_000);
    });

    it('L goes live, and a step back from live is the moment just seen', async () => {
      await openPast(past.personMs);
      await page.keyboard.press('l');
      await liveState('live');
      await expect.poll(() => page.url()).not.toContain('at=');
      await page.keyboard.press('j');
      await settledAt(Date.now() - 30_000, 6000);
    });

    it('another camera is shown at the same moment', async () => {
      await openPast(past.personMs);
      await page.keyboard.press(' ');
      const second = await pausedSecond();
      await page.getByLabel('Camera', { exact: true }).selectOption(drive);
      await page.waitForURL((url) => url.pathname.endsWith(drive));
      await settledAt(second, 1500);
    });

    it('the address names the moment, so that a reload leads to it', async () => {
      await openPast(past.personMs);
      await typeTime(clockText(past.personMs + 2 * minute));
      await page.waitForURL((url) => url.searchParams.get('at') === String(past.personMs + 2 * minute));
      await page.reload();
      await settledAt(past.personMs + 2 * minute, 3000);
    });

    it('fits a phone: nothing is wider than the screen', async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await openPast(past.personMs);
      await page.keyboard.press('i');
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
    });
  },
);
