/**
 * From NAL units to whole pictures, for H.264 and H.265 alike. A picture ends at the marker bit once the camera has
 * shown that its markers can be believed, else when the timestamp changes.
 * Invariants: a picture has at least one slice; after a loss every picture is `damaged` until a complete keyframe.
 */
import type { MediaMemory } from '#core/domain/media.ts';
import { AccessUnitBuffer } from './access-unit-buffer.ts';
import { SlabPool } from './slab-pool.ts';

export type NalKind =
  | 'slice'
  /** A slice that decoding may start with. */
  | 'key'
  | 'parameters'
  /** Kept as it is: SEI and what we do not know. */
  | 'other'
  /** Delimiters and filler. */
  | 'drop';

/** What differs between the two codecs. */
export interface NalRules {
  headerBytes: 1 | 2;
  kind(header: number): NalKind;
  /** `body` is the first byte after the header. */
  startsPicture(body: number): boolean;
  /** Whether a picture that came with parameter sets and without a `key` slice may be started from all the same. */
  isIntra(nal: Buffer): boolean;
}

export interface Picture {
  /** Unwrapped RTP time. */
  time: number;
  key: boolean;
  damaged: boolean;
  data: Buffer;
  memory: MediaMemory | null;
}

export interface PictureSink {
  onPicture(picture: Picture): void;
  /** A copy, owned by the receiver. */
  onParameterSet(nal: Buffer): void;
}

/** Pictures whose marker agreed with the timestamp before markers are trusted. */
const markersToTrust = 2;

export class PictureAssembler {
  /** Pictures that could not be delivered. */
  dropped = 0;
  readonly #rules: NalRules;
  readonly #sink: PictureSink;
  readonly #unit: AccessUnitBuffer;
  #time = NaN;
  #emittedTime = NaN;
  #slices = 0;
  #key = false;
  #parameters = false;
  #intra = false;
  #lossInUnit = false;
  #lossAtStart = false;
  #awaitingKey = false;
  #marked = false;
  #markers = 0;
  #joined = false;

  constructor(rules: NalRules, sink: PictureSink, pool = new SlabPool(0)) {
    this.#unit = new AccessUnitBuffer(pool);
    this.#rules = rules;
    this.#sink = sink;
  }

  /** Bytes of the unfinished picture. */
  get heldBytes(): number {
    return this.#unit.length;
  }

  get fragmentOpen(): boolean {
    return this.#unit.nalOpen;
  }

