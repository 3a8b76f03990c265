/** Live pictures in a real Chromium on a real hub: from RTP arrival to the displayed frame, and how soon a tile has its first picture. */
import { launchBrowser, whyNoChromium } from '../support/browser.ts';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { openMeasured } from './measured-page.ts';
import { mainClip, subClip, whyNot } from './media.ts';
import { percentile } from './process-figures.ts';
import type { Bench } from './row.ts';
import { startSource } from './source-process.ts';

const port = 17_558;

export const bench: Bench = async function* () {
  const reason = whyNot() ?? whyNoChromium;
  if (reason !== null) {
    yield { what: 'live', skipped: reason };
    return;
  }
  const source = await startSource(port, [mainClip(), subClip()]);
  const hub = await startHub({ port: 17_562 });
  const browser = await launchBrowser();
  try {
    const id = await addCameras(hub, 4);
    for (const [path, what] of [
      ['/', 'live, 640x360@15, four tiles'],
      [`/camera/${id}`, 'live, 1080p30, one viewer'],
    ] as const) {
      const measured = await openMeasured(browser, hub, path);
      await until('first pictures', 20, async () => (await measured.durations('porchlight:live:frame')).length > 30);
      await measured.clear();
      const frames = await until('300 frames', 60, async () => {
        const durations = await measured.durations('porchlight:live:frame');
        return durations.length >= 300 ? durations : null;
      });
      await measured.close();
      const p50 = percentile(frames, 50);
      yield {
        what: `${what}: RTP arrival to displayed frame`,
        measured: `p50 ${p50.toFixed(0)} ms, p95 ${percentile(frames, 95).toFixed(0)} ms`,
        target: 'p50 <= 100 ms',
        met: p50 <= 100,
      };
    }
    const first: number[] = [];
    const measured = await openMeasured(browser, hub, '/');
    for (let visit = 0; visit < 10; visit++) {
      await measured.page.goto(`${hub.base}/`);
      first.push(
        ...(await until('four first pictures', 30, async () => {
          const durations = await measured.durations('porchlight:live:first-picture');
          return durations.length >= 4 ? durations : null;
        })),
      );
    }
    await measured.close();
    const p95 = percentile(first, 95);
    yield {
      what: 'first picture of a tile (40 joins, four at once)',
      measured: `p50 ${percentile(first, 50).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
      target: 'p95 <= 300 ms',
      met: p95 <= 300,
    };
  } finally {
    await browser.close();
    await hub.stop();
    source.stop();
  }
};

async function addCameras(hub: HubProcess, count: number): Promise<string> {
  let id = '';
  for (let i = 0; i < count; i++) {
    const added = await hub.call<{ id: string }>('POST', '/api/cameras', {
      name: `Camera ${i}`,
      url: `rtsp://127.0.0.1:${port}/0/${i}`,
      subUrl: `rtsp://127.0.0.1:${port}/1/${i}`,
      detect: { enabled: false },
    });
    id = added.id;
  }
  await until('all live', 30, async () =>
    (await hub.call<{ cameras: { state: string }[] }>('GET', '/api/cameras')).cameras.every(
      (camera) => camera.state === 'live',
    ),
  );
  return id;
}
