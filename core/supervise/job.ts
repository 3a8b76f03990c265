/**
 * One process for one job, with limits on time, memory and silence. Invariant: when runJob settles the process is gone.
 * A crash, a hang or a lie of the process is a failed job and nothing more.
 */
import { errorText, HubError } from '#core/base/errors.ts';
import { systemClock } from '#core/base/clock.ts';
import type { Logger } from '#core/base/logger.ts';
import type { Heartbeat } from '#core/domain/worker-protocol.ts';
import { SupervisedChild } from './child.ts';

export interface JobInit<Out, Result> {
  name: string;
  entry: string;
  /** Goes into `{type: 'run', job}`. */
  job: unknown;
  /** Looks at each message: a value ends the job well, a throw ends it badly, undefined waits on. */
  read: (message: Out) => Result | undefined;
  timeoutMs: number;
  signal?: AbortSignal;
  maxHeapMb: number;
  logger: Logger;
}

/** Rejects with `unavailable` after a crash, a timeout or a cancellation, and with what `read` throws. */
export async function runJob<Out extends { type: string }, Result>(init: JobInit<Out, Result>): Promise<Result> {
  const child = new SupervisedChild<{ type: string; job?: unknown }, Out>({
    name: init.name,
    entry: init.entry,
    clock: systemClock,
    logger: init.logger,
    env: { UV_THREADPOOL_SIZE: '4' },
    execArgv: [`--max-old-space-size=${init.maxHeapMb}`],
    heartbeatTimeoutMs: 20_000,
    termAfterMs: 1_500,
    killAfterMs: 3_000,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      const fail = (message: string): void => reject(new HubError('unavailable', message));
      child.onMessage = (message: Out | Heartbeat) => {
        if (message.type === 'heartbeat') return;
        try {
          const result = init.read(message as Out);
          if (result !== undefined) resolve(result);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(errorText(error)));
        }
      };
      child.onSpawn = () => {
        child.send({ type: 'run', job: init.job });
      };
      child.onEnd = () => fail('The process that did this ended unexpectedly. Try again.');
      timer = setTimeout(() => fail('It took too long and was stopped.'), init.timeoutMs);
      init.signal?.addEventListener('abort', () => fail('It was cancelled.'), { once: true });
      child.start();
      if (!child.running) fail('This is not part of the installation.');
    });
  } finally {
    clearTimeout(timer);
    child.onEnd = () => undefined;
    await child.stop();
  }
}
