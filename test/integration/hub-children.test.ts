/** Supervision with real processes. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#core/base/clock.ts';
import { silentLogger } from '#core/base/logger.ts';
import { Backoff } from '#core/supervise/backoff.ts';
import { SupervisedChild, type ChildInit } from '#core/supervise/child.ts';
import { runJob } from '#core/supervise/job.ts';
import { removeFolder } from '../support/remove-folder.ts';

type Out = { type: string; [key: string]: unknown };
const children: SupervisedChild<{ type: string }, Out>[] = [];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-child-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
});
afterAll(() => {
  removeFolder(folder);
});

function entry(name: string, code: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, code);
  return path;
}

function supervise(path: string, init: Partial<ChildInit> = {}): SupervisedChild<{ type: string }, Out> {
  const child = new SupervisedChild<{ type: string }, Out>({
    name: 'test',
    entry: path,
    clock: systemClock,
    logger: silentLogger,
    restart: { firstMs: 20, mostMs: 50 },
    termAfterMs: 150,
    killAfterMs: 300,
    ...init,
  });
  children.push(child);
  return child;
}

async function until(what: string, check: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!check()) {
    if (performance.now() > deadline) throw new Error(`${what}: not in time`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process: what we ask about
  }
};

const beating = `setInterval(() => process.send({ type: 'heartbeat', rssBytes: 1, cpuMs: 2 }), 20);
process.on('disconnect', () => process.exit(0));`;

describe('a child', () => {
  it('that dies is started again, and says so', async () => {
    const child = supervise(entry('dies', `${beating} process.on('message', () => process.exit(3));`));
    child.start();
    await until('up', () => child.status().state === 'up');
    const first = child.status().pid;
    child.send({ type: 'die' });
    await until('up again', () => child.status().state === 'up' && child.status().pid !== first);
    expect(child.status()).toMatchObject({ restarts: 1, lastEnd: 'it exited with code 3' });
  });

  it('F5: that is frozen (SIGSTOP) is killed and replaced', async () => {
    const child = supervise(entry('frozen', beating), { heartbeatTimeoutMs: 900 });
    child.start();
    await until('up', () => child.status().state === 'up');
    const first = child.status().pid ?? 0;
    process.kill(first, 'SIGSTOP');
    await until('replaced', () => child.status().state === 'up' && child.status().pid !== first);
    expect(alive(first)).toBe(false);
    expect(child.status().lastEnd).toMatch(/silent/);
  });

  it('F5: that ignores the stop message and SIGTERM is gone after stop', async () => {
    const child = supervise(entry('stubborn', `${beating} process.on('SIGTERM', () => undefined);`));
    child.start();
    await until('up', () => child.status().state === 'up');
    const pid = child.status().pid ?? 0;
    await child.stop();
    expect(alive(pid)).toBe(false);
    expect(child.status().state).toBe('stopped');
  });

  it('that stops when it is told so exits by itself', async () => {
    const child = supervise(
      entry('polite', `${beating} process.on('message', (m) => { if (m.type === 'stop') process.exit(0); });`),
      { termAfterMs: 3_000, killAfterMs: 4_000 },
    );
    child.start();
    await until('up', () => child.status().state === 'up');
    const began = performance.now();
    await child.stop();
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('F6: that fails at once, again and again, leaves no process behind', async () => {
    const pids = new Set<number>();
    const child = supervise(entry('broken', 'process.exit(1)'), { restart: { firstMs: 1, mostMs: 1 } });
    child.onSpawn = () => pids.add(child.status().pid ?? 0);
    child.start();
    await until('restarts', () => child.status().restarts >= 10);
    await child.stop();
    expect([...pids].filter(alive)).toEqual([]);
  });

  it('knows nothing of the environment that it does not need', async () => {
    process.env['SECRET_OF_THE_HUB'] = 'x';
    const child = supervise(
      entry(
        'env',
        `${beating} process.send({ type: 'env', secret: process.env.SECRET_OF_THE_HUB ?? null, path: 'PATH' in process.env });`,
      ),
    );
    const said: Out[] = [];
    child.onMessage = (message) => said.push(message as Out);
    child.start();
    await until('answer', () => said.some((message) => message.type === 'env'));
    delete process.env['SECRET_OF_THE_HUB'];
    expect(said.find((message) => message.type === 'env')).toMatchObject({ secret: null, path: true });
  });

  it('whose message makes a handler throw is not blamed for it', async () => {
    const child = supervise(entry('blamed', beating));
    child.onMessage = () => {
      throw new Error('the database is full');
    };
    child.start();
    await until('up', () => child.status().rssBytes === 1);
    expect(child.status()).toMatchObject({ state: 'up', restarts: 0 });
  });

  it('that is not installed is missing, not restarted', () => {
    const child = supervise(join(folder, 'nothing.mjs'));
    child.start();
    expect(child.status()).toMatchObject({ state: 'missing', pid: null });
  });
});

describe('a job', () => {
  const job = (path: string, timeoutMs = 3_000, signal?: AbortSignal): Promise<number> =>
    runJob<Out, number>({
      name: 'job',
      entry: path,
      job: { n: 20 },
      read: (message) => (message.type === 'done' ? (message['value'] as number) : undefined),
      timeoutMs,
      maxHeapMb: 128,
      logger: silentLogger,
      ...(signal ? { signal } : {}),
    });

  it('gives its answer', async () => {
    const path = entry(
      'job',
      `process.on('message', (m) => { if (m.job) process.send({ type: 'done', value: m.job.n + 1 }); });`,
    );
    expect(await job(path)).toBe(21);
  });

  it('F48: that hangs, crashes or is cancelled fails with a sentence, and its process is gone', async () => {
    const hangs = entry('hangs', `${beating} process.on('SIGTERM', () => undefined);`);
    await expect(job(hangs, 200)).rejects.toThrow(/too long/);
    await expect(job(entry('crashes', 'process.abort()'))).rejects.toThrow(/ended unexpectedly/);
    await expect(job(hangs, 5_000, AbortSignal.timeout(100))).rejects.toThrow(/cancelled/);
  }, 15_000);
});

describe('backoff', () => {
  it('doubles up to its limit and begins anew after a minute well', () => {
    const backoff = new Backoff(500, 30_000);
    const waits = Array.from({ length: 9 }, () => backoff.next(0));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(backoff.next(60_000)).toBe(500);
  });
});
