/** What of the optional tools is on this machine, each with the reason that a skipped test prints. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** Footage, models and a third-party camera server that some checkouts have beside them. */
export const sharedFolder = join(root, '../shared');

const missing = (what: string): string => `${what} is not here`;

export const whyNoFfmpeg =
  spawnSync('ffmpeg', ['-version']).status === 0 ? null : missing('ffmpeg (the independent player)');
export const whyNoProc = existsSync('/proc/self/stat') ? null : missing('/proc');
export const whyNoRig = existsSync(join(sharedFolder, 'rig/camera-server.py'))
  ? spawnSync('/usr/bin/python3', ['-c', "import gi; gi.require_version('GstRtspServer', '1.0')"]).status === 0
    ? null
    : missing("GStreamer's RTSP server with its Python bindings")
  : missing('../shared/rig');
export const whyNoFootage = existsSync(join(sharedFolder, 'footage/labels.json')) ? null : missing('../shared/footage');

/** For `describe.skipIf`: prints the reason once and answers whether to skip. */
export function skipFor(name: string, ...reasons: (string | null)[]): boolean {
  const reason = reasons.find((text) => text !== null);
  if (reason === undefined) return false;
  console.log(`SKIPPED ${name}: ${reason}.`);
  return true;
}
