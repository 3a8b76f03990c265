/**
 * A camera we did not write is recorded through the whole product for 45 s. Afterwards every recorded second is decoded by an
 * independent player, and frame numbers, counts and times are compared with what the camera sent.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { readRecordedFile, segmentFiles } from '../support/recorded-frames.ts';
import { startRig, type Rig } from '../support/rtsp-rig.ts';
import { skipFor, whyNoFfmpeg, whyNoRig } from '../support/tools.ts';

const port = 29_600;
const cameras = [
  { name: 'main', codec: 'avc1', fps: 30 },
  { name: 'h265', codec: 'hvc1', fps: 25 },
  { name: 'mainpcmu', codec: 'avc1', fps: 30 },
] as const;
const recordMs = 45_000;

describe.skipIf(skipFor('recording compared with what was sent', whyNoRig, whyNoFfmpeg))(
  'every recorded second',
  () => {
    let rig: Rig | null = null;
    let hub: HubProcess;
    const ids = new Map<string, string>();

    beforeAll(async () => {
      rig = await startRig(port, cameras.map((camera) => camera.name)); // prettier-ignore
      hub = await startHub({ port: port + 10 });
      for (const { name } of cameras) {
        const added = await hub.call<{ id: string }>('POST', '/api/cameras', {
          name,
          url: `${rig?.baseUrl ?? ''}/${name}`,
          detect: { enabled: false },
        });
        ids.set(name, added.id);
      }
      const began = Date.now();
      await until('45 s are recorded', 90, async () => {
        const now = Date.now();
        const { spans } = await hub.call<{ spans: { cameraId: string; startMs: number; endMs: number }[] }>(
          'GET',
          `/api/recordings?from=${began}&to=${now + 10_000}`,
        );
        return cameras.every(({ name }) =>
          spans.some((span) => span.cameraId === ids.get(name) && span.endMs - span.startMs > recordMs),
        );
      });
      hub.child.kill('SIGTERM');
      await new Promise((resolve) => hub.child.once('exit', resolve));
    }, 180_000);

    afterAll(async () => {
      await hub.stop();
      await rig?.stop();
    });

    it.each(cameras)(
      'F34: $name decodes without a missing, doubled or torn frame, at the time it was sent',
      ({ name, fps }) => {
        const files = segmentFiles(join(hub.dataDir, 'recordings', ids.get(name) ?? '', 'main')).map(readRecordedFile);
        expect(files.length).toBeGreaterThanOrEqual(4);
        let previous: number | null = null;
        const delays: number[] = [];
        for (const file of files) {
          expect(file.complaints, file.path).toBe('');
          expect(file.decoded, `${file.path}: every frame decodes`).toBe(file.frames.length);
          for (const frame of file.frames) {
            if (previous !== null) expect(frame.frame, `after frame ${previous} in ${file.path}`).toBe(previous + 1);
            previous = frame.frame;
            delays.push(frame.shownMs - frame.sentMs);
          }
        }
        const frames = files.reduce((sum, file) => sum + file.frames.length, 0);
        expect(frames / fps).toBeGreaterThan(recordMs / 1000 - 3);
        const median = delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)] ?? Number.NaN;
        expect(Math.abs(median), 'a picture is filed at the time it was sent').toBeLessThan(250);
        expect(Math.max(...delays) - Math.min(...delays), 'time does not jump').toBeLessThan(250);
      },
      120_000,
    );
  },
);
