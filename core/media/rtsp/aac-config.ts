/** AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1) and the LATM stream configuration around it. */
import { BitReader, BitsExhausted } from './bit-reader.ts';

const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

export interface AacInfo {
  objectType: number;
  /** Of the core coder: with SBR the decoder puts out twice that. */
  sampleRate: number;
  channels: number;
  /** Samples per channel in a frame, at `sampleRate`. */
  frameSamples: number;
}

/** Null when it is not a configuration of a usual AAC. */
export function readAudioSpecificConfig(config: Uint8Array): AacInfo | null {
  try {
    return read(new BitReader(config));
  } catch (error) {
    if (error instanceof BitsExhausted) return null;
    throw error;
  }
}

function read(r: BitReader): AacInfo | null {
  let objectType = r.bits(5);
  if (objectType === 31) objectType = 32 + r.bits(6);
  const index = r.bits(4);
  const sampleRate = index === 15 ? r.bits(24) : (rates[index] ?? 0);
  const channelIndex = r.bits(4);
  const channels = channelIndex === 7 ? 8 : channelIndex;
  let core = objectType;
  if (objectType === 5 || objectType === 29) {
    if (r.bits(4) === 15) r.skip(24);
    core = r.bits(5);
  }
  const short = r.bitsLeft > 0 && r.flag();
  if (sampleRate < 7000 || sampleRate > 96_000 || channels < 1 || channels > 8) return null;
  if (core < 1 || core > 4) return null;
  return { objectType, sampleRate, channels, frameSamples: short ? 960 : 1024 };
}

/** AAC-LC, for descriptions that name no configuration. */
export function audioSpecificConfig(sampleRate: number, channels: number): Uint8Array {
  const index = Math.max(0, rates.indexOf(sampleRate));
  return Uint8Array.of((2 << 3) | (index >> 1), ((index & 1) << 7) | (channels << 3));
}

/** The AudioSpecificConfig inside a StreamMuxConfig in hex: one program, one layer, object type AAC-LC. Null for others. */
export function latmConfig(hex: string): { config: Uint8Array; subFrames: number } | null {
  if (!/^([0-9a-f]{2}){3,64}$/i.test(hex)) return null;
  try {
    const r = new BitReader(Buffer.from(hex, 'hex'));
    const version = r.bits(1);
    const sameFraming = r.flag();
    const subFrames = r.bits(6) + 1;
    if (version !== 0 || !sameFraming || r.bits(4) !== 0 || r.bits(3) !== 0) return null;
    const first = r.bits(8);
    const second = r.bits(8);
    const oneIndex = (((first & 7) << 1) | (second >> 7)) !== 15;
    return first >> 3 === 2 && oneIndex ? { config: Uint8Array.of(first, second), subFrames } : null;
  } catch (error) {
    if (error instanceof BitsExhausted) return null;
    throw error;
  }
}
