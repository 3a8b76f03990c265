/** Child process: encodes the small clip the tests' camera plays, in H.264 and beside it in H.265. argv: main path, sub path. */
import { encodeAac, H264Encoder } from '#core/media/codec/encoder.ts';
import { H265Encoder } from '#core/media/codec/h265-encoder.ts';
import { writeClip } from '#core/demo/clip.ts';
import { ulawFromFloat } from '#core/demo/sound.ts';

const fps = 15;
const seconds = 4;
const [mainPath, subPath] = process.argv.slice(2);
if (mainPath === undefined || subPath === undefined) throw new Error('usage: make-test-clip.ts MAIN SUB');

/** A grey ramp with a bright square that goes round, and a bar code of the picture's number along the top. */
function draw(width: number, height: number, n: number): Buffer {
  const out = Buffer.alloc((width * height * 3) / 2, 128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[y * width + x] = 40 + ((x * 120) / width + (((x >> 4) ^ (y >> 4)) & 1) * 24);
  }
  const side = Math.round(height / 6);
  const angle = (n / (fps * seconds)) * 2 * Math.PI;
  const x0 = Math.round(width / 2 + Math.cos(angle) * width * 0.3 - side / 2);
  const y0 = Math.round(height / 2 + Math.sin(angle) * height * 0.3 - side / 2);
  for (let y = y0; y < y0 + side; y++) out.fill(220, y * width + x0, y * width + x0 + side);
  const cell = Math.floor(width / 16);
  for (let bit = 0; bit < 16; bit++) {
    for (let y = 0; y < cell; y++)
      out.fill((n >> bit) & 1 ? 235 : 16, y * width + bit * cell, y * width + (bit + 1) * cell);
  }
  return out;
}

const sampleRate = 16_000;
const tone = (rate: number): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / rate) * 0.2);
const { config, frames } = encodeAac(tone(sampleRate), sampleRate, 24_000);
const pcmu = ulawFromFloat(tone(8_000));

for (const [path, width, height, codec] of [
  [mainPath, 1280, 720, 'h264'],
  [subPath, 640, 360, 'h264'],
  [otherPath(mainPath), 1280, 720, 'h265'],
  [otherPath(subPath), 640, 360, 'h265'],
] as const) {
  const options = { width, height, fps, gopPictures: 15, crf: 30, maxBitsPerSecond: 2_000_000 };
  const encoder = codec === 'h264' ? new H264Encoder(options) : new H265Encoder(options);
  const pictures = [];
  for (let n = 0; n < fps * seconds; n++) pictures.push(...encoder.encode(draw(width, height, n)));
  pictures.push(...encoder.finish());
  writeClip(path, {
    codec,
    width,
    height,
    fps,
    parameterSets: encoder.parameterSets,
    pictures,
    aac: { sampleRate, config, frames: frames.slice(1) },
    pcmu,
    sightings: [],
  });
}

/** The camera finds the clip in the other encoding beside it. */
function otherPath(path: string): string {
  return path.replace(/\.clip$/, '.other.clip');
}
