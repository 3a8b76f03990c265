import { describe, expect, it } from 'vitest';
import { encodeG711 } from '../../../core/domain/g711.ts';
import { g711ToFloat } from '../../../core/media/codec/g711.ts';

function one(law: 'pcmu' | 'pcma', sample: number): number {
  const pcm = Buffer.alloc(2);
  pcm.writeInt16LE(sample);
  return encodeG711(law, pcm)[0] ?? -1;
}

describe('G.711', () => {
  it.each([
    ['pcmu', 0, 0xff],
    ['pcmu', -1, 0x7f],
    ['pcmu', 32_767, 0x80],
    ['pcmu', -32_768, 0x00],
    ['pcma', 0, 0xd5],
    ['pcma', -1, 0x55],
    ['pcma', 32_767, 0xaa],
    ['pcma', -32_768, 0x2a],
  ] as const)('%s of %i is 0x%x as in the tables of the standard', (law, sample, code) => {
    expect(one(law, sample)).toBe(code);
  });

  it.each(['pcmu', 'pcma'] as const)('%s: every code comes back to itself, every sample to its nearest step', (law) => {
    const values = Array.from(
      g711ToFloat(
        law,
        Uint8Array.from({ length: 256 }, (_, i) => i),
      ),
    );
    values.forEach((value, code) => {
      const back = one(law, Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))));
      // The two zeros of u-law are one sample.
      expect(values[back]).toBe(value === 0 ? 0 : value);
      if (value !== 0) expect(back).toBe(code);
    });
    for (let sample = -32_768; sample < 32_768; sample += 7) {
      const value = (values[one(law, sample)] ?? NaN) * 32_768;
      expect(Math.abs(value - sample)).toBeLessThanOrEqual(
        Math.max(16, Math.abs(sample) / 16) + 644 * Number(Math.abs(sample) > 32_000),
      );
    }
  });

  it('leaves half a sample out', () => {
    expect(encodeG711('pcmu', Buffer.alloc(5))).toHaveLength(2);
  });
});
