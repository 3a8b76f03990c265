/** RTP payload of H.264 (RFC 6184): single NAL units, STAP-A, FU-A; and what tells its NAL units apart. */
import { BitReader, BitsExhausted, unescapeNal } from './bit-reader.ts';
import type { NalKind, NalRules, PictureAssembler } from './picture-assembler.ts';

export const h264Rules: NalRules = {
  headerBytes: 1,
  kind(header): NalKind {
    const type = header & 31;
    if (type === 5) return 'key';
    if (type >= 1 && type <= 4) return 'slice';
    if (type === 7 || type === 8 || type === 13 || type === 15) return 'parameters';
    if (type === 0 || (type >= 9 && type <= 12) || type >= 24) return 'drop';
    return 'other';
  },
  // first_mb_in_slice is 0, which Exp-Golomb writes as a single 1.
  startsPicture: (body) => body >= 0x80,
  isIntra(nal) {
    try {
      const r = new BitReader(unescapeNal(nal.subarray(0, 16), 1));
      r.unsigned();
      return r.unsigned() % 5 === 2;
    } catch (error) {
      if (error instanceof BitsExhausted) return false;
      throw error;
    }
  },
};

/** Takes the payload `buffer[start..end)` of one packet. Never throws on hostile bytes. */
export function depacketiseH264(
  out: PictureAssembler,
  buffer: Buffer,
  start: number,
  end: number,
  time: number,
  marker: boolean,
  gap: boolean,
): void {
  out.beginPacket(time, gap);
  if (end > start) {
    const header = buffer[start] ?? 0;
    const type = header & 31;
    if (type === 28) readFragment(out, buffer, start, end);
    else if (type === 24) readAggregate(out, buffer, start + 1, end);
    else if (type >= 1 && type <= 23) out.whole(buffer, start, end);
    // 25-27 and 29 (interleaved mode) need packetization-mode=2, which no camera offers.
    else if (type !== 0) out.orphan();
  }
  out.endPacket(marker);
}

function readAggregate(out: PictureAssembler, buffer: Buffer, start: number, end: number): void {
  let at = start;
  while (end - at >= 2) {
    const size = buffer.readUInt16BE(at);
    at += 2;
    if (at + size > end) {
      out.orphan();
      return;
    }
    if (size > 0) out.whole(buffer, at, at + size);
    at += size;
  }
}

function readFragment(out: PictureAssembler, buffer: Buffer, start: number, end: number): void {
  if (end - start < 2) {
    out.orphan();
    return;
  }
  const indicator = buffer[start] ?? 0;
  const fu = buffer[start + 1] ?? 0;
  if (fu >= 0x80) out.beginFragment((indicator & 0xe0) | (fu & 31), null);
  else if (!out.fragmentOpen) {
    out.orphan();
    return;
  }
  out.continueFragment(buffer, start + 2, end);
  if ((fu & 0x40) !== 0) out.closeFragment();
}
