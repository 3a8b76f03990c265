/**
 * Media for the player's browser tests: one fragmented MP4 with a fragment per picture, made once by ffmpeg, cut into init section
 * and fragments whose decode times can be moved. Times are milliseconds.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ClipShape {
  width: number;
  height: number;
  fps: number;
  seconds: number;
  keyframeEveryS: number;
  bitrate: string;
}

export interface Clip extends ClipShape {
  init: Buffer;
  /** One per picture, in order; `key`: a player may start here. */
  pictures: { bytes: Buffer; timeMs: number; key: boolean }[];
  mime: string;
}

export function makeClip(shape: ClipShape): Clip {
  const { width, height, fps } = shape;
  return clipOf('', ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps},noise=alls=6:allf=t`], shape);
}

export const sceneShape: ClipShape = {
  width: 640,
  height: 360,
  fps: 15,
  seconds: 4,
  keyframeEveryS: 1,
  bitrate: '600k',
};
/** A still picture as video. */
export function makeSceneClip(jpeg: Buffer, shape: ClipShape): Clip {
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(jpeg).digest('hex').slice(0, 12);
  const still = join(folder, `${name}.jpg`);
  writeFileSync(still, jpeg);
  const { width, height, fps } = shape;
  const input = [
    '-loop',
    '1',
    '-framerate',
    String(fps),
    '-i',
    still,
    '-vf',
    `scale=${width}:${height},noise=alls=2:allf=t`,
  ];
  return clipOf(`${name}-`, input, shape);
}

const folder = join(tmpdir(), 'porchlight-player-media');

function clipOf(name: string, input: string[], shape: ClipShape): Clip {
  const { width, height, fps, seconds, keyframeEveryS, bitrate } = shape;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}${width}x${height}-${fps}-${seconds}s-${keyframeEveryS}-${bitrate}.mp4`);
  if (!existsSync(file)) {
    const args = [
      ...['-v', 'error', '-y', ...input],
      ...[
        '-t',
        String(seconds),
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-bf',
        '0',
        '-g',
        String(fps * keyframeEveryS),
      ],
      ...['-sc_threshold', '0', '-b:v', bitrate, '-maxrate', bitrate, '-bufsize', bitrate, '-pix_fmt', 'yuv420p'],
      ...['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', `${file}.part`],
    ];
    const made = spawnSync('ffmpeg', args, { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`ffmpeg could not make ${file}: ${made.stderr}`);
    renameSync(`${file}.part`, file);
  }
  return { ...shape, ...cut(readFileSync(file), fps, fps * keyframeEveryS) };
}

function cut(bytes: Buffer, fps: number, keyEvery: number): Pick<Clip, 'init' | 'pictures' | 'mime'> {
  const init: Buffer[] = [];
  const pictures: Clip['pictures'] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const box = bytes.subarray(at, at + size);
    if (type === 'ftyp' || type === 'moov') init.push(box);
    else if (type === 'moof') {
      const mdat = bytes.readUInt32BE(at + size);
      const n = pictures.length;
      pictures.push({ bytes: bytes.subarray(at, at + size + mdat), timeMs: (n * 1000) / fps, key: n % keyEvery === 0 });
      at += mdat;
    }
    at += size;
  }
  const section = Buffer.concat(init);
  const avcc = section.indexOf('avcC', 0, 'latin1') + 4;
  const codec = `avc1.${section.subarray(avcc + 1, avcc + 4).toString('hex')}`;
  return { init: section, pictures, mime: `video/mp4; codecs="${codec}"` };
}

/** A copy of a fragment whose decode time is `timeMs`. ffmpeg writes tfdt version 1. */
export function movedTo(clip: Clip, fragment: Buffer, timeMs: number): Buffer {
  const out = Buffer.from(fragment);
  const mdhd = clip.init.indexOf('mdhd', 0, 'latin1') + 4;
  const timescale = clip.init.readUInt32BE(mdhd + 12);
  const tfdt = out.indexOf('tfdt', 0, 'latin1') + 4;
  if (out[tfdt] !== 1) throw new Error('expected a 64-bit tfdt');
  out.writeBigUInt64BE(BigInt(Math.round((timeMs * timescale) / 1000)), tfdt + 4);
  return out;
}
