/**
 * `npm run check`: types, lint, format, layers, dead code and unit tests, two at a time, so that it stays under a minute on two
 * cores. Prints what failed whole, and nothing of what passed. What tsc and ESLint learned is kept in node_modules/.cache.
 * `--no-tests`: for those who run all tests anyway.
 */
import { spawn } from 'node:child_process';

const cache = 'node_modules/.cache/check';
const types = (project: string): string =>
  `tsc -p tsconfig.${project}.json --incremental --tsBuildInfoFile ${cache}/${project}.tsbuildinfo`;
/** The long ones first. */
const tasks: [string, string][] = [
  ['lint', `eslint . --cache --cache-location ${cache}/eslint`],
  ['types of core', types('core')],
  ['types of the tests', types('test')],
  ['types of the interface', types('renderer')],
  ...(process.argv.includes('--no-tests') ? [] : [['unit tests', 'vitest run --project unit'] as [string, string]]),
  ['layers', 'npm run --silent layers'],
  ['dead code', 'knip'],
  ['format', 'prettier --check . --log-level warn --cache'],
];

let failed = 0;
async function work(): Promise<void> {
  for (let task = tasks.shift(); task; task = tasks.shift()) {
    const [name, command] = task;
    const [program = '', ...args] = command.split(' ');
    const began = performance.now();
    // npm puts node_modules/.bin on the path; on Windows its programs are command files.
    const child = spawn(process.platform === 'win32' ? `${program}.cmd` : program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => {
      child.once('error', (error) => {
        output += error.message;
        resolve(1);
      });
      child.once('exit', resolve);
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code !== 0) {
      failed++;
      console.log(output);
    } else if (name === 'unit tests') {
      console.log(
        output
          .split('\n')
          .filter((line) => /^\s*(SKIPPED|.*Tests )/.test(line))
          .join('\n'),
      );
    }
  }
}
await Promise.all([work(), work()]);
process.exit(failed > 0 ? 1 : 0);
