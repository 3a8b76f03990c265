/** Development: the hub restarts when its sources change, the interface is served by Vite with hot reload. Ctrl-C ends both. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const devOrigin = 'http://localhost:5173';
const children: ChildProcess[] = [
  spawn(
    process.execPath,
    ['--watch', '--watch-path=core', '--watch-path=migrations', 'core/main.ts', '--no-open', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PORCHLIGHT_DEV_ORIGIN: devOrigin } },
  ),
  spawn(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), '--port', '5173', '--strictPort'], {
    cwd: root,
    stdio: 'inherit',
  }),
];
console.error(`The interface with hot reload: ${devOrigin} (open the printed link with port 5173 in it to sign in)`);

const stop = (): void => {
  for (const child of children) child.kill('SIGTERM');
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
for (const child of children) child.on('exit', stop);
