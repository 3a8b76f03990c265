/**
 * CPU and memory of recording N unsynchronised cameras: our recorder, one `ffmpeg -c copy` process per camera, and the bare
 * receive-and-write floor in C (blocking recv with SO_RCVLOWAT) and in Node (batched reads), one after another in one run.
 */
import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CameraId } from '#core/domain/ids.ts';
import type { HubToRecorder, RecorderCamera, RecorderToHub } from '#core/domain/worker-protocol.ts';
import { childEnvironment, compileCache, recorderEnvironment } from '#core/supervise/child-environment.ts';
import { mainClip, subClip, whyNot } from './media.ts';
import { cpuOver, memoryMb } from './process-figures.ts';
import { startSource } from './source-process.ts';
import type { Bench, Row } from './row.ts';
import { removeFolder } from '../support/remove-folder.ts';

const port = 17_554;
const warmUpS = 6;
/** Node's compiler is at work for half a minute; what is told is what an hour costs. */
const nodeWarmUpS = 35;
const measureS = 20;
const here = import.meta.dirname;
const cacheFolder = join(tmpdir(), 'porchlight-bench-media', 'cache');

interface Figures {
  /** CPU-seconds per camera-hour. */
  cpu: number;
  rss: number;
  pss: number;
}

export const bench: Bench = async function* () {
  const reason = whyNot();
  if (reason !== null) {
    yield { what: 'recording', skipped: reason };
    return;
  }
  const main = mainClip();
  const sub = subClip();
  const source = await startSource(port, [main, sub]);
  try {
    const floorProgram = buildFloor();
    for (const [cameras, target] of [[1, 0.5], [4, 0.35], [16, 1 / 6]] as const) yield* compare(cameras, target, floorProgram); // prettier-ignore
    const subs = await recorder(64, 1);
    yield {
      what: 'recorder CPU, 64 sub streams',
      measured: `${subs.cpu.toFixed(1)} CPU-s/camera-h, ${subs.rss.toFixed(0)} MB RSS`,
    };
  } finally {
    source.stop();
  }
};

async function* compare(cameras: number, target: number, floorProgram: string | null): AsyncGenerator<Row> {
  const ours = await recorder(cameras, 0);
  const peer = await ffmpegCopies(cameras);
  const nodeFloor = await nodeReceiveAndWrite(cameras);
  const what = `recording CPU, ${cameras} camera${cameras > 1 ? 's' : ''} 1080p30 4 Mbit/s + AAC`;
  const ratio = ours.cpu / peer.cpu;
  yield {
    what,
    measured: `${ours.cpu.toFixed(1)} CPU-s/camera-h`,
    against: `ffmpeg -c copy: ${peer.cpu.toFixed(1)}`,
    ratio,
    target: `<= ${target.toFixed(2)}`,
    met: ratio <= target,
  };
  yield {
    what,
    against: `node, batched 200 ms, receive and write: ${nodeFloor.cpu.toFixed(1)}`,
    ratio: ours.cpu / nodeFloor.cpu,
    measured: ours.cpu.toFixed(1),
  };
  if (!floorProgram) yield { what, skipped: 'no C compiler for the bare receive-and-write floor' };
  else {
    const floor = await cFloor(floorProgram, cameras);
    const over = ours.cpu / floor.cpu;
    const row: Row = {
      what,
      measured: ours.cpu.toFixed(1),
      against: `C floor, recv with low-water mark + write: ${floor.cpu.toFixed(1)}`,
      ratio: over,
    };
    yield cameras === 16 ? { ...row, target: '<= 2.5', met: over <= 2.5 } : row;
  }
  if (cameras === 16) {
    yield {
      what: 'recorder memory, 16 cameras',
      measured: `${ours.rss.toFixed(0)} MB RSS (${ours.pss.toFixed(0)} PSS)`,
      against: `ffmpeg: ${peer.rss.toFixed(0)} MB RSS (${peer.pss.toFixed(0)} PSS)`,
      ratio: ours.rss / peer.rss,
      target: '<= 100 MB RSS',
      met: ours.rss <= 100,
    };
  }
}

async function figures(pids: number[], cameras: number, afterS = warmUpS): Promise<Figures> {
  await new Promise((resolve) => setTimeout(resolve, afterS * 1000));
  const cpu = await cpuOver(() => pids, measureS);
  return { cpu: (cpu / measureS / cameras) * 3600, ...memoryMb(pids) };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-'));
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}

