/** G.711 (ITU-T G.711, 1988): one byte per sample to linear, by table. */

function muLaw(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = (((inverted & 15) << 3) + 0x84) << ((inverted >> 4) & 7);
  return inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

function aLaw(code: number): number {
  const toggled = code ^ 0x55;
  const exponent = (toggled >> 4) & 7;
  const mantissa = ((toggled & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}

const table = (law: (code: number) => number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, code) => law(code) / 32_768);

const tables = { pcmu: table(muLaw), pcma: table(aLaw) };

/** Samples -1..1. */
export function g711ToFloat(codec: 'pcmu' | 'pcma', data: Uint8Array): Float32Array {
  const values = tables[codec];
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = values[data[i] ?? 0] ?? 0;
  return out;
}
