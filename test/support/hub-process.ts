/** A hub started as a person would start it: its process, its address, its token. For whole-system tests and benchmarks. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from './remove-folder.ts';

export interface HubProcess {
  child: ChildProcess;
  pid: number;
  dataDir: string;
  base: string;
  /** Contents of the data folder's api-token. */
  token: string;
  /** From spawn to the one line on standard output. */
  startedMs: number;
  /** The link that signs a browser in. */
  openUrl: string;
  call: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  stop: () => Promise<void>;
}

const root = join(import.meta.dirname, '../..');

/** `dataDir` given: it is used as it is and kept by `stop`; otherwise a temporary one is made and removed. */
export async function startHub(options: { port: number; args?: string[]; dataDir?: string }): Promise<HubProcess> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'porchlight-hub-'));
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      join(root, 'core/main.ts'),
      '--data',
      dataDir,
      '--port',
      String(options.port),
      '--no-open',
      ...(options.args ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: root },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`the hub ended with ${String(code)} before it was ready: ${text}`)));
  });
  const startedMs = performance.now() - began;
  const openUrl = /http:\S+/.exec(line)?.[0] ?? '';
  const base = `http://127.0.0.1:${options.port}`;
  const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(base + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(timer);
    if (options.dataDir === undefined) removeFolder(dataDir);
  };
  return { child, pid: child.pid ?? 0, dataDir, base, token, startedMs, openUrl, call, stop };
}

/** Waits until `check` gives something, at most `seconds`. */
export async function until<T>(
  what: string,
  seconds: number,
  check: () => Promise<T | null | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await check();
    if (value !== null && value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
