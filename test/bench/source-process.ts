/** Starts the load source (rtsp-source.ts) in a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { BenchClip } from './media.ts';

/** Cameras are `rtsp://127.0.0.1:<port>/<clip number>/<any name>`. */
export async function startSource(port: number, clips: readonly BenchClip[]): Promise<{ stop: () => void }> {
  const args = clips.flatMap((clip) => [clip.video, clip.audio, String(clip.fps)]);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'rtsp-source.ts'), String(port), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`the source ended with ${String(code)}`)));
  });
  return { stop: () => child.kill() };
}
