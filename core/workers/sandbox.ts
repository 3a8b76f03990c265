/** Process entry of one job. Speaks HubToSandbox and SandboxToHub; ends after the job, whatever came of it. */
import { errorText, HubError } from '#core/base/errors.ts';
import type { HubToSandbox, SandboxJob, SandboxToHub } from '#core/domain/worker-protocol.ts';
import { runExport } from '#core/media/export/export-job.ts';
import { deliverToParent, listenToParent, sendToParent } from './parent.ts';

const progressEveryMs = 250;
const cancel = new AbortController();
let running: Promise<void> | null = null;

async function run(job: SandboxJob): Promise<void> {
  let toldMs = -Infinity;
  const progress = (fraction: number): void => {
    if (performance.now() - toldMs < progressEveryMs) return;
    toldMs = performance.now();
    const message: SandboxToHub = { type: 'progress', fraction };
    sendToParent(message);
  };
  let end: SandboxToHub;
  try {
    end = { type: 'done', ...(await runExport(job, progress, cancel.signal)) };
  } catch (error) {
    end = { type: 'failed', code: error instanceof HubError ? error.code : 'internal', message: errorText(error) };
  }
  await deliverToParent(end);
}

async function handle(message: HubToSandbox): Promise<void> {
  if (message.type !== 'run' || running) return;
  running = run(message.job);
  await running;
  process.exit(0);
}

listenToParent(handle, async () => {
  cancel.abort();
  await running;
});
