/**
 * Decodes anything libav knows and encodes it as plain H.264 (no B-frames, no delay) for cameras that send neither H.264
 * nor H.265. Synchronous, one thread. Invariant: a keyframe at least every 2 s of media time, at most `maxFps` pictures
 * per second, and damaged input is counted, never thrown.
 */
import { Codec, CodecContext, Frame, Packet, Rational, type CodecParameters } from 'node-av/lib';
import {
  AV_NOPTS_VALUE,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import { check, isNothing } from './libav.ts';
import { scaledForEncoder } from './scaler.ts';

export interface EncodedUnit {
  pts90k: number;
  key: boolean;
  /** With start codes; keyframes carry their parameter sets. */
  bytes: Buffer;
}

const maxFps = 15;
const keyEvery90k = 180_000;
const maxWidth = 1920;
const maxHeight = 1088;
const ticks = new Rational(1, 90_000);

export class LiveEncoder {
  errors = 0;
  readonly #decoder = new CodecContext();
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  #encoder: { context: CodecContext; width: number; height: number } | null = null;
  #next90k = -Infinity;
  #nextKey90k = -Infinity;
  #last90k = -Infinity;

  /** Throws HubError `camera_unsupported_codec`. */
  constructor(parameters: CodecParameters) {
    const codec = Codec.findDecoder(parameters.codecId);
    if (!codec) throw new HubError('camera_unsupported_codec', "The camera's video format can't be decoded.");
    this.#decoder.allocContext3(codec);
    this.#decoder.parametersToContext(parameters);
    this.#decoder.pktTimebase = ticks;
    this.#decoder.threadCount = 1;
    this.#decoder.setOption('max_pixels', String(8192 * 4608));
    check(this.#decoder.open2Sync(codec, null), 'Opening a decoder');
    this.#frame.alloc();
    this.#packet.alloc();
  }

  /** `packet` with times in 90 kHz. */
  feed(packet: Packet): EncodedUnit[] {
    const out: EncodedUnit[] = [];
    const sent = this.#decoder.sendPacketSync(packet);
    if (sent < 0 && !isNothing(sent)) this.errors++;
    // A decoder holds few pictures; the bound only guards against a call that never says "nothing".
    for (let i = 0; i < 64 && this.#decoder.receiveFrameSync(this.#frame) >= 0; i++) {
      try {
        this.#encode(out);
      } finally {
        this.#frame.unref();
      }
    }
    return out;
  }

  close(): void {
    this.#encoder?.context.freeContext();
    this.#encoder = null;
    this.#frame.free();
    this.#packet.free();
    this.#decoder.freeContext();
  }

  #encode(out: EncodedUnit[]): void {
    const frame = this.#frame;
    if (frame.pts === AV_NOPTS_VALUE || frame.width < 16 || frame.height < 16) return;
    const pts = Number(frame.pts);
    if (pts < this.#last90k) this.#next90k = this.#nextKey90k = -Infinity;
    else if (pts < this.#next90k - 900 || pts === this.#last90k) return;
    this.#next90k = Math.max(this.#next90k, pts - 90_000 / maxFps) + 90_000 / maxFps;
    this.#last90k = pts;
    const shrink = Math.min(1, maxWidth / frame.width, maxHeight / frame.height);
    const width = Math.max(16, Math.round(frame.width * shrink) & ~1);
    const height = Math.max(16, Math.round(frame.height * shrink) & ~1);
    const context = this.#open(width, height);
    const picture = scaledForEncoder(frame, width, height);
    const key = pts >= this.#nextKey90k;
    if (key) this.#nextKey90k = pts + keyEvery90k;
    picture.pictType = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    picture.pts = BigInt(pts);
    picture.timeBase = ticks;
    if (context.sendFrameSync(picture) < 0) this.errors++;
    while (context.receivePacketSync(this.#packet) >= 0) {
      const { data, pts: at, isKeyframe } = this.#packet;
      if (data) out.push({ pts90k: Number(at), key: isKeyframe, bytes: Buffer.from(data) });
      this.#packet.unref();
    }
  }

  #open(width: number, height: number): CodecContext {
    if (this.#encoder?.width === width && this.#encoder.height === height) return this.#encoder.context;
    this.#encoder?.context.freeContext();
    this.#encoder = null;
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
    if (!codec) throw new HubError('unavailable', 'This build of libav has no H.264 encoder.');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = ticks;
    context.framerate = new Rational(maxFps, 1);
    context.gopSize = 600;
    context.maxBFrames = 0;
    context.threadCount = 1;
    context.setOption('preset', 'veryfast');
    context.setOption('tune', 'zerolatency');
    context.setOption('profile', 'baseline');
    context.setOption('crf', '25');
    context.setOption('forced-idr', '1');
    context.setOption('x264-params', 'scenecut=0:vbv-maxrate=4000:vbv-bufsize=8000');
    check(context.open2Sync(codec, null), 'Opening the H.264 encoder');
    this.#nextKey90k = -Infinity;
    this.#encoder = { context, width, height };
    return context;
  }
}
