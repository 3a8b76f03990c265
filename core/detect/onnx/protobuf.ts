/**
 * A writer for the protocol-buffer wire format (varints, length-delimited fields, floats): the little of it that an ONNX
 * file needs. Fields are written in the order of the calls; nothing is validated against a schema.
 */
const varintType = 0;
const lengthDelimitedType = 2;
const fixed32Type = 5;

export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  /** A non-negative integer, or -1 (which protobuf writes as ten bytes). */
  integer(field: number, value: number): this {
    return this.#push(varint(field * 8 + varintType), varint(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#push(varint(field * 8 + fixed32Type), bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#push(varint(field * 8 + lengthDelimitedType), varint(value.length), value);
  }

  message(field: number, message: ProtobufWriter): this {
    return this.bytes(field, message.finish());
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #push(...parts: Uint8Array[]): this {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
    return this;
  }
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}
