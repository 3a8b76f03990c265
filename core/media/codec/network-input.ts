/**
 * A camera read by libav: RTSP over UDP or TCP, MJPEG and other streams over HTTP. Low-level API only.
 * Invariants: the context is allocated before it is opened (otherwise interrupt() does nothing and closing crashes); no
 * packet is freed and nothing is closed while a read is pending; addresses never reach a log; only the protocols and
 * formats of cameras are let in, so a hostile answer can't make libav open a file or another address.
 */
import {
  BitStreamFilter,
  BitStreamFilterContext,
  Dictionary,
  FormatContext,
  Packet,
  Rational,
  type CodecParameters,
  type Stream,
} from 'node-av/lib';
import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_PCM_ALAW,
  AV_CODEC_ID_PCM_MULAW,
  AV_NOPTS_VALUE,
  AVERROR_DECODER_NOT_FOUND,
  AVERROR_EXIT,
  AVERROR_STREAM_NOT_FOUND,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import type { AudioConfig } from '#core/domain/media.ts';
import './libav.ts';
import { LiveEncoder } from './live-encoder.ts';

export interface InputVideoUnit {
  pts90k: number;
  dts90k: number;
  /** With start codes. */
  bytes: Buffer;
}

export interface InputAudioUnit {
  pts90k: number;
  samples: number;
  data: Buffer;
}

export interface InputSink {
  video(unit: InputVideoUnit): void;
  audio(unit: InputAudioUnit): void;
}

export interface InputInfo {
  codec: 'h264' | 'h265';
  /** Parameter sets with start codes, or empty: then they come with the keyframes. */
  extraData: Buffer;
  audio: AudioConfig | null;
}

/** What libav answered when it failed. `camera_no_video` has no number of its own: AVERROR_STREAM_NOT_FOUND. */
export class InputFailure extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`libav ${code}`);
    this.name = 'InputFailure';
    this.code = code;
  }
}

const protocols = 'rtsp,rtsps,rtp,srtp,udp,tcp,tls,http,https';
const formats = 'rtsp,sdp,mpjpeg,mjpeg,jpeg_pipe,image2pipe,flv,mpegts,mov,matroska,h264,hevc,rtp,asf';
const ticks = new Rational(1, 90_000);
const openTimeoutMs = 20_000;
const silenceMs = 12_000;
/** A read that does not end after it was interrupted: only ending the process helps. */
const stuckMs = 6_000;

export interface NetworkInputInit {
  /** rtsp://, rtsps://, http:// or https://, with percent-encoded credentials. */
  url: string;
  wantAudio: boolean;
  /** Called if libav does not come back after it was interrupted. */
  onStuck: () => void;
}

export class NetworkInput {
  readonly #init: NetworkInputInit;
  readonly #context = new FormatContext();
  readonly #packet = new Packet();
  #watch: NodeJS.Timeout | null = null;
  #guardedMs = 0;
  #silent = false;
  #video: Stream | null = null;
  #audio: Stream | null = null;
  #annexB: BitStreamFilterContext | null = null;
  #encoder: LiveEncoder | null = null;
  #arrivalTimes = false;
  #startMono = 0;
  #lastDts = -Infinity;

  constructor(init: NetworkInputInit) {
    this.#init = init;
    this.#packet.alloc();
  }

  /** Ends a pending open or read. */
  interrupt(): void {
    this.#context.interrupt();
  }

