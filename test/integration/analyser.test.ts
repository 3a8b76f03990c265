/** The analyser as a process, on a media bus with chosen streams: pictures on request, previews, sound, restarts. */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultDetectSettings } from '#core/domain/detection.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { snapshotPath } from '#core/domain/media-paths.ts';
import { readPreview, readPreviewIndex } from '#core/domain/preview-pack.ts';
import type { AnalyserCamera, AnalyserToHub, HubToAnalyser } from '#core/domain/worker-protocol.ts';
import { FakeRecorderBus } from '../support/fake-recorder-bus.ts';
import { jpegSize } from '../support/jpeg-size.ts';
import { readFootage } from '../support/footage.ts';
import { writeTestSegment } from '../support/test-segment.ts';
import { makeTestVideo } from '../support/test-video.ts';
import { sharedFolder, skipFor, whyNoFootage } from '../support/tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

const cameraId = 'caaaaaaaaaaaa' as CameraId;
const entry = join(import.meta.dirname, '../../core/workers/analyser.ts');

class AnalyserProcess {
  readonly messages: AnalyserToHub[] = [];
  readonly child: ChildProcess;
  stderr = '';

  constructor() {
    this.child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.child.on('message', (message) => this.messages.push(message as AnalyserToHub));
  }

  send(message: HubToAnalyser): void {
    this.child.send(message);
  }

  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    if (this.child.connected) this.send({ type: 'stop' });
    return await exited;
  }
}

