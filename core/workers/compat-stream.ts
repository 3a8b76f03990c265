/** Process entry of one odd camera's ingest: a HubToCompat with a single stream. libav may hang or crash here and take nothing with it. */
import { systemClock } from '#core/base/clock.ts';
import type { CompatToHub, HubToCompat } from '#core/domain/worker-protocol.ts';
import { CompatStreamRunner } from '#core/media/compat/compat-stream.ts';
import { listenToParent, sendToParent } from './parent.ts';

let runner: CompatStreamRunner | null = null;

listenToParent(
  (message: HubToCompat) => {
    const stream = message.type === 'configure' ? message.streams[0] : undefined;
    if (message.type !== 'configure' || !stream || runner) return;
    const { busPath, busToken } = message;
    const onStuck = (): never => process.exit(3);
    runner = new CompatStreamRunner({ stream, busPath, busToken, clock: systemClock, onStuck });
    runner.start();
  },
  () => runner?.stop(),
);
const ready: CompatToHub = { type: 'ready' };
sendToParent(ready);
