/**
 * `npm run bench [-- name …]`: speed and memory, each as a ratio to a peer or a floor in the same run. Prints one table and
 * writes test-output/bench.json. A comparison whose peer is not installed is skipped with its reason. Gates nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import type { Bench, Row } from './row.ts';

const benches: Record<string, () => Promise<Bench>> = {
  record: async () => (await import('./record.ts')).bench,
  detect: async () => (await import('./detect.ts')).bench,
  timeline: async () => (await import('./timeline.ts')).bench,
  start: async () => (await import('./start.ts')).bench,
  quiet: async () => (await import('./quiet.ts')).bench,
  live: async () => (await import('./live.ts')).bench,
  seek: async () => (await import('./seek.ts')).bench,
};

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

console.log(
  `Node ${process.version}, ${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown CPU'}, ${os.type()} ${os.release()}`,
);
const rows: Row[] = [];
let failed = false;
for (const [name, load] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n# ${name}`);
  try {
    const bench = await load();
    for await (const row of bench()) {
      rows.push(row);
      console.log(rowText(row));
    }
  } catch (error) {
    failed = true;
    console.error(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
console.log('\n| what | measured | compared with | ratio | target | met |\n|---|---|---|---|---|---|');
for (const row of rows) console.log(rowText(row));
mkdirSync('test-output', { recursive: true });
writeFileSync('test-output/bench.json', JSON.stringify(rows, null, 2));
process.exit(failed ? 1 : 0);

function rowText(row: Row): string {
  if (row.skipped !== undefined) return `| ${row.what} | skipped: ${row.skipped} | | | ${row.target ?? ''} | |`;
  const met = row.met === undefined ? '' : row.met ? 'yes' : 'no';
  return `| ${row.what} | ${row.measured ?? ''} | ${row.against ?? ''} | ${row.ratio?.toFixed(2) ?? ''} | ${row.target ?? ''} | ${met} |`;
}