async function until<T>(what: string, look: () => T | null | undefined | false, ms = 15_000): Promise<T> {
  const endMs = Date.now() + ms;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > endMs) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('analyser process', () => {
  let bus: FakeRecorderBus;
  let folder: string;
  let analyser: AnalyserProcess;

  beforeEach(async () => {
    bus = new FakeRecorderBus();
    await bus.listen();
    folder = mkdtempSync(join(tmpdir(), 'porchlight-analyser-'));
    mkdirSync(join(folder, 'recordings', cameraId), { recursive: true });
    analyser = new AnalyserProcess();
  });

  afterEach(async () => {
    await analyser.stop();
    bus.close();
    removeFolder(folder);
  });

  function configure(cameras: Partial<AnalyserCamera>[]): void {
    analyser.send({
      type: 'configure',
      busPath: bus.path,
      busToken: bus.token,
      detector: null,
      previewsDir: join(folder, 'recordings'),
      snapshotsDir: join(folder, 'snapshots'),
      cameras: cameras.map((camera) => ({
        id: cameraId,
        name: 'Porch',
        stream: 'sub',
        detect: defaultDetectSettings,
        transcodeAudio: [],
        ...camera,
      })),
    });
  }

  test('decodes what the bus sends, reports how it goes, and keeps a preview every 5 s', async () => {
    const startMs = Date.now() - 12_000;
    const video = makeTestVideo({ pictures: 180, startMs });
    bus.setVideo(`${cameraId}/sub`, video);
    configure([{}]);
    await until('a subscription', () => bus.watched(`${cameraId}/sub`));
    for (let at = 0; at < video.units.length; at += 3) bus.sendUnits(`${cameraId}/sub`, video.units.slice(at, at + 3));
    const status = await until('a report with pictures', () =>
      analyser.messages.flatMap((m) => (m.type === 'analysis' ? m.cameras : [])).find((c) => c.lastPictureMs !== null),
    );
    expect(status).toMatchObject({ cameraId, error: null });
    expect(status.decodeMsPerFrame).toBeGreaterThan(0);
    expect(status.lastPictureMs).toBeGreaterThan(startMs + 11_000);
    const previews = join(folder, 'recordings', cameraId, 'previews');
    const packs = readdirSync(previews, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pack'));
    const entries = packs.flatMap((name) => {
      const pack = readFileSync(join(previews, name));
      return readPreviewIndex(pack).map((entry) => ({ timeMs: entry.timeMs, jpeg: readPreview(pack, entry) }));
    });
    expect(entries.map(({ timeMs }) => Math.round((timeMs - startMs) / 1_000)).sort((a, b) => a - b)).toEqual([
      0, 5, 10,
    ]);
    for (const { jpeg } of entries) expect(jpegSize(jpeg)).toEqual({ width: 240, height: 135 });
  });

  test('answers a snapshot from the last pictures in the ring, scaled, and says so when there are none', async () => {
    bus.setVideo(`${cameraId}/main`, makeTestVideo({ width: 1280, height: 720, pictures: 20, startMs: 1_000_000 }));
    configure([]);
    const ask = async (requestId: number, stream: 'main' | 'sub', width: number | null) => {
      analyser.send({ type: 'snapshot', requestId, cameraId, stream, width });
      return await until('an answer', () =>
        analyser.messages.find((m) => m.type === 'snapshot' && m.requestId === requestId),
      );
    };
    await until('a ready analyser', () => analyser.messages.some((m) => m.type === 'ready'));
    let requestId = 1;
    // The line to the bus is made in the background: ask until it is there.
    const first = await (async () => {
      for (;;) {
        const answer = await ask(requestId++, 'main', 320);
        if (answer.type === 'snapshot' && answer.jpeg) return answer;
        if (requestId > 50) throw new Error('no snapshot');
      }
    })();
    expect(jpegSize(first.jpeg!)).toEqual({ width: 320, height: 180 });
    expect(first.timeMs).toBeCloseTo(1_000_000 + (19 * 1000) / 15, 0);
    const full = await ask(requestId++, 'main', null);
    expect(full.type === 'snapshot' && full.jpeg && jpegSize(full.jpeg)).toEqual({ width: 1280, height: 720 });
    const none = await ask(requestId++, 'sub', 320);
    expect(none).toMatchObject({ jpeg: null, error: 'There is no picture from this camera yet.' });
  });

  test('makes a picture of one keyframe, for a camera that is being added', async () => {
    const video = makeTestVideo({ pictures: 1 });
    configure([]);
    analyser.send({ type: 'picture', requestId: 7, video: video.config, unit: video.units[0]!.data, width: null });
    const answer = await until('an answer', () => analyser.messages.find((m) => m.type === 'jpeg'));
    expect(answer.jpeg && jpegSize(answer.jpeg)).toEqual({ width: 640, height: 360 });
  });

  test('sends G.711 back as AAC', async () => {
    configure([{ transcodeAudio: ['sub'] }]);
    await until('a listener', () => bus.listened(`${cameraId}/sub`));
    const units = Array.from({ length: 50 }, (_, n) => ({
      pts90k: n * 1_800,
      timeMs: n * 20,
      data: Buffer.alloc(160, 0xd5),
    }));
    bus.sendAudio(
      `${cameraId}/sub`,
      { codec: 'pcma', codecString: '', sampleRate: 8000, channels: 1, config: new Uint8Array() },
      units,
    );
    const pushed = await until('pushed audio', () => {
      const all = bus.received.filter(({ header }) => header.t === 'push-audio');
      return all.length > 0 ? all : null;
    });
    const header = pushed[0]!.header;
    expect(header).toMatchObject({ t: 'push-audio', cameraId, stream: 'sub', sampleRate: 8000, channels: 1 });
  });

  test('a camera that detects by itself: its sound is heard, its picture is not asked for', async () => {
    configure([{ transcodeAudio: ['sub'], audioOnly: true }]);
    await until('a listener', () => bus.listened(`${cameraId}/sub`));
    await until('a report without it', () => analyser.messages.findLast(({ type }) => type === 'analysis'));
    expect(bus.received.filter(({ header }) => header.t === 'sub-units')).toEqual([]);
    // Set back, it is looked at again.
    configure([{ transcodeAudio: ['sub'] }]);
    await until('a watcher', () => bus.watched(`${cameraId}/sub`));
  });

  test('F49: a killed recorder bus comes back and the analysis with it', async () => {
    const video = makeTestVideo({ pictures: 15, startMs: Date.now() });
    bus.setVideo(`${cameraId}/sub`, video);
    configure([{}]);
    await until('a subscription', () => bus.watched(`${cameraId}/sub`));
    bus.close();
    bus = new FakeRecorderBus();
    await bus.listen();
    bus.setVideo(`${cameraId}/sub`, video);
    configure([{}]);
    await until('a new subscription', () => bus.watched(`${cameraId}/sub`));
    bus.sendUnits(`${cameraId}/sub`, video.units);
    await until('a picture', () =>
      analyser.messages.flatMap((m) => (m.type === 'analysis' ? m.cameras : [])).find((c) => c.lastPictureMs !== null),
    );
  });

  test('writes nothing where the recordings volume is gone', async () => {
    removeFolder(join(folder, 'recordings'));
    const video = makeTestVideo({ pictures: 15, startMs: Date.now() });
    bus.setVideo(`${cameraId}/sub`, video);
    configure([{}]);
    await until('a subscription', () => bus.watched(`${cameraId}/sub`));
    bus.sendUnits(`${cameraId}/sub`, video.units);
    await until('a picture', () =>
      analyser.messages.flatMap((m) => (m.type === 'analysis' ? m.cameras : [])).find((c) => c.lastPictureMs !== null),
    );
    expect(existsSync(join(folder, 'recordings'))).toBe(false);
  });

  test('gives the recorded picture that was shown at a time', async () => {
    const video = makeTestVideo({ pictures: 60, gopPictures: 30 });
    const path = join(folder, 'recordings', cameraId, 'sub', 'x.mp4');
    writeTestSegment(path, video, 0, 60);
    configure([]);
    let requestId = 100;
    const at = async (offsetMs: number) => {
      const id = requestId++;
      analyser.send({ type: 'frame', requestId: id, path, offsetMs, width: 160 });
      const answer = await until('an answer', () =>
        analyser.messages.find((m) => m.type === 'jpeg' && m.requestId === id),
      );
      return answer.type === 'jpeg' ? answer : null;
    };
    for (const offsetMs of [0, 30, 1_000, 1_990, 2_005, 3_933, 60_000]) {
      const answer = await at(offsetMs);
      expect(answer?.error).toBeNull();
      const shown = Math.min(59, Math.floor(((offsetMs + 1) * 15) / 1000));
      expect(Math.abs(answer!.timeMs - (shown * 1000) / 15)).toBeLessThan(1);
      expect(jpegSize(answer!.jpeg!)).toEqual({ width: 160, height: 90 });
    }
    analyser.send({ type: 'frame', requestId: 1, path: join(folder, 'none.mp4'), offsetMs: 0, width: null });
    const missing = await until('an answer', () =>
      analyser.messages.find((m) => m.type === 'jpeg' && m.requestId === 1),
    );
    expect(missing).toMatchObject({ jpeg: null });
  });

  test.skipIf(skipFor('motion on real footage', whyNoFootage))(
    'F49: without a detector real footage makes motion events, each with its pictures on disk',
    async () => {
      const video = readFootage(join(sharedFolder, 'footage/person-bicycle-car-detection.mp4'), Date.now() - 40_000);
      bus.setVideo(`${cameraId}/sub`, video);
      configure([{}]);
      await until('a subscription', () => bus.watched(`${cameraId}/sub`));
      for (let at = 0; at < video.units.length; at += 3) {
        bus.sendUnits(`${cameraId}/sub`, video.units.slice(at, at + 3));
        // Faster than real time, but not so fast that pictures are left out.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await until('a motion event', () => analyser.messages.some((m) => m.type === 'event'));
      configure([]);
      const events = await until(
        'ended motion events',
        () => {
          const all = analyser.messages.flatMap((m) => (m.type === 'event' ? [m.event] : []));
          return all.some(({ endMs }) => endMs !== null) ? all : null;
        },
        40_000,
      );
      expect(events[0]).toMatchObject({ cameraId, label: 'motion', source: 'motion' });
      for (const { id, startMs } of events)
        for (const thumb of [false, true]) {
          const jpeg = readFileSync(join(folder, 'snapshots', snapshotPath(id, startMs, thumb)));
          expect(jpegSize(jpeg).width).toBeGreaterThan(16);
        }
      expect(analyser.messages.some((m) => m.type === 'motion' && m.active)).toBe(true);
    },
  );

  test('F37: damaged units by the hundred do not end the process', async () => {
    const video = makeTestVideo({ pictures: 60, startMs: Date.now() - 4_000 });
    bus.setVideo(`${cameraId}/sub`, video);
    configure([{}]);
    await until('a subscription', () => bus.watched(`${cameraId}/sub`));
    let seed = 99;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let n = 0; n < 500; n++) {
      const unit = video.units[n % 60]!;
      const data = Buffer.from(unit.data);
      for (let i = 0; i < 1 + (n % 20); i++) data[random(data.length)] = random(256);
      bus.sendUnits(`${cameraId}/sub`, [{ ...unit, data: n % 7 === 0 ? data.subarray(0, random(data.length)) : data }]);
    }
    bus.sendUnits(`${cameraId}/sub`, video.units);
    const before = analyser.messages.length;
    await until('reports', () => analyser.messages.slice(before).filter((m) => m.type === 'analysis').length > 1);
    expect(analyser.child.exitCode).toBeNull();
    expect(analyser.stderr).toBe('');
  });

  test('ends at once when asked, and by itself when its parent goes', async () => {
    configure([{}]);
    await until('a ready analyser', () => analyser.messages.some((m) => m.type === 'ready'));
    expect(await analyser.stop()).toBe(0);
    const orphan = new AnalyserProcess();
    await until('a ready analyser', () => orphan.messages.some((m) => m.type === 'ready'));
    const exited = new Promise((resolve) => orphan.child.once('exit', resolve));
    orphan.child.disconnect();
    await exited;
  });
});
