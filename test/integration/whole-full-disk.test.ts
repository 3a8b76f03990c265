/**
 * F39: a volume that is too small, for real (a tmpfs of 60 MB). Recording goes on by deleting the oldest, the database stays
 * whole, a restart works, and the hub says what is wrong when even that is not enough.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statfsSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { skipFor } from '../support/tools.ts';
import { startVirtualCamera } from '../support/virtual-camera.ts';

const port = 29_730;
const mountPoint = mkdtempSync(join(tmpdir(), 'porchlight-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', mountPoint]).status === 0;
if (!mounted) rmdirSync(mountPoint);

describe.skipIf(skipFor('a full volume', mounted ? null : 'a small volume can be mounted by root only'))(
  'F39: a full volume',
  () => {
    let hub: HubProcess;
    let camera: Awaited<ReturnType<typeof startVirtualCamera>>;
    let id = '';

    beforeAll(async () => {
      camera = await startVirtualCamera({});
      hub = await startHub({ port, dataDir: mountPoint });
      await hub.call('PATCH', '/api/settings', { minFreeBytes: 0 });
      id = (
        await hub.call<{ id: string }>('POST', '/api/cameras', {
          name: 'Small disk',
          url: camera.url,
          detect: { enabled: false },
        })
      ).id;
    });

    afterAll(async () => {
      await hub.stop();
      await camera.stop();
      spawnSync('umount', [mountPoint]);
      rmdirSync(mountPoint);
    });

    const lastEndMs = async (): Promise<number> => {
      const now = Date.now();
      const { spans } = await hub.call<{ spans: { endMs: number }[] }>(
        'GET',
        `/api/recordings?cameraId=${id}&from=${now - 3_600_000}&to=${now + 60_000}`,
      );
      return Math.max(0, ...spans.map((span) => span.endMs));
    };
    const freeBytes = (): number => {
      const { bavail, bsize } = statfsSync(mountPoint);
      return bavail * bsize;
    };

    it('goes on by deleting the oldest recordings', async () => {
      await until('recording', 30, async () => (await lastEndMs()) > Date.now() - 4_000);
      await until('two finished segments', 40, async () => {
        const now = Date.now();
        const { spans } = await hub.call<{ spans: { startMs: number; endMs: number }[] }>(
          'GET',
          `/api/recordings?cameraId=${id}&from=0&to=${now}`,
        );
        return spans.some((span) => span.endMs - span.startMs > 22_000);
      });
      // Somebody else fills the disk: what is free is gone at once.
      const ballast = join(mountPoint, 'ballast');
      writeFileSync(ballast, Buffer.alloc(Math.max(0, freeBytes() - 64 * 1024)));
      const filledMs = Date.now();
      await until('recording goes on', 60, async () => (await lastEndMs()) > filledMs + 12_000);
      expect(statSync(ballast).size).toBeGreaterThan(0);
      await hub.call('GET', '/api/cameras');
      unlinkSync(ballast);
    }, 180_000);

    it('starts again on a volume with nothing free', async () => {
      hub.child.kill('SIGKILL');
      await new Promise((resolve) => hub.child.once('exit', resolve));
      const ballast = join(mountPoint, 'ballast');
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, freeBytes() - 4096)));
      } catch (error) {
        // The recorder was still closing its file: then the volume is fuller than we meant, which is fine.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
      hub = await startHub({ port, dataDir: mountPoint });
      const { cameras } = await hub.call<{ cameras: { name: string }[] }>('GET', '/api/cameras');
      expect(cameras.map((each) => each.name)).toEqual(['Small disk']);
      unlinkSync(ballast);
      const freedMs = Date.now();
      await until('recording returns', 90, async () => (await lastEndMs()) > freedMs + 3_000);
    }, 180_000);
  },
);
