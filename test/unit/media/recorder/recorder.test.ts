import { mkdtempSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { BusConnection, connectBus } from '#core/base/local-bus.ts';
import { silentLogger } from '#core/base/logger.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type {
  BusReply,
  BusRequest,
  RecorderCamera,
  RecorderStream,
  RecorderToHub,
} from '#core/domain/worker-protocol.ts';
import { Recorder } from '#core/media/recorder/recorder.ts';
import { readFragment, readInit } from '#core/media/mp4/segment-boxes.ts';
import { receivedAt } from '../../../../renderer/ui/live-delay.ts';
import {
  FakePull,
  interleaved,
  numbersIn,
  otherVideo,
  SyntheticCamera,
  SyntheticSound,
  testAac,
  testG711,
  testVideo,
} from '../../../support/synthetic-camera.ts';
import { removeFolder } from '../../../support/remove-folder.ts';

const startMs = Date.UTC(2026, 0, 1);
const porch = 'cporchporch11' as CameraId;
const yard = 'cyardyardyd22' as CameraId;

let root: string;
let clock: ManualClock;
let recorder: Recorder;
let sent: RecorderToHub[];
let pulls: FakePull[];
let clients: BusConnection<BusReply, BusRequest>[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'porchlight-recorder-'));
  clock = new ManualClock(startMs);
  sent = [];
  pulls = [];
  clients = [];
  recorder = new Recorder({
    clock,
    log: silentLogger,
    send: (message) => sent.push(message),
    startPull: (target, sink) => {
      if (target.url.endsWith('/throws')) throw new Error('not a URL');
      const pull = new FakePull(target, sink);
      pulls.push(pull);
      return pull;
    },
  });
  await recorder.start();
});
afterEach(async () => {
  for (const client of clients) client.close();
  await recorder.stop();
  removeFolder(root);
});

function camera(id: CameraId, change: Partial<RecorderStream> = {}): RecorderCamera {
  const stream: RecorderStream = {
    stream: 'main',
    url: `rtsp://192.0.2.1/${id}`,
    username: null,
    password: null,
    ingest: 'rtsp',
    record: 'continuous',
    audio: true,
    ...change,
  };
  return { id, name: 'Porch', preRollMs: 5_000, streams: [stream] };
}

const configure = (...cameras: RecorderCamera[]): void =>
  recorder.handle({ type: 'configure', recordingsDir: root, cameras });
const pullOf = (id: CameraId): FakePull => pulls.findLast((pull) => pull.target.cameraId === id)!;
const of = <T extends RecorderToHub['type']>(type: T): Extract<RecorderToHub, { type: T }>[] =>
  sent.filter((message): message is Extract<RecorderToHub, { type: T }> => message.type === type);
const states = (id: CameraId): string[] =>
  of('stream-status').filter((status) => status.cameraId === id).map((status) => status.state); // prettier-ignore

function play(pull: FakePull, source: SyntheticCamera, count: number): void {
  for (let i = 0; i < count; i++) {
    clock.advance(1000 / source.fps);
    pull.sink.onUnit(source.picture());
  }
  recorder.tick();
}

/** What is on disk, in the order of time. */
async function recorded(): Promise<number[]> {
  await recorder.stop();
  const segments = of('segment-closed').map((message) => message.segment);
  segments.sort((a, b) => a.startMs - b.startMs);
  return segments.flatMap((segment) => numbersIn(readFileSync(join(root, segment.path))));
}

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

interface Client {
  connection: BusConnection<BusReply, BusRequest>;
  got: { header: BusReply; body: Buffer }[];
  last: (type: BusReply['t']) => { header: BusReply; body: Buffer } | undefined;
}

async function client(role: 'hub' | 'analyser' | 'compat' = 'hub'): Promise<Client> {
  const connection = await connectBus<BusReply, BusRequest>(recorder.bus.path, recorder.bus.token, role);
  return listen(connection);
}

