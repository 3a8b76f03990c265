/**
 * Encoders for media the project makes itself (demo, test clips): H.264, AAC, JPEG, all synchronous.
 * Invariant: video goes out in display order without B-frames, so unit n is picture n.
 * For child processes only, like all of this folder. Not used on the record path.
 */
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_MJPEG,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import './libav.ts';

export interface EncodedPicture {
  key: boolean;
  /** NAL units with 4-byte length prefixes, without parameter sets, AUD and the encoder's own SEI. */
  data: Buffer;
}

export interface VideoEncoderOptions {
  width: number;
  height: number;
  fps: number;
  /** Pictures from keyframe to keyframe, exactly. */
  gopPictures: number;
  /** x264 constant rate factor, 18 (fine) to 35 (coarse). */
  crf: number;
  /** Upper bound of the bit rate over a second. */
  maxBitsPerSecond: number;
  threads?: number;
  preset?: 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'medium';
}

function check(code: number, what: string): void {
  if (code < 0) throw new HubError('internal', `${what} failed.`, { cause: new FFmpegError(code) });
}

/** NAL units of an Annex B buffer, without start codes; views, not copies. */
export function splitAnnexB(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let start = bytes.indexOf('\0\0\x01', 0, 'latin1');
  while (start >= 0) {
    const from = start + 3;
    const next = bytes.indexOf('\0\0\x01', from, 'latin1');
    let to = next < 0 ? bytes.length : next;
    while (next >= 0 && to > from && bytes[to - 1] === 0) to--;
    if (to > from) units.push(bytes.subarray(from, to));
    start = next;
  }
  return units;
}

/** H.264 from planar YUV 4:2:0 (I420, BT.709, limited range). Pictures may come out a few calls later; `finish` returns the rest. */
export class H264Encoder {
  readonly parameterSets: Buffer[];
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #options: VideoEncoderOptions;
  #pts = 0n;

  constructor(options: VideoEncoderOptions) {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
    if (!codec) throw new HubError('unavailable', 'This build of libav has no H.264 encoder.');
    this.#options = options;
    const context = this.#context;
    context.allocContext3(codec);
    context.width = options.width;
    context.height = options.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(1, options.fps);
    context.framerate = new Rational(options.fps, 1);
    context.gopSize = options.gopPictures;
    context.maxBFrames = 0;
    context.threadCount = options.threads ?? 1;
    context.colorSpace = AVCOL_SPC_BT709;
    context.colorRange = AVCOL_RANGE_MPEG;
    context.flags = (context.flags | AV_CODEC_FLAG_GLOBAL_HEADER) as typeof context.flags;
    context.setOption('preset', options.preset ?? 'veryfast');
    context.setOption('crf', String(options.crf));
    context.setOption(
      'x264-params',
      `keyint=${options.gopPictures}:min-keyint=${options.gopPictures}:scenecut=0:bframes=0:sync-lookahead=0:sliced-threads=0` +
        `:vbv-maxrate=${Math.round(options.maxBitsPerSecond / 1000)}:vbv-bufsize=${Math.round(options.maxBitsPerSecond / 500)}`,
    );
    check(context.open2Sync(codec, null), 'Opening the H.264 encoder');
    this.#packet.alloc();
    this.parameterSets = splitAnnexB(Buffer.from(context.extraData ?? Buffer.alloc(0))).filter((nal) => {
      const type = (nal[0] ?? 0) & 31;
      return type === 7 || type === 8;
    });
  }

