import { describe, expect, test } from 'vitest';
import { AudioTranscoder, type AacFrame } from '#core/media/codec/audio-transcoder.ts';
import { g711ToFloat } from '#core/media/codec/g711.ts';
import { decodeAac } from '../../../support/decode-aac.ts';

/** G.711 mu-law of a sample -1..1, by search: the decoder's table is the truth. */
const table = g711ToFloat(
  'pcmu',
  Uint8Array.from({ length: 256 }, (_, code) => code),
);
function toMuLaw(sample: number): number {
  let best = 0;
  for (let code = 1; code < 256; code++)
    if (Math.abs(table[code]! - sample) < Math.abs(table[best]! - sample)) best = code;
  return best;
}

describe('G.711 to AAC', () => {
  test('knows the values of the standard', () => {
    // ITU-T G.711: mu-law 0x00 is the most negative, 0x80 the most positive, 0xff zero; A-law 0xd5 and 0x55 are the smallest.
    expect(table[0x00]! * 32_768).toBe(-32_124);
    expect(table[0x80]! * 32_768).toBe(32_124);
    expect(table[0xff]).toBe(0);
    const a = g711ToFloat('pcma', Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a));
    expect([...a].map((value) => value * 32_768)).toEqual([8, -8, 32_256, -32_256]);
  });

  test('F35: a click is heard at the time it was sent', () => {
    const rate = 8_000;
    const transcoder = new AudioTranscoder('pcmu', rate, 1);
    const clickAt = 4_800;
    const frames: AacFrame[] = [];
    const silence = toMuLaw(0);
    for (let n = 0; n < 80; n++) {
      const data = Buffer.alloc(160, silence);
      for (let i = 0; i < 160; i++) {
        const at = n * 160 + i;
        if (at >= clickAt && at < clickAt + 400) data[i] = toMuLaw(Math.sin((at - clickAt) / 2) * 0.7);
      }
      frames.push(...transcoder.transcode({ pts90k: 9_000 + n * 1_800, timeMs: 100 + n * 20, data }));
    }
    expect(frames[0]).toMatchObject({ pts90k: 9_000, timeMs: 100, samples: 1024 });
    frames.slice(1).forEach((frame, n) => expect(frame.pts90k - frames[n]!.pts90k).toBe(11_520));
    const sound = decodeAac(
      transcoder.config,
      rate,
      frames.map(({ data }) => data),
    );
    // A decoder's n-th frame is shown at the n-th frame's time; the first is faded in, having nothing before it.
    const loud = sound.findIndex((value) => Math.abs(value) > 0.2);
    expect(Math.abs(loud - clickAt)).toBeLessThan(rate * 0.02);
    transcoder.close();
  });

  test('a hole in the sound is kept as a hole', () => {
    const transcoder = new AudioTranscoder('pcma', 8_000, 1);
    const frames: AacFrame[] = [];
    const send = (pts90k: number) =>
      frames.push(...transcoder.transcode({ pts90k, timeMs: pts90k / 90, data: Buffer.alloc(160, 0xd5) }));
    for (let n = 0; n < 50; n++) send(n * 1_800);
    for (let n = 0; n < 50; n++) send(900_000 + n * 1_800);
    const before = frames.filter(({ pts90k }) => pts90k < 450_000);
    const after = frames.filter(({ pts90k }) => pts90k >= 450_000);
    expect(before.length).toBe(8);
    expect(after[0]).toMatchObject({ pts90k: 900_000, timeMs: 10_000 });
    transcoder.close();
  });

  test('small wobbles of the camera do not open holes', () => {
    const transcoder = new AudioTranscoder('pcma', 8_000, 1);
    const frames: AacFrame[] = [];
    for (let n = 0; n < 400; n++) {
      const wobble = n % 2 === 0 ? 1_500 : -1_500;
      frames.push(
        ...transcoder.transcode({ pts90k: n * 1_800 + wobble, timeMs: n * 20, data: Buffer.alloc(160, 0xd5) }),
      );
    }
    frames.slice(1).forEach((frame, n) => expect(frame.pts90k - frames[n]!.pts90k).toBe(11_520));
    transcoder.close();
  });
});