function listen(connection: BusConnection<BusReply, BusRequest>): Client {
  clients.push(connection);
  const got: Client['got'] = [];
  connection.onMessage = (header, body) => got.push({ header, body: Buffer.from(body) });
  return { connection, got, last: (type) => got.findLast(({ header }) => header.t === type) };
}

describe('connections', () => {
  it('F2: a camera that is off at the start is tried again until it is there', async () => {
    configure(camera(porch));
    for (let i = 0; i < 8; i++) {
      pullOf(porch).end('camera_refused_connection');
      const retry = of('stream-status').at(-1)!;
      expect(retry).toMatchObject({ state: 'retrying', error: { code: 'camera_refused_connection' } });
      expect(retry.retryAtMs! - clock.nowMs()).toBeGreaterThanOrEqual(1_000);
      expect(retry.retryAtMs! - clock.nowMs()).toBeLessThanOrEqual(25_000);
      clock.advance(25_000);
      recorder.tick();
    }
    expect(pulls).toHaveLength(9);
    play(pullOf(porch).begin(), new SyntheticCamera({ startMs: clock.nowMs() }), 60);
    expect(states(porch).at(-1)).toBe('streaming');
    expect(await recorded()).toEqual(upTo(60));
  });

  it('F1: a camera that reboots 100 times is recorded each time, and each outage is told once over', async () => {
    configure(camera(porch));
    for (let boot = 0; boot < 100; boot++) {
      play(pullOf(porch).begin(), new SyntheticCamera({ startMs: clock.nowMs() }), 50);
      pullOf(porch).end('camera_closed');
      await vi.waitFor(() => expect(of('segment-closed')).toHaveLength(boot + 1), { interval: 2, timeout: 5_000 });
      clock.advance(25_000);
      recorder.tick();
    }
    expect(pulls).toHaveLength(101);
    clock.advance(10_000);
    recorder.tick();
    expect(await recorded()).toHaveLength(5_000);
    const starts = new Set(of('gap').map((gap) => gap.startMs));
    expect(starts.size).toBe(100);
    expect(of('gap').every((gap) => gap.reason === 'camera_offline')).toBe(true);
  }, 30_000);

  it('F15: after a refused password there is no attempt until somebody changes something', () => {
    configure(camera(porch));
    pullOf(porch).end('camera_wrong_password');
    expect(states(porch).at(-1)).toBe('refused');
    clock.advance(3_600_000);
    recorder.tick();
    configure(camera(porch));
    expect(pulls).toHaveLength(1);
    configure(camera(porch, { password: 'right' }));
    expect(pulls).toHaveLength(2);
    pullOf(porch).end('camera_wrong_password');
    recorder.handle({ type: 'retry', cameraId: porch });
    expect(pulls).toHaveLength(3);
  });

  it('F4: a connection that stays open without a picture is given up', () => {
    configure(camera(porch));
    play(pullOf(porch).begin(), new SyntheticCamera({ startMs }), 10);
    const first = pullOf(porch);
    clock.advance(21_000);
    recorder.tick();
    expect(first.stopped).toBe(true);
    expect(of('stream-status').at(-1)).toMatchObject({ state: 'retrying', error: { code: 'camera_silent' } });
  });

  it('F3: a fault in one camera leaves the others alone', async () => {
    configure(camera(porch), camera(yard), camera('cbroken000000' as CameraId, { url: 'rtsp://192.0.2.1/throws' }));
    const source = new SyntheticCamera({ startMs });
    pullOf(yard).begin();
    play(pullOf(porch).begin(), source, 30);
    pullOf(yard).sink.onUnit(null as never);
    expect(states(yard).at(-1)).toBe('retrying');
    expect(of('stream-status').findLast((status) => status.cameraId === yard)?.error?.code).toBe('internal');
    play(pullOf(porch), source, 30);
    expect(await recorded()).toEqual(upTo(60));
  });

  it('a camera that did not change is not touched by a change of another', () => {
    configure(camera(porch), camera(yard));
    const before = pullOf(porch);
    configure(camera(porch), camera(yard, { url: 'rtsp://192.0.2.9/new' }));
    expect(pullOf(porch)).toBe(before);
    expect(before.stopped).toBe(false);
    expect(pulls).toHaveLength(3);
    configure(camera(porch));
    expect(pullOf(yard).stopped).toBe(true);
    expect(states(yard).at(-1)).toBe('stopped');
  });

  it('calls of a connection that is over are ignored', async () => {
    configure(camera(porch));
    const old = pullOf(porch).begin();
    configure(camera(porch, { url: 'rtsp://192.0.2.9/new' }));
    play(old, new SyntheticCamera({ startMs }), 30);
    old.end('camera_closed');
    expect(states(porch).at(-1)).toBe('connecting');
    expect(await recorded()).toEqual([]);
  });
});

