/** RTP payload of H.265 (RFC 7798): single NAL units, aggregation (48), fragments (49); without DONL, which no camera offers. */
import type { NalKind, NalRules, PictureAssembler } from './picture-assembler.ts';

export const h265Rules: NalRules = {
  headerBytes: 2,
  kind(header): NalKind {
    const type = (header >> 1) & 63;
    if (type <= 15) return 'slice';
    if (type <= 23) return 'key';
    if (type <= 31) return 'drop';
    if (type <= 34) return 'parameters';
    if (type <= 38 || type >= 48) return 'drop';
    return 'other';
  },
  // first_slice_segment_in_pic_flag
  startsPicture: (body) => body >= 0x80,
  // Every picture that decoding may start with has a type of its own.
  isIntra: () => false,
};

/** Takes the payload `buffer[start..end)` of one packet. Never throws on hostile bytes. */
export function depacketiseH265(
  out: PictureAssembler,
  buffer: Buffer,
  start: number,
  end: number,
  time: number,
  marker: boolean,
  gap: boolean,
): void {
  out.beginPacket(time, gap);
  if (end - start >= 2) {
    const type = ((buffer[start] ?? 0) >> 1) & 63;
    if (type === 49) readFragment(out, buffer, start, end);
    else if (type === 48) readAggregate(out, buffer, start + 2, end);
    else if (type < 48) out.whole(buffer, start, end);
    else out.orphan();
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
  if (end - start < 3) {
    out.orphan();
    return;
  }
  const first = buffer[start] ?? 0;
  const fu = buffer[start + 2] ?? 0;
  if (fu >= 0x80) out.beginFragment((first & 0x81) | ((fu & 63) << 1), buffer[start + 1] ?? 0);
  else if (!out.fragmentOpen) {
    out.orphan();
    return;
  }
  out.continueFragment(buffer, start + 3, end);
  if ((fu & 0x40) !== 0) out.closeFragment();
}
