import { describe, expect, it } from 'vitest';
import { pcm16, Resampler } from '../../../renderer/features/player/talk/resampler.ts';

const tone = (hz: number, rate: number, seconds: number): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * hz * index) / rate));

/** In pieces of 20 ms and odd ones, as a microphone gives them. */
function resampled(input: Float32Array, from: number, to: number): Float32Array {
  const resampler = new Resampler(from, to);
  const parts: number[] = [];
  for (let at = 0, piece = 0; at < input.length; piece += 1) {
    const length = piece % 3 === 0 ? 960 : 441;
    parts.push(...resampler.push(input.subarray(at, at + length)));
    at += length;
  }
  return Float32Array.from(parts);
}
const loudness = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

describe('sound on its way to a camera', () => {
  it.each([
    [48_000, 8000],
    [44_100, 16_000],
    [16_000, 48_000],
  ])('keeps a voice as it is from %i to %i Hz, without a seam between pieces', (from, to) => {
    const out = resampled(tone(440, from, 1), from, to);
    expect(Math.abs(out.length - to)).toBeLessThan(to / 50);
    const wanted = tone(440, to, 1);
    const wrong = Math.max(...out.slice(200).map((sample, index) => Math.abs(sample - wanted[index + 200]!)));
    expect(wrong).toBeLessThan(0.02);
  });

  it('takes out what the lower rate can not hold instead of folding it back as a whistle', () => {
    expect(loudness(resampled(tone(7000, 48_000, 1), 48_000, 8000).slice(100))).toBeLessThan(0.01);
  });

  it('writes 16 bits, low byte first, and clips instead of wrapping', () => {
    expect([...new Uint8Array(pcm16(Float32Array.of(0, 1, -1, 7, -7, 0.5)))]).toEqual([
      0, 0, 0xff, 0x7f, 0, 0x80, 0xff, 0x7f, 0, 0x80, 0, 0x40,
    ]);
  });
});