describe('recording modes', () => {
  it('F38: an event has the pictures from before it, as far back as was asked, and ends when it ends', async () => {
    configure(camera(porch, { record: 'events' }));
    const source = new SyntheticCamera({ startMs: clock.nowMs() });
    play(pullOf(porch).begin(), source, 500);
    recorder.handle({
      type: 'record-until',
      cameraId: porch,
      fromMs: clock.nowMs() - 5_000,
      untilMs: clock.nowMs() + 1_000,
    });
    play(pullOf(porch), source, 500);
    expect(await recorded()).toEqual(upTo(200, 350));
    expect(of('gap')).toEqual([]);
  });

  it('an event that goes on is extended, and the next one doubles no picture', async () => {
    configure(camera(porch, { record: 'events' }));
    const source = new SyntheticCamera({ startMs: clock.nowMs() });
    const event = (seconds: number): void =>
      recorder.handle({
        type: 'record-until',
        cameraId: porch,
        fromMs: clock.nowMs() - 5_000,
        untilMs: clock.nowMs() + seconds * 1000,
      });
    play(pullOf(porch).begin(), source, 200);
    event(2);
    play(pullOf(porch), source, 50);
    event(3);
    play(pullOf(porch), source, 100);
    event(1);
    play(pullOf(porch), source, 200);
    const all = await recorded();
    expect(all).toEqual(upTo(all.length, 50));
    expect(all.at(-1)).toBeGreaterThanOrEqual(374);
  });

  it('F38: the pre-roll survives a reconnect', async () => {
    configure(camera(porch, { record: 'events' }));
    play(pullOf(porch).begin(), new SyntheticCamera({ startMs: clock.nowMs() }), 100);
    pullOf(porch).end('camera_closed');
    clock.advance(2_000);
    recorder.tick();
    const again = new SyntheticCamera({ startMs: clock.nowMs() });
    again.next = 1_000;
    again.startMs -= 40_000;
    play(pullOf(porch).begin(), again, 25);
    recorder.handle({ type: 'record-until', cameraId: porch, fromMs: clock.nowMs() - 5_000, untilMs: clock.nowMs() });
    expect(await recorded()).toEqual([...upTo(50, 50), ...upTo(25, 1_000)]);
  });

  it('nothing is written when recording is off, and recording can be switched without a new connection', async () => {
    configure(camera(porch, { record: 'off' }));
    const source = new SyntheticCamera({ startMs });
    play(pullOf(porch).begin(), source, 100);
    configure(camera(porch, { record: 'continuous' }));
    play(pullOf(porch), source, 100);
    configure(camera(porch, { record: 'off' }));
    play(pullOf(porch), source, 100);
    expect(pulls).toHaveLength(1);
    expect(await recorded()).toEqual(upTo(100, 100));
  });
});

