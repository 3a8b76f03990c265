/** From `node core/main.ts` to the first answer of the API, five times, against a bare Node start; and the idle hub's memory. */
import { spawnSync } from 'node:child_process';
import { startHub } from '../support/hub-process.ts';
import { canMeasure, memoryMb, percentile } from './process-figures.ts';
import type { Bench } from './row.ts';

export const bench: Bench = async function* () {
  const times: number[] = [];
  let memory = { rss: 0, pss: 0 };
  for (let run = 0; run < 5; run++) {
    const began = performance.now();
    const hub = await startHub({ port: 17_560 });
    await hub.call('GET', '/api/health');
    times.push(performance.now() - began);
    if (run === 4 && canMeasure) {
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      memory = memoryMb([hub.pid]);
    }
    await hub.stop();
  }
  const began = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  const bareMs = performance.now() - began;
  const median = percentile(times, 50);
  yield {
    what: 'start to first API answer (median of 5)',
    measured: `${median.toFixed(0)} ms`,
    against: `bare node: ${bareMs.toFixed(0)} ms`,
    ratio: median / bareMs,
    target: '<= 1500 ms',
    met: median <= 1500,
  };
  if (canMeasure) {
    yield {
      what: 'hub memory, idle',
      measured: `${memory.rss.toFixed(0)} MB RSS (${memory.pss.toFixed(0)} PSS)`,
      target: '<= 150 MB',
      met: memory.rss <= 150,
    };
  } else yield { what: 'hub memory, idle', skipped: 'memory is read from /proc, which this system has not' };
};
