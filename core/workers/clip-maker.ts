/**
 * Process entry: makes the virtual camera's clips of a person's own files. Arguments: main file, sub file or '', main clip,
 * sub clip, and 'both' for the same once more in the other encoding. Tells the parent `{failed}` in words and ends with 1.
 */
import { HubError } from '#core/base/errors.ts';
import { writeClip, type Clip } from '#core/demo/clip.ts';
import { ulawFromFloat } from '#core/demo/sound.ts';
import { readClipFile, type ClipFile } from '#core/media/codec/clip-file.ts';
import { encodeAac, H264Encoder } from '#core/media/codec/encoder.ts';
import { H265Encoder } from '#core/media/codec/h265-encoder.ts';
import { VideoDecoder } from '#core/media/codec/video-decoder.ts';
import { sendToParent } from './parent.ts';

const sampleRate = 16_000;
const subWidth = 640;

function make(main: string, sub: string, mainPath: string, subPath: string, both: boolean): void {
  const file = readClipFile(main);
  const fps = rateOf(file);
  const sound = soundOf(file, fps);
  const common = { fps, ...sound, sightings: [] };
  const copyable = file.units[0]?.key === true && inOrder(file);
  const size = { width: file.width & ~1, height: file.height & ~1 };
  const pictures = (): Iterable<(w: number, h: number) => Buffer> => decoded(file);
  const main1: Clip = copyable
    ? { ...common, codec: file.codec, ...size, parameterSets: file.parameterSets, pictures: file.units }
    : encoded(pictures(), 'h264', size, fps, common);
  const subFile = sub === '' ? file : readClipFile(sub);
  const subSize = sub === '' ? shrunk(size) : { width: subFile.width & ~1, height: subFile.height & ~1 };
  const subPictures = (): Iterable<(w: number, h: number) => Buffer> =>
    sub === '' ? pictures() : atRate(subFile, fps, main1.pictures.length);
  const sub1 = encoded(subPictures(), 'h264', subSize, fps, common);
  // Decoding may give a picture less than the file has: all clips of a camera are as long as the shortest.
  const count = Math.min(main1.pictures.length, sub1.pictures.length);
  const cut = (clip: Clip): Clip => ({ ...clip, pictures: clip.pictures.slice(0, count) });
  if (both) {
    const other = (main1.codec ?? 'h264') === 'h264' ? 'h265' : 'h264';
    writeClip(otherPath(mainPath), cut(encoded(pictures(), other, size, fps, common)));
    writeClip(otherPath(subPath), cut(encoded(subPictures(), other, subSize, fps, common)));
  }
  writeClip(mainPath, cut(main1));
  writeClip(subPath, cut(sub1));
}

const otherPath = (path: string): string => path.replace(/\.clip$/, '.other.clip');

/** Pictures per second, even where the file's times are not. */
function rateOf(file: ClipFile): number {
  const times = file.units.map((unit) => unit.timeMs);
  const spanMs = Math.max(...times) - Math.min(...times);
  const rate = ((times.length - 1) * 1000) / spanMs;
  return Math.abs(rate - Math.round(rate)) < 0.05 ? Math.round(rate) : rate;
}

/** Without B-frames pictures are shown in the order they are stored. */
function inOrder({ units }: ClipFile): boolean {
  return units.every((unit, index) => index === 0 || unit.timeMs > (units[index - 1]?.timeMs ?? 0));
}

function shrunk({ width, height }: { width: number; height: number }): { width: number; height: number } {
  if (width <= subWidth) return { width, height };
  return { width: subWidth, height: Math.round((height * subWidth) / width / 2) * 2 };
}

/** Pictures in the order they are shown; each is good until the next is asked for. */
function* decoded(file: ClipFile): Generator<(w: number, h: number) => Buffer, void> {
  const decoder = new VideoDecoder(file);
  try {
    for (const unit of [...file.units, null]) {
      for (const picture of unit ? decoder.decode(unit) : decoder.flush()) {
        try {
          yield (w, h) => picture.i420(w, h);
        } finally {
          picture.release();
        }
      }
    }
  } finally {
    decoder.close();
  }
}

/** Another file at our rate and length: pictures are left out or shown longer; a short file stands still at its end. */
function* atRate(file: ClipFile, fps: number, count: number): Generator<(w: number, h: number) => Buffer, void> {
  const times = file.units.map((unit) => unit.timeMs).sort((a, b) => a - b);
  let n = 0;
  let index = 0;
  let last: Buffer | null = null;
  for (const picture of decoded(file)) {
    const nextMs = times[index + 1] ?? Infinity;
    index++;
    if ((n * 1000) / fps >= nextMs) continue;
    const image = picture(file.width & ~1, file.height & ~1);
    last = image;
    for (; n < count && (n * 1000) / fps < nextMs && Number.isFinite(nextMs); n++) yield () => image;
  }
  for (; last && n < count; n++) {
    const image = last;
    yield () => image;
  }
}

function encoded(
  pictures: Iterable<(w: number, h: number) => Buffer>,
  codec: 'h264' | 'h265',
  size: { width: number; height: number },
  fps: number,
  common: Pick<Clip, 'fps' | 'aac' | 'pcmu' | 'sightings'>,
): Clip {
  const { width, height } = size;
  const options = {
    ...size,
    fps: Math.max(1, Math.round(fps)),
    gopPictures: Math.max(1, Math.round(fps * 2)),
    crf: 26,
    maxBitsPerSecond: Math.max(500_000, width * height * 4),
  };
  const encoder = codec === 'h264' ? new H264Encoder(options) : new H265Encoder(options);
  const out: Clip['pictures'] = [];
  for (const picture of pictures) out.push(...encoder.encode(picture(width, height)));
  out.push(...encoder.finish());
  return { ...common, codec, ...size, parameterSets: encoder.parameterSets, pictures: out };
}

function soundOf(file: ClipFile, fps: number): Pick<Clip, 'aac' | 'pcmu'> {
  if (!file.sound) return { aac: null, pcmu: null };
  const seconds = file.units.length / fps;
  const { config, frames } = encodeAac(resampled(file.sound, sampleRate, seconds), sampleRate, 32_000);
  return {
    aac: { sampleRate, config, frames: frames.slice(1) },
    pcmu: ulawFromFloat(resampled(file.sound, 8_000, seconds)),
  };
}

/** Straight lines between samples: enough for a camera's microphone. */
function resampled(
  { sampleRate: from, samples }: NonNullable<ClipFile['sound']>,
  to: number,
  seconds: number,
): Float32Array {
  const out = new Float32Array(Math.floor(seconds * to));
  for (let i = 0; i < out.length; i++) {
    const at = (i * from) / to;
    const left = samples[Math.floor(at)] ?? 0;
    out[i] = left + ((samples[Math.floor(at) + 1] ?? left) - left) * (at % 1);
  }
  return out;
}

const [main = '', sub = '', mainPath = '', subPath = '', both = ''] = process.argv.slice(2);
try {
  make(main, sub, mainPath, subPath, both === 'both');
} catch (error) {
  if (!(error instanceof HubError)) throw error;
  sendToParent({ type: 'failed', failed: error.message } as { type: string });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
