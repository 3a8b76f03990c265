/** A data folder that can't be used: one clear sentence and an exit code, no stack; or the hub starts and says what it lost. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startHub, until } from '../support/hub-process.ts';
import { skipFor } from '../support/tools.ts';
import { startVirtualCamera } from '../support/virtual-camera.ts';
import { removeFolder } from '../support/remove-folder.ts';

const root = join(import.meta.dirname, '../..');
const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'porchlight-bad-'));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const made of folders) removeFolder(made);
});

interface Start {
  code: number | null;
  stderr: string;
}

function tryStart(...args: string[]): Promise<Start> {
  return tryCommand(process.execPath, [join(root, 'core/main.ts'), '--no-open', ...args]);
}

async function tryCommand(command: string, args: string[]): Promise<Start> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  return { code, stderr };
}

function expectOneSentence(result: Start, about: RegExp): void {
  expect(result.code).toBeGreaterThan(0);
  expect(result.stderr.trim().split('\n'), result.stderr).toHaveLength(1);
  expect(result.stderr).toMatch(about);
  expect(result.stderr).not.toMatch(/ {4}at /);
}

/** Rights do not stop the superuser; a file that is mounted read-only does. */
const readOnlyFile = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
const isolated = ['--mount', '--propagation', 'private', 'sh', '-c', readOnlyFile];

function whyNoReadOnlyFile(): string | null {
  const probe = join(folder(), 'probe');
  writeFileSync(probe, '');
  const tried = spawnSync('unshare', [...isolated, probe, 'sh', '-c', '! echo x >> "$0"', probe]);
  return tried.status === 0 ? null : 'a file can not be mounted read-only here (unshare, mount)';
}

describe.skipIf(skipFor('a read-only database', whyNoReadOnlyFile()))('a read-only database', () => {
  it('can be read, not written: the sentence names it and the next step, with its own exit code', async () => {
    const dataDir = folder();
    const first = await startHub({ port: 29_746, dataDir });
    await first.stop();
    const database = join(dataDir, 'porchlight.db');
    const hub = [process.execPath, join(root, 'core/main.ts'), '--no-open', '--data', dataDir, '--port', '29746'];
    const result = await tryCommand('unshare', [...isolated, database, ...hub]);
    expectOneSentence(result, /porchlight\.db can't be written\. Give this user the right to write it/);
    expect(result.code).toBe(7);
  });
});

describe('a data folder that cannot be used', () => {
  it('is a file', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'x');
    expectOneSentence(await tryStart('--data', path, '--port', '29741'), /file/);
  });

  it('two hubs on one folder: the second refuses and names the first', async () => {
    const dataDir = folder();
    const first = await startHub({ port: 29_742, dataDir });
    try {
      expectOneSentence(await tryStart('--data', dataDir, '--port', '29743'), /29742/);
    } finally {
      await first.stop();
    }
  });

  it('a port in use is named', async () => {
    const first = await startHub({ port: 29_744 });
    try {
      expectOneSentence(await tryStart('--data', folder(), '--port', '29744'), /29744/);
    } finally {
      await first.stop();
    }
  });

  it('F45: a corrupt database: starts, keeps the cameras, finds the recordings again, and says so', async () => {
    const dataDir = folder();
    const camera = await startVirtualCamera({});
    let hub = await startHub({ port: 29_745, dataDir });
    try {
      const { id } = await hub.call<{ id: string }>('POST', '/api/cameras', {
        name: 'Porch',
        url: camera.url,
        detect: { enabled: false },
      });
      const recordedMs = async (): Promise<number> => {
        const { spans } = await hub.call<{ spans: { startMs: number; endMs: number }[] }>(
          'GET',
          `/api/recordings?cameraId=${id}&from=0&to=${Date.now() + 60_000}`,
        );
        return spans.reduce((sum, span) => sum + span.endMs - span.startMs, 0);
      };
      await until('a few seconds', 40, async () => (await recordedMs()) > 5_000);
      hub.child.kill('SIGTERM');
      await new Promise((resolve) => hub.child.once('exit', resolve));
      writeFileSync(join(dataDir, 'porchlight.db'), Buffer.alloc(40_960, 'not a database '));
      hub = await startHub({ port: 29_745, dataDir });
      const { cameras } = await hub.call<{ cameras: { id: string; name: string }[] }>('GET', '/api/cameras');
      expect(cameras.map((each) => [each.id, each.name])).toEqual([[id, 'Porch']]);
      await until('the recordings are found again', 20, async () => (await recordedMs()) > 5_000);
      const health = await hub.call<{ checks: { name: string; status: string; message: string }[] }>(
        'GET',
        '/api/health',
      );
      expect(health.checks.find((check) => check.name === 'database')).toMatchObject({ status: 'degraded' });
    } finally {
      await hub.stop();
      await camera.stop();
    }
  }, 90_000);

  it('a folder inside a file is refused', async () => {
    const parent = folder();
    mkdirSync(join(parent, 'ok'));
    writeFileSync(join(parent, 'ok', 'file'), '');
    expectOneSentence(await tryStart('--data', join(parent, 'ok', 'file', 'data'), '--port', '29746'), /data/);
  });
});
