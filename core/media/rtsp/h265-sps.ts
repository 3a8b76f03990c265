/** What a recorder needs from an H.265 sequence parameter set (ITU-T H.265 sections 7.3.2.2 and 7.3.3, annex E). */
import { BitReader, BitsExhausted, unescapeNal } from './bit-reader.ts';
import type { SpsInfo } from './h264-sps.ts';

const maxSide = 16_384;

/** `nal` includes its two-byte header. Null when it can't be a usable SPS. */
export function parseH265Sps(nal: Uint8Array): SpsInfo | null {
  try {
    return read(nal);
  } catch (error) {
    if (error instanceof BitsExhausted) return null;
    throw error;
  }
}

function read(nal: Uint8Array): SpsInfo | null {
  const r = new BitReader(unescapeNal(nal, 2));
  r.skip(4);
  const subLayers = r.bits(3);
  r.skip(1);
  const codecString = readProfile(r, subLayers);
  const id = r.unsigned();
  if (id > 15) return null;
  const chromaFormat = r.unsigned();
  const separate = chromaFormat === 3 && r.flag();
  const codedWidth = r.unsigned();
  const codedHeight = r.unsigned();
  const unitX = !separate && (chromaFormat === 1 || chromaFormat === 2) ? 2 : 1;
  const unitY = !separate && chromaFormat === 1 ? 2 : 1;
  const window = r.flag() ? [r.unsigned(), r.unsigned(), r.unsigned(), r.unsigned()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = window;
  const width = codedWidth - (left + right) * unitX;
  const height = codedHeight - (top + bottom) * unitY;
  if (!(width > 0 && height > 0 && width <= maxSide && height <= maxSide)) return null;
  r.unsigned(); // bit depths
  r.unsigned();
  const pocBits = r.unsigned() + 4;
  let reorderDepth = 0;
  for (let i = r.flag() ? 0 : subLayers; i <= subLayers; i++) {
    r.unsigned();
    reorderDepth = r.unsigned();
    r.unsigned();
  }
  return { id, codecString, width, height, fps: readFps(r, pocBits), reorderDepth: Math.min(reorderDepth, 16) };
}

/** profile_tier_level() and the codec string of ISO/IEC 14496-15 annex E. */
function readProfile(r: BitReader, subLayers: number): string {
  const space = r.bits(2);
  const tier = r.bits(1);
  const profile = r.bits(5);
  const compatibility = r.bits(32);
  const constraints: number[] = [];
  for (let i = 0; i < 6; i++) constraints.push(r.bits(8));
  const level = r.bits(8);
  const profilePresent: boolean[] = [];
  const levelPresent: boolean[] = [];
  for (let i = 0; i < subLayers; i++) {
    profilePresent.push(r.flag());
    levelPresent.push(r.flag());
  }
  if (subLayers > 0) r.skip(2 * (8 - subLayers));
  for (let i = 0; i < subLayers; i++) {
    if (profilePresent[i]) r.skip(88);
    if (levelPresent[i]) r.skip(8);
  }
  let reversed = 0;
  for (let i = 0; i < 32; i++) reversed = reversed * 2 + (Math.floor(compatibility / 2 ** i) % 2);
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  const parts = [
    `hvc1.${['', 'A', 'B', 'C'][space] ?? ''}${profile}`,
    reversed.toString(16).toUpperCase(),
    `${tier === 1 ? 'H' : 'L'}${level}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ];
  return parts.join('.');
}

/** The declared rate lies behind much that must be walked over; null when it is absent or anything on the way is odd. */
function readFps(r: BitReader, pocBits: number): number | null {
  try {
    for (let i = 0; i < 6; i++) r.unsigned(); // block sizes and transform depths
    if (r.flag() && r.flag()) skipScalingLists(r);
    r.skip(2);
    if (r.flag()) {
      r.skip(8); // PCM
      r.unsigned();
      r.unsigned();
      r.skip(1);
    }
    skipReferenceSets(r);
    if (r.flag()) {
      const count = r.unsigned();
      if (count > 32) return null;
      for (let i = 0; i < count; i++) r.skip(pocBits + 1);
    }
    r.skip(2);
    if (!r.flag()) return null;
    if (r.flag() && r.bits(8) === 255) r.skip(32);
    if (r.flag()) r.skip(1);
    if (r.flag()) {
      r.skip(4);
      if (r.flag()) r.skip(24);
    }
    if (r.flag()) {
      r.unsigned();
      r.unsigned();
    }
    r.skip(3);
    if (r.flag()) for (let i = 0; i < 4; i++) r.unsigned(); // default display window
    if (!r.flag()) return null;
    const unitsInTick = r.bits(32);
    const fps = r.bits(32) / unitsInTick;
    return fps >= 0.1 && fps <= 300 ? fps : null;
  } catch (error) {
    if (error instanceof BitsExhausted) return null;
    throw error;
  }
}

function skipScalingLists(r: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!r.flag()) {
        r.unsigned();
        continue;
      }
      if (size > 1) r.signed();
      const count = Math.min(64, 2 ** (4 + size * 2));
      for (let i = 0; i < count; i++) r.signed();
    }
  }
}

function skipReferenceSets(r: BitReader): void {
  const sets = r.unsigned();
  if (sets > 64) throw new BitsExhausted('Too many reference picture sets.');
  let pictures = 0;
  for (let i = 0; i < sets; i++) {
    if (i > 0 && r.flag()) {
      r.skip(1);
      r.unsigned();
      let kept = 0;
      for (let j = 0; j <= pictures; j++) {
        const used = r.flag();
        if (used || r.flag()) kept++;
      }
      pictures = kept;
    } else {
      pictures = r.unsigned() + r.unsigned();
      if (pictures > 64) throw new BitsExhausted('Too many reference pictures.');
      for (let j = 0; j < pictures; j++) {
        r.unsigned();
        r.skip(1);
      }
    }
  }
}
