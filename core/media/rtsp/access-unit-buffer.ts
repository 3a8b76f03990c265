/**
 * Where a picture's bytes are put together: NAL units with 4-byte length prefixes, written once into a slab from which
 * finished pictures are handed out. Slabs grow with the pictures seen, so that few are needed.
 * Invariants: handed-out bytes are not written while their memory is held; a picture larger than `maxPictureBytes` is
 * refused, not grown.
 */
import type { Slab, SlabPool } from './slab-pool.ts';

export const maxPictureBytes = 8 * 1024 * 1024;
const maxSlabBytes = 1024 * 1024;
/** Of the largest picture: more wastes memory, less wastes the ends of slabs. */
const slabPictures = 1.5;

export class AccessUnitBuffer {
  readonly #pool: SlabPool;
  #memory: Slab | null = null;
  #slab = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #nal = -1;
  #largest = 0;
  #overflowed = false;

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** The picture became too large; it is to be dropped. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  get nalOpen(): boolean {
    return this.#nal >= 0;
  }

  beginNal(): void {
    this.#reserve(4);
    this.#nal = this.#end;
    if (!this.#overflowed) this.#end += 4;
  }

  byte(value: number): void {
    this.#reserve(1);
    if (!this.#overflowed) this.#slab[this.#end++] = value;
  }

  append(source: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    if (!this.#overflowed) this.#end += source.copy(this.#slab, this.#end, from, to);
  }

  /** The open NAL unit's bytes, without its prefix; a view. */
  openNal(): Buffer {
    return this.#slab.subarray(this.#nal + 4, this.#end);
  }

  endNal(): void {
    if (this.#nal < 0) return;
    if (!this.#overflowed) this.#slab.writeUInt32BE(this.#end - this.#nal - 4, this.#nal);
    this.#nal = -1;
  }

  dropNal(): void {
    if (this.#nal < 0) return;
    if (!this.#overflowed) this.#end = this.#nal;
    this.#nal = -1;
  }

  /** What the picture that is taken next lies in. */
  get memory(): Slab | null {
    return this.#memory;
  }

  /** The picture so far, handed over. */
  take(): Buffer {
    const unit = this.#slab.subarray(this.#start, this.#end);
    this.#largest = Math.max(this.#largest, unit.length);
    this.#start = this.#end;
    return unit;
  }

  clear(): void {
    this.#end = this.#start;
    this.#nal = -1;
    this.#overflowed = false;
  }

  #reserve(bytes: number): void {
    if (this.#overflowed || this.#end + bytes <= this.#slab.length) return;
    const used = this.length;
    if (used + bytes > maxPictureBytes) {
      this.#overflowed = true;
      return;
    }
    const usual = Math.min(maxSlabBytes, this.#largest * slabPictures);
    const memory = this.#pool.take(Math.max(usual, used + bytes));
    const slab = memory.bytes;
    this.#slab.copy(slab, 0, this.#start, this.#end);
    this.#memory?.release();
    this.#memory = memory;
    if (this.#nal >= 0) this.#nal -= this.#start;
    this.#slab = slab;
    this.#start = 0;
    this.#end = used;
  }
}
