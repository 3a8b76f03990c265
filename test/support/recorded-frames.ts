/**
 * Reads recordings back with an independent player (ffmpeg): every frame that decodes, when it is shown, and the stamp that the test
 * cameras put into each picture (frame number and the wall time at which it was sent).
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface RecordedFrame {
  /** The camera's frame number. */
  frame: number;
  /** UTC ms at which the camera sent it. */
  sentMs: number;
  /** UTC ms at which a player shows it: the segment's start plus the frame's time in the file. */
  shownMs: number;
}

export interface RecordedFile {
  path: string;
  startMs: number;
  frames: RecordedFrame[];
  /** Frames that a decoder gave back. */
  decoded: number;
  /** What the decoder complained about; empty when nothing. */
  complaints: string;
}

/** The segments below a folder, oldest first. */
export function segmentFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mp4'))
    .map((name) => join(folder, name))
    .sort((a, b) => startOf(a) - startOf(b));
}

const startOf = (path: string): number => Number(basename(path, '.mp4'));

export function readRecordedFile(path: string): RecordedFile {
  const packets = run('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=start_time,codec_name:packet=pts_time', '-of', 'json', path]); // prettier-ignore
  const probe = JSON.parse(packets.stdout.toString()) as {
    packets: { pts_time: string }[];
    streams: { codec_name: string }[];
  };
  const format = probe.streams[0]?.codec_name === 'hevc' ? 'hevc' : 'h264';
  const raw = run('ffmpeg', ['-v', 'error', '-nostdin', '-i', path, '-map', '0:v:0', '-c', 'copy', '-f', format, '-']);
  // Emulation prevention bytes stand inside the stamp where it holds zeros.
  const text = raw.stdout.toString('latin1').replaceAll('\0\0\x03', '\0\0');
  const stamps = [...text.matchAll(/RIG-FRAME-STAMP!k=(\d+);t=([\d.]+);/g)];
  const startMs = startOf(path);
  const frames = stamps.map((stamp, i) => ({
    frame: Number(stamp[1]),
    sentMs: Number(stamp[2]) * 1000,
    shownMs: startMs + Number(probe.packets[i]?.pts_time) * 1000,
  }));
  const decode = run('ffmpeg', ['-v', 'error', '-nostdin', '-i', path, '-map', '0:v:0', '-f', 'rawvideo', '-vf', 'scale=8:8,format=gray', '-fps_mode', 'passthrough', '-']); // prettier-ignore
  return { path, startMs, frames, decoded: decode.stdout.length / 64, complaints: decode.stderr.toString() };
}

function run(program: string, args: string[]): { stdout: Buffer; stderr: Buffer } {
  const result = spawnSync(program, args, { maxBuffer: 512 * 1024 * 1024 });
  if (result.error) throw result.error;
  return { stdout: result.stdout, stderr: result.stderr };
}
