/**
 * G.711 (ITU-T G.711, 1988) from 16-bit linear samples: 8 kHz, one byte per sample, as cameras want to be spoken to.
 * Pure. The way back is core/media/codec's.
 */
export type G711 = 'pcmu' | 'pcma';

const bias = 0x84;
const clip = 32_635;

function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(clip, Math.abs(sample)) + bias;
  const exponent = 24 - Math.clz32(magnitude);
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 0xff;
}

function aLaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // One's complement for negatives: -1 is the smallest step, as 0 is for positives.
  const magnitude = Math.min(32_767, sample < 0 ? ~sample : sample) >> 3;
  const exponent = magnitude < 32 ? 0 : 27 - Math.clz32(magnitude);
  const mantissa = exponent === 0 ? (magnitude >> 1) & 15 : (magnitude >> exponent) & 15;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

/** Whole samples only: a half one at the end is left out. `pcm` is little-endian. */
export function encodeG711(law: G711, pcm: Uint8Array): Buffer {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const out = Buffer.allocUnsafe(pcm.byteLength >> 1);
  const encode = law === 'pcmu' ? muLaw : aLaw;
  for (let i = 0; i < out.length; i++) out[i] = encode(view.getInt16(i * 2, true));
  return out;
}