describe('live', () => {
  it('starts at once with the last keyframe and then has each picture as it comes', async () => {
    configure(camera(porch));
    const source = new SyntheticCamera({ startMs });
    play(pullOf(porch).begin(), source, 80);
    const viewer = await client();
    viewer.connection.send({ t: 'sub-live', id: 7, cameraId: porch, stream: 'main' });
    // The keyframe, and what came after it as one.
    await vi.waitFor(() => expect(viewer.got).toHaveLength(3));
    expect(viewer.got[0]!.header).toEqual({
      t: 'live-init',
      id: 7,
      mime: 'video/mp4; codecs="avc1.64001f"',
      width: 1280,
      height: 720,
      epochMs: startMs + 2_000,
    });
    expect(pullOf(porch).immediate).toBe(true);
    play(pullOf(porch), source, 40);
    await vi.waitFor(() => expect(viewer.got).toHaveLength(43));
    const fragments = viewer.got.slice(1);
    expect(fragments.flatMap(({ body }) => numbersIn(body))).toEqual(upTo(70, 50));
    expect(fragments.map(({ header }) => header.t === 'live-frag' && header.key)).toEqual([
      true,
      ...upTo(41).map((i) => i === 21),
    ]);
    const tracks = readInit(viewer.got[0]!.body)!;
    const times = fragments.map(({ body }) => {
      // A picture says when it was received; what had gathered before does not.
      const moof = body.subarray(body.toString('latin1', 4, 8) === 'prft' ? 32 : 0);
      return readFragment(moof.subarray(0, moof.readUInt32BE(0)), tracks)![0]!.decodeTime;
    });
    expect(times).toEqual([0, 1, ...upTo(40, 30)].map((i) => i * 3_600));
    const received = fragments.map(({ body }) => receivedAt(body));
    expect(received.slice(0, 2)).toEqual([null, null]);
    expect(received.slice(2).map((each) => each?.mediaTicks)).toEqual(upTo(40, 30).map((i) => i * 3_600));
    expect(received.at(-1)!.atMs).toBeCloseTo(clock.nowMs(), 2);
    viewer.connection.send({ t: 'unsub', id: 7 });
    await vi.waitFor(() => expect(pullOf(porch).immediate).toBe(false));
  });

  it('goes on by itself after the camera was away, with new parameters', async () => {
    const viewer = await client();
    viewer.connection.send({ t: 'sub-live', id: 1, cameraId: porch, stream: 'main' });
    await vi.waitFor(() => expect(viewer.last('gone')).toBeDefined());
    configure(camera(porch));
    expect(pullOf(porch).immediate).toBe(true);
    play(pullOf(porch).begin(), new SyntheticCamera({ startMs }), 10);
    await vi.waitFor(() => expect(viewer.got.filter(({ header }) => header.t === 'live-frag')).toHaveLength(10));
    pullOf(porch).end('camera_closed');
    clock.advance(25_000);
    recorder.tick();
    play(pullOf(porch).begin(otherVideo), new SyntheticCamera({ startMs: clock.nowMs() }), 10);
    await vi.waitFor(() => expect(viewer.got.filter(({ header }) => header.t === 'live-frag')).toHaveLength(20));
    expect(viewer.last('live-init')!.header).toMatchObject({ width: 1920, epochMs: startMs + 400 + 25_000 });
  });

  it('has sound when the camera sends some', async () => {
    configure(camera(porch));
    pullOf(porch).begin(testVideo, testAac);
    const viewer = await client();
    const units = [...interleaved(new SyntheticCamera({ startMs }), new SyntheticSound(), 100)];
    for (const unit of units.slice(0, 60)) pullOf(porch).sink.onUnit(unit);
    viewer.connection.send({ t: 'sub-live', id: 1, cameraId: porch, stream: 'main' });
    await vi.waitFor(() => expect(viewer.last('live-frag')).toBeDefined());
    for (const unit of units.slice(60)) pullOf(porch).sink.onUnit(unit);
    await vi.waitFor(() => expect(numbersIn(viewer.last('live-frag')!.body)).toContain(99));
    expect(viewer.got[0]!.header).toMatchObject({ mime: 'video/mp4; codecs="avc1.64001f,mp4a.40.2"' });
    const heard = viewer.got.flatMap(({ body }) => numbersIn(body)).filter((number) => number >= 1_000_000);
    expect(heard).toEqual(upTo(heard.length, heard[0]));
    expect(heard.length).toBeGreaterThan(50);
  });

  it('F12: recording, two viewers and the analyser together take one connection of the camera', async () => {
    configure(camera(porch, { record: 'continuous' }));
    pullOf(porch).begin();
    const [one, two, analyser] = [await client(), await client(), await client('analyser')];
    one.connection.send({ t: 'sub-live', id: 1, cameraId: porch, stream: 'main' });
    two.connection.send({ t: 'sub-live', id: 1, cameraId: porch, stream: 'main' });
    analyser.connection.send({ t: 'sub-units', id: 1, cameraId: porch, stream: 'main', batchMs: 200 });
    await vi.waitFor(() => expect(Math.min(one.got.length, two.got.length, analyser.got.length)).toBe(1));
    play(pullOf(porch), new SyntheticCamera({ startMs }), 60);
    await vi.waitFor(() => expect(one.last('live-frag') && two.last('live-frag')).toBeDefined());
    configure(camera(porch, { record: 'continuous' }));
    expect(pulls).toHaveLength(1);
    expect((await recorded()).length).toBeGreaterThan(30);
  });

  it('F50: a viewer that does not read is not kept buffers for, others are not delayed, and it goes on at a keyframe', async () => {
    configure(camera(porch));
    pullOf(porch).begin();
    const quick = await client();
    const socket = net.connect(recorder.bus.path);
    const slow = listen(new BusConnection<BusReply, BusRequest>(socket));
    slow.connection.send({ t: 'hello', token: recorder.bus.token, role: 'hub' });
    await vi.waitFor(() => expect(slow.got.splice(0)).toHaveLength(1));
    slow.connection.send({ t: 'sub-live', id: 1, cameraId: porch, stream: 'main' });
    quick.connection.send({ t: 'sub-live', id: 1, cameraId: porch, stream: 'main' });
    await vi.waitFor(() => expect(slow.got.length + quick.got.length).toBe(2));
    socket.pause();
    const source = new SyntheticCamera({ startMs, bytes: 40_000 });
    for (let i = 0; i < 10; i++) {
      play(pullOf(porch), source, 50);
      await vi.waitFor(() => expect(numbersIn(quick.last('live-frag')!.body)).toEqual([50 * i + 49]));
    }
    socket.resume();
    await vi.waitFor(() => expect(slow.got.length).toBeGreaterThan(20));
    await vi.waitFor(() => {
      play(pullOf(porch), source, 50);
      expect(numbersIn(slow.last('live-frag')!.body)[0]).toBeGreaterThan(500);
    });
    const seen = slow.got.filter(({ header }) => header.t === 'live-frag');
    for (let i = 1; i < seen.length; i++) {
      const jumped = numbersIn(seen[i]!.body)[0]! !== numbersIn(seen[i - 1]!.body)[0]! + 1;
      if (jumped) expect(seen[i]!.header).toMatchObject({ key: true });
    }
    clock.advance(5_000);
    recorder.tick();
    expect(of('figures').at(-1)!.streams[0]!.droppedLiveFragments).toBeGreaterThan(0);
    expect(quick.got.filter(({ header }) => header.t === 'live-frag').length).toBeGreaterThanOrEqual(500);
  });
});

