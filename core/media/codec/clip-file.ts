/**
 * An mp4 of a person's own, read for the virtual camera: its access units as they are, and its sound as samples.
 * Invariant: reads the one file it is given (protocol whitelist) and a bounded part of it. For child processes only.
 */
import {
  BitStreamFilter,
  BitStreamFilterContext,
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  Frame,
  InputFormat,
  Packet,
  type Stream,
} from 'node-av/lib';
import {
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AV_SAMPLE_FMT_S16P,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import { splitAnnexB } from './encoder.ts';
import { libavText } from './libav.ts';

/** What follows in the file is left out. */
const maxSeconds = 120;
const maxBytes = 512 * 1024 * 1024;

export interface ClipFile {
  codec: 'h264' | 'h265';
  width: number;
  height: number;
  /** (VPS,) SPS, PPS. */
  parameterSets: Buffer[];
  /** In decoding order; times are of display, from 0. NAL units with 4-byte lengths, without parameter sets. */
  units: { key: boolean; timeMs: number; data: Buffer }[];
  /** Mono, -1..1; null where there is none that can be read. */
  sound: { sampleRate: number; samples: Float32Array } | null;
}

/** Throws `not_found`, or `unsupported_source` for what is no mp4 with H.264 or H.265. */
export function readClipFile(path: string): ClipFile {
  const input = new FormatContext();
  input.allocContext();
  try {
    const opened = input.openInputSync(
      path,
      InputFormat.findInputFormat('mov'),
      Dictionary.fromObject({ protocol_whitelist: 'file' }),
    );
    if (opened < 0) throw new HubError('unsupported_source', `${path} is no mp4 file: ${libavText(opened)}.`);
    const video = input.streams.find((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
    const codec = video && codecOf(video);
    if (!video || !codec) throw new HubError('unsupported_source', `${path} has no H.264 or H.265 video.`);
    const audio = input.streams.find((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO);
    return readStreams(path, input, video, codec, audio ?? null);
  } finally {
    input.closeInputSync();
  }
}

function codecOf(stream: Stream): 'h264' | 'h265' | null {
  const { codecId } = stream.codecpar;
  return codecId === AV_CODEC_ID_H264 ? 'h264' : codecId === AV_CODEC_ID_HEVC ? 'h265' : null;
}

function readStreams(
  path: string,
  input: FormatContext,
  video: Stream,
  codec: 'h264' | 'h265',
  audio: Stream | null,
): ClipFile {
  const filter = openFilter(video, codec);
  const sound = audio && SoundReader.open(audio);
  const packet = new Packet();
  packet.alloc();
  const { width, height } = video.codecpar;
  const file: ClipFile = { codec, width, height, parameterSets: [], units: [], sound: null };
  const secondsPerTick = video.timeBase.num / video.timeBase.den;
  let bytes = 0;
  let firstPts: bigint | null = null;
  try {
    while (input.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === video.index) {
        bytes += packet.size;
        if (filter.sendPacketSync(packet) < 0) throw new HubError('unsupported_source', `${path} is damaged.`);
        while (filter.receivePacketSync(packet) >= 0) {
          firstPts ??= packet.pts;
          const timeMs = Number(packet.pts - firstPts) * secondsPerTick * 1000;
          addUnit(file, packet, timeMs);
          packet.unref();
        }
      } else if (sound && packet.streamIndex === audio.index) sound.feed(packet);
      packet.unref();
      const lastMs = file.units.at(-1)?.timeMs ?? 0;
      if (lastMs > maxSeconds * 1000 || bytes > maxBytes) break;
    }
    if (file.units.length < 2) throw new HubError('unsupported_source', `${path} has no pictures to play.`);
    file.sound = sound?.finish() ?? null;
    return file;
  } finally {
    packet.free();
    filter.free();
    sound?.close();
  }
}

function openFilter(video: Stream, codec: 'h264' | 'h265'): BitStreamFilterContext {
  const found = BitStreamFilter.getByName(codec === 'h264' ? 'h264_mp4toannexb' : 'hevc_mp4toannexb');
  if (!found) throw new HubError('unavailable', 'This build of libav lacks a filter.');
  const filter = new BitStreamFilterContext();
  filter.alloc(found);
  const parameters = filter.inputCodecParameters;
  if (parameters) video.codecpar.copy(parameters);
  filter.init();
  return filter;
}

function addUnit(file: ClipFile, packet: Packet, timeMs: number): void {
  const parts: Buffer[] = [];
  let key = false;
  for (const nal of splitAnnexB(packet.data ?? Buffer.alloc(0))) {
    const kind = kindOf(nal, file.codec);
    if (kind === 'parameter' && !file.parameterSets.some((set) => set.equals(nal)))
      file.parameterSets.push(Buffer.from(nal));
    if (kind === 'key') key = true;
    if (kind !== 'key' && kind !== 'picture') continue;
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(nal.length);
    parts.push(length, nal);
  }
  if (parts.length > 0) file.units.push({ key, timeMs, data: Buffer.concat(parts) });
}

function kindOf(nal: Buffer, codec: 'h264' | 'h265'): 'parameter' | 'key' | 'picture' | 'other' {
  const head = nal[0] ?? 0;
  if (codec === 'h264') {
    const type = head & 31;
    return type === 7 || type === 8 ? 'parameter' : type === 5 ? 'key' : type >= 1 && type < 5 ? 'picture' : 'other';
  }
  const type = (head >> 1) & 63;
  if (type >= 32 && type <= 34) return 'parameter';
  // 16 to 21 are pictures that decoding can begin at.
  return type >= 16 && type <= 21 ? 'key' : type < 32 ? 'picture' : 'other';
}

/** Decodes a track to mono samples. Formats that are not the four usual ones are left silent. */
class SoundReader {
  readonly #context = new CodecContext();
  readonly #frame = new Frame();
  readonly #parts: Float32Array[] = [];
  #sampleRate = 0;

  /** Null where libav knows no decoder. */
  static open(stream: Stream): SoundReader | null {
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    return codec ? new SoundReader(codec, stream) : null;
  }

  private constructor(codec: Codec, stream: Stream) {
    this.#context.allocContext3(codec);
    this.#context.parametersToContext(stream.codecpar);
    this.#context.open2Sync(codec, null);
    this.#frame.alloc();
  }

  feed(packet: Packet | null): void {
    if (this.#context.sendPacketSync(packet) < 0) return;
    while (this.#context.receiveFrameSync(this.#frame) >= 0) {
      this.#sampleRate = this.#frame.sampleRate;
      const samples = monoSamples(this.#frame);
      if (samples) this.#parts.push(samples);
      this.#frame.unref();
    }
  }

  finish(): ClipFile['sound'] {
    this.feed(null);
    const samples = new Float32Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      samples.set(part, at);
      at += part.length;
    }
    return samples.length > 0 && this.#sampleRate > 0 ? { sampleRate: this.#sampleRate, samples } : null;
  }

  close(): void {
    this.#frame.free();
    this.#context.freeContext();
  }
}

/** The first channel: it has what is said. */
function monoSamples(frame: Frame): Float32Array | null {
  const plane = frame.data?.[0];
  const { format, nbSamples } = frame;
  if (!plane) return null;
  const packed = format === AV_SAMPLE_FMT_FLT || format === AV_SAMPLE_FMT_S16;
  const step = packed ? Math.max(1, frame.channelLayout.nbChannels) : 1;
  const out = new Float32Array(nbSamples);
  if (format === AV_SAMPLE_FMT_FLT || format === AV_SAMPLE_FMT_FLTP)
    for (let i = 0; i < nbSamples; i++) out[i] = plane.readFloatLE(i * step * 4);
  else if (format === AV_SAMPLE_FMT_S16 || format === AV_SAMPLE_FMT_S16P)
    for (let i = 0; i < nbSamples; i++) out[i] = plane.readInt16LE(i * step * 2) / 32_768;
  else return null;
  return out;
}
