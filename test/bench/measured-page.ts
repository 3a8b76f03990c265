/** A browser page on a real hub that keeps the interface's own performance measures (`porchlight:*`). */
import type { Browser } from 'playwright-core';
import { openPage, type WatchedPage } from '../support/browser.ts';
import type { HubProcess } from '../support/hub-process.ts';

export interface MeasuredPage extends WatchedPage {
  /** Durations in ms of the measures with this name so far. */
  durations: (name: string) => Promise<number[]>;
  clear: () => Promise<void>;
}

/** Signed in with the hub's token; `path` is opened. */
export async function openMeasured(browser: Browser, hub: HubProcess, path: string): Promise<MeasuredPage> {
  const watched = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  const { page } = watched;
  await page.addInitScript(() => {
    performance.mark('porchlight:measure');
    const kept: [string, number][] = [];
    Object.assign(window, { keptMeasures: kept });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (entry.name.startsWith('porchlight:')) kept.push([entry.name, entry.duration]);
    }).observe({ type: 'measure' });
  });
  await page.request.post(`${hub.base}/api/session`, { data: { token: hub.token }, headers: { origin: hub.base } });
  await page.goto(hub.base + path);
  const durations = (name: string): Promise<number[]> =>
    page.evaluate(
      (wanted) =>
        (window as unknown as { keptMeasures: [string, number][] }).keptMeasures
          .filter(([entry]) => entry === wanted)
          .map(([, duration]) => duration),
      name,
    );
  const clear = (): Promise<void> =>
    page.evaluate(() => {
      (window as unknown as { keptMeasures: [string, number][] }).keptMeasures.length = 0;
    });
  return { ...watched, durations, clear };
}
