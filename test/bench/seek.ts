/** Seeking in the player of a real Chromium on a real hub: from the click on the timeline to the displayed frame, and scrub pictures. */
import { launchBrowser, whyNoChromium } from '../support/browser.ts';
import { startHub, until } from '../support/hub-process.ts';
import { seededRandom } from '../support/random.ts';
import { openMeasured, type MeasuredPage } from './measured-page.ts';
import { mainClip, subClip, whyNot } from './media.ts';
import { percentile } from './process-figures.ts';
import type { Bench } from './row.ts';
import { startSource } from './source-process.ts';

const port = 17_559;
const recordS = 100;
const seeks = 40;

export const bench: Bench = async function* () {
  const reason = whyNot() ?? whyNoChromium;
  if (reason !== null) {
    yield { what: 'seek', skipped: reason };
    return;
  }
  const source = await startSource(port, [mainClip(), subClip()]);
  const hub = await startHub({ port: 17_563 });
  const browser = await launchBrowser();
  try {
    const { id } = await hub.call<{ id: string }>('POST', '/api/cameras', {
      name: 'Seek',
      url: `rtsp://127.0.0.1:${port}/0/a`,
      subUrl: `rtsp://127.0.0.1:${port}/1/a`,
    });
    const began = Date.now();
    await until(`${recordS} s of recording`, recordS + 60, async () => {
      const { spans } = await hub.call<{ spans: { startMs: number; endMs: number }[] }>(
        'GET',
        `/api/recordings?cameraId=${id}&from=${began - 60_000}&to=${Date.now() + 60_000}`,
      );
      return spans.some((span) => span.endMs - span.startMs > recordS * 1000);
    });
    const recorded = { fromMs: began + 5_000, toMs: began + 95_000 };
    const measured = await openNarrow(await openMeasured(browser, hub, `/camera/${id}?at=${began + 50_000}`));
    const random = seededRandom(3);
    const durations: number[] = [];
    for (let i = 0; i < seeks; i++) {
      const before = (await measured.durations('porchlight:seek')).length;
      const { x, y } = await placeOf(measured, recorded.fromMs + random() * (recorded.toMs - recorded.fromMs));
      await measured.page.mouse.click(x, y);
      const seen = await until('a displayed frame', 10, async () => {
        const all = await measured.durations('porchlight:seek');
        return all.length > before ? all : null;
      });
      durations.push(...seen.slice(before));
    }
    await measured.close();
    const p95 = percentile(durations, 95);
    yield {
      what: `seek in the player to displayed frame, 1080p30 (${durations.length} seeks)`,
      measured: `p50 ${percentile(durations, 50).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
      target: 'p95 <= 250 ms',
      met: p95 <= 250,
    };
    // A page of its own: this one has its pictures already.
    const fresh = await openNarrow(await openMeasured(browser, hub, `/camera/${id}?at=${began + 50_000}`));
    const scrubs = await scrub(fresh, recorded);
    await fresh.close();
    const scrubP95 = percentile(scrubs, 95);
    yield {
      what: `scrub thumbnail (${scrubs.length} shown)`,
      measured: `p50 ${percentile(scrubs, 50).toFixed(0)} ms, p95 ${scrubP95.toFixed(0)} ms`,
      target: 'p95 <= 100 ms',
      met: scrubP95 <= 100,
    };
  } finally {
    await browser.close();
    await hub.stop();
    source.stop();
  }
};

/** The narrowest view of the timeline, around the playhead: there each pixel is some 90 ms, so seeks are exact. */
async function openNarrow(measured: MeasuredPage): Promise<MeasuredPage> {
  const { page } = measured;
  await page.locator('[data-player-mode=recorded]:not([data-seeking])').waitFor();
  const timeline = page.getByRole('slider', { name: 'Timeline' });
  await timeline.focus();
  await until('the narrowest view', 10, async () => {
    await page.keyboard.press('+');
    const { fromMs, toMs } = await viewOf(measured);
    return toMs - fromMs <= 125_000;
  });
  return measured;
}

async function viewOf({ page }: MeasuredPage): Promise<{ fromMs: number; toMs: number }> {
  const timeline = page.getByRole('slider', { name: 'Timeline' });
  const secondsOf = async (name: string): Promise<number> => Number(await timeline.getAttribute(name));
  return { fromMs: (await secondsOf('aria-valuemin')) * 1000, toMs: (await secondsOf('aria-valuemax')) * 1000 };
}

/** Where on the page a moment is, to a second. Most of what is recorded is in the view; what is not lands at its edge. */
async function placeOf(measured: MeasuredPage, ms: number): Promise<{ x: number; y: number }> {
  const box = await measured.page.getByRole('slider', { name: 'Timeline' }).boundingBox();
  if (!box) throw new Error('the timeline has no size');
  const { fromMs, toMs } = await viewOf(measured);
  const share = Math.min(0.98, Math.max(0.02, (ms - fromMs) / (toMs - fromMs)));
  return { x: box.x + box.width * share, y: box.y + box.height / 2 };
}

async function scrub(measured: MeasuredPage, recorded: { fromMs: number; toMs: number }): Promise<number[]> {
  const from = await placeOf(measured, recorded.fromMs);
  const to = await placeOf(measured, recorded.toMs);
  await measured.clear();
  for (let i = 0; i < 120; i++) {
    await measured.page.mouse.move(from.x + (to.x - from.x) * (i / 120), from.y);
    await measured.page.waitForTimeout(40);
  }
  return measured.durations('porchlight:scrub');
}
