/**
 * Process entry of the recorder. Speaks HubToRecorder and RecorderToHub over the fork channel and serves the media bus.
 * Invariant: told to stop, or left by its parent, it closes every segment before it exits with 0.
 */
import { systemClock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { HubToRecorder } from '#core/domain/worker-protocol.ts';
import { Recorder } from '#core/media/recorder/recorder.ts';
import { startRtspPull } from '#core/media/rtsp/pull.ts';
import { ReadBatcher } from '#core/media/rtsp/read-batcher.ts';
import { SlabPool } from '#core/media/rtsp/slab-pool.ts';
import { listenToParent, sendToParent } from './parent.ts';

/** One JSON line per entry on stderr, which the supervisor takes into its own log. */
function line(level: string): (fields: object, message: string) => void {
  return (fields, message) => {
    const { err, ...rest } = fields as { err?: unknown };
    const error = err === undefined ? {} : { error: err instanceof Error ? err.stack : errorText(err) };
    process.stderr.write(`${JSON.stringify({ level, message, ...rest, ...error })}\n`);
  };
}

const log: Logger = { debug: () => undefined, info: line('info'), warn: line('warn'), error: line('error') };
const batcher = new ReadBatcher({ nap: true });
const pool = new SlabPool();

/** A page asks for its pictures within this time after it was opened. */
const nearMs = 5_000;
const near = {};
let dozeOff: NodeJS.Timeout | undefined;
function lookUp(): void {
  clearTimeout(dozeOff);
  batcher.stayAwake(near, true);
  dozeOff = setTimeout(() => {
    batcher.stayAwake(near, false);
  }, nearMs);
}

const recorder = new Recorder({
  clock: systemClock,
  log,
  send: sendToParent,
  startPull: (target, sink) =>
    startRtspPull(target, sink, {
      clock: systemClock,
      batcher,
      pool,
      log: (message, detail) => {
        log.warn({ cameraId: target.cameraId, ...detail }, message);
      },
    }),
});

/** Resolves when the parent has taken all that was sent before. */
async function flushed(): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => {
    const last = { type: 'heartbeat', rssBytes: process.memoryUsage.rss(), cpuMs: process.cpuUsage().user / 1000 };
    process.send?.(last, () => {
      resolve();
    });
  });
}

// Ctrl-C reaches the whole group: the hub decides in which order its children end.
process.on('SIGINT', () => undefined);
listenToParent(
  (message: Exclude<HubToRecorder, { type: 'stop' }>) => {
    if (message.type === 'viewers-near') lookUp();
    else recorder.handle(message);
  },
  async () => {
    await recorder.stop();
    await flushed();
  },
);
await recorder.start();
