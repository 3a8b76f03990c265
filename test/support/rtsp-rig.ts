/**
 * Starts the GStreamer camera rig of `../shared/rig` (RTSP cameras we did not write) for integration tests.
 * Invariant: stops exactly the process it started; where the rig or its interpreter is absent it says so and returns null.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Rig {
  /** `rtsp://127.0.0.1:<port>`; add `/main`, `/sub`, … (cams.json). */
  baseUrl: string;
  /** Same cameras behind Digest (admin / rig-pass). */
  digestUrl: string;
  /** Same cameras behind Basic (admin / rig-pass). */
  basicUrl: string;
  /** Control: `do('cam=main&op=stall&secs=5')` (ops: drop, stall, resume, res, down, reboot). Resolves with the answer's text. */
  do(query: string): Promise<string>;
  stop(): Promise<void>;
}

const rigFolder = fileURLToPath(new URL('../../../shared/rig/', import.meta.url));
const python = '/usr/bin/python3';

/**
 * Uses ports `port` (open), `port + 1` (Digest), `port + 2` (Basic) and `port + 3` (control) on 127.0.0.1.
 * `cams` limits which cameras are loaded, e.g. `['main', 'sub']`: fewer start faster.
 */
export async function startRig(port: number, cams: string[]): Promise<Rig | null> {
  const missing = missingPart();
  if (missing) {
    console.warn(`Skipping camera rig tests: ${missing}.`);
    return null;
  }
  const child = spawn(
    python,
    [`${rigFolder}camera-server.py`, '--port', String(port), '--ctl', String(port + 3), '--only', cams.join(',')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The camera rig was not ready after 60 s. ${stderr}`));
    }, 60_000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The camera rig ended with code ${String(code)}. ${stderr}`));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes('ready')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return {
    baseUrl: `rtsp://127.0.0.1:${port}`,
    digestUrl: `rtsp://127.0.0.1:${port + 1}`,
    basicUrl: `rtsp://127.0.0.1:${port + 2}`,
    do: async (query) => (await fetch(`http://127.0.0.1:${port + 3}/do?${query}`)).text(),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** For `describe.skipIf`: whether the rig can run here. */
export function rigAvailable(): boolean {
  return missingPart() === null;
}

function missingPart(): string | null {
  if (!existsSync(`${rigFolder}camera-server.py`)) return '../shared/rig is not there';
  if (!existsSync(python)) return `${python} is not there`;
  gstreamer ??= spawnSync(python, ['-c', "import gi; gi.require_version('GstRtspServer', '1.0')"]).status === 0;
  return gstreamer ? null : "GStreamer's RTSP server for Python is not installed";
}

let gstreamer: boolean | undefined;

const stampPattern = /RIG-FRAME-STAMP!k=(\d+);t=([\d.]+);/;

/**
 * The rig's stamp in a picture (length-prefixed NAL units): global frame number and the wall time, in ms, at which it was sent.
 * Null when the picture carries none.
 */
export function frameStamp(data: Buffer): { frame: number; sentMs: number } | null {
  const match = stampPattern.exec(data.toString('latin1', 0, Math.min(data.length, 400)));
  return match ? { frame: Number(match[1]), sentMs: Number(match[2]) * 1000 } : null;
}
