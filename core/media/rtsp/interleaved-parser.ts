/**
 * Cuts a TCP byte stream into interleaved packets (`$`, channel, length, payload: RFC 2326 section 10.12) and RTSP
 * messages, in place: only what is cut off at the end of a read is copied. After bytes that are neither, it looks for
 * the next believable packet and counts a resync.
 * Invariants: memory is bounded by one packet or one message; every callback sees bytes of the buffer that was fed; each byte
 * is searched for the end of a head once, however many heads seem to begin before it.
 */
const dollar = 0x24;
const maxHeadBytes = 16 * 1024;
const maxBodyBytes = 256 * 1024;
/** Longest prefix needed to tell a message from garbage. */
const messageStart = /^(RTSP\/\d|HTTP\/\d|[A-Z_]{4,14} (?:rtsp|\*|\/))/;
const messageStartBytes = 24;

export interface InterleavedSink {
  /** Payload is `buffer[start..end)`, valid during the call only. */
  onPacket(channel: number, buffer: Buffer, start: number, end: number): void;
  /** Head without the empty line at its end. */
  onMessage(head: string, body: Buffer): void;
  /** Bytes were skipped: what was being received on any channel may have lost a part. */
  onResync(): void;
}

export class InterleavedParser {
  resyncs = 0;
  /** Bytes passed over since the last packet or message. */
  skippedInARow = 0;
  readonly #sink: InterleavedSink;
  #tail = Buffer.allocUnsafeSlow(4096);
  #tailLength = 0;
  #lost = false;
  /** Places in the whole stream, in bytes: the start of what is held or being parsed, ... */
  #parsedTo = 0;
  /** ... up to where no empty line begins, ... */
  #noHeadEndsBefore = 0;
  /** ... and the end of the message whose head is known. */
  #messageEnd = 0;
  #stopped = false;

  constructor(sink: InterleavedSink) {
    this.#sink = sink;
  }

  /** Bytes held between reads. */
  get heldBytes(): number {
    return this.#tailLength;
  }