  /** `i420`: width*height luma bytes, then the two chroma planes. */
  encode(i420: Buffer): EncodedPicture[] {
    const frame = Frame.fromVideoBuffer(i420, {
      width: this.#options.width,
      height: this.#options.height,
      format: AV_PIX_FMT_YUV420P,
      timeBase: { num: 1, den: this.#options.fps },
      pts: this.#pts++,
    });
    try {
      check(this.#context.sendFrameSync(frame), 'Encoding a picture');
    } finally {
      frame.free();
    }
    return this.#drain();
  }

  finish(): EncodedPicture[] {
    check(this.#context.sendFrameSync(null), 'Ending the H.264 encoder');
    const rest = this.#drain();
    this.#packet.free();
    this.#context.freeContext();
    return rest;
  }

  #drain(): EncodedPicture[] {
    const out: EncodedPicture[] = [];
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const parts: Buffer[] = [];
      let key = false;
      for (const nal of splitAnnexB(this.#packet.data ?? Buffer.alloc(0))) {
        const type = (nal[0] ?? 0) & 31;
        if (type === 5) key = true;
        if (type < 1 || type > 5) continue;
        const length = Buffer.allocUnsafe(4);
        length.writeUInt32BE(nal.length);
        parts.push(length, nal);
      }
      out.push({ key, data: Buffer.concat(parts) });
      this.#packet.unref();
    }
    return out;
  }
}

/** AAC-LC, mono, from float samples -1..1. Returns raw frames (no ADTS) of 1024 samples; the encoder's first frame is its priming. */
export function encodeAac(
  samples: Float32Array,
  sampleRate: number,
  bitsPerSecond: number,
): { config: Buffer; frames: Buffer[] } {
  const codec = Codec.findEncoder(AV_CODEC_ID_AAC);
  if (!codec) throw new HubError('unavailable', 'This build of libav has no AAC encoder.');
  const context = new CodecContext();
  context.allocContext3(codec);
  const channelLayout = AV_CHANNEL_LAYOUT_MONO;
  context.sampleRate = sampleRate;
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.channelLayout = channelLayout;
  context.bitRate = BigInt(bitsPerSecond);
  context.timeBase = new Rational(1, sampleRate);
  context.flags = (context.flags | AV_CODEC_FLAG_GLOBAL_HEADER) as typeof context.flags;
  check(context.open2Sync(codec, null), 'Opening the AAC encoder');
  const packet = new Packet();
  packet.alloc();
  const frames: Buffer[] = [];
  const drain = (): void => {
    while (context.receivePacketSync(packet) >= 0) {
      frames.push(Buffer.from(packet.data ?? Buffer.alloc(0)));
      packet.unref();
    }
  };
  for (let at = 0; at + 1024 <= samples.length; at += 1024) {
    const part = samples.slice(at, at + 1024);
    const frame = Frame.fromAudioBuffer(Buffer.from(part.buffer), {
      nbSamples: 1024,
      format: AV_SAMPLE_FMT_FLTP,
      sampleRate,
      channelLayout,
      timeBase: { num: 1, den: sampleRate },
      pts: BigInt(at),
    });
    check(context.sendFrameSync(frame), 'Encoding audio');
    frame.free();
    drain();
  }
  check(context.sendFrameSync(null), 'Ending the AAC encoder');
  drain();
  const config = Buffer.from(context.extraData ?? Buffer.alloc(0));
  packet.free();
  context.freeContext();
  return { config, frames };
}

/** JPEG from planar YUV 4:2:0 in limited range. `quality` 2 (fine) to 31 (coarse). */
export function encodeJpegI420(i420: Buffer, width: number, height: number, quality: number): Buffer {
  const codec = Codec.findEncoder(AV_CODEC_ID_MJPEG);
  if (!codec) throw new HubError('unavailable', 'This build of libav has no JPEG encoder.');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  context.pixelFormat = AV_PIX_FMT_YUVJ420P;
  context.colorRange = AVCOL_RANGE_JPEG;
  context.timeBase = new Rational(1, 25);
  context.setOption('qmin', String(quality));
  context.setOption('qmax', String(quality));
  check(context.open2Sync(codec, null), 'Opening the JPEG encoder');
  const frame = Frame.fromVideoBuffer(fullRange(i420, width * height), {
    width,
    height,
    format: AV_PIX_FMT_YUVJ420P,
    timeBase: { num: 1, den: 25 },
    pts: 0n,
  });
  const packet = new Packet();
  packet.alloc();
  check(context.sendFrameSync(frame), 'Encoding a JPEG');
  frame.free();
  check(context.sendFrameSync(null), 'Ending the JPEG encoder');
  check(context.receivePacketSync(packet), 'Encoding a JPEG');
  const jpeg = Buffer.from(packet.data ?? Buffer.alloc(0));
  packet.free();
  context.freeContext();
  return jpeg;
}

/** JFIF means full range: stretches 16..235 luma and 16..240 chroma. */
function fullRange(i420: Buffer, lumaBytes: number): Buffer {
  const out = Buffer.allocUnsafe(i420.length);
  for (let i = 0; i < i420.length; i++) {
    const v = i420[i] ?? 0;
    const wide = i < lumaBytes ? ((v - 16) * 255) / 219 : ((v - 128) * 255) / 224 + 128;
    out[i] = wide < 0 ? 0 : wide > 255 ? 255 : Math.round(wide);
  }
  return out;
}
