/** Clips for the benchmarks, made once with Debian's ffmpeg from moving test patterns with sensor noise, so that encoders have real work. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canMeasure } from './process-figures.ts';

const folder = join(tmpdir(), 'porchlight-bench-media');

/** Why a benchmark on these clips can't run here, or null. */
export function whyNot(): string | null {
  if (!canMeasure) return 'CPU time is read from /proc, which this system has not';
  if (spawnSync('ffmpeg', ['-version']).status !== 0)
    return 'ffmpeg is not installed: it makes the clips and is the peer';
  return null;
}

export interface BenchClip {
  /** Annex B with access unit delimiters. */
  video: string;
  /** ADTS, AAC-LC 16 kHz mono. */
  audio: string;
  fps: number;
}

const audioFile = 'audio.aac';

/** 1080p30, 4 Mbit/s, keyframe every 2 s, no B-frames, 20 s. */
export const mainClip = (): BenchClip => clip('main-1080p30', 1920, 1080, 30, '4M');
/** 640x360@15, 350 kbit/s, keyframe every 2 s, 20 s. */
export const subClip = (): BenchClip => clip('sub-360p15', 640, 360, 15, '350k');
/** The same size and rate, but nothing moves: a quiet camera. */
export const quietMainClip = (): BenchClip => clip('quiet-1080p30', 1920, 1080, 30, '4M', true);
export const quietSubClip = (): BenchClip => clip('quiet-360p15', 640, 360, 15, '350k', true);

function clip(name: string, width: number, height: number, fps: number, rate: string, still = false): BenchClip {
  mkdirSync(folder, { recursive: true });
  const video = join(folder, `${name}.h264`);
  const audio = join(folder, audioFile);
  if (!existsSync(video)) {
    const source = still
      ? `mandelbrot=size=${width}x${height}:rate=${fps}:maxiter=200,select='eq(n,0)',loop=-1:1:0,setpts=N/${fps}/TB,fps=${fps}`
      : `testsrc2=size=${width}x${height}:rate=${fps}`;
    run(
      [
        '-f',
        'lavfi',
        '-i',
        `${source},noise=alls=8:allf=t`,
        '-t',
        '20',
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-bf',
        '0',
        '-g',
        String(fps * 2),
        '-sc_threshold',
        '0',
        '-b:v',
        rate,
        '-maxrate',
        rate,
        '-bufsize',
        rate,
        '-pix_fmt',
        'yuv420p',
        '-x264-params',
        'aud=1:nal-hrd=none',
        '-f',
        'h264',
      ],
      video,
    );
  }
  if (!existsSync(audio)) {
    run(
      [
        '-f',
        'lavfi',
        '-i',
        'anoisesrc=r=16000:a=0.1',
        '-t',
        '20.48',
        '-ac',
        '1',
        '-c:a',
        'aac',
        '-b:a',
        '32k',
        '-f',
        'adts',
      ],
      audio,
    );
  }
  return { video, audio, fps };
}

function run(args: string[], output: string): void {
  const result = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args, `${output}.part`], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`ffmpeg could not make ${output}: ${result.stderr}`);
  renameSync(`${output}.part`, output);
}
