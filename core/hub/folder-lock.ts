/**
 * `<data>/hub.lock`: pid, start of that process and address of the hub that uses the folder. A lock whose process is gone, or
 * whose pid now belongs to another process, is stale and taken over.
 */
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import { writeFileAtomic } from '#core/base/atomic-file.ts';
import { HubError } from '#core/base/errors.ts';

const content = z.object({ pid: z.number().int().positive(), started: z.string(), url: z.string().nullable() });
type Content = z.infer<typeof content>;

export interface FolderLock {
  /** Says where the hub is, for the message a second one prints. */
  setUrl(url: string): void;
  release(): void;
}

/** Throws `data_folder_in_use` naming the hub that runs. */
export function lockFolder(path: string): FolderLock {
  const mine: Content = { pid: process.pid, started: processStart(process.pid) ?? '', url: null };
  for (let attempt = 0; ; attempt++) {
    if (createExclusive(path, JSON.stringify(mine))) break;
    const other = readLock(path);
    if (other && other.pid !== process.pid && isAlive(other))
      throw new HubError(
        'data_folder_in_use',
        `Another Porchlight (process ${other.pid}${other.url === null ? '' : `, ${other.url}`}) uses this data folder. ` +
          'Open that one, stop it first, or choose another folder with --data.',
      );
    if (attempt >= 3)
      throw new HubError('data_folder_in_use', `The lock ${path} can't be taken. Delete it and start again.`);
    rmSync(path, { force: true });
  }
  return {
    setUrl(url) {
      mine.url = url;
      writeFileAtomic(path, JSON.stringify(mine), 0o600);
    },
    release() {
      // Only ours: after a take-over it belongs to another hub.
      if (readLock(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

function createExclusive(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return true;
}

function readLock(path: string): Content | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return content.parse(JSON.parse(text));
  } catch {
    // Torn by a power cut: nobody who runs wrote it.
    return null;
  }
}

function isAlive(lock: Content): boolean {
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    // EPERM: it runs, as another user.
  }
  const started = processStart(lock.pid);
  return started === null || lock.started === '' || started === lock.started;
}

/** When a process started, in whatever form the system gives; null where it can't be known. */
function processStart(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      // Field 22, counted after the command name, which may hold spaces and brackets.
      return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
    }
    if (process.platform === 'darwin')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2_000 }).trim();
  } catch {
    return null; // not there any more, or not ours to look at: the pid alone decides
  }
  return null;
}
