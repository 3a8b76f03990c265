/**
 * Between the two ways of writing NAL units: 4-byte length prefixes (what flows through Porchlight) and start codes (what
 * libav's decoders and encoders speak). Invariant: never reads outside the buffer, whatever the lengths claim.
 */
import { splitAnnexB } from './encoder.ts';

/** Room that is used again for each unit: a decoder is fed in one go, and takes a copy of its own. */
let room = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Rewrites the prefixes of a copy, which is valid until the next call. NAL units that claim to go past the end are cut off;
 * returns null if none is whole.
 */
export function toStartCodes(data: Uint8Array): { bytes: Buffer; cut: boolean } | null {
  if (room.length < data.length) room = Buffer.allocUnsafeSlow(2 * data.length);
  const bytes = room.subarray(0, data.length);
  bytes.set(data);
  let at = 0;
  while (at + 4 < bytes.length) {
    const length = bytes.readUInt32BE(at);
    if (length === 0 || length > bytes.length - at - 4) break;
    bytes.writeUInt32BE(1, at);
    at += 4 + length;
  }
  if (at === 0) return null;
  return at === bytes.length ? { bytes, cut: false } : { bytes: bytes.subarray(0, at), cut: true };
}

export function parameterSetsToStartCodes(sets: readonly Uint8Array[]): Buffer {
  const startCode = Buffer.from([0, 0, 0, 1]);
  return Buffer.concat(sets.flatMap((set) => [startCode, set]));
}

const nalType = (nal: Uint8Array, codec: 'h264' | 'h265'): number =>
  codec === 'h264' ? (nal[0] ?? 0) & 31 : ((nal[0] ?? 0) >> 1) & 63;

const isParameterSet = (type: number, codec: 'h264' | 'h265'): boolean =>
  codec === 'h264' ? type === 7 || type === 8 : type >= 32 && type <= 34;

/**
 * An access unit with start codes, taken apart: the parameter sets found in it, and the rest with length prefixes, without
 * access unit delimiters and filler. `key`: it holds an IDR, or in H.265 any picture from which decoding can start.
 */
export function fromStartCodes(
  bytes: Buffer,
  codec: 'h264' | 'h265',
): { parameterSets: Buffer[]; data: Buffer; key: boolean } {
  const parameterSets: Buffer[] = [];
  const parts: Buffer[] = [];
  let key = false;
  for (const nal of splitAnnexB(bytes)) {
    const type = nalType(nal, codec);
    if (isParameterSet(type, codec)) {
      parameterSets.push(Buffer.from(nal));
      continue;
    }
    if (codec === 'h264' ? type === 9 || type === 12 : type === 35 || type === 38) continue;
    if (codec === 'h264' ? type === 5 : type >= 16 && type <= 21) key = true;
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(nal.length);
    parts.push(length, nal);
  }
  return { parameterSets, data: Buffer.concat(parts), key };
}
