/**
 * Process entry of the compat ingest: one child process per stream, each supervised, so that one camera's hang or crash in
 * libav never reaches another. A stream whose settings changed gets a new process.
 */
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '#core/base/clock.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CompatStream, CompatToHub, HubToCompat } from '#core/domain/worker-protocol.ts';
import { SupervisedChild } from '#core/supervise/child.ts';
import { listenToParent, sendToParent } from './parent.ts';

interface Running {
  wanted: { busPath: string; busToken: string; stream: CompatStream };
  child: SupervisedChild<HubToCompat, CompatToHub>;
}

const entry = fileURLToPath(new URL('./compat-stream.ts', import.meta.url));
const children = new Map<string, Running>();

/** The hub logs what a child prints on stderr. */
const print = (fields: object, message: string): void => {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
};
const quiet = (): void => undefined;
const logger: Logger = { debug: quiet, info: quiet, warn: print, error: print };

function startChild(key: string, wanted: Running['wanted']): void {
  const child = new SupervisedChild<HubToCompat, CompatToHub>({
    name: `compat ${key}`,
    entry,
    clock: systemClock,
    logger,
    env: { UV_THREADPOOL_SIZE: '4' },
  });
  const { busPath, busToken, stream } = wanted;
  child.onSpawn = () => child.send({ type: 'configure', busPath, busToken, streams: [stream] });
  children.set(key, { wanted, child });
  child.start();
}

async function handle(message: HubToCompat): Promise<void> {
  if (message.type !== 'configure') return;
  const { busPath, busToken } = message;
  const wanted = new Map(
    message.streams.map((stream) => [`${stream.cameraId}/${stream.stream}`, { busPath, busToken, stream }]),
  );
  const old = [...children].filter(([key, running]) => !isDeepStrictEqual(running.wanted, wanted.get(key)));
  for (const [key] of old) children.delete(key);
  // A camera that takes one connection only must be let go before it is asked again.
  await Promise.all(old.map(([, { child }]) => child.stop()));
  for (const [key, stream] of wanted) if (!children.has(key)) startChild(key, stream);
}

let queue = Promise.resolve();
listenToParent(
  (message: HubToCompat) => (queue = queue.then(() => handle(message))),
  async () => {
    await Promise.all([...children.values()].map(({ child }) => child.stop()));
  },
);
const ready: CompatToHub = { type: 'ready' };
sendToParent(ready);
