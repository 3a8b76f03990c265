/**
 * `npm test`: all tests, or those named on the command line. On a build machine (CI) up to three files that failed are run once more,
 * alone, after everything else: what is broken fails again, what only starved beside another passes and is named at the end.
 * More than three failed files, a fault outside of every file, or a failure anywhere else but on a build machine ends at once.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const mostFiles = 3;
const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');

function run(args: string[]): Promise<number> {
  const child = spawn(process.execPath, [vitest, 'run', ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** Paths of the files that failed, by Vitest's own report; none where it wrote no report. */
function failedFiles(report: string): string[] {
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      testResults: { name: string; status: string }[];
    };
    return testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative(process.cwd(), name));
  } catch (error) {
    console.error(`The test report could not be read: ${String(error)}`);
    return [];
  }
}

const named = process.argv.slice(2);
if (process.env['CI'] === undefined) process.exit(await run(named));

const folder = mkdtempSync(join(tmpdir(), 'porchlight-report-'));
const report = join(folder, 'report.json');
const first = await run([...named, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
const failed = first === 0 ? [] : failedFiles(report);
rmSync(folder, { recursive: true });
if (failed.length === 0 || failed.length > mostFiles) process.exit(first);

console.log(`\nFAILED, run once more alone:\n  ${failed.join('\n  ')}\n`);
const second = await run(failed);
if (second === 0) console.log(`\nUNSTEADY: failed beside others, passed alone:\n  ${failed.join('\n  ')}`);
process.exit(second);
