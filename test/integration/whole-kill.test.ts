/**
 * kill -9 of the hub, the recorder and every other child at random moments, twenty times, while a camera is recorded. Each time at
 * most the last second is missing, every file plays in an independent player, no row is without a file and no file without a row.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../support/random.ts';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { skipFor, whyNoFfmpeg, whyNoProc } from '../support/tools.ts';
import { startVirtualCamera } from '../support/virtual-camera.ts';
import { workerPids } from '../support/worker-pids.ts';
import { removeFolder } from '../support/remove-folder.ts';

const kills = 20;
const targets = ['recorder', 'hub', 'analyser', 'detector'] as const;
const port = 29_480;

interface Span {
  startMs: number;
  endMs: number;
}

describe.skipIf(skipFor('kill -9 of every process', whyNoProc))('F36: kill -9 at random moments', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'porchlight-kill-'));
  let camera: Awaited<ReturnType<typeof startVirtualCamera>>;
  let hub: HubProcess;
  let cameraId = '';
  const random = seededRandom(20_261_122);

  beforeAll(async () => {
    camera = await startVirtualCamera({});
    hub = await startHub({ port, dataDir });
    const added = await hub.call<{ id: string }>('POST', '/api/cameras', {
      name: 'Porch',
      url: camera.url,
      subUrl: camera.subUrl,
    });
    cameraId = added.id;
    await until('first recording', 30, async () => (await spans()).length > 0);
  });

  afterAll(async () => {
    await hub.stop();
    await camera.stop();
    removeFolder(dataDir);
  });

  const spans = async (): Promise<Span[]> => {
    const now = Date.now();
    const answer = await hub.call<{ spans: Span[] }>(
      'GET',
      `/api/recordings?cameraId=${cameraId}&from=${now - 3_600_000}&to=${now + 60_000}`,
    );
    return answer.spans.toSorted((a, b) => a.startMs - b.startMs);
  };

  it(`loses at most the last second in ${kills} kills`, async () => {
    for (let i = 0; i < kills; i++) {
      await until('recording goes on', 30, async () => ((await spans()).at(-1)?.endMs ?? 0) > Date.now() - 3_000);
      await new Promise((resolve) => setTimeout(resolve, 300 + random() * 1_500));
      const target = targets[i % targets.length] ?? 'hub';
      const pid = target === 'hub' ? hub.pid : workerPids(hub.pid).get(target);
      if (pid === undefined) throw new Error(`no ${target} is running`);
      const killedMs = Date.now();
      const ended = new Promise((resolve) => hub.child.once('exit', resolve));
      process.kill(pid, 'SIGKILL');
      if (target === 'hub') {
        await ended;
        hub = await startHub({ port, dataDir });
      }
      await until(
        `recording after kill ${i} (${target})`,
        30,
        // Long enough for the next kill to have a second before it.
        async () => {
          const last = (await spans()).at(-1);
          return last !== undefined && last.endMs > killedMs + 2_500 && last.endMs - last.startMs > 1_500;
        },
      );
      const covering = (await spans()).filter(
        (span) => span.startMs <= killedMs - 1_000 && span.endMs >= killedMs - 1_000,
      );
      expect(covering, `kill ${i} of the ${target}: what was recorded until a second before is there`).toHaveLength(1);
      if (target === 'analyser' || target === 'detector') {
        expect(covering[0]?.endMs, `kill ${i} of the ${target} does not touch recording`).toBeGreaterThan(
          killedMs + 2_000,
        );
      }
    }
  }, 600_000);

  it('every file has a row, every row a file, and every file plays in an independent player', async () => {
    await hub.stop();
    const folder = join(dataDir, 'recordings', cameraId, 'main');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mp4'));
    expect(files.length).toBeGreaterThan(kills / 2);
    hub = await startHub({ port, dataDir });
    const now = Date.now();
    const recorded = await until(
      'the index is reconciled',
      20,
      async () =>
        (
          await hub.call<{ spans: (Span & { bytes: number })[] }>(
            'GET',
            `/api/recordings?cameraId=${cameraId}&from=0&to=${now}`,
          )
        ).spans,
    );
    const rowBytes = recorded.reduce((sum, span) => sum + span.bytes, 0);
    const oldFiles = files.map((name) => join(folder, name));
    const fileBytes = oldFiles.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(rowBytes).toBeGreaterThanOrEqual(fileBytes);
    if (whyNoFfmpeg !== null) {
      console.log(`SKIPPED playing the files in an independent player: ${whyNoFfmpeg}.`);
      return;
    }
    for (const file of oldFiles) {
      const played = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], { encoding: 'utf8' });
      expect(played.stderr, file).toBe('');
      expect(played.status, file).toBe(0);
    }
  }, 180_000);
});
