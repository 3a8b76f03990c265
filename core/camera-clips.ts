/**
 * What the virtual camera plays: files of the person's own, made into clips once and kept in the system's folder for things
 * that can be made again, or the demo's scenes, drawn the first time (about 10 s for the first of them).
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readSync, closeSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from './base/clock.ts';
import { HubError } from './base/errors.ts';
import { clipMagic, readClip } from './demo/clip.ts';
import type { LoadedClip, Programme } from './demo/playout.ts';
import { sceneVersion } from './demo/scene-maker.ts';
import { sceneAt } from './demo/schedule.ts';
import type { FromDemoMaker } from './domain/demo-protocol.ts';
import type { VirtualClip } from './domain/virtual-camera-protocol.ts';
import type { Heartbeat } from './domain/worker-protocol.ts';

export interface OpenClips {
  clips: LoadedClip[];
  /** Null: the one clip in a loop. */
  programme: Programme | null;
  /** Called with all clips each time another scene has been drawn. */
  onMore: (listener: (clips: LoadedClip[]) => void) => void;
}

/** Throws `not_found` and `unsupported_source` for files that can't be played. */
export async function openClips(
  { clip, subClip, bothCodecs }: { clip: string | null; subClip: string | null; bothCodecs: boolean },
  clock: Clock,
  say: (text: string) => void,
): Promise<OpenClips> {
  if (clip === null) return drawnScenes(clock, say);
  const main = resolve(clip);
  const sub = subClip === null ? null : resolve(subClip);
  for (const path of [main, sub]) {
    if (path !== null && !existsSync(path)) throw new HubError('not_found', `There is no file ${path}.`);
  }
  // Clips of ours need no making; tests start faster with them.
  const ready = isClip(main) && sub !== null && isClip(sub);
  const paths = ready ? { mainPath: main, subPath: sub } : await make(main, sub, bothCodecs, say);
  const other = join(paths.mainPath, '..', otherName(paths.mainPath));
  const otherSub = join(paths.subPath, '..', otherName(paths.subPath));
  const loaded: LoadedClip = { name: 'clip', main: readClip(paths.mainPath), sub: readClip(paths.subPath) };
  if (existsSync(other) && existsSync(otherSub)) loaded.other = { main: readClip(other), sub: readClip(otherSub) };
  return { clips: [loaded], programme: null, onMore: () => undefined };
}

/** The clip in the other encoding lies beside it. */
export function otherName(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? '').replace(/\.clip$/, '.other.clip');
}

function isClip(path: string): boolean {
  const head = Buffer.alloc(clipMagic.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  return head.toString('latin1') === clipMagic;
}

function cacheFolder(): string {
  const base =
    process.platform === 'win32'
      ? (process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : (process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  const folder = join(base, 'porchlight', 'camera');
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function make(
  main: string,
  sub: string | null,
  bothCodecs: boolean,
  say: (text: string) => void,
): Promise<Omit<VirtualClip, 'name'>> {
  const hash = createHash('sha256').update(`1${bothCodecs ? 'both' : ''}`);
  for (const path of [main, sub]) {
    if (path === null) continue;
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\n${size}\n${mtimeMs}\n`);
  }
  const name = hash.digest('hex').slice(0, 16);
  const folder = cacheFolder();
  const mainPath = join(folder, `${name}-main.clip`);
  const subPath = join(folder, `${name}-sub.clip`);
  if (existsSync(mainPath) && existsSync(subPath)) return { mainPath, subPath };
  say('Reading the clip. This is done once.');
  const args = [main, sub ?? '', mainPath, subPath, bothCodecs ? 'both' : ''];
  const child = fork(join(import.meta.dirname, 'workers', 'clip-maker.ts'), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failures: string[] = [];
  child.on('message', (message: { failed: string }) => failures.push(message.failed));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new HubError('unsupported_source', failures[0] ?? `${main} could not be read.`);
  return { mainPath, subPath };
}

async function drawnScenes(clock: Clock, say: (text: string) => void): Promise<OpenClips> {
  const folder = join(cacheFolder(), sceneVersion());
  const clips: LoadedClip[] = [];
  const listeners: ((clips: LoadedClip[]) => void)[] = [];
  const child = fork(join(import.meta.dirname, 'workers', 'demo-maker.ts'), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  if (!existsSync(folder)) say('Drawing the scene. The first picture takes some seconds; this is done once.');
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new HubError('unavailable', 'The scene could not be drawn.')));
    child.on('message', (message: FromDemoMaker | Heartbeat) => {
      if (message.type === 'failed')
        reject(new HubError('unavailable', `The scene could not be drawn: ${message.message}`));
      if (message.type === 'made') child.kill();
      if (message.type !== 'clip') return;
      const { name, mainPath, subPath } = message.clip;
      clips.push({ name, main: readClip(mainPath), sub: readClip(subPath) });
      for (const listener of listeners) listener([...clips]);
      resolve();
    });
    child.send({ type: 'make', folder, light: 'day' });
  });
  // By day it is always: a camera that shows the night half of the time would be of little use for trying things.
  const noonMs = new Date(clock.nowMs()).setHours(12, 0, 0, 0);
  return {
    clips: [...clips],
    programme: (slot) => sceneAt(slot, noonMs, 'live'),
    onMore: (listener) => {
      listeners.push(listener);
      listener([...clips]);
    },
  };
}
