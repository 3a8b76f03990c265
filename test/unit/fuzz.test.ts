import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { HubError } from '../../core/base/errors.ts';
import { fuzz, fuzzTargets } from '../support/fuzz-targets.ts';

const runs = 500;

test.each(fuzzTargets)(
  `F47: ${runs} mutated $name: nothing but a HubError is thrown, nothing takes long, nothing stays`,
  { timeout: 60_000 },
  async (target) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await fuzz(target, 50, 1);
    collect();
    const before = process.memoryUsage().heapUsed;
    await fuzz(target, runs, 2026);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000);
  },
);

test.each(fuzzTargets)(
  'the seeds of $name are read without complaint, so mutations begin deep inside',
  async ({ name, seeds, run }) => {
    let complaints = 0;
    for (const seed of seeds) {
      try {
        await run(Buffer.from(seed as Uint8Array));
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        complaints++;
      }
    }
    // Some seeds are honest about having no video, or are no XML on purpose.
    expect(complaints, name).toBeLessThan(Math.max(2, seeds.length / 3));
  },
);