  /** Nothing more is delivered, not even from the read being parsed. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes bytes [0, length) of a buffer that the caller may reuse afterwards. */
  feed(chunk: Buffer, length: number): void {
    if (this.#stopped) return;
    let offset = 0;
    // A packet that began in an earlier read is completed in the tail with just the bytes it needs.
    while (this.#tailLength > 0 && offset < length) {
      const taken = Math.min(this.#missingForTail(), length - offset);
      this.#append(chunk, offset, offset + taken);
      offset += taken;
      const held = this.#tailLength;
      const used = this.#parse(this.#tail, held);
      this.#parsedTo += used;
      this.#tailLength = held - used;
      if (used > 0 && used < held) this.#tail.copy(this.#tail, 0, used, held);
    }
    if (offset >= length) return;
    const view = chunk.subarray(offset, length);
    const used = this.#parse(view, view.length);
    this.#parsedTo += used;
    if (used < view.length) this.#append(view, used, view.length);
  }

  /** How many bytes the item at the head of the tail still needs, or a step towards knowing. */
  #missingForTail(): number {
    const tail = this.#tail;
    if (!this.#lost && tail[0] === dollar) {
      if (this.#tailLength < 4) return 4 - this.#tailLength;
      const missing = 4 + tail.readUInt16BE(2) - this.#tailLength;
      if (missing > 0) return missing;
    }
    const ofMessage = this.#messageEnd - this.#parsedTo - this.#tailLength;
    if (!this.#lost && ofMessage > 0) return ofMessage;
    // Text, or searching: small steps keep the tail small, and both are rare.
    return 2048;
  }

  #append(source: Buffer, from: number, to: number): void {
    const need = this.#tailLength + to - from;
    if (need > this.#tail.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(need, this.#tail.length * 2));
      this.#tail.copy(grown, 0, 0, this.#tailLength);
      this.#tail = grown;
    }
    source.copy(this.#tail, this.#tailLength, from, to);
    this.#tailLength = need;
  }

  /** Parses whole items; returns the number of bytes that are done with. */
  #parse(buffer: Buffer, length: number): number {
    let at = 0;
    while (at < length && !this.#stopped) {
      if (this.#lost) {
        const found = findPacket(buffer, at, length);
        this.skippedInARow += found.at - at;
        at = found.at;
        if (!found.sure) return at;
        this.#lost = false;
        continue;
      }
      const first = buffer[at];
      if (first === dollar) {
        if (length - at < 5) return at;
        const end = at + 4 + buffer.readUInt16BE(at + 2);
        if (end > length) {
          // A header that can't be one is not worth waiting 64 KiB for.
          if (believable(buffer, at)) return at;
          at += this.#lose();
          continue;
        }
        if (!believable(buffer, at) && end < length && !startsItem(buffer, end)) {
          at += this.#lose();
          continue;
        }
        this.skippedInARow = 0;
        this.#sink.onPacket(buffer[at + 1] ?? 0, buffer, at + 4, end);
        at = end;
      } else if (first === 0x0d || first === 0x0a || first === 0x20 || first === 0) {
        at++; // some cameras put line ends or padding between items
      } else {
        const used = this.#parseMessage(buffer, at, length);
        if (used === 0) return at;
        at += used;
      }
    }
    return this.#stopped ? length : at;
  }

  /** Returns bytes used, 0 when more are needed. */
  #parseMessage(buffer: Buffer, at: number, length: number): number {
    const prefix = buffer.toString('latin1', at, Math.min(length, at + messageStartBytes));
    if (!messageStart.test(prefix)) {
      if (prefix.length < messageStartBytes && /^[A-Z_]*( [a-z]*|\/\d?)?$/.test(prefix)) return 0;
      return this.#lose();
    }
    const window = buffer.subarray(at, Math.min(length, at + maxHeadBytes));
    const place = this.#parsedTo + at;
    const end = headEnd(window, Math.max(0, this.#noHeadEndsBefore - place));
    if (end === null) {
      // The last line end may be the first half of an empty line.
      this.#noHeadEndsBefore = Math.max(this.#noHeadEndsBefore, place + window.length - 2);
      if (window.length < maxHeadBytes) return 0;
      return this.#lose();
    }
    const head = buffer.toString('latin1', at, at + end.head);
    const bodyBytes = Math.min(Number(/^content-length\s*:\s*(\d{1,9})/im.exec(head)?.[1] ?? 0), maxBodyBytes);
    const total = end.body + bodyBytes;
    if (at + total > length) {
      this.#messageEnd = place + total;
      return 0;
    }
    this.skippedInARow = 0;
    this.#sink.onMessage(head, Buffer.from(buffer.subarray(at + end.body, at + total)));
    return total;
  }

  /** Gives up the byte where an item should begin; returns how many that is. */
  #lose(): number {
    this.#lost = true;
    this.resyncs++;
    this.skippedInARow++;
    this.#sink.onResync();
    return 1;
  }
}

/** RTP and RTCP both begin with version 2; an empty packet says nothing. */
function believable(buffer: Buffer, at: number): boolean {
  const bytes = buffer.readUInt16BE(at + 2);
  return bytes >= 8 && ((buffer[at + 4] ?? 0) & 0xc0) === 0x80;
}

function startsItem(buffer: Buffer, at: number): boolean {
  const byte = buffer[at];
  return byte === dollar || byte === 0x52 /* R */ || byte === 0x0d || byte === 0x0a;
}

/**
 * The next place where a packet may begin with nothing speaking against it: a low channel, version 2, and after its
 * length again the start of an item. `sure: false` means that more bytes are needed to judge from `at` on.
 */
function findPacket(buffer: Buffer, from: number, length: number): { at: number; sure: boolean } {
  for (let at = from; at < length; at++) {
    const byte = buffer[at];
    if (byte === 0x52 && length - at >= 9 && buffer.toString('latin1', at, at + 7) === 'RTSP/1.')
      return { at, sure: true };
    if (byte !== dollar) {
      if (byte === 0x52 && length - at < 9 && 'RTSP/1.0 '.startsWith(buffer.toString('latin1', at, length))) {
        return { at, sure: false };
      }
      continue;
    }
    if (length - at < 5) return { at, sure: false };
    if ((buffer[at + 1] ?? 255) > 31 || !believable(buffer, at)) continue;
    const end = at + 4 + buffer.readUInt16BE(at + 2);
    // Judging needs the byte after the packet; at most 64 KiB are waited for.
    if (end >= length) return { at, sure: false };
    if (startsItem(buffer, end)) return { at, sure: true };
  }
  return { at: length, sure: false };
}

/**
 * Where the head's text ends and the body begins, or null while the empty line is not there; looked for from `from` on.
 * Line ends may be bare LF.
 */
function headEnd(window: Buffer, from: number): { head: number; body: number } | null {
  for (let i = window.indexOf(0x0a, from); i >= 0; i = window.indexOf(0x0a, i + 1)) {
    if (window[i + 1] === 0x0a) return { head: i, body: i + 2 };
    if (window[i + 1] === 0x0d && window[i + 2] === 0x0a) return { head: i, body: i + 3 };
  }
  return null;
}
