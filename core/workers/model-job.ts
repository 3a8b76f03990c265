/** Process entry of one job with a detection model: making the built-in one, or trying one that a person brought. Ends after it. */
import { readFileSync } from 'node:fs';
import { errorText, HubError } from '#core/base/errors.ts';
import type { HubToModelJob, ModelJob, ModelJobToHub, SelfTestResult } from '#core/domain/worker-protocol.ts';
import { deliverToParent, listenToParent } from './parent.ts';

const builtInName = 'built-in';

async function run(job: ModelJob): Promise<ModelJobToHub> {
  try {
    if (job.kind === 'built-in') {
      const { ensureBuiltInModel } = await import('#core/detect/model-store.ts');
      return { type: 'built-in', path: (await ensureBuiltInModel(job.cacheDir)).path };
    }
    return { type: 'self-test', result: await tryModel(job.path, job.name) };
  } catch (error) {
    return { type: 'failed', code: error instanceof HubError ? error.code : 'internal', message: errorText(error) };
  }
}

async function tryModel(path: string, name: string): Promise<SelfTestResult> {
  const [{ Detector }, { readNotes }, { selfTest }, { drawTestPicture, withBoxes }] = await Promise.all([
    import('#core/detect/detector.ts'),
    import('#core/detect/user-models.ts'),
    import('#core/detect/self-test.ts'),
    import('./test-picture.ts'),
  ]);
  const notes = name === builtInName ? {} : readNotes(path);
  const detector = await Detector.load(readFileSync(path), name, notes, 'auto');
  const picture = drawTestPicture();
  const result = await selfTest(detector, picture);
  return { ...result, jpeg: withBoxes(picture, result.detections) };
}

listenToParent(
  async (message: HubToModelJob) => {
    if (message.type !== 'run') return;
    await deliverToParent(await run(message.job));
    process.exit(0);
  },
  () => undefined,
);