describe('analysis and transcoding', () => {
  it('units are held back as long as was asked for last, and none is lost by asking', async () => {
    configure(camera(porch));
    const source = new SyntheticCamera({ startMs });
    play(pullOf(porch).begin(testVideo, testAac), source, 60);
    const analyser = await client('analyser');
    const told = async (): Promise<void> => {
      const before = analyser.got.filter(({ header }) => header.t === 'gop').length;
      analyser.connection.send({ t: 'get-gop', id: 9, cameraId: porch, stream: 'main' });
      await vi.waitFor(() =>
        expect(analyser.got.filter(({ header }) => header.t === 'gop').length).toBeGreaterThan(before),
      );
    };
    const units = (): number[] =>
      analyser.got.flatMap(({ header, body }) => (header.t === 'units' ? numbersIn(body) : []));
    analyser.connection.send({ t: 'sub-units', id: 3, cameraId: porch, stream: 'main', batchMs: 200 });
    analyser.connection.send({ t: 'set-batch', id: 3, batchMs: 400 });
    await told();
    const first = units().length;
    // 200 ms of pictures and 100 ms of nothing.
    play(pullOf(porch), source, 5);
    clock.advance(100);
    recorder.tick();
    await told();
    expect(units()).toHaveLength(first);
    clock.advance(200);
    recorder.tick();
    await vi.waitFor(() => expect(units()).toEqual(upTo(first + 5, 50)));
  });

  it('hands out units with their facts, in batches, from the last keyframe on', async () => {
    configure(camera(porch));
    const source = new SyntheticCamera({ startMs });
    play(pullOf(porch).begin(testVideo, testAac), source, 60);
    pullOf(porch).sink.onUnit(new SyntheticSound().frame());
    const analyser = await client('analyser');
    analyser.connection.send({ t: 'sub-units', id: 3, cameraId: porch, stream: 'main', batchMs: 200 });
    await vi.waitFor(() => expect(analyser.got).toHaveLength(2));
    const sets = testVideo.parameterSets.map((set) => set.length);
    expect(analyser.got[0]!.header).toMatchObject({ t: 'units-config', id: 3, video: { parameterSetSizes: sets } });
    expect(analyser.got[0]!.body).toEqual(Buffer.concat(testVideo.parameterSets));
    expect(numbersIn(analyser.got[1]!.body)).toEqual(upTo(10, 50));
    play(pullOf(porch), source, 25);
    clock.advance(200);
    recorder.tick();
    await vi.waitFor(() => expect(analyser.got.flatMap(({ body }) => numbersIn(body))).toEqual(upTo(35, 50)));
    const batches = analyser.got.slice(2);
    expect(batches.length).toBeLessThanOrEqual(5);
    const units = batches.flatMap(({ header }) => (header.t === 'units' ? header.units : []));
    expect(units[0]).toMatchObject({
      kind: 'video',
      size: 100,
      dts90k: 60 * 3_600,
      timeMs: startMs + 2_400,
      key: false,
    });
  });

  it('gives the last GOP for a picture, and says so when there is none', async () => {
    const hub = await client();
    hub.connection.send({ t: 'get-gop', id: 1, cameraId: porch, stream: 'main' });
    await vi.waitFor(() => expect(hub.got.at(-1)?.header).toEqual({ t: 'gone', id: 1 }));
    configure(camera(porch));
    play(pullOf(porch).begin(), new SyntheticCamera({ startMs }), 120);
    hub.connection.send({ t: 'get-gop', id: 2, cameraId: porch, stream: 'main' });
    await vi.waitFor(() => expect(hub.last('gop')).toBeDefined());
    expect(numbersIn(hub.last('gop')!.body)).toEqual(upTo(20, 100));
    expect(hub.last('gop')!.header).toMatchObject({ id: 2, video: { codec: 'h264', width: 1280 } });
    pullOf(porch).end('camera_closed');
    hub.connection.send({ t: 'get-gop', id: 3, cameraId: porch, stream: 'main' });
    await vi.waitFor(() => expect(hub.got.at(-1)?.header).toEqual({ t: 'gone', id: 3 }));
  });

  it('F32: G.711 goes out, comes back as AAC and is recorded; the pictures do not wait', async () => {
    configure(camera(porch));
    const analyser = await client('analyser');
    analyser.connection.send({ t: 'sub-audio', id: 1, cameraId: porch, stream: 'main' });
    await vi.waitFor(() => expect(analyser.last('gone')).toBeDefined());
    pullOf(porch).begin(testVideo, testG711);
    await vi.waitFor(() => expect(analyser.last('audio-config')?.header).toMatchObject({ audio: { codec: 'pcmu' } }));
    const source = new SyntheticCamera({ startMs });
    const sound = new SyntheticSound({ rate: 8_000 });
    for (let second = 0; second < 22; second++) {
      play(pullOf(porch), source, 25);
      const raw = { ...sound.frame(), data: Buffer.alloc(160) };
      pullOf(porch).sink.onUnit(raw);
      const back = [raw, ...Array.from({ length: 7 }, () => sound.frame())];
      const numbered = back.map((unit, i) => ({ ...unit, data: Buffer.from([second, i]) }));
      analyser.connection.send(
        {
          t: 'push-audio',
          cameraId: porch,
          stream: 'main',
          sampleRate: 8_000,
          channels: 1,
          asc: '1588',
          units: numbered.map(({ pts90k, timeMs, samples, data }) => ({ pts90k, timeMs, samples, size: data.length })),
        },
        numbered.map((unit) => unit.data),
      );
      // Answers come in order: after this one, the sound was taken.
      analyser.connection.send({ t: 'get-gop', id: second, cameraId: porch, stream: 'main' });
      await vi.waitFor(() => expect(analyser.got.at(-1)?.header).toMatchObject({ id: second }));
    }
    expect(await recorded()).toEqual(upTo(550));
    expect(of('segment-closed').map(({ segment }) => segment.audioCodec)).toEqual([
      'mp4a.40.2',
      'mp4a.40.2',
      'mp4a.40.2',
    ]);
  });
});

