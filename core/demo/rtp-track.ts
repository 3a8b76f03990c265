/**
 * RTP packetising (RFC 3550, 6184, 7798, 3640) of one track of one session, with its sender reports.
 * Invariant: sequence numbers are contiguous over everything made here, also over packets a fault then withholds.
 */
import { randomInt } from 'node:crypto';

const maxPayload = 1400;
const wrap = 2 ** 32;
/** Seconds from 1900 (NTP) to 1970 (Unix). */
const ntpOffsetS = 2_208_988_800;

export class RtpTrack {
  readonly ssrc = randomInt(1, wrap - 1);
  readonly clockRate: number;
  readonly payloadType: number;
  /** Interleaved channel of RTP; RTCP is the next. */
  readonly channel: number;
  readonly firstTimestamp: number;
  sequence = randomInt(0, 65536);
  packets = 0;
  #octets = 0;

  constructor(options: { clockRate: number; payloadType: number; channel: number; firstTimestamp: number }) {
    this.clockRate = options.clockRate;
    this.payloadType = options.payloadType;
    this.channel = options.channel;
    this.firstTimestamp = options.firstTimestamp;
  }

  /** RTP timestamp after `ticks` since the session's start. */
  timestamp(ticks: number): number {
    return (((this.firstTimestamp + ticks) % wrap) + wrap) % wrap;
  }

  /**
   * One access unit: small leading NAL units travel together (STAP-A, AP), large ones in fragments (FU-A, FU). Framed for
   * interleaving.
   */
  video(nals: readonly Buffer[], ticks: number, codec: 'h264' | 'h265' = 'h264'): Buffer[] {
    const out: Buffer[] = [];
    const together = codec === 'h264' ? Buffer.from([0x78]) : Buffer.from([48 << 1, 1]);
    const leads = (nal: Buffer): boolean =>
      codec === 'h264' ? ((nal[0] ?? 0) & 31) >= 6 : (((nal[0] ?? 0) >> 1) & 63) >= 32;
    let group: Buffer[] = [];
    const flush = (last: boolean): void => {
      const only = group[0];
      if (!only) return;
      if (group.length === 1) out.push(this.#packet([only], ticks, last));
      else {
        const parts: Buffer[] = [together];
        for (const nal of group) parts.push(u16(nal.length), nal);
        out.push(this.#packet(parts, ticks, last));
      }
      group = [];
    };
    nals.forEach((nal, index) => {
      const last = index === nals.length - 1;
      if (leads(nal) && nal.length < 400) {
        group.push(nal);
        if (last) flush(true);
        return;
      }
      flush(false);
      if (nal.length <= maxPayload) out.push(this.#packet([nal], ticks, last));
      else out.push(...this.#fragments(nal, ticks, last, codec));
    });
    return out;
  }

  /** One AAC frame, AAC-hbr: 16 bits of AU header, 13 of them the size. */
  aac(frame: Buffer, ticks: number): Buffer {
    return this.#packet([Buffer.from([0, 16]), u16(frame.length << 3), frame], ticks, true);
  }

  samples(payload: Buffer, ticks: number): Buffer {
    return this.#packet([payload], ticks, false);
  }

  /** RTCP sender report: media position `ticks` is `timeMs` on the camera's clock. */
  senderReport(ticks: number, timeMs: number): Buffer {
    const report = Buffer.alloc(4 + 28 + 16);
    report[0] = 0x24;
    report[1] = this.channel + 1;
    report.writeUInt16BE(report.length - 4, 2);
    report.writeUInt16BE(0x80c8, 4);
    report.writeUInt16BE(6, 6);
    report.writeUInt32BE(this.ssrc, 8);
    const seconds = timeMs / 1000 + ntpOffsetS;
    report.writeUInt32BE(Math.floor(seconds) % wrap, 12);
    report.writeUInt32BE(Math.floor((seconds % 1) * wrap) % wrap, 16);
    report.writeUInt32BE(this.timestamp(ticks), 20);
    report.writeUInt32BE(this.packets % wrap, 24);
    report.writeUInt32BE(this.#octets % wrap, 28);
    // SDES with an empty-domain CNAME: RFC 3550 wants one in every compound packet.
    report.writeUInt16BE(0x81ca, 32);
    report.writeUInt16BE(3, 34);
    report.writeUInt32BE(this.ssrc, 36);
    report.write('\x01\x05v@cam\0', 40, 'latin1');
    return report;
  }

  #fragments(nal: Buffer, ticks: number, last: boolean, codec: 'h264' | 'h265'): Buffer[] {
    const head = nal[0] ?? 0;
    const headBytes = codec === 'h264' ? 1 : 2;
    const type = codec === 'h264' ? head & 31 : (head >> 1) & 63;
    const indicator = codec === 'h264' ? [(head & 0xe0) | 28] : [(head & 0x81) | (49 << 1), nal[1] ?? 1];
    const out: Buffer[] = [];
    const step = maxPayload - headBytes - 1;
    for (let at = headBytes; at < nal.length; at += step) {
      const to = Math.min(nal.length, at + step);
      const flags = (at === headBytes ? 0x80 : 0) | (to === nal.length ? 0x40 : 0);
      const fu = Buffer.from([...indicator, flags | type]);
      out.push(this.#packet([fu, nal.subarray(at, to)], ticks, last && to === nal.length));
    }
    return out;
  }

  #packet(parts: readonly Buffer[], ticks: number, marker: boolean): Buffer {
    let payloadBytes = 0;
    for (const part of parts) payloadBytes += part.length;
    const packet = Buffer.allocUnsafe(16 + payloadBytes);
    packet[0] = 0x24;
    packet[1] = this.channel;
    packet.writeUInt16BE(12 + payloadBytes, 2);
    packet[4] = 0x80;
    packet[5] = (marker ? 0x80 : 0) | this.payloadType;
    packet.writeUInt16BE(this.sequence, 6);
    packet.writeUInt32BE(this.timestamp(ticks), 8);
    packet.writeUInt32BE(this.ssrc, 12);
    let at = 16;
    for (const part of parts) at += part.copy(packet, at);
    this.sequence = (this.sequence + 1) % 65536;
    this.packets++;
    this.#octets += payloadBytes;
    return packet;
  }
}

function u16(value: number): Buffer {
  const out = Buffer.allocUnsafe(2);
  out.writeUInt16BE(value);
  return out;
}

/** NAL units of a picture with 4-byte length prefixes; views. */
export function splitLengthPrefixed(data: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length;) {
    const size = data.readUInt32BE(at);
    nals.push(data.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return nals;
}

/**
 * SEI user_data_unregistered that numbers every picture, so that a recording can be audited without decoding: picture
 * `frame` (floor of Unix time times rate) left the camera at `timeMs`.
 */
export function frameStamp(frame: number, timeMs: number, codec: 'h264' | 'h265' = 'h264'): Buffer {
  const body = Buffer.from(`RIG-FRAME-STAMP!k=${frame};t=${(timeMs / 1000).toFixed(6)};`, 'latin1');
  const head = codec === 'h264' ? [6] : [39 << 1, 1];
  return Buffer.concat([Buffer.from([...head, 5, body.length]), body, Buffer.from([0x80])]);
}
