/** A browser, pictures and a fake hub per test: what the tests of the interface stand on. */
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchBrowser, openPage } from './browser.ts';
import { drawPictures, type DrawnPictures } from './drawn-pictures.ts';
import { makeSceneClip, sceneShape, type Clip } from './fake-player-media.ts';
import { FakeHub, type FakeHubOptions } from './fake-hub.ts';

interface BenchOptions extends Partial<FakeHubOptions> {
  path?: string;
  phone?: boolean;
  /** Cameras that are being added show a moving picture. */
  live?: boolean;
  /** Console errors that the test provokes. */
  expectedFaults?: RegExp[];
}

export class InterfaceBench {
  #browser: Browser | null = null;
  #pictures: DrawnPictures | null = null;
  #clip: Clip | null = null;

  /** `switches`: of Chromium. */
  async start(switches: readonly string[] = []): Promise<void> {
    this.#browser = await launchBrowser(switches);
    this.#pictures = await drawPictures(this.#browser);
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }

  /** Opens `path` on a fresh hub, runs the test, and checks that nothing was wrong in the console. */
  async open(
    { path = '/', phone = false, live = false, expectedFaults = [], ...home }: BenchOptions,
    test: (bench: { page: Page; hub: FakeHub }) => Promise<void>,
  ): Promise<void> {
    if (!this.#browser || !this.#pictures) throw new Error('start() first');
    if (live) this.#clip ??= makeSceneClip(this.#pictures.scene('door', 'none', false), sceneShape);
    const hub = new FakeHub({ pictures: this.#pictures, ...(live && this.#clip ? { clip: this.#clip } : {}), ...home });
    await hub.start();
    const viewport = phone ? { width: 390, height: 844 } : { width: 1440, height: 900 };
    const { page, faults, close } = await openPage(
      this.#browser,
      { viewport, hasTouch: phone, reducedMotion: 'reduce' },
      expectedFaults,
    );
    try {
      await page.goto(hub.url + path);
      await test({ page, hub });
      expect(faults, 'faults in the console').toEqual([]);
    } finally {
      await close();
      await hub.stop();
    }
  }
}

/** Polls until the value is as wished; `withinMs` is for what takes many steps. */
export async function eventually<T>(
  read: () => T | Promise<T>,
  wished: (value: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (wished(value)) return value;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(value)} after ${withinMs / 1000} s`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
