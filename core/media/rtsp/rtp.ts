/**
 * RTP (RFC 3550 section 5.1) of one track: header, stale sources, sequence gaps, unwrapped time.
 * Invariant: times are doubles and never pass through 32-bit operators, so they go on after the 32-bit wrap.
 */
const wrap = 2 ** 32;
const half = 2 ** 31;
/** In-order packets of another source before it is believed: a dead session's leftovers come mixed with ours, a restarted encoder's do not. */
const newSourcePackets = 3;
/** Packets with another payload type before it is believed, when the announced one never came. */
const newPayloadTypePackets = 20;
/** Further ahead than this is a restart of the numbering, not a loss. */
const maxGap = 3000;
/** Further behind than this is a restart, not a repeated packet. */
const maxRepeat = 100;

/** Signed distance from `from` to `to` on the 32-bit circle. */
export function difference32(to: number, from: number): number {
  const d = to - from;
  if (d >= half) return d - wrap;
  if (d < -half) return d + wrap;
  return d;
}

/** Turns 32-bit timestamps into ever-growing doubles; follows small steps back. The first value is its own. */
export class TimestampUnwrapper {
  #last: number | null = null;
  #unwrapped = 0;

  next(timestamp: number): number {
    this.#unwrapped = this.#last === null ? timestamp : this.#unwrapped + difference32(timestamp, this.#last);
    this.#last = timestamp;
    return this.#unwrapped;
  }

  /** The unwrapped value of a timestamp near the last one, without moving on; null before the first. */
  near(timestamp: number): number | null {
    return this.#last === null ? null : this.#unwrapped + difference32(timestamp, this.#last);
  }
}

/** Reads packets of one track. After `read` returned true the fields describe the packet. */
export class RtpReceiver {
  payloadStart = 0;
  payloadEnd = 0;
  marker = false;
  /** Unwrapped, in ticks of the track's clock. */
  time = 0;
  /** Something was lost between the last accepted packet and this one. */
  gap = false;

  packets = 0;
  lost = 0;
  /** Not ours: another source, another payload type, malformed, repeated. */
  dropped = 0;
  ssrc: number | null = null;
  readonly timestamps = new TimestampUnwrapper();
  #payloadType: number;
  #payloadTypeSeen = false;
  #otherType = -1;
  #otherTypeCount = 0;
  #sequence = -1;
  #cycles = 0;
  #announced: number | null = null;
  #firstSequence: number | null = null;
  #otherSource = -1;
  #otherSequence = -1;
  #otherCount = 0;
  #repeats = 0;
  #resynced = false;

  constructor(payloadType: number) {
    this.#payloadType = payloadType;
  }

  /** The camera named its source when it was set up; some name a wrong one, so this only settles doubts. */
  expectSource(ssrc: number | null): void {
    this.#announced = ssrc;
  }

  /** The number that the camera said its first packet after PLAY has (RTP-Info). Some say a wrong one: it only settles doubts. */
  expectSequence(sequence: number | null): void {
    this.#firstSequence = sequence;
  }

  /** The transport lost bytes: the next packet counts as coming after a gap. */
  markGap(): void {
    this.#resynced = true;
  }

  /** Highest sequence number with its wraps counted, as receiver reports want it. */
  get extendedSequence(): number {
    return this.#cycles * 65_536 + Math.max(0, this.#sequence);
  }

  read(buffer: Buffer, start: number, end: number): boolean {
    if (!this.#readHeader(buffer, start, end)) {
      this.dropped++;
      return false;
    }
    const sequence = buffer.readUInt16BE(start + 2);
    if (!this.#acceptSource(buffer.readUInt32BE(start + 8), sequence) || !this.#acceptSequence(sequence)) {
      this.dropped++;
      return false;
    }
    this.packets++;
    this.time = this.timestamps.next(buffer.readUInt32BE(start + 4));
    return true;
  }

  #readHeader(buffer: Buffer, start: number, end: number): boolean {
    if (end - start < 12) return false;
    const first = buffer[start] ?? 0;
    if ((first & 0xc0) !== 0x80) return false;
    const second = buffer[start + 1] ?? 0;
    let at = start + 12 + (first & 0x0f) * 4;
    if ((first & 0x10) !== 0) {
      if (at + 4 > end) return false;
      at += 4 + buffer.readUInt16BE(at + 2) * 4;
    }
    let stop = end;
    if ((first & 0x20) !== 0) stop -= buffer[end - 1] ?? 0;
    // An empty payload is legal (some cameras send them to keep a path open): it carries its marker and number.
    if (at > stop) return false;
    this.payloadStart = at;
    this.payloadEnd = stop;
    this.marker = second >= 0x80;
    return this.#acceptType(second & 0x7f);
  }

  #acceptType(type: number): boolean {
    if (type === this.#payloadType) {
      this.#payloadTypeSeen = true;
      return true;
    }
    if (this.#payloadTypeSeen) return false;
    this.#otherTypeCount = type === this.#otherType ? this.#otherTypeCount + 1 : 1;
    this.#otherType = type;
    if (this.#otherTypeCount < newPayloadTypePackets) return false;
    this.#payloadType = type;
    return true;
  }

  #acceptSource(ssrc: number, sequence: number): boolean {
    if (this.ssrc === null) this.ssrc = ssrc;
    if (ssrc === this.ssrc) {
      this.#otherCount = 0;
      return true;
    }
    const follows = ssrc === this.#otherSource && sequence === (this.#otherSequence + 1) % 65_536;
    this.#otherCount = follows ? this.#otherCount + 1 : 1;
    this.#otherSource = ssrc;
    this.#otherSequence = sequence;
    const believed = ssrc === this.#announced || (this.#isFirst(sequence) && !this.#isFirst(this.#sequence));
    if (this.#otherCount < newSourcePackets && !believed) return false;
    this.ssrc = ssrc;
    this.#announced = null;
    this.#firstSequence = null;
    this.#otherCount = 0;
    this.#sequence = -1;
    this.#resynced = true;
    return true;
  }

  /** About where the numbering was to begin. */
  #isFirst(sequence: number): boolean {
    return this.#firstSequence !== null && (sequence - this.#firstSequence + 65_536) % 65_536 < maxGap;
  }

  #acceptSequence(sequence: number): boolean {
    this.gap = this.#resynced;
    if (this.#sequence >= 0) {
      const ahead = (sequence - this.#sequence - 1 + 65_536) % 65_536;
      if (ahead >= 65_536 - maxRepeat && ++this.#repeats < 3) return false;
      if (ahead !== 0) this.gap = true;
      if (ahead > 0 && ahead <= maxGap) this.lost += ahead;
      if (sequence < this.#sequence && ahead <= maxGap) this.#cycles++;
    }
    this.#repeats = 0;
    this.#resynced = false;
    this.#sequence = sequence;
    return true;
  }
}
