/** Real bitstreams made on the spot: a bright square that moves over a still pattern, as H.264 units. */
import { H264Encoder } from '#core/media/codec/encoder.ts';
import type { VideoConfig } from '#core/domain/media.ts';
import { codecStringOfH264 } from './codec-string.ts';

export interface TestUnit {
  timeMs: number;
  pts90k: number;
  key: boolean;
  data: Buffer;
}

export interface TestVideo {
  config: VideoConfig;
  fps: number;
  units: TestUnit[];
}

export interface TestVideoOptions {
  width?: number;
  height?: number;
  fps?: number;
  gopPictures?: number;
  pictures?: number;
  startMs?: number;
  /** Left edge of the square in picture n, or null for none. */
  square?: (picture: number) => number | null;
}

const squareSize = 64;

export function makeTestVideo(options: TestVideoOptions = {}): TestVideo {
  const { width = 640, height = 360, fps = 15, gopPictures = 30, pictures = 60, startMs = 0 } = options;
  const square = options.square ?? ((n) => (n * 8) % (width - squareSize));
  const encoder = new H264Encoder({ width, height, fps, gopPictures, crf: 26, maxBitsPerSecond: 2_000_000 });
  const encoded = [];
  for (let n = 0; n < pictures; n++) encoded.push(...encoder.encode(drawPicture(width, height, square(n))));
  encoded.push(...encoder.finish());
  const units = encoded.map(({ key, data }, n) => ({
    key,
    data,
    timeMs: startMs + (n * 1000) / fps,
    pts90k: Math.round((n * 90_000) / fps),
  }));
  const parameterSets = encoder.parameterSets;
  const config: VideoConfig = {
    codec: 'h264',
    codecString: codecStringOfH264(parameterSets[0]!),
    width,
    height,
    parameterSets,
  };
  return { config, fps, units };
}

/** I420: a still pattern of grey blocks, and a white square of 64 pixels at mid height. */
export function drawPicture(width: number, height: number, squareX: number | null): Buffer {
  const picture = Buffer.alloc((width * height * 3) / 2, 128);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) picture[y * width + x] = 60 + (((x >> 4) * 7 + (y >> 4) * 13) & 63);
  if (squareX === null) return picture;
  const top = (height - squareSize) >> 1;
  for (let y = top; y < top + squareSize; y++) picture.fill(235, y * width + squareX, y * width + squareX + squareSize);
  return picture;
}
