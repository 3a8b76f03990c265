/** Building blocks of ISO BMFF boxes (ISO/IEC 14496-12). Used for the init section only; fragments are written in place. */

export function u8(...values: number[]): Buffer {
  return Buffer.from(values);
}

export function u16(...values: number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 2);
  values.forEach((value, index) => out.writeUInt16BE(value, index * 2));
  return out;
}

export function u32(...values: number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, index) => out.writeUInt32BE(value, index * 4));
  return out;
}

export function box(type: string, ...parts: Uint8Array[]): Buffer {
  let size = 8;
  for (const part of parts) size += part.byteLength;
  const head = Buffer.allocUnsafe(8);
  head.writeUInt32BE(size, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts], size);
}

export function fullBox(type: string, version: number, flags: number, ...parts: Uint8Array[]): Buffer {
  return box(type, u32(version * 0x1000000 + flags), ...parts);
}

/** Writes an unsigned integer up to 2^53 as 64 bits. Bitwise operators would cut it to 32. */
export function writeUInt64(out: Buffer, value: number, offset: number): number {
  out.writeUInt32BE(Math.floor(value / 0x100000000), offset);
  return out.writeUInt32BE(value % 0x100000000, offset + 4);
}

/** Reads 64 bits as a double: exact up to 2^53, which is 3,000 years of 90 kHz ticks. */
export function readUInt64(from: Buffer, offset: number): number {
  return from.readUInt32BE(offset) * 0x100000000 + from.readUInt32BE(offset + 4);
}
