/**
 * Process entry of the detector: loads one model and answers pictures over its own local bus. Speaks HubToDetector and
 * DetectorToHub over the fork channel. Invariant: when the model can't be used it says why and exits with 1; it never
 * stays up without answering.
 */
import { readFileSync } from 'node:fs';
import { systemClock } from '#core/base/clock.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { DetectorToHub, HubToDetector } from '#core/domain/worker-protocol.ts';
import { Detector } from '#core/detect/detector.ts';
import { DetectorService } from '#core/detect/detector-service.ts';
import { readNotes } from '#core/detect/user-models.ts';
import { listenToParent, sendToParent } from './parent.ts';

type Configure = Extract<HubToDetector, { type: 'configure' }>;

const figuresEveryMs = 2_000;
/** Runs that fail in a row until the process gives up: a model that fails always must not look alive. */
const mostFailures = 10;

let detector: Detector | null = null;
let failures = 0;
let changes: Promise<void> = Promise.resolve();

const send = (message: DetectorToHub): void => sendToParent(message);
const log = (level: string, message: string, fields: object = {}): void => {
  process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};

const service = new DetectorService({
  clock: systemClock,
  detect: async (image, minScore) => {
    if (!detector) throw new HubError('unavailable', 'The model is being loaded.');
    const detections = await detector.detect(image, minScore);
    failures = 0;
    return detections;
  },
  onError: (error) => {
    if (error instanceof HubError && error.code === 'bad_request') return;
    log('warn', 'a picture could not be looked at', { error: errorText(error) });
    if (detector && ++failures >= mostFailures) fail(`The model "${detector.info.name}" fails on every picture.`);
  },
});

/** Says it, and ends once it is said. */
function fail(message: string): void {
  log('error', message);
  const last: DetectorToHub = { type: 'failed', message };
  if (process.connected) process.send?.(last, () => process.exit(1));
  else process.exit(1);
  setTimeout(() => process.exit(1), 1_000).unref();
}

async function configure({ modelPath, modelName, engine }: Configure): Promise<void> {
  const startMs = systemClock.monoMs();
  try {
    const before = detector;
    detector = null;
    await before?.close();
    const notes = modelName === 'built-in' ? {} : readNotes(modelPath);
    const loaded = await Detector.load(readFileSync(modelPath), modelName, notes, engine);
    // The first run of a session is slower and is where a broken model shows.
    await loaded.detect({ data: new Uint8Array(320 * 320 * 3).fill(114), width: 320, height: 320 }, 0.5);
    detector = loaded;
    failures = 0;
    if (loaded.fallbackReason)
      log('warn', 'the native inference engine is not used, detection takes about four times as long', {
        reason: loaded.fallbackReason,
      });
    const loadMs = systemClock.monoMs() - startMs;
    send({ type: 'ready', ...service.address, engine: loaded.engine, model: loaded.info, loadMs });
  } catch (error) {
    fail(error instanceof HubError ? error.message : `The model "${modelName}" can't be loaded: ${errorText(error)}`);
  }
}

// Ctrl-C reaches the whole group: the hub decides in which order its children end.
process.on('SIGINT', () => undefined);
await service.start();
let told = '';
setInterval(() => {
  if (!detector) return;
  const figures = service.figures();
  // Where nothing moves there is nothing to tell.
  const news = [figures.runs, figures.queued, figures.dropped].join();
  if (news === told) return;
  told = news;
  send(figures);
}, figuresEveryMs).unref();
listenToParent(
  async (message: Configure) => {
    changes = changes.then(() => configure(message));
    await changes;
  },
  async () => {
    service.stop();
    await detector?.close();
  },
);
