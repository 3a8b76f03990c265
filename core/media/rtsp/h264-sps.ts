/** What a recorder needs from an H.264 sequence parameter set (ITU-T H.264 section 7.3.2.1.1 and annex E). */
import { BitReader, BitsExhausted, unescapeNal } from './bit-reader.ts';

export interface SpsInfo {
  id: number;
  codecString: string;
  width: number;
  height: number;
  /** Pictures per second as the encoder declares them, or null. */
  fps: number | null;
  /** How many pictures may precede a picture in decoding order and follow it in output order; null when not said. */
  reorderDepth: number | null;
}

const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const maxSide = 16_384;

/** `nal` includes its one-byte header. Null when it can't be a usable SPS. */
export function parseH264Sps(nal: Uint8Array): SpsInfo | null {
  try {
    return read(nal);
  } catch (error) {
    if (error instanceof BitsExhausted) return null;
    throw error;
  }
}

function read(nal: Uint8Array): SpsInfo | null {
  const r = new BitReader(unescapeNal(nal, 1));
  const profile = r.bits(8);
  const constraints = r.bits(8);
  const level = r.bits(8);
  const id = r.unsigned();
  if (id > 31) return null;
  const chroma = highProfiles.has(profile) ? readChroma(r) : { format: 1, separate: false };
  r.unsigned(); // log2_max_frame_num
  const pocType = readPictureOrder(r);
  r.unsigned(); // max_num_ref_frames
  r.skip(1);
  const widthMbs = r.unsigned() + 1;
  const heightUnits = r.unsigned() + 1;
  const framesOnly = r.flag();
  if (!framesOnly) r.skip(1);
  r.skip(1); // direct_8x8_inference
  const crop = r.flag() ? [r.unsigned(), r.unsigned(), r.unsigned(), r.unsigned()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const cropArray = chroma.separate || chroma.format === 0;
  const unitX = cropArray || chroma.format === 3 ? 1 : 2;
  const unitY = (cropArray || chroma.format !== 1 ? 1 : 2) * (framesOnly ? 1 : 2);
  const width = widthMbs * 16 - (left + right) * unitX;
  const height = heightUnits * 16 * (framesOnly ? 1 : 2) - (top + bottom) * unitY;
  if (!(width > 0 && height > 0 && width <= maxSide && height <= maxSide)) return null;
  const vui = readVui(r);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return {
    id,
    codecString: `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`,
    width,
    height,
    fps: vui.fps,
    // Baseline has no B pictures, and order type 2 means output order is decoding order.
    reorderDepth: vui.reorderDepth ?? (profile === 66 || pocType === 2 ? 0 : null),
  };
}

function readChroma(r: BitReader): { format: number; separate: boolean } {
  const format = r.unsigned();
  const separate = format === 3 && r.flag();
  r.unsigned(); // bit depths
  r.unsigned();
  r.skip(1);
  if (r.flag()) {
    const lists = format === 3 ? 12 : 8;
    for (let i = 0; i < lists; i++) if (r.flag()) skipScalingList(r, i < 6 ? 16 : 64);
  }
  return { format, separate };
}

function skipScalingList(r: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + r.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function readPictureOrder(r: BitReader): number {
  const type = r.unsigned();
  if (type === 0) r.unsigned();
  else if (type === 1) {
    r.skip(1);
    r.signed();
    r.signed();
    const count = r.unsigned();
    for (let i = 0; i < count; i++) r.signed();
  }
  return type;
}

/** Some encoders cut the VUI short: what was read until there counts. */
function readVui(r: BitReader): { fps: number | null; reorderDepth: number | null } {
  const vui: { fps: number | null; reorderDepth: number | null } = { fps: null, reorderDepth: null };
  try {
    if (!r.flag()) return vui;
    if (r.flag() && r.bits(8) === 255) r.skip(32); // sample aspect ratio
    if (r.flag()) r.skip(1); // overscan
    if (r.flag()) {
      r.skip(4); // video format, full range
      if (r.flag()) r.skip(24);
    }
    if (r.flag()) {
      r.unsigned();
      r.unsigned();
    }
    if (r.flag()) {
      const unitsInTick = r.bits(32);
      const timeScale = r.bits(32);
      r.skip(1);
      const fps = timeScale / unitsInTick / 2;
      if (fps >= 0.1 && fps <= 300) vui.fps = fps;
    }
    const nalHrd = r.flag();
    if (nalHrd) skipHrd(r);
    const vclHrd = r.flag();
    if (vclHrd) skipHrd(r);
    if (nalHrd || vclHrd) r.skip(1);
    r.skip(1); // pic_struct_present
    if (r.flag()) {
      r.skip(1);
      for (let i = 0; i < 4; i++) r.unsigned();
      const depth = r.unsigned();
      if (depth <= 16) vui.reorderDepth = depth;
    }
  } catch (error) {
    if (!(error instanceof BitsExhausted)) throw error;
  }
  return vui;
}

function skipHrd(r: BitReader): void {
  const count = r.unsigned() + 1;
  r.skip(8);
  for (let i = 0; i < count && i < 32; i++) {
    r.unsigned();
    r.unsigned();
    r.skip(1);
  }
  r.skip(20);
}
