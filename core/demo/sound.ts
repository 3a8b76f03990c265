/** G.711 u-law (ITU-T G.711) from samples -1..1. One byte per sample. */
export function ulawFromFloat(samples: Float32Array): Buffer {
  const out = Buffer.allocUnsafe(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = Math.max(-1, Math.min(1, samples[i] ?? 0));
    let magnitude = Math.min(32_635, Math.round(Math.abs(value) * 32_767)) + 132;
    let exponent = 7;
    for (let mask = 0x4000; (magnitude & mask) === 0 && exponent > 0; mask >>= 1) exponent--;
    magnitude = (magnitude >> (exponent + 3)) & 0x0f;
    out[i] = ~((value < 0 ? 0x80 : 0) | (exponent << 4) | magnitude) & 0xff;
  }
  return out;
}
