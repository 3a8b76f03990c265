/** Development: the hub restarts when its sources change, the interface is served by Vite with hot reload. Ctrl-C ends both. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const children: ChildProcess[] = [
  spawn(
    process.execPath,
    ['--watch', '--watch-path=core', '--watch-path=migrations', 'core/main.ts', '--no-open', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit' },
  ),
  spawn(process.execPath, [join(root, 'node_modules/vite/bin/vite.js')], {
    cwd: root,
    stdio: 'inherit',
  }),
];
// Cookies do not look at ports: who is signed in at the hub is signed in at Vite's address, too.
console.error('Open the printed link once to sign in; then http://127.0.0.1:7481 is the interface with hot reload.');

const stop = (): void => {
  for (const child of children) child.kill('SIGTERM');
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
for (const child of children) child.on('exit', stop);
