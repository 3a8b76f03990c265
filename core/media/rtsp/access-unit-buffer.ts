/**
 * Where a picture's bytes are put together: NAL units with 4-byte length prefixes, written once into a slab from which
 * finished pictures are handed out. Slabs grow with the pictures seen, so that few allocations are made.
 * Invariants: handed-out bytes are never written again; a picture larger than `maxPictureBytes` is refused, not grown.
 */
export const maxPictureBytes = 8 * 1024 * 1024;
const minSlabBytes = 64 * 1024;
const maxSlabBytes = 1024 * 1024;

export class AccessUnitBuffer {
  #slab = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #nal = -1;
  #largest = 0;
  #overflowed = false;

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

  /** The picture so far, handed over for good. */
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
    const usual = Math.min(maxSlabBytes, Math.max(minSlabBytes, this.#largest * 4));
    const slab = Buffer.allocUnsafeSlow(Math.max(usual, (used + bytes) * 2));
    this.#slab.copy(slab, 0, this.#start, this.#end);
    if (this.#nal >= 0) this.#nal -= this.#start;
    this.#slab = slab;
    this.#start = 0;
    this.#end = used;
  }
}
