/**
 * The recorder process against cameras that we did not write: every picture carries its number and the time it was sent,
 * and what is on disk is read back by an independent player.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CameraId } from '#core/domain/ids.ts';
import type { HubToRecorder, RecorderToHub } from '#core/domain/worker-protocol.ts';
import { repairSegment } from '#core/media/mp4/box-reader.ts';
import { readRecordedFile, segmentFiles, type RecordedFile } from '../support/recorded-frames.ts';
import { startRig, type Rig } from '../support/rtsp-rig.ts';
import { skipFor, whyNoFfmpeg, whyNoRig } from '../support/tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

const entry = join(import.meta.dirname, '../../core/workers/recorder.ts');

/** The process as the hub runs it. */
class RecorderProcess {
  readonly root: string;
  readonly messages: RecorderToHub[] = [];
  readonly child: ChildProcess;

  constructor(root: string) {
    this.root = root;
    this.child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child.on('message', (message) => this.messages.push(message as RecorderToHub));
  }

  send(message: HubToRecorder): void {
    this.child.send(message);
  }

  record(baseUrl: string, names: string[]): void {
    const cameras = names.map((name, i) => ({
      id: idOf(i),
      name,
      preRollMs: 5_000,
      streams: [
        {
          stream: 'main' as const,
          url: `${baseUrl}/${name}`,
          username: null,
          password: null,
          ingest: 'rtsp' as const,
          record: 'continuous' as const,
          audio: true,
        },
      ],
    }));
    this.send({ type: 'configure', recordingsDir: this.root, cameras });
  }

  of<T extends RecorderToHub['type']>(type: T): Extract<RecorderToHub, { type: T }>[] {
    return this.messages.filter((message): message is Extract<RecorderToHub, { type: T }> => message.type === type);
  }

  async ended(): Promise<{ code: number | null; signal: string | null }> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return { code: child.exitCode, signal: child.signalCode };
  }
}

const idOf = (index: number): CameraId => `crigcamera${String(index).padStart(3, '0')}` as CameraId;
const soon = { timeout: 60_000, interval: 100 };

function read(root: string, index: number): RecordedFile[] {
  return segmentFiles(join(root, idOf(index))).map(readRecordedFile);
}

/** Each picture once, in an unbroken row, all of them decodable. */
function expectWhole(files: RecordedFile[]): void {
  const numbers = files.flatMap((file) => file.frames.map((frame) => frame.frame)).sort((a, b) => a - b);
  expect(numbers.length).toBeGreaterThan(0);
  expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
  for (const file of files) {
    expect(file.complaints).toBe('');
    expect(file.decoded).toBe(file.frames.length);
  }
}

