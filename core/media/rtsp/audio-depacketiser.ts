/**
 * Audio frames from RTP payloads: AAC (RFC 3640 AAC-hbr, RFC 6416 LATM with its configuration out of band), G.711
 * (RFC 3551), Opus (RFC 7587). `chooseAudio` says what a format is; anything else is not an error, there is just no sound.
 */
import type { AudioConfig } from '#core/domain/media.ts';
import { audioSpecificConfig, latmConfig, readAudioSpecificConfig } from './aac-config.ts';
import type { SdpFormat } from './sdp.ts';

/** `time` in ticks of the RTP clock, `samples` at the config's rate; `data` is owned by the receiver. */
export type AudioFrameSink = (time: number, samples: number, data: Buffer) => void;

export interface AudioDepacketiser {
  config: AudioConfig;
  /** RTP ticks per second. */
  clockRate: number;
  packet(buffer: Buffer, start: number, end: number, time: number, marker: boolean, gap: boolean): void;
}

const maxFrameBytes = 64 * 1024;

/** Null when this format can't be recorded. */
export function chooseAudio(format: SdpFormat, sink: AudioFrameSink): AudioDepacketiser | null {
  switch (format.encoding) {
    case 'PCMU':
    case 'PCMA':
      return g711(format, sink);
    case 'OPUS':
      return opus(format, sink);
    case 'MPEG4-GENERIC':
      return aac(format, sink);
    case 'MP4A-LATM':
      return latm(format, sink);
    default:
      return null;
  }
}

function g711(format: SdpFormat, sink: AudioFrameSink): AudioDepacketiser {
  const { clockRate, channels } = format;
  return {
    config: {
      codec: format.encoding === 'PCMU' ? 'pcmu' : 'pcma',
      codecString: '',
      sampleRate: clockRate,
      channels,
      config: new Uint8Array(0),
    },
    clockRate,
    packet(buffer, start, end, time) {
      const samples = Math.floor((end - start) / channels);
      if (samples > 0) sink(time, samples, Buffer.from(buffer.subarray(start, start + samples * channels)));
    },
  };
}

function opus(format: SdpFormat, sink: AudioFrameSink): AudioDepacketiser {
  return {
    config: { codec: 'opus', codecString: 'opus', sampleRate: 48_000, channels: 2, config: new Uint8Array(0) },
    clockRate: format.clockRate === 8000 ? 48_000 : format.clockRate,
    packet(buffer, start, end, time) {
      const samples = opusSamples(buffer, start, end);
      if (samples > 0) sink(time, samples, Buffer.from(buffer.subarray(start, end)));
    },
  };
}

/** Samples at 48 kHz in an Opus packet (RFC 6716 section 3.1); 0 when it is none. */
export function opusSamples(buffer: Buffer, start: number, end: number): number {
  if (end <= start) return 0;
  const toc = buffer[start] ?? 0;
  const mode = toc >> 3;
  const frame =
    mode < 12
      ? ([480, 960, 1920, 2880][mode & 3] ?? 0)
      : mode < 16
        ? (mode & 1) === 0
          ? 480
          : 960
        : 120 << (mode & 3);
  const code = toc & 3;
  if (code === 3 && end - start < 2) return 0;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (buffer[start + 1] ?? 0) & 63;
  const samples = frame * frames;
  return samples <= 5760 ? samples : 0;
}

function aacConfig(config: Uint8Array): { audio: AudioConfig; frameSamples: number } | null {
  const info = readAudioSpecificConfig(config);
  if (!info) return null;
  const { objectType, sampleRate, channels, frameSamples } = info;
  return {
    audio: { codec: 'aac', codecString: `mp4a.40.${objectType}`, sampleRate, channels, config },
    frameSamples,
  };
}

