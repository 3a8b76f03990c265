/** Builds the interface when it was never built or a source of it is newer than the build. Runs before `npm start` and `npm test`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const built = join(root, 'dist/renderer/index.html');
const sources = ['renderer', 'core/api', 'core/domain', 'vite.config.ts', 'package-lock.json'];

function newestMs(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { recursive: true, withFileTypes: true }).reduce(
    (newest, entry) =>
      entry.isFile() ? Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs) : newest,
    0,
  );
}

const builtMs = existsSync(built) ? statSync(built).mtimeMs : 0;
const sourceMs = Math.max(...sources.map((source) => newestMs(join(root, source))));
const vite = join(root, 'node_modules/vite/bin/vite.js');
if (sourceMs > builtMs) {
  if (existsSync(vite)) {
    console.error('Building the interface…');
    const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: root,
      stdio: 'inherit',
    });
    process.exitCode = status ?? 1;
  } else if (builtMs === 0) {
    console.error('The interface is not built and vite is not installed. Run: npm install');
    process.exitCode = 1;
  }
}
