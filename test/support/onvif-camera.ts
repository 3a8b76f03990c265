/**
 * The virtual camera with its ONVIF side, for tests: the real program (`npm run camera`) in its own process, or many cameras
 * in one, playing the small cached test clip. Faults, events and figures go through its control port.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { CameraFault } from '#core/demo/onvif/faults.ts';
import type { VirtualOnvifFigures } from '#core/demo/onvif/camera-contract.ts';
import type { CameraSignal } from '#core/domain/onvif.ts';
import { testClip } from './virtual-camera.ts';

const root = join(import.meta.dirname, '..', '..');
const startMs = 20_000;

export interface OnvifCameraOptions {
  /** Default: no password. */
  username?: string;
  password?: string;
  name?: string;
  /** Default 127.0.0.1. */
  host?: string;
  onvifPort?: number;
  rtspPort?: number;
  audio?: 'aac' | 'pcmu' | 'none';
  faults?: CameraFault[];
  /** Services it does not have, e.g. `ptz`. */
  without?: string[];
  talk?: boolean;
  /** Default false: tests run beside each other. */
  discovery?: boolean;
  /** Network namespace to run in. */
  namespace?: string;
  /** Further options of the command line. */
  args?: string[];
}

export interface RunningOnvifCamera {
  /** The device service. */
  onvifUrl: string;
  onvifPort: number;
  /** rtsp://127.0.0.1:PORT/main and /sub. */
  url: string;
  subUrl: string;
  rtspPort: number;
  uuid: string;
  username: string | null;
  password: string | null;
  fault(fault: CameraFault): Promise<void>;
  raise(signal: CameraSignal, active: boolean): Promise<void>;
  figures(): Promise<VirtualOnvifFigures>;
  /** G.711 u-law that came through the backchannel. */
  heard(): Promise<Buffer>;
}

export interface OnvifCameras {
  cameras: RunningOnvifCamera[];
  pid: number;
  /** Of all cameras; may be called twice. */
  stop: () => Promise<void>;
}

export async function startOnvifCamera(
  options: OnvifCameraOptions = {},
): Promise<RunningOnvifCamera & { stop(): Promise<void> }> {
  const { cameras, stop } = await startOnvifCameras(1, options);
  return { ...cameras[0]!, stop };
}

/** `count` cameras in one process; each has ports of its own. */
export async function startOnvifCameras(count: number, options: OnvifCameraOptions = {}): Promise<OnvifCameras> {
  const { mainPath, subPath } = await testClip();
  const args = ['--json', '--count', String(count), '--clip', mainPath, '--sub-clip', subPath];
  args.push('--onvif-port', String(options.onvifPort ?? 0), '--rtsp-port', String(options.rtspPort ?? 0));
  if (options.username !== undefined) args.push('--user', options.username, `--password=${options.password ?? ''}`);
  if (options.name !== undefined) args.push('--name', options.name);
  if (options.host !== undefined) args.push('--host', options.host);
  if (options.audio !== undefined) args.push('--audio', options.audio);
  for (const fault of options.faults ?? []) args.push('--fault', JSON.stringify(fault));
  if (options.without) args.push('--without', options.without.join(','));
  if (options.talk === false) args.push('--no-talk');
  if (options.discovery !== true) args.push('--no-discovery');
  args.push(...(options.args ?? []));
  const inside = options.namespace === undefined ? [] : ['ip', 'netns', 'exec', options.namespace];
  const [program, ...rest] = [...inside, process.execPath, join(root, 'core/camera.ts'), ...args];
  const child = spawn(program ?? '', rest, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const ready = await readyLine(child);
  const ask = async (path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(`${ready.control}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The control port refused: ${await response.text()}`);
    return response;
  };
  const cameras = ready.cameras.map(({ onvifUrl, rtspUrl, uuid }, index): RunningOnvifCamera => {
    const at = `?camera=${index + 1}`;
    return {
      onvifUrl,
      onvifPort: Number(new URL(onvifUrl).port),
      url: `${rtspUrl}/main`,
      subUrl: `${rtspUrl}/sub`,
      rtspPort: Number(new URL(rtspUrl).port),
      uuid,
      username: options.username ?? null,
      password: options.password ?? null,
      async fault(fault) {
        await ask(`/fault${at}`, fault);
      },
      async raise(signal, active) {
        await ask(`/event${at}`, { signal, active });
      },
      figures: async () => (await (await ask(`/figures${at}`)).json()) as VirtualOnvifFigures,
      heard: async () => Buffer.from(await (await ask(`/heard${at}`)).arrayBuffer()),
    };
  });
  return { cameras, pid: child.pid ?? 0, stop: () => end(child) };
}

interface Ready {
  control: string;
  cameras: { onvifUrl: string; rtspUrl: string; uuid: string }[];
}

async function readyLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The virtual camera was not ready within ${startMs} ms.`));
    }, startMs);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The virtual camera ended with code ${code ?? 'none'}.`));
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const line = text.split('\n').find((one) => one.startsWith('{"ready"'));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as Ready);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