function recorder(cameras: number, clip: 0 | 1): Promise<Figures> {
  return inFolder(async (folder) => {
    // As the hub starts it; the compiled code of the runs before is there, as it is after the first start of an installation.
    const env = childEnvironment(process.env, { ...compileCache(cacheFolder), ...recorderEnvironment });
    const entry = join(here, '../../core/workers/recorder.ts');
    const child = fork(entry, [], { serialization: 'advanced', stdio: 'ignore', execArgv: [], env });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    let streaming = 0;
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(
        () => reject(new Error(`only ${streaming} of ${cameras} streams came up in 30 s`)),
        30_000,
      );
      child.on('message', (message: RecorderToHub) => {
        if (message.type === 'ready')
          send(child, { type: 'configure', recordingsDir: folder, cameras: list(cameras, clip) });
        if (message.type === 'stream-status' && message.state === 'streaming' && ++streaming === cameras) {
          clearTimeout(deadline);
          resolve();
        }
      });
    });
    const result = await figures([child.pid ?? 0], cameras, nodeWarmUpS);
    send(child, { type: 'stop' });
    await exited;
    return result;
  });
}

function send(child: ChildProcess, message: HubToRecorder): void {
  child.send(message);
}

function list(cameras: number, clip: 0 | 1): RecorderCamera[] {
  return Array.from({ length: cameras }, (_, i) => ({
    id: `c${String(i).padStart(12, '0')}` as CameraId,
    name: `Camera ${i}`,
    preRollMs: 0,
    streams: [
      {
        stream: 'main' as const,
        url: `rtsp://127.0.0.1:${port}/${clip}/${i}`,
        username: null,
        password: null,
        ingest: 'rtsp' as const,
        record: 'continuous' as const,
        audio: true,
      },
    ],
  }));
}

function ffmpegCopies(cameras: number): Promise<Figures> {
  return inFolder(async (folder) => {
    const children = Array.from({ length: cameras }, (_, i) =>
      spawn(
        'ffmpeg',
        ['-v', 'error', '-nostdin', '-rtsp_transport', 'tcp', '-i', `rtsp://127.0.0.1:${port}/0/${i}`, '-c', 'copy', '-f', 'segment', '-segment_time', '10', '-reset_timestamps', '1', '-segment_format', 'mp4', '-segment_format_options', 'movflags=+frag_keyframe+empty_moov+default_base_moof:frag_duration=500000', join(folder, `${i}-%05d.mp4`)],
        { stdio: 'ignore' },
      ),
    ); // prettier-ignore
    const result = await figures(children.map((child) => child.pid ?? 0), cameras); // prettier-ignore
    await Promise.all(
      children.map(
        (child) =>
          new Promise((resolve) => {
            child.once('exit', resolve);
            child.kill('SIGKILL');
          }),
      ),
    );
    return result;
  });
}

function buildFloor(): string | null {
  const folder = join(tmpdir(), 'porchlight-bench-media');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'floor');
  return spawnSync('cc', ['-O2', '-o', program, join(here, 'floor.c')]).status === 0 ? program : null;
}

function cFloor(program: string, cameras: number): Promise<Figures> {
  return inFolder(async (folder) => {
    const paths = Array.from({ length: cameras }, (_, i) => `0/${i}`);
    const child = spawn(program, [folder, String(warmUpS + measureS + 4), String(port), ...paths], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const result = await figures([child.pid ?? 0], cameras);
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
    return result;
  });
}

function nodeReceiveAndWrite(cameras: number): Promise<Figures> {
  return inFolder(async (folder) => {
    const child = fork(import.meta.filename, ['node-floor', folder, String(cameras)], { stdio: 'ignore' });
    const result = await figures([child.pid ?? 0], cameras);
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
    return result;
  });
}

if (process.argv[2] === 'node-floor') {
  const [folder = '', cameras = '0'] = process.argv.slice(3);
  const sockets: net.Socket[] = [];
  for (let i = 0; i < Number(cameras); i++) {
    const file = openSync(join(folder, String(i)), 'w');
    const buffer = Buffer.allocUnsafeSlow(131_072);
    const onread = {
      buffer,
      callback: (bytes: number) => {
        writeSync(file, buffer, 0, bytes);
        return false;
      },
    };
    const socket = net.connect({ host: '127.0.0.1', port, onread });
    socket.write(`RAW 0/${i}\n`);
    sockets.push(socket);
  }
  setInterval(() => {
    for (const socket of sockets) socket.resume();
  }, 200);
}
