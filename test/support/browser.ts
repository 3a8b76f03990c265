/**
 * A browser for the tests: the Chromium that is installed, never one that is downloaded. It talks to 127.0.0.1 only.
 * Page errors and console errors are collected, so that every test can say that there were none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const candidates = [
  process.env['PORCHLIGHT_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].filter((path): path is string => path !== undefined && path !== '');

/** Where Chromium is, or null. */
export const chromiumPath: string | null =
  candidates.find((path) => existsSync(path)) ??
  (['chromium', 'google-chrome'].find((name) => spawnSync(name, ['--version']).status === 0) || null);

export const whyNoChromium =
  chromiumPath === null ? 'Chromium is not here (set PORCHLIGHT_CHROMIUM to its path)' : null;

/** `more`: switches of Chromium, for instance a made-up microphone. */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  if (chromiumPath === null) throw new Error(whyNoChromium ?? 'no Chromium');
  // Playwright gives each launch an empty profile folder of its own and removes it afterwards.
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

export interface WatchedPage {
  page: Page;
  /** Console errors, page errors and requests that left 127.0.0.1, as text. */
  faults: string[];
  close: () => Promise<void>;
}

/** A page of its own context. `expected`: faults that a test provokes on purpose and that are not counted. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
  expected: RegExp[] = [],
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  const note = (text: string): void => {
    if (!expected.some((pattern) => pattern.test(text))) faults.push(text);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => note(`page: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') note(`request to ${request.url()}`);
  });
  return { page, faults, close: () => context.close() };
}
