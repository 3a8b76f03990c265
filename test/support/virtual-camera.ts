/**
 * A camera for tests on bare machines: the project's own virtual camera in its own process, playing a small clip that is
 * encoded once and cached. Every picture carries its number and wall time (see frame-stamps.ts).
 */
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type {
  FromVirtualCamera,
  ToVirtualCamera,
  VirtualCameraAuth,
  VirtualCameraFault,
  VirtualCameraFigures,
  VirtualClip,
} from '#core/domain/virtual-camera-protocol.ts';

const root = join(import.meta.dirname, '..', '..');

export interface VirtualCameraOptions {
  /** Default: any free port. */
  port?: number;
  /** Default: no password. */
  auth?: VirtualCameraAuth;
  /** Default: aac. */
  audio?: 'aac' | 'pcmu' | 'none';
  /** Faults in force from the start. */
  faults?: VirtualCameraFault[];
  /** Default 60. */
  sessionTimeoutS?: number;
  /** Default: the small test clip. */
  clips?: VirtualClip[];
}

export interface VirtualCameraControl {
  /** Resolves when the fault is in force. */
  fault(fault: VirtualCameraFault): Promise<void>;
  figures(): Promise<VirtualCameraFigures>;
  /** For SIGSTOP and the like. */
  pid: number;
}

export interface RunningVirtualCamera {
  /** rtsp://127.0.0.1:PORT/main, 1280x720 at 15 pictures per second. */
  url: string;
  /** rtsp://127.0.0.1:PORT/sub, 640x360 at 15 pictures per second. */
  subUrl: string;
  port: number;
  username: string | null;
  password: string | null;
  control: VirtualCameraControl;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** Paths of the small clip (4 s, keyframe each second); encodes it in a child process if this machine has none yet. */
export async function testClip(): Promise<VirtualClip> {
  const folder = join(root, 'node_modules', '.cache', 'porchlight');
  const maker = join(import.meta.dirname, 'make-test-clip.ts');
  const codec = join(root, 'core/media/codec');
  const sources = [maker, join(root, 'core/demo/clip.ts'), join(codec, 'encoder.ts'), join(codec, 'h265-encoder.ts')];
  const hash = createHash('sha256');
  for (const path of sources) hash.update(readFileSync(path));
  const key = hash.digest('hex').slice(0, 12);
  const mainPath = join(folder, `test-${key}-main.clip`);
  const subPath = join(folder, `test-${key}-sub.clip`);
  if (!existsSync(mainPath) || !existsSync(subPath)) {
    mkdirSync(folder, { recursive: true });
    // Made aside and moved: another test process may be about the same, and must not read half a clip.
    const aside = (name: string): string => join(folder, `${process.pid}-${name}.clip`);
    await promisify(execFile)(process.execPath, [maker, aside('main'), aside('sub')], { cwd: root });
    const other = (path: string): string => path.replace(/\.clip$/, '.other.clip');
    for (const [made, path] of [
      [aside('main'), mainPath],
      [aside('sub'), subPath],
    ] as const) {
      renameSync(other(made), other(path));
      renameSync(made, path);
    }
  }
  return { name: 'test', mainPath, subPath };
}

export async function startVirtualCamera(options: VirtualCameraOptions = {}): Promise<RunningVirtualCamera> {
  const clips = options.clips ?? [await testClip()];
  const child = fork(join(root, 'core/workers/virtual-camera.ts'), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (message: FromVirtualCamera) => void>();
  let nextRequest = 1;
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`The virtual camera ended with code ${code ?? 'none'}.`));
    });
    child.on('message', (message: FromVirtualCamera) => {
      if (message.type === 'ready') resolve(message.port);
      if (message.type === 'failed') reject(new Error(message.message));
      if ('requestId' in message) {
        waiting.get(message.requestId)?.(message);
        waiting.delete(message.requestId);
      }
    });
    send(child, {
      type: 'configure',
      port: options.port ?? 0,
      clips,
      audio: options.audio ?? 'aac',
      auth: options.auth ?? null,
      faults: options.faults ?? [],
      sessionTimeoutS: options.sessionTimeoutS ?? 60,
    });
  });
  const ask = (make: (requestId: number) => ToVirtualCamera): Promise<FromVirtualCamera> =>
    new Promise((resolve, reject) => {
      const requestId = nextRequest++;
      const timer = setTimeout(() => {
        reject(new Error('The virtual camera did not answer within 10 s.'));
      }, 10_000);
      waiting.set(requestId, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      send(child, make(requestId));
    });
  return {
    url: `rtsp://127.0.0.1:${port}/main`,
    subUrl: `rtsp://127.0.0.1:${port}/sub`,
    port,
    username: options.auth?.username ?? null,
    password: options.auth?.password ?? null,
    control: {
      pid: child.pid ?? 0,
      async fault(fault) {
        await ask((requestId) => ({ type: 'fault', requestId, fault }));
      },
      async figures() {
        const answer = await ask((requestId) => ({ type: 'figures', requestId }));
        if (answer.type !== 'figures') throw new Error(`Expected figures, got ${answer.type}.`);
        return answer.figures;
      },
    },
    stop: () => end(child),
  };
}

function send(child: ChildProcess, message: ToVirtualCamera): void {
  if (child.connected) child.send(message);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    send(child, { type: 'stop' });
  });
}
