/** RTCP as far as a receiver over TCP needs it: the camera's clock in, receiver reports out (RFC 3550 section 6.4). */
export interface SenderReport {
  ssrc: number;
  /** Camera's clock, UTC ms, fractional. Null when the camera sends none (zero) or one before 1990. */
  ntpMs: number | null;
  /** 32-bit RTP timestamp of the same instant. */
  rtpTime: number;
  /** The middle 32 bits of the NTP time, echoed in receiver reports. */
  compactNtp: number;
}

const ntpToUnixSeconds = 2_208_988_800;

/** The first sender report of a compound packet, or null. */
export function findSenderReport(buffer: Buffer, start: number, end: number): SenderReport | null {
  let at = start;
  while (end - at >= 8) {
    if (((buffer[at] ?? 0) & 0xc0) !== 0x80) return null;
    const bytes = 4 + buffer.readUInt16BE(at + 2) * 4;
    if (at + bytes > end) return null;
    if (buffer[at + 1] === 200 && bytes >= 28) {
      const seconds = buffer.readUInt32BE(at + 8);
      const fraction = buffer.readUInt32BE(at + 12);
      const unixMs = (seconds - ntpToUnixSeconds) * 1000 + (fraction / 2 ** 32) * 1000;
      return {
        ssrc: buffer.readUInt32BE(at + 4),
        ntpMs: unixMs > Date.UTC(1990, 0, 1) ? unixMs : null,
        rtpTime: buffer.readUInt32BE(at + 16),
        compactNtp: (seconds % 65_536) * 65_536 + Math.floor(fraction / 65_536),
      };
    }
    at += bytes;
  }
  return null;
}

export interface ReceptionState {
  ownSsrc: number;
  sourceSsrc: number;
  lostPackets: number;
  extendedSequence: number;
  /** From the last sender report, 0 before one came. */
  lastCompactNtp: number;
  msSinceReport: number;
}

/** An interleaved frame with one receiver report, for `channel`. */
export function receiverReport(channel: number, s: ReceptionState): Buffer {
  const frame = Buffer.alloc(4 + 32);
  frame[0] = 0x24;
  frame[1] = channel;
  frame.writeUInt16BE(32, 2);
  frame[4] = 0x81;
  frame[5] = 201;
  frame.writeUInt16BE(7, 6);
  frame.writeUInt32BE(s.ownSsrc, 8);
  frame.writeUInt32BE(s.sourceSsrc, 12);
  frame.writeUIntBE(Math.min(s.lostPackets, 0x7fffff), 17, 3);
  frame.writeUInt32BE(s.extendedSequence % 2 ** 32, 20);
  frame.writeUInt32BE(s.lastCompactNtp, 28);
  const delay = s.lastCompactNtp === 0 ? 0 : Math.round(s.msSinceReport * 65.536);
  frame.writeUInt32BE(Math.min(delay, 2 ** 32 - 1), 32);
  return frame;
}
