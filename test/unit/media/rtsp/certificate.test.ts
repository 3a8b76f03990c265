import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { HubError } from '#core/base/errors.ts';
import { RtspSession } from '#core/media/rtsp/rtsp-session.ts';

const openssl = spawnSync('openssl', ['version']).status === 0;
if (!openssl) console.warn('Skipping certificates of cameras: openssl, which makes them, is not installed.');

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

function certificate(): string {
  const subject = ['-subj', '/CN=camera', '-days', '1', '-keyout', '-', '-out', '-'];
  return spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { encoding: 'utf8' })
    .stdout;
}

/** Counts what arrives and answers every request with 404. */
async function camera(): Promise<{ address: string; bytes: () => number }> {
  const pem = certificate();
  let bytes = 0;
  const server = createServer({ key: pem, cert: pem }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      bytes += data.length;
      socket.end('RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, bytes: () => bytes };
}

async function ask(address: string, pins: Record<string, string>): Promise<{ error: HubError; shown: string[] }> {
  const shown: string[] = [];
  const session = new RtspSession(
    {
      ...{ cameraName: 'Porch', url: `rtsps://${address}/s`, username: 'u', password: 'p', pins },
      onCertificate: (where, fingerprint) => shown.push(where, fingerprint),
    },
    { connectMs: 5_000, responseMs: 5_000 },
    { onPacket: () => undefined, onResync: () => undefined, onClose: () => undefined },
  );
  try {
    await session.description();
  } catch (error) {
    if (error instanceof HubError) return { error, shown };
    throw error;
  }
  throw new Error('It should have failed.');
}

test.skipIf(!openssl)(
  'the first certificate is told, the same is let in, another gets no byte of a request',
  async () => {
    const mine = await camera();
    const first = await ask(mine.address, {});
    expect(first.error.code).toBe('camera_path_not_found');
    expect(first.shown).toEqual([mine.address, expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)]);

    const known = await ask(mine.address, { [mine.address]: first.shown[1] ?? '' });
    expect(known.error.code).toBe('camera_path_not_found');
    expect(known.shown).toEqual([]);

    const other = await camera();
    const refused = await ask(other.address, { [other.address]: first.shown[1] ?? '' });
    expect(refused.error.code).toBe('camera_certificate');
    expect(refused.error.message).toContain('shows another certificate');
    expect(other.bytes()).toBe(0);
  },
);
