/**
 * `npm run fuzz [-- runs [seed]]`: mutated input for every parser that reads a camera's bytes, 10,000 of each unless told.
 * Ends with 1 at the first input that throws anything but a HubError, takes more than 200 ms, or at memory that grows.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fuzz, fuzzTargets } from '../support/fuzz-targets.ts';

const runs = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const mostGrowthBytes = 16_000_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

console.log(`${runs} mutated inputs per parser, seed ${seed}`);
for (const target of fuzzTargets) {
  await fuzz(target, 100, seed + 1);
  collect();
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  const slowestMs = await fuzz(target, runs, seed);
  const tookMs = performance.now() - start;
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  console.log(
    `${target.name.padEnd(32)} ${(tookMs / 1000).toFixed(1).padStart(6)} s  slowest ${slowestMs.toFixed(1).padStart(6)} ms  heap ${(grown / 1e6).toFixed(1).padStart(5)} MB`,
  );
  if (grown > mostGrowthBytes) throw new Error(`${target.name}: the heap grew by ${grown} bytes`);
}
