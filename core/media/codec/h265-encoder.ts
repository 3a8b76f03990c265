/**
 * H.265 for the virtual camera's clips. Invariant: no B-frames, closed groups of pictures, so unit n is picture n and a
 * keyframe needs nothing before it. For child processes only.
 */
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { AV_CODEC_FLAG_GLOBAL_HEADER, AV_PIX_FMT_YUV420P, FF_ENCODER_LIBX265 } from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import { splitAnnexB, type EncodedPicture, type VideoEncoderOptions } from './encoder.ts';
import { check } from './libav.ts';

const firstParameterSet = 32;
const lastParameterSet = 34;
/** Instantaneous decoding refresh, with and without leading pictures. */
const refresh = [19, 20];

const typeOf = (nal: Buffer): number => ((nal[0] ?? 0) >> 1) & 63;

export class H265Encoder {
  /** VPS, SPS, PPS. */
  readonly parameterSets: Buffer[];
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #options: VideoEncoderOptions;
  #pts = 0n;

  constructor(options: VideoEncoderOptions) {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX265);
    if (!codec) throw new HubError('unavailable', 'This build of libav has no H.265 encoder.');
    this.#options = options;
    const context = this.#context;
    const { width, height, fps, gopPictures, crf, maxBitsPerSecond } = options;
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(1, Math.round(fps));
    context.framerate = new Rational(Math.round(fps), 1);
    context.gopSize = gopPictures;
    context.maxBFrames = 0;
    context.flags = (context.flags | AV_CODEC_FLAG_GLOBAL_HEADER) as typeof context.flags;
    context.setOption('preset', options.preset ?? 'ultrafast');
    context.setOption('crf', String(crf));
    const kbps = Math.round(maxBitsPerSecond / 1000);
    context.setOption(
      'x265-params',
      `log-level=none:pools=none:frame-threads=1:keyint=${gopPictures}:min-keyint=${gopPictures}:scenecut=0:bframes=0` +
        `:open-gop=0:vbv-maxrate=${kbps}:vbv-bufsize=${kbps * 2}`,
    );
    check(context.open2Sync(codec, null), 'Opening the H.265 encoder');
    this.#packet.alloc();
    this.parameterSets = splitAnnexB(Buffer.from(context.extraData ?? Buffer.alloc(0))).filter((nal) => {
      const type = typeOf(nal);
      return type >= firstParameterSet && type <= lastParameterSet;
    });
  }

  /** `i420`: width*height luma bytes, then the two chroma planes. */
  encode(i420: Buffer): EncodedPicture[] {
    const { width, height, fps } = this.#options;
    const frame = Frame.fromVideoBuffer(i420, {
      width,
      height,
      format: AV_PIX_FMT_YUV420P,
      timeBase: { num: 1, den: Math.round(fps) },
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
    check(this.#context.sendFrameSync(null), 'Ending the H.265 encoder');
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
        if (typeOf(nal) >= firstParameterSet) continue;
        if (refresh.includes(typeOf(nal))) key = true;
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
