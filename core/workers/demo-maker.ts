/** Process entry: draws the demo's scenes and lays down its past. Speaks core/domain/demo-protocol.ts. */
import { errorText } from '#core/base/errors.ts';
import type { FromDemoMaker, ToDemoMaker } from '#core/domain/demo-protocol.ts';
import { daylight, nightlight } from '#core/demo/scene/light.ts';
import { Painter } from '#core/demo/scene/painter.ts';
import type { MediaTools } from '#core/demo/media-tools.ts';
import { makeScene, virtualClip } from '#core/demo/scene-maker.ts';
import { dayScenes, nightScenes } from '#core/demo/schedule.ts';
import { seedPast } from '#core/demo/seed.ts';
import { encodeAac, encodeJpegI420, H264Encoder } from '#core/media/codec/encoder.ts';
import { fragmentHead } from '#core/media/mp4/fragment.ts';
import { buildInitSection } from '#core/media/mp4/init-section.ts';
import { listenToParent, sendToParent } from './parent.ts';

const tools: MediaTools = {
  videoEncoder: (options) => new H264Encoder(options),
  aac: encodeAac,
  jpeg: encodeJpegI420,
  initSection: buildInitSection,
  fragmentHead,
};

const tell = (message: FromDemoMaker): void => sendToParent(message);
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function handle(message: ToDemoMaker): Promise<void> {
  if (message.type === 'make') {
    const light = message.light === 'day' ? daylight : nightlight;
    let painter: Painter | null = null;
    for (const scene of message.light === 'day' ? dayScenes : nightScenes) {
      await makeScene(message.folder, scene, () => (painter ??= new Painter(light)), tools, breathe);
      tell({ type: 'clip', clip: virtualClip(message.folder, scene) });
    }
    tell({ type: 'made', light: message.light });
  } else if (message.type === 'seed') {
    const totals = await seedPast(message, async (part) => {
      tell({ type: 'seeded-part', ...part });
      await breathe();
    });
    tell({ type: 'seeded', ...totals });
  }
}

listenToParent(
  (message: ToDemoMaker) => {
    handle(message).catch((error: unknown) => {
      tell({ type: 'failed', message: errorText(error) });
    });
  },
  () => undefined,
);