describe.skipIf(skipFor('the recorder against the camera rig', whyNoRig, whyNoFfmpeg))('recorder process', () => {
  let rig: Rig;
  let root: string;
  let recorder: RecorderProcess;

  beforeAll(async () => {
    rig = (await startRig(22_100, ['main', 'h265', 'bframes', 'reschange']))!;
  });
  afterAll(async () => {
    await rig.stop();
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'porchlight-rig-'));
    recorder = new RecorderProcess(root);
  });
  afterEach(async () => {
    recorder.child.kill('SIGKILL');
    await recorder.ended();
    removeFolder(root);
  });

  it('F34: H.264, H.265 and B-frames with sound: every picture is there once, decodes, and its time is right', async () => {
    recorder.record(rig.baseUrl, ['main', 'h265', 'bframes']);
    await vi.waitFor(() => expect(recorder.of('segment-closed').length).toBeGreaterThanOrEqual(6), soon);
    recorder.send({ type: 'stop' });
    expect(await recorder.ended()).toEqual({ code: 0, signal: null });
    for (const index of [0, 1, 2]) {
      const files = read(root, index);
      expect(files.length).toBeGreaterThanOrEqual(3);
      expectWhole(files);
      const closed = recorder.of('segment-closed').filter(({ segment }) => segment.cameraId === idOf(index));
      expect(closed.map(({ segment }) => join(root, segment.path)).sort()).toEqual(
        files.map((file) => file.path).sort(),
      );
      expect(closed.every(({ segment }) => segment.audioCodec === 'mp4a.40.2')).toBe(true);
      const late = files
        .flatMap((file) => file.frames.map((frame) => frame.shownMs - frame.sentMs))
        .sort((a, b) => a - b);
      expect(Math.abs(late[Math.floor(late.length / 2)]!)).toBeLessThan(200);
    }
    expect(recorder.of('gap')).toEqual([]);
  });

  it('F36: killed at any moment, at most the last fragment is lost and every file plays', async () => {
    for (let run = 0; run < 3; run++) {
      const killed = new RecorderProcess(root);
      killed.record(rig.baseUrl, ['main']);
      await vi.waitFor(() => expect(killed.of('segment-progress').length).toBeGreaterThan(run), soon);
      const moment = performance.now() + Math.random() * 2_000;
      await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(moment), { timeout: 5_000, interval: 7 });
      const killedMs = Date.now();
      killed.child.kill('SIGKILL');
      await killed.ended();
      const last = segmentFiles(root).at(-1)!;
      const scan = await repairSegment(last);
      expect(scan.validBytes).toBe(scan.fileBytes);
      const file = readRecordedFile(last);
      expectWhole([file]);
      // 500 ms of a fragment, the picture that ends it, 100 ms of batched reading, and a busy machine.
      expect(killedMs - file.frames.at(-1)!.sentMs).toBeLessThan(1_500);
    }
  });

  it('left by its parent, it closes its segments and ends', async () => {
    recorder.record(rig.baseUrl, ['main']);
    await vi.waitFor(() => expect(recorder.of('segment-progress').length).toBeGreaterThan(2), soon);
    recorder.child.disconnect();
    expect(await recorder.ended()).toEqual({ code: 0, signal: null });
    const files = read(root, 0);
    expectWhole(files);
  });

  it('F1: a camera that reboots is recorded again within 30 s, and the gap is told with its reason', async () => {
    recorder.record(rig.baseUrl, ['main']);
    await vi.waitFor(() => expect(recorder.of('segment-progress').length).toBeGreaterThan(1), soon);
    await rig.do('cam=main&op=down&secs=4');
    await vi.waitFor(() => expect(recorder.of('stream-status').map(({ state }) => state)).toContain('retrying'), soon);
    const statuses = recorder.of('stream-status').length;
    await vi.waitFor(
      () =>
        expect(
          recorder
            .of('stream-status')
            .slice(statuses)
            .map(({ state }) => state),
        ).toContain('streaming'),
      soon,
    );
    await vi.waitFor(() => expect(recorder.of('gap').at(-1)).toMatchObject({ reason: 'camera_offline' }), soon);
    const progress = recorder.of('segment-progress').length;
    await vi.waitFor(() => expect(recorder.of('segment-progress').length).toBeGreaterThan(progress + 1), soon);
    recorder.send({ type: 'stop' });
    await recorder.ended();
    for (const file of read(root, 0)) expectWhole([file]);
    const gap = recorder.of('gap').at(-1)!;
    expect(gap.endMs - gap.startMs).toBeLessThan(30_000);
  });

  it('F31: a camera that changes its parameters goes on in a new segment, without a new connection', async () => {
    recorder.record(rig.baseUrl, ['reschange']);
    await vi.waitFor(() => expect(recorder.of('segment-progress').length).toBeGreaterThan(1), soon);
    // The camera changes by itself every 20 s; its parameter sets stand in the segment's init section.
    const inits = (): Set<string> =>
      new Set(
        recorder
          .of('segment-closed')
          .map(({ segment }) => readFileSync(join(root, segment.path)).subarray(0, segment.initBytes).toString('hex')),
      );
    await vi.waitFor(() => expect(inits().size).toBe(2), soon);
    const progress = recorder.of('segment-progress').length;
    await vi.waitFor(() => expect(recorder.of('segment-progress').length).toBeGreaterThan(progress + 1), soon);
    recorder.send({ type: 'stop' });
    await recorder.ended();
    for (const file of read(root, 0)) {
      expect(file.complaints).toBe('');
      expect(file.decoded).toBe(file.frames.length);
    }
    expect(recorder.of('stream-status').some(({ state }) => state === 'retrying')).toBe(false);
  });
});
