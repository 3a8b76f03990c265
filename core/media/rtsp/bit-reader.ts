/**
 * Reads bits of an H.264/H.265 parameter set (big-endian, Exp-Golomb). Bounds-checked: past the end it throws
 * `BitsExhausted`, which callers turn into "not parseable". Values are plain numbers up to 2^32 - 1.
 */
export class BitsExhausted extends Error {}

export class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get bitsLeft(): number {
    return this.#bytes.length * 8 - this.#bit;
  }

  bits(count: number): number {
    if (count > this.bitsLeft) throw new BitsExhausted('The parameter set ends early.');
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[Math.floor(this.#bit / 8)] ?? 0;
      // Multiplied, not shifted: a 32-bit field must not become negative.
      value = value * 2 + ((byte >> (7 - (this.#bit % 8))) & 1);
      this.#bit++;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  skip(count: number): void {
    if (count > this.bitsLeft) throw new BitsExhausted('The parameter set ends early.');
    this.#bit += count;
  }

  /** ue(v) */
  unsigned(): number {
    let zeros = 0;
    while (!this.flag()) if (++zeros > 32) throw new BitsExhausted('An Exp-Golomb code is too long.');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v) */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** The payload of a NAL unit without its emulation prevention bytes (00 00 03 → 00 00), from `start` on. */
export function unescapeNal(nal: Uint8Array, start: number): Uint8Array {
  const out = new Uint8Array(Math.max(0, nal.length - start));
  let length = 0;
  let zeros = 0;
  for (let i = start; i < nal.length; i++) {
    const byte = nal[i] ?? 0;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    out[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, length);
}