function aac(format: SdpFormat, sink: AudioFrameSink): AudioDepacketiser | null {
  const parameter = (name: string, standard: number): number => {
    const value = Number.parseInt(format.parameters.get(name) ?? '', 10);
    return value >= 0 && value <= 32 ? value : standard;
  };
  const mode = (format.parameters.get('mode') ?? 'AAC-hbr').toLowerCase();
  if (mode !== 'aac-hbr' && mode !== 'aac-lbr') return null;
  const hex = format.parameters.get('config') ?? '';
  const given = /^([0-9a-f]{2}){2,64}$/i.test(hex) ? Uint8Array.from(Buffer.from(hex, 'hex')) : null;
  const made = aacConfig(given ?? audioSpecificConfig(format.clockRate, format.channels));
  if (!made) return null;
  const sizeBits = parameter('sizelength', mode === 'aac-hbr' ? 13 : 6);
  const indexBits = parameter('indexlength', mode === 'aac-hbr' ? 3 : 2);
  if (sizeBits === 0 || sizeBits + indexBits > 32) return null;
  let partial: Buffer[] = [];
  let partialBytes = 0;
  const ticksPerFrame = (made.frameSamples * format.clockRate) / made.audio.sampleRate;
  const emit = (time: number, data: Buffer): void => {
    const raw = withoutAdts(data);
    if (raw.length > 0) sink(time, made.frameSamples, raw);
  };
  return {
    config: made.audio,
    clockRate: format.clockRate,
    packet(buffer, start, end, time, marker, gap) {
      if (gap) partial = [];
      if (end - start < 2) return;
      const headerBits = buffer.readUInt16BE(start);
      const count = Math.floor(headerBits / (sizeBits + indexBits));
      let at = start + 2 + Math.ceil(headerBits / 8);
      if (at > end || count === 0) return;
      for (let i = 0; i < count && at < end; i++) {
        const size = bitsAt(buffer, start + 2, i * (sizeBits + indexBits), sizeBits);
        if (count === 1 && size > end - at) {
          // A frame larger than a packet comes in pieces, each announcing the whole size.
          if (partial.length === 0) partialBytes = 0;
          partial.push(Buffer.from(buffer.subarray(at, end)));
          partialBytes += end - at;
          if (partialBytes === size) emit(time, Buffer.concat(partial));
          if (marker || partialBytes >= size || partialBytes > maxFrameBytes) partial = [];
          return;
        }
        if (partial.length > 0) {
          partial.push(Buffer.from(buffer.subarray(at, Math.min(end, at + size))));
          const whole = Buffer.concat(partial);
          partial = [];
          if (whole.length === size) emit(time, whole);
          return;
        }
        if (size === 0 || at + size > end) return;
        emit(time + i * ticksPerFrame, Buffer.from(buffer.subarray(at, at + size)));
        at += size;
      }
    },
  };
}

/** Some cameras leave the ADTS header on each frame. */
function withoutAdts(frame: Buffer): Buffer {
  if (frame.length < 8 || frame[0] !== 0xff || ((frame[1] ?? 0) & 0xf6) !== 0xf0) return frame;
  const length = (((frame[3] ?? 0) & 3) << 11) | ((frame[4] ?? 0) << 3) | ((frame[5] ?? 0) >> 5);
  return length === frame.length ? frame.subarray(((frame[1] ?? 0) & 1) === 1 ? 7 : 9) : frame;
}

function bitsAt(buffer: Buffer, byte: number, bit: number, count: number): number {
  let value = 0;
  for (let i = bit; i < bit + count; i++) {
    value = value * 2 + (((buffer[byte + Math.floor(i / 8)] ?? 0) >> (7 - (i % 8))) & 1);
  }
  return value;
}

function latm(format: SdpFormat, sink: AudioFrameSink): AudioDepacketiser | null {
  if (format.parameters.get('cpresent') !== '0') return null;
  const stream = latmConfig(format.parameters.get('config') ?? '');
  const made = stream && aacConfig(stream.config);
  if (!made) return null;
  const ticksPerFrame = (made.frameSamples * format.clockRate) / made.audio.sampleRate;
  let held: Buffer[] = [];
  let heldBytes = 0;
  return {
    config: made.audio,
    clockRate: format.clockRate,
    packet(buffer, start, end, time, marker, gap) {
      if (gap) held = [];
      if (held.length === 0) heldBytes = 0;
      heldBytes += end - start;
      if (heldBytes > maxFrameBytes) held = [];
      else held.push(Buffer.from(buffer.subarray(start, end)));
      if (!marker || held.length === 0) return;
      const data = Buffer.concat(held);
      held = [];
      let at = 0;
      for (let i = 0; i < stream.subFrames; i++) {
        let size = 0;
        while (data[at] === 255) {
          size += 255;
          at++;
        }
        size += data[at++] ?? 0;
        if (size === 0 || at + size > data.length) return;
        sink(time + i * ticksPerFrame, made.frameSamples, data.subarray(at, at + size));
        at += size;
      }
    },
  };
}
