/** The hub as a process: how it starts, refuses and stops. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startHub, until } from '../support/hub-process.ts';
import { removeFolder } from '../support/remove-folder.ts';

const root = join(import.meta.dirname, '../..');
const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'porchlight-process-'));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const made of folders) removeFolder(made);
});

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [join(root, 'core/main.ts'), '--no-open', ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });

const exit = (child: { once(event: 'exit', heard: (code: number | null) => void): unknown }): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', resolve));

describe('the command line', () => {
  it('answers --version and --help without touching a data folder', () => {
    const data = join(folder(), 'untouched');
    expect(run('--version', '--data', data)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
    expect(run('--help', '--data', data).stdout).toMatch(/--data DIR/);
    expect(existsSync(data)).toBe(false);
  });

  it.each([
    [['--prot', '1'], /"--prot"/],
    [['extra'], /"extra"/],
    [['--port', 'abc'], /--port must be a number/],
    [['--port', '70000'], /--port must be a number/],
    [['--port'], /--port/],
  ])('%j is refused with one sentence and exit code 2', (args, about) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(about);
  });

  it('an address that is not of this machine is refused', () => {
    const { status, stderr } = run('--host', '203.0.113.7', '--data', folder(), '--port', '23110');
    expect(status).toBe(2);
    expect(stderr).toMatch(/203\.0\.113\.7 is not an address of this machine/);
  });
});

describe('a hub', () => {
  it('prints one line with a link that signs in once, keeps its secrets to the owner, and exits 0 on SIGTERM', async () => {
    const data = folder();
    const hub = await startHub({ port: 23_101, dataDir: data });
    try {
      expect(hub.openUrl).toMatch(/^http:\/\/127\.0\.0\.1:23101\/open\?key=[\w-]{32}$/);
      const first = await fetch(hub.openUrl, { redirect: 'manual' });
      expect(first.status).toBe(303);
      const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect((await fetch(`${hub.base}/api/cameras`, { headers: { cookie } })).status).toBe(200);
      expect((await fetch(hub.openUrl, { redirect: 'manual' })).headers.get('set-cookie')).toBeNull();
      if (process.platform !== 'win32')
        for (const name of ['api-token', 'secret.key', 'porchlight.db', 'hub.lock', 'logs/hub.log'])
          expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
      hub.child.kill('SIGTERM');
      expect(await exit(hub.child)).toBe(0);
      expect(existsSync(join(data, 'hub.lock'))).toBe(false);
      expect(readFileSync(join(data, 'logs/hub.log'), 'utf8')).toMatch(/hub stopped/);
    } finally {
      hub.child.kill('SIGKILL');
    }
  });

  it('goes on when nobody reads what it prints', async () => {
    const data = folder();
    const args = [join(root, 'core/main.ts'), '--data', data, '--port', '23112', '--no-open'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: root });
    child.stdout.destroy();
    child.stderr.destroy();
    try {
      await until('it answers', 20, async () => {
        const token = existsSync(join(data, 'api-token')) ? readFileSync(join(data, 'api-token'), 'utf8').trim() : '';
        const answer = await fetch('http://127.0.0.1:23112/api/health', {
          headers: { authorization: `Bearer ${token}` },
        })
          .then(({ status }) => status)
          .catch(() => 0);
        return answer === 200;
      });
      child.kill('SIGTERM');
      expect(await exit(child)).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('that was killed leaves a lock that the next one takes over, also when the pid is used again', async () => {
    const data = folder();
    const first = await startHub({ port: 23_102, dataDir: data });
    first.child.kill('SIGKILL');
    await exit(first.child);
    const lock = JSON.parse(readFileSync(join(data, 'hub.lock'), 'utf8')) as { pid: number };
    expect(lock.pid).toBe(first.pid);
    // The pid of somebody else: alive, but not the process that wrote the lock.
    writeFileSync(join(data, 'hub.lock'), JSON.stringify({ ...lock, pid: process.pid }));
    const second = await startHub({ port: 23_102, dataDir: data });
    await second.stop();
  });

  it('refuses a folder that another one uses, with exit code 5, and a port in use, with 3', async () => {
    const data = folder();
    const first = await startHub({ port: 23_103, dataDir: data });
    try {
      const sameFolder = run('--data', data, '--port', '23104');
      expect(sameFolder.status).toBe(5);
      expect(sameFolder.stderr).toContain(`process ${first.pid}`);
      expect(sameFolder.stderr).toContain('http://127.0.0.1:23103');
      expect(run('--data', folder(), '--port', '23103').status).toBe(3);
      // The refused ones must not have taken anything from the first.
      await first.call('GET', '/api/cameras');
    } finally {
      await first.stop();
    }
  });

  it('takes its children with it when it is killed', async () => {
    const hub = await startHub({ port: 23_105, dataDir: folder() });
    const log = (): string => readFileSync(join(hub.dataDir, 'logs/hub.log'), 'utf8');
    const pids = await until('children', 20, () => {
      const found = [...log().matchAll(/"child":"[^"]+","pid":(\d+)/g)].map((match) => Number(match[1]));
      return Promise.resolve(found.length >= 2 ? found : null);
    });
    hub.child.kill('SIGKILL');
    await exit(hub.child);
    await until('no child is left', 15, () => Promise.resolve(pids.every((pid) => !isAlive(pid))));
  });

  it('second Ctrl-C ends at once', async () => {
    const hub = await startHub({ port: 23_106, dataDir: folder() });
    hub.child.kill('SIGINT');
    hub.child.kill('SIGINT');
    expect([0, 130]).toContain(await exit(hub.child));
  });

  it('keeps cameras over a restart, and passwords out of files, answers and logs', async () => {
    const data = folder();
    const secret = 'p@ss:w/rd#"%';
    let hub = await startHub({ port: 23_107, dataDir: data });
    const { id } = await hub.call<{ id: string }>('POST', '/api/cameras', {
      name: 'Porch',
      url: 'rtsp://127.0.0.1:9/x',
      username: 'admin',
      password: secret,
    });
    await until('a first attempt', 15, async () => {
      const camera = await hub.call<{ state: string }>('GET', `/api/cameras/${id}`);
      return camera.state === 'offline';
    });
    await hub.stop();
    hub = await startHub({ port: 23_107, dataDir: data });
    expect(await hub.call('GET', `/api/cameras/${id}`)).toMatchObject({
      name: 'Porch',
      username: 'admin',
      hasPassword: true,
    });
    await hub.stop();
    for (const name of ['porchlight.db', 'cameras.json', 'logs/hub.log']) {
      const bytes = readFileSync(join(data, name)).toString('latin1');
      expect([name, bytes.includes(secret) || bytes.includes(encodeURIComponent(secret))]).toEqual([name, false]);
    }
  });

  it('refuses sockets of strangers, of foreign pages and of foreign hosts', async () => {
    const hub = await startHub({ port: 23_108, dataDir: folder() });
    try {
      const open = (headers: Record<string, string>): Promise<number> =>
        new Promise((resolve) => {
          const socket = new WebSocket(`${hub.base.replace('http', 'ws')}/api/live-events`, { headers });
          socket.once('open', () => {
            socket.close();
            resolve(101);
          });
          socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
          socket.once('error', () => resolve(-1));
        });
      const authorization = `Bearer ${hub.token}`;
      expect(await open({})).toBe(401);
      expect(await open({ authorization, origin: 'http://evil.example' })).toBe(403);
      expect(await open({ authorization, host: 'evil.example' })).toBe(403);
      expect(await open({ authorization, origin: hub.base })).toBe(101);
      expect(
        await statusOf({ host: '127.0.0.1', port: 23_108, path: '/api/cameras', headers: { host: 'evil.example' } }),
      ).toBe(403);
    } finally {
      await hub.stop();
    }
  });

  it('is told of changes as they happen', async () => {
    const hub = await startHub({ port: 23_109, dataDir: folder() });
    try {
      const socket = new WebSocket(`${hub.base.replace('http', 'ws')}/api/live-events`, {
        headers: { authorization: `Bearer ${hub.token}` },
      });
      const heard: { type: string }[] = [];
      socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as { type: string }));
      await new Promise((resolve) => socket.once('open', resolve));
      const { id } = await hub.call<{ id: string }>('POST', '/api/cameras', { name: 'A', url: 'rtsp://127.0.0.1:9/' });
      await hub.call('PATCH', '/api/settings', { theme: 'dark' });
      await hub.call('DELETE', `/api/cameras/${id}`);
      await until('all changes', 10, () =>
        Promise.resolve(
          ['camera', 'settings', 'camera-removed'].every((type) => heard.some((one) => one.type === type)),
        ),
      );
      socket.close();
    } finally {
      await hub.stop();
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process: what we ask about
  }
}

/** A raw request: fetch sets its own Host. */
function statusOf(options: http.RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
      .on('error', reject);
  });
}
