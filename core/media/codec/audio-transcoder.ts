/**
 * G.711 to AAC-LC at the same sample rate and channel count, synchronously.
 * Invariant: each AAC frame carries the time of the first sample it is heard at: the encoder looks one frame ahead, so its
 * first packet (priming, before any sound) is left out and the n-th after it belongs to the n-th 1024 samples that came in.
 * Input with a hole gets a frame filled up with silence and goes on at the new time; nothing is stretched.
 */
import { Codec, CodecContext, Frame, Packet, Rational, avChannelLayoutDefault } from 'node-av/lib';
import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_AAC,
  AV_SAMPLE_FMT_FLTP,
} from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import { g711ToFloat } from './g711.ts';
import { check } from './libav.ts';

export interface G711Unit {
  pts90k: number;
  timeMs: number;
  data: Uint8Array;
}

export interface AacFrame {
  data: Buffer;
  pts90k: number;
  timeMs: number;
  /** Samples per channel: always 1024. */
  samples: number;
}

const frameSamples = 1024;
/** Camera times wobble by a packet or two without a sample missing. */
const holeMs = 120;

export class AudioTranscoder {
  readonly sampleRate: number;
  readonly channels: number;
  /** AudioSpecificConfig. */
  readonly config: Buffer;
  readonly #codec: 'pcmu' | 'pcma';
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  /** Interleaved samples that do not fill a frame yet. */
  readonly #partial: Float32Array;
  #filled = 0;
  /** Time of the first sample in `#partial`. */
  #head: { pts90k: number; timeMs: number } | null = null;
  /** Where each frame that is still inside the encoder begins, by its first sample's number. */
  readonly #starts = new Map<number, { pts90k: number; timeMs: number }>();
  #sample = 0;
  #closed = false;

  constructor(codec: 'pcmu' | 'pcma', sampleRate: number, channels: number) {
    const encoder = Codec.findEncoder(AV_CODEC_ID_AAC);
    if (!encoder) throw new HubError('unavailable', 'This build of libav has no AAC encoder.');
    this.#codec = codec;
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.#partial = new Float32Array(frameSamples * channels);
    const context = this.#context;
    context.allocContext3(encoder);
    context.sampleRate = sampleRate;
    context.sampleFormat = AV_SAMPLE_FMT_FLTP;
    context.channelLayout = avChannelLayoutDefault(channels);
    context.bitRate = BigInt(Math.min(64_000, sampleRate * 3) * channels);
    context.timeBase = new Rational(1, sampleRate);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_BITEXACT);
    check(context.open2Sync(encoder, null), 'Opening the AAC encoder');
    this.#packet.alloc();
    this.config = Buffer.from(context.extraData ?? Buffer.alloc(0));
  }

  transcode(unit: G711Unit): AacFrame[] {
    if (this.#closed) return [];
    const out: AacFrame[] = [];
    const samples = g711ToFloat(this.#codec, unit.data);
    if (this.#head) {
      const heldMs = ((this.#filled / this.channels) * 1000) / this.sampleRate;
      const expected90k = this.#head.pts90k + heldMs * 90;
      if (Math.abs(unit.pts90k - expected90k) > holeMs * 90) {
        if (this.#filled > 0) this.#encodeFrame(out);
        this.#head = null;
      }
    }
    this.#head ??= { pts90k: unit.pts90k, timeMs: unit.timeMs };
    for (let at = 0; at < samples.length;) {
      const take = Math.min(samples.length - at, this.#partial.length - this.#filled);
      this.#partial.set(samples.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === this.#partial.length) this.#encodeFrame(out);
    }
    return out;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#packet.free();
    this.#context.freeContext();
  }

  /** Encodes what is in `#partial`, the rest as silence, and moves the head on. */
  #encodeFrame(out: AacFrame[]): void {
    const head = this.#head;
    if (!head) return;
    this.#partial.fill(0, this.#filled);
    this.#filled = 0;
    this.#starts.set(this.#sample, head);
    const planar = new Float32Array(this.#partial.length);
    for (let channel = 0; channel < this.channels; channel++)
      for (let i = 0; i < frameSamples; i++)
        planar[channel * frameSamples + i] = this.#partial[i * this.channels + channel] ?? 0;
    const frame = Frame.fromAudioBuffer(Buffer.from(planar.buffer), {
      nbSamples: frameSamples,
      format: AV_SAMPLE_FMT_FLTP,
      sampleRate: this.sampleRate,
      channelLayout: avChannelLayoutDefault(this.channels),
      timeBase: { num: 1, den: this.sampleRate },
      pts: BigInt(this.#sample),
    });
    this.#sample += frameSamples;
    const spanMs = (frameSamples * 1000) / this.sampleRate;
    this.#head = { pts90k: head.pts90k + spanMs * 90, timeMs: head.timeMs + spanMs };
    try {
      check(this.#context.sendFrameSync(frame), 'Encoding audio');
    } finally {
      frame.free();
    }
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const first = Number(this.#packet.pts);
      const start = this.#starts.get(first);
      if (start) {
        this.#starts.delete(first);
        const data = Buffer.from(this.#packet.data ?? Buffer.alloc(0));
        out.push({ data, pts90k: Math.round(start.pts90k), timeMs: start.timeMs, samples: frameSamples });
      }
      this.#packet.unref();
    }
  }
}