  /** Resolves when the streams are known. Rejects with InputFailure. */
  async open(): Promise<InputInfo> {
    const http = this.#init.url.startsWith('http');
    this.#context.allocContext();
    this.#guard(openTimeoutMs);
    const options = Dictionary.fromObject({
      protocol_whitelist: protocols,
      format_whitelist: formats,
      // Microseconds. RTSP knows `timeout`, HTTP and TCP know `rw_timeout`.
      timeout: '6000000',
      rw_timeout: '6000000',
      analyzeduration: '2000000',
      probesize: '2000000',
      ...(http
        ? { max_redirects: '0', user_agent: 'Porchlight' }
        : { rtsp_transport: 'tcp+udp', rtsp_flags: 'prefer_tcp', user_agent: 'Porchlight', buffer_size: '1048576' }),
    });
    this.#check(await this.#context.openInput(this.#init.url, null, options));
    this.#check(await this.#context.findStreamInfo(null));
    const streams = this.#context.streams;
    this.#video = streams.find((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO) ?? null;
    if (!this.#video) throw new InputFailure(AVERROR_STREAM_NOT_FOUND);
    const audio = streams.find((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO);
    const audioConfig = audio && this.#init.wantAudio ? audioConfigOf(audio.codecpar) : null;
    this.#audio = audioConfig && audio ? audio : null;
    // A series of JPEGs has no times: libav counts pictures at an assumed 25 per second.
    this.#arrivalTimes = http && /mjpeg|jpeg|image2/.test(this.#context.iformat?.name ?? '');
    return { ...this.#prepare(this.#video.codecpar), audio: audioConfig };
  }

  /** Resolves with libav's number when the stream ends; AVERROR_EXIT if it was interrupted by the caller. */
  async read(sink: InputSink): Promise<number> {
    const packet = this.#packet;
    this.#startMono = performance.now();
    for (;;) {
      this.#guard(silenceMs);
      const code = await this.#context.readFrame(packet);
      if (code < 0) return this.#silent ? -110 : code;
      try {
        if (packet.streamIndex === this.#video?.index) this.#videoPacket(packet, this.#video, sink);
        else if (packet.streamIndex === this.#audio?.index) this.#audioPacket(packet, this.#audio, sink);
      } finally {
        packet.unref();
      }
    }
  }

  /** Only when no open or read is pending. */
  async close(): Promise<void> {
    this.#guard(stuckMs);
    await this.#context.closeInput();
    if (this.#watch) clearTimeout(this.#watch);
    this.#encoder?.close();
    this.#annexB?.free();
    this.#packet.free();
  }

  #prepare(parameters: CodecParameters): { codec: 'h264' | 'h265'; extraData: Buffer } {
    const codec =
      parameters.codecId === AV_CODEC_ID_H264 ? 'h264' : parameters.codecId === AV_CODEC_ID_HEVC ? 'h265' : null;
    if (codec === null) {
      this.#encoder = new LiveEncoder(parameters);
      return { codec: 'h264', extraData: Buffer.alloc(0) };
    }
    const extra = Buffer.from(parameters.extradata ?? Buffer.alloc(0));
    // avcC and hvcC begin with their version, 1; start codes begin with 0.
    if (extra[0] !== 1) return { codec, extraData: extra };
    const filter = BitStreamFilter.getByName(codec === 'h264' ? 'h264_mp4toannexb' : 'hevc_mp4toannexb');
    if (!filter) throw new InputFailure(AVERROR_DECODER_NOT_FOUND);
    this.#annexB = new BitStreamFilterContext();
    this.#check(this.#annexB.alloc(filter));
    const input = this.#annexB.inputCodecParameters;
    if (input) this.#check(parameters.copy(input));
    this.#check(this.#annexB.init());
    return { codec, extraData: Buffer.alloc(0) };
  }

  #videoPacket(packet: Packet, stream: Stream, sink: InputSink): void {
    if (this.#arrivalTimes) {
      packet.pts = BigInt(Math.round((performance.now() - this.#startMono) * 90));
      packet.dts = packet.pts;
    } else packet.rescaleTs(stream.timeBase, ticks);
    // The first RTSP picture has no time: it is known only when the second one comes.
    if (packet.pts === AV_NOPTS_VALUE) packet.pts = packet.dts;
    if (packet.pts === AV_NOPTS_VALUE) return;
    if (this.#encoder) {
      for (const { pts90k, bytes } of this.#encoder.feed(packet)) sink.video({ pts90k, dts90k: pts90k, bytes });
      return;
    }
    if (!this.#annexB) {
      this.#copied(packet, sink);
      return;
    }
    const filter = this.#annexB;
    if (filter.sendPacketSync(packet) < 0) return;
    while (filter.receivePacketSync(packet) >= 0) {
      this.#copied(packet, sink);
      packet.unref();
    }
  }

  #copied(packet: Packet, sink: InputSink): void {
    const { data } = packet;
    if (!data) return;
    const pts90k = Number(packet.pts);
    let dts90k = packet.dts === AV_NOPTS_VALUE ? pts90k : Number(packet.dts);
    // Decoding time never stands still; a step back of more than a second is a new beginning and is passed on.
    if (dts90k <= this.#lastDts && dts90k > this.#lastDts - 90_000) dts90k = this.#lastDts + 1;
    this.#lastDts = dts90k;
    sink.video({ pts90k, dts90k, bytes: Buffer.from(data) });
  }

  #audioPacket(packet: Packet, stream: Stream, sink: InputSink): void {
    packet.rescaleTs(stream.timeBase, ticks);
    const { data } = packet;
    if (!data || packet.pts === AV_NOPTS_VALUE) return;
    const parameters = stream.codecpar;
    const g711 = parameters.codecId === AV_CODEC_ID_PCM_ALAW || parameters.codecId === AV_CODEC_ID_PCM_MULAW;
    const samples = g711
      ? data.length / Math.max(1, parameters.channelLayout.nbChannels)
      : parameters.codecId === AV_CODEC_ID_AAC
        ? 1024
        : Math.round((Number(packet.duration) * parameters.sampleRate) / 90_000);
    sink.audio({ pts90k: Number(packet.pts), samples, data: Buffer.from(data) });
  }

  /** Interrupts what is pending after `ms`; if that does not help, tells that it is stuck. */
  #guard(ms: number): void {
    if (this.#watch) {
      this.#watch.refresh();
      if (ms === silenceMs && this.#guardedMs === ms) return;
      clearTimeout(this.#watch);
    }
    this.#guardedMs = ms;
    this.#watch = setTimeout(() => {
      this.#silent = true;
      this.#context.interrupt();
      this.#watch = setTimeout(() => this.#init.onStuck(), stuckMs);
    }, ms);
  }

  #check(code: number): void {
    if (code < 0) throw new InputFailure(this.#silent && code === AVERROR_EXIT ? -110 : code);
  }
}

function audioConfigOf(parameters: CodecParameters): AudioConfig | null {
  const { codecId, sampleRate } = parameters;
  const channels = parameters.channelLayout.nbChannels;
  const common = { sampleRate, channels, config: new Uint8Array() };
  if (codecId === AV_CODEC_ID_PCM_MULAW) return { codec: 'pcmu', codecString: '', ...common };
  if (codecId === AV_CODEC_ID_PCM_ALAW) return { codec: 'pcma', codecString: '', ...common };
  if (codecId === AV_CODEC_ID_OPUS) return { codec: 'opus', codecString: 'opus', ...common };
  const config = Buffer.from(parameters.extradata ?? Buffer.alloc(0));
  // Without an AudioSpecificConfig AAC comes in ADTS, which MP4 can't hold as it is.
  if (codecId === AV_CODEC_ID_AAC && config.length >= 2)
    return { codec: 'aac', codecString: `mp4a.40.${(config[0] ?? 0) >> 3}`, sampleRate, channels, config };
  return null;
}
