/**
 * The few fields of H.264 and H.265 parameter sets that the decoder configuration records repeat (ISO/IEC 14496-15).
 * Cameras send what they like: a set that ends early yields the usual values instead of an error.
 */

/** Reads bits of a NAL unit with the emulation prevention bytes taken out. Past the end it reads zeros. */
class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(nal: Uint8Array) {
    const out: number[] = [];
    let zeros = 0;
    for (const byte of nal.subarray(0, 512)) {
      if (zeros >= 2 && byte === 3) {
        zeros = 0;
        continue;
      }
      zeros = byte === 0 ? zeros + 1 : 0;
      out.push(byte);
    }
    this.#bytes = Uint8Array.from(out);
  }

  skip(count: number): void {
    this.#bit += count;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#bit >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#bit & 7))) & 1);
      this.#bit++;
    }
    return value;
  }

  ue(): number {
    let zeros = 0;
    while (zeros < 32 && this.#bit < this.#bytes.length * 8 && this.bits(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }
}

export interface PictureFormat {
  chromaFormat: number;
  lumaDepthMinus8: number;
  chromaDepthMinus8: number;
}

const highProfiles = new Set([100, 110, 122, 144, 244, 44, 83, 86, 118, 128, 138, 139, 134]);

/** Whether the profile carries chroma and depth fields, in the SPS and in avcC. */
export function isHighProfile(profile: number): boolean {
  return highProfiles.has(profile);
}

/** Chroma and depth of an H.264 SPS (ISO/IEC 14496-10, 7.3.2.1.1). */
export function h264PictureFormat(sps: Uint8Array): PictureFormat {
  if (!isHighProfile(sps[1] ?? 0)) return { chromaFormat: 1, lumaDepthMinus8: 0, chromaDepthMinus8: 0 };
  const reader = new BitReader(sps);
  reader.skip(32);
  reader.ue();
  const chromaFormat = reader.ue() & 3;
  if (chromaFormat === 3) reader.skip(1);
  return { chromaFormat, lumaDepthMinus8: reader.ue() & 7, chromaDepthMinus8: reader.ue() & 7 };
}

export interface HevcProfile extends PictureFormat {
  /** The 12 bytes from general_profile_space to general_level_idc. */
  general: Buffer;
  temporalLayers: number;
  temporalIdNested: boolean;
}

/** Profile, level and format of an H.265 SPS (ITU-T H.265, 7.3.2.2 and 7.3.3). */
export function hevcProfile(sps: Uint8Array): HevcProfile {
  const reader = new BitReader(sps);
  reader.skip(16 + 4);
  const subLayers = reader.bits(3);
  const temporalIdNested = reader.bits(1) === 1;
  const general = Buffer.alloc(12);
  for (let i = 0; i < 12; i++) general[i] = reader.bits(8);
  const present: [boolean, boolean][] = [];
  for (let i = 0; i < subLayers; i++) present.push([reader.bits(1) === 1, reader.bits(1) === 1]);
  if (subLayers > 0) reader.skip(2 * (8 - subLayers));
  for (const [profile, level] of present) reader.skip((profile ? 88 : 0) + (level ? 8 : 0));
  reader.ue();
  const chromaFormat = reader.ue() & 3;
  if (chromaFormat === 3) reader.skip(1);
  reader.ue();
  reader.ue();
  if (reader.bits(1) === 1) for (let i = 0; i < 4; i++) reader.ue();
  return {
    general,
    temporalLayers: subLayers + 1,
    temporalIdNested,
    chromaFormat,
    lumaDepthMinus8: reader.ue() & 7,
    chromaDepthMinus8: reader.ue() & 7,
  };
}
