/** Process entry of one job with a detection model: making the built-in one, or trying one that a person brought. Ends after it. */
import { errorText, HubError } from '#core/base/errors.ts';
import type { HubToModelJob, ModelJob, ModelJobToHub } from '#core/domain/worker-protocol.ts';
import { deliverToParent, listenToParent } from './parent.ts';

async function run(job: ModelJob): Promise<ModelJobToHub> {
  try {
    if (job.kind === 'built-in') {
      const { ensureBuiltInModel } = await import('#core/detect/model-store.ts');
      return { type: 'built-in', path: (await ensureBuiltInModel(job.cacheDir)).path };
    }
    throw new HubError('unavailable', 'Models can not be tried in this version.');
  } catch (error) {
    return { type: 'failed', code: error instanceof HubError ? error.code : 'internal', message: errorText(error) };
  }
}

listenToParent(
  async (message: HubToModelJob) => {
    if (message.type !== 'run') return;
    await deliverToParent(await run(message.job));
    process.exit(0);
  },
  () => undefined,
);
