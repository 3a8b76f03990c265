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
    const measured = await openMeasured(browser, hub, `/camera/${id}?at=${began + 30_000}`);
    const random = seededRandom(3);
    const timeline = measured.page.getByRole('slider', { name: 'Timeline' });
    const box = await timeline.boundingBox();
    if (!box) throw new Error('the timeline has no size');
    // The narrowest zoom, so that most of the strip is recorded.
    await measured.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let i = 0; i < 30; i++) await measured.page.mouse.wheel(0, -400);
    await measured.page.waitForTimeout(500);
    const durations: number[] = [];
    for (let i = 0; i < seeks; i++) {
      const before = (await measured.durations('porchlight:seek')).length;
      await measured.page.mouse.click(box.x + box.width * (0.35 + random() * 0.3), box.y + box.height / 2);
      const seen = await until('a displayed frame', 10, async () => {
        const all = await measured.durations('porchlight:seek');
        return all.length > before ? all : null;
      });
      durations.push(...seen.slice(before));
    }
    const p95 = percentile(durations, 95);
    yield {
      what: `seek in the player to displayed frame, 1080p30 (${durations.length} seeks)`,
      measured: `p50 ${percentile(durations, 50).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
      target: 'p95 <= 250 ms',
      met: p95 <= 250,
    };
    const scrubs = await scrub(measured, box);
    const scrubP95 = percentile(scrubs, 95);
    yield {
      what: `scrub thumbnail (${scrubs.length} shown)`,
      measured: `p50 ${percentile(scrubs, 50).toFixed(0)} ms, p95 ${scrubP95.toFixed(0)} ms`,
      target: 'p95 <= 100 ms',
      met: scrubP95 <= 100,
    };
    await measured.close();
  } finally {
    await browser.close();
    await hub.stop();
    source.stop();
  }
};

async function scrub(
  measured: MeasuredPage,
  box: { x: number; y: number; width: number; height: number },
): Promise<number[]> {
  await measured.clear();
  for (let i = 0; i < 120; i++) {
    await measured.page.mouse.move(box.x + box.width * (0.3 + (i / 120) * 0.35), box.y + box.height / 2);
    await measured.page.waitForTimeout(40);
  }
  return measured.durations('porchlight:scrub');
}
