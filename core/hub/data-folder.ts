/** The data folder: where it is, what is in it, and the lock that keeps a second hub out. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '#core/base/atomic-file.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import { tendReserve } from './reserve.ts';

export interface DataFolder {
  root: string;
  database: string;
  recordings: string;
  snapshots: string;
  clips: string;
  models: string;
  cache: string;
  logs: string;
  secretKey: string;
  sidecar: string;
  /** Contents of api-token. */
  token: string;
  lock: FolderLock;
}

/** The standard place for a program's data on this system. */
export function defaultDataFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env['PORCHLIGHT_DATA']) return env['PORCHLIGHT_DATA'];
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Porchlight');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Porchlight');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'Porchlight');
}

/** Makes what is missing. Throws `data_folder_unwritable`, `data_folder_in_use`. */
export function openDataFolder(path: string): DataFolder {
  const root = resolve(path);
  const at = (name: string): string => join(root, name);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
    tendReserve(root);
    const lock = lockFolder(at('hub.lock'));
    try {
      for (const name of ['recordings', 'snapshots', 'clips', 'models', 'cache', 'logs'])
        mkdirSync(at(name), { recursive: true, mode: 0o700 });
      return {
        root,
        database: at('porchlight.db'),
        recordings: at('recordings'),
        snapshots: at('snapshots'),
        clips: at('clips'),
        models: at('models'),
        cache: at('cache'),
        logs: at('logs'),
        secretKey: at('secret.key'),
        sidecar: at('cameras.json'),
        token: readOrMakeToken(at('api-token')),
        lock,
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new HubError(
      'data_folder_unwritable',
      `The data folder ${root} can't be used (${errorText(error)}). Give this user the right to write it, or choose another one with --data.`,
      { cause: error },
    );
  }
}

function readOrMakeToken(path: string): string {
  if (existsSync(path)) {
    const token = readFileSync(path, 'utf8').trim();
    if (token.length >= 32) {
      chmodSync(path, 0o600);
      return token;
    }
    // Emptied by hand or by a full disk: a new one, rather than an open door.
    rmSync(path);
  }
  const token = randomBytes(32).toString('base64url');
  writeFileAtomic(path, `${token}\n`, 0o600);
  return token;
}
