/**
 * H.264 and H.265 access units in, pictures out. Synchronous, one thread, one stream.
 * Invariant: damaged input never throws, it is counted; native memory is freed by `close()`, pictures by their owner.
 */
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_NOPTS_VALUE } from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import type { VideoConfig } from '#core/domain/media.ts';
import { parameterSetsToStartCodes, toStartCodes } from './annexb.ts';
import { isNothing, libavText } from './libav.ts';
import { Picture } from './picture.ts';

export interface DecoderOptions {
  /** Leaves the deblocking filter out: 20-27 % less work, pictures a little blockier. For analysis. */
  skipLoopFilter?: boolean;
  /** Pictures come out at once; wrong order if the stream has B-frames. */
  lowDelay?: boolean;
}

export interface DecodableUnit {
  timeMs: number;
  key: boolean;
  /** NAL units with 4-byte length prefixes. */
  data: Uint8Array;
}

/** 8K is the most that is let in: a hostile header must not be able to ask for gigabytes. */
const maxPixels = 8192 * 4608;
/** The stream's times travel through libav as whole microseconds. */
const microseconds = new Rational(1, 1_000_000);

export class VideoDecoder {
  /** Units that libav refused, that were cut, or that came before the first keyframe. */
  errors = 0;
  decoded = 0;
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  #frame: Frame | null = null;
  #closed = false;
  #sawKey = false;

  /** Throws HubError `camera_unsupported_codec` if the parameter sets are not understood. */
  constructor(config: Pick<VideoConfig, 'codec' | 'parameterSets'>, options: DecoderOptions = {}) {
    const codec = Codec.findDecoder(config.codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC);
    if (!codec) throw new HubError('unavailable', `This build of libav can't decode ${config.codec}.`);
    this.#context.allocContext3(codec);
    if (config.parameterSets.length > 0) this.#context.extraData = parameterSetsToStartCodes(config.parameterSets);
    this.#context.threadCount = 1;
    this.#context.pktTimebase = microseconds;
    this.#context.setOption('max_pixels', String(maxPixels));
    if (options.skipLoopFilter) this.#context.setOption('skip_loop_filter', 'all');
    if (options.lowDelay) this.#context.setOption('flags', '+low_delay');
    const opened = this.#context.open2Sync(codec, null);
    if (opened < 0) {
      this.#context.freeContext();
      throw new HubError('camera_unsupported_codec', `The video can't be decoded: ${libavText(opened)}.`);
    }
    this.#packet.alloc();
  }

  /**
   * Feeds one access unit. `want` is asked for each picture that comes out; wanted ones are returned and belong to the
   * caller, who must release them. Others cost no copy.
   */
  decode(unit: DecodableUnit, want: (timeMs: number) => boolean = () => true): Picture[] {
    if (this.#closed) return [];
    if (unit.key) this.#sawKey = true;
    const converted = this.#sawKey ? toStartCodes(unit.data) : null;
    if (!converted || converted.cut) this.errors++;
    if (!converted) return [];
    const time = BigInt(Math.round(unit.timeMs * 1000));
    this.#packet.data = converted.bytes;
    this.#packet.pts = time;
    this.#packet.dts = time;
    this.#packet.isKeyframe = unit.key;
    const sent = this.#context.sendPacketSync(this.#packet);
    this.#packet.unref();
    if (sent < 0 && !isNothing(sent)) this.errors++;
    return this.#receive(want);
  }

  /** Ends the stream: the pictures still inside come out. Only `restart()` or `close()` may follow. */
  flush(want: (timeMs: number) => boolean = () => true): Picture[] {
    if (this.#closed) return [];
    this.#context.sendPacketSync(null);
    return this.#receive(want);
  }

  /** Forgets all pictures, e.g. after units were left out: the next unit must be a keyframe. */
  restart(): void {
    if (this.#closed) return;
    this.#context.flushBuffers();
    this.#sawKey = false;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frame?.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  #receive(want: (timeMs: number) => boolean): Picture[] {
    const pictures: Picture[] = [];
    // A decoder holds at most 16 pictures; the bound only guards against a call that never says "nothing".
    for (let i = 0; i < 64; i++) {
      const frame = (this.#frame ??= newFrame());
      const code = this.#context.receiveFrameSync(frame);
      if (code < 0) {
        if (!isNothing(code)) this.errors++;
        break;
      }
      this.decoded++;
      const timeMs = frame.pts === AV_NOPTS_VALUE ? 0 : Number(frame.pts) / 1000;
      if (frame.width >= 16 && frame.height >= 16 && want(timeMs)) {
        pictures.push(new Picture(frame, timeMs));
        this.#frame = null;
      } else frame.unref();
    }
    return pictures;
  }
}

function newFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}