describe('compat ingest', () => {
  const video = {
    codec: 'h264' as const,
    codecString: testVideo.codecString,
    width: 640,
    height: 360,
    parameterSetSizes: testVideo.parameterSets.map((set) => set.length),
  };

  function push(peer: Client, source: SyntheticCamera, count: number): void {
    const units = upTo(count).map(() => source.picture());
    peer.connection.send(
      {
        t: 'push-units',
        cameraId: porch,
        stream: 'main',
        units: units.map((unit) => ({ ...unit, data: undefined, size: unit.data.length, samples: 0 })),
      },
      units.map((unit) => unit.data),
    );
  }

  it('records what another process pulls, and tells when that process is gone', async () => {
    configure(camera(porch, { ingest: 'compat' }));
    expect(pulls).toEqual([]);
    const peer = await client('compat');
    peer.connection.send(
      { t: 'push-config', cameraId: porch, stream: 'main', video, audio: null },
      testVideo.parameterSets,
    );
    const source = new SyntheticCamera({ startMs });
    for (let i = 0; i < 4; i++) push(peer, source, 25);
    await vi.waitFor(() => expect(states(porch)).toContain('streaming'));
    peer.connection.close();
    await vi.waitFor(() => expect(states(porch).at(-1)).toBe('retrying'));
    expect(await recorded()).toEqual(upTo(100));
    expect(of('segment-closed')[0]!.segment).toMatchObject({ width: 640, videoCodec: testVideo.codecString });
  });

  it('disconnects a client that breaks the protocol, and only that one', async () => {
    configure(camera(porch, { ingest: 'compat' }));
    const good = await client('compat');
    const bad = await client('compat');
    const liar = await client('hub');
    let closed = 0;
    bad.connection.onClose = () => closed++;
    liar.connection.onClose = () => closed++;
    bad.connection.send({ t: 'push-config', cameraId: porch, stream: 'main', video, audio: null }, Buffer.alloc(3));
    liar.connection.send({ t: 'push-end', cameraId: porch, stream: 'main', error: { code: 'internal', message: '' } });
    await vi.waitFor(() => expect(closed).toBe(2));
    good.connection.send(
      { t: 'push-config', cameraId: porch, stream: 'main', video, audio: null },
      testVideo.parameterSets,
    );
    await vi.waitFor(() => expect(states(porch).at(-1)).toBe('streaming'));
  });
});
