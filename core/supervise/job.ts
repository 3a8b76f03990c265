/**
 * One process for one job, with limits on time, memory and silence. Invariant: when runJob settles the process is gone.
 * A crash, a hang or a lie of the process is a failed job and nothing more.
 */
import { errorText, HubError } from '#core/base/errors.ts';
import { systemClock } from '#core/base/clock.ts';
import type { Logger } from '#core/base/logger.ts';
import type { Heartbeat, HubToSandbox, SandboxJob, SandboxToHub } from '#core/domain/worker-protocol.ts';
import { SupervisedChild } from './child.ts';

export interface JobInit {
  entry: string;
  job: SandboxJob;
  timeoutMs: number;
  signal: AbortSignal;
  onProgress: (fraction: number) => void;
  logger: Logger;
}

/** Rejects with `unavailable` (crash, timeout, cancelled) or with the job's own failure as `internal`. */
export async function runJob(init: JobInit): Promise<{ bytes: number }> {
  const child = new SupervisedChild<HubToSandbox, SandboxToHub>({
    name: 'sandbox',
    entry: init.entry,
    clock: systemClock,
    logger: init.logger,
    env: { UV_THREADPOOL_SIZE: '4' },
    execArgv: ['--max-old-space-size=512'],
    heartbeatTimeoutMs: 20_000,
    killAfterMs: 3_000,
    termAfterMs: 1_500,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<{ bytes: number }>((resolve, reject) => {
      const fail = (message: string): void => reject(new HubError('unavailable', message));
      child.onMessage = (message: SandboxToHub | Heartbeat) => {
        if (message.type === 'progress') init.onProgress(Math.min(1, Math.max(0, message.fraction)));
        else if (message.type === 'done') resolve({ bytes: message.bytes });
        else if (message.type === 'failed') reject(new HubError('internal', message.message));
      };
      child.onSpawn = () => {
        child.send({ type: 'run', job: init.job });
      };
      child.onEnd = () => fail('The process that made the file ended unexpectedly. Try again.');
      timer = setTimeout(() => fail('Making the file took too long. Export a shorter span.'), init.timeoutMs);
      init.signal.addEventListener('abort', () => fail('It was cancelled.'), { once: true });
      child.start();
      if (!child.running) fail('Exports are not part of this installation.');
    });
  } finally {
    clearTimeout(timer);
    child.onEnd = () => undefined;
    await child.stop().catch((error: unknown) => {
      init.logger.warn({ error: errorText(error) }, 'a job process could not be stopped');
    });
  }
}