  /** To be called before the NAL units of each packet. */
  beginPacket(time: number, gap: boolean): void {
    if (gap) {
      this.#unit.dropNal();
      // What had its marker was complete.
      if (this.#slices > 0 && !this.#marked) this.#lossInUnit = true;
      else this.#lossAtStart = true;
    }
    if (time !== this.#time) {
      if (this.#marked) this.#markers++;
      this.closeFragment();
      // What has no slice yet (parameter sets, SEI) belongs to the picture that follows, whatever its stamp said.
      if (this.#slices > 0 || this.#unit.overflowed) {
        this.#finish();
        this.#lossAtStart = gap;
      }
      this.#time = time;
    } else if (this.#marked) {
      this.#markers = -Infinity;
    }
    this.#marked = false;
    if (gap) this.#awaitingKey = true;
  }

  endPacket(marker: boolean): void {
    if (!marker) return;
    this.closeFragment();
    if (this.#slices === 0) return;
    if (this.#markers >= markersToTrust) this.#finish();
    else this.#marked = true;
  }

  /** A NAL unit that lies whole in the packet. */
  whole(buffer: Buffer, from: number, to: number): void {
    this.closeFragment();
    if (to - from < this.#rules.headerBytes) return;
    const kind = this.#rules.kind(buffer[from] ?? 0);
    if (kind === 'drop') return;
    if (kind === 'parameters') {
      this.#parameterSets(buffer.subarray(from, to));
      return;
    }
    this.#unit.beginNal();
    this.#unit.append(buffer, from, to);
    this.#endNal();
  }

  /** A NAL unit that comes in pieces: its rebuilt header (one or two bytes), then `continueFragment`. */
  beginFragment(header: number, second: number | null): void {
    this.closeFragment();
    this.#unit.beginNal();
    this.#unit.byte(header);
    if (second !== null) this.#unit.byte(second);
  }

  continueFragment(buffer: Buffer, from: number, to: number): void {
    this.#unit.append(buffer, from, to);
  }

  /** Called at the end bit; also when something else begins, since some cameras leave the end bit out. */
  closeFragment(): void {
    if (this.#unit.nalOpen) this.#endNal();
  }

  /** A piece without its beginning: the NAL unit is lost. */
  orphan(): void {
    this.#lossInUnit = true;
  }

  #endNal(): void {
    if (this.#unit.overflowed) return;
    const nal = this.#unit.openNal();
    const kind = nal.length < this.#rules.headerBytes ? 'drop' : this.#rules.kind(nal[0] ?? 0);
    if (kind === 'parameters') {
      const copy = Buffer.from(nal);
      this.#unit.dropNal();
      this.#parameterSets(copy);
      return;
    }
    if (kind === 'drop') {
      this.#unit.dropNal();
      return;
    }
    if (kind === 'slice' || kind === 'key') this.#slice(nal, kind === 'key');
    if (this.#unit.nalOpen) this.#unit.endNal();
  }

  #slice(nal: Buffer, key: boolean): void {
    const starts = this.#rules.startsPicture(nal[this.#rules.headerBytes] ?? 0);
    if (this.#slices === 0) {
      if (!starts && this.#time === this.#emittedTime) this.#joined = true;
      // The loss was before this picture if its first slice is here.
      if (this.#lossAtStart && !starts) this.#lossInUnit = true;
      this.#intra = this.#parameters && !key && this.#rules.isIntra(nal);
    }
    this.#slices++;
    if (key) this.#key = true;
  }

  /** Some cameras put a whole Annex B stream into what they call a parameter set. */
  #parameterSets(bytes: Buffer): void {
    const pieces = splitAnnexB(bytes);
    for (const piece of pieces) {
      if (piece.length <= this.#rules.headerBytes) continue;
      const kind = this.#rules.kind(piece[0] ?? 0);
      if (kind === 'parameters') {
        this.#parameters = true;
        if (piece.length <= maxParameterSetBytes) this.#sink.onParameterSet(Buffer.from(piece));
      } else if (kind !== 'drop') {
        this.#unit.beginNal();
        this.#unit.append(piece, 0, piece.length);
        this.#endNal();
      }
    }
  }

  #finish(): void {
    const key = this.#key || this.#intra;
    const usable = !this.#unit.overflowed && !this.#joined;
    if (this.#joined) this.#markers = -Infinity; // slices after the marker: it does not mean what it should
    if (!usable) this.#lossInUnit = true;
    if (key && !this.#lossInUnit) this.#awaitingKey = false;
    const damaged = this.#lossInUnit || this.#awaitingKey;
    if (this.#lossInUnit) this.#awaitingKey = true;
    if (usable) {
      this.#emittedTime = this.#time;
      const data = this.#unit.take();
      this.#reset();
      this.#sink.onPicture({ time: this.#time, key, damaged, data, memory: this.#unit.memory });
    } else {
      this.dropped++;
      this.#unit.clear();
      this.#reset();
    }
  }

  #reset(): void {
    this.#slices = 0;
    this.#key = false;
    this.#parameters = false;
    this.#intra = false;
    this.#lossInUnit = false;
    this.#lossAtStart = false;
    this.#joined = false;
    this.#marked = false;
  }
}

const maxParameterSetBytes = 4096;
const startCode = Buffer.from([0, 0, 1]);

/** Splits at 00 00 01 (with any zeros before); bytes without a start code come back as they are. */
function splitAnnexB(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(startCode); at >= 0; at = bytes.indexOf(startCode, from)) {
    if (at > from) pieces.push(trimZeros(bytes.subarray(from, at)));
    from = at + 3;
  }
  pieces.push(pieces.length === 0 && from === 0 ? bytes : trimZeros(bytes.subarray(from)));
  return pieces;
}

function trimZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}
