import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { encodePreview, nearestPreview, readPreview, readPreviewIndex } from '#core/domain/preview-pack.ts';

const jpeg = (n: number) => Buffer.alloc(500 + n, n & 255);
const pack = (count: number) =>
  Buffer.concat(Array.from({ length: count }, (_, n) => encodePreview(1_000 + n * 5_000, jpeg(n))));

describe('preview pack', () => {
  test('gives back what was appended, in order, and the nearest to a time', () => {
    const bytes = pack(5);
    const entries = readPreviewIndex(bytes);
    expect(entries.map(({ timeMs }) => timeMs)).toEqual([1_000, 6_000, 11_000, 16_000, 21_000]);
    entries.forEach((entry, n) => expect(readPreview(bytes, entry)).toEqual(jpeg(n)));
    expect(nearestPreview(entries, 8_900)?.timeMs).toBe(11_000);
    expect(nearestPreview([], 8_900)).toBeNull();
  });

  test('F36: a torn tail costs the last record, whatever byte it was torn at', () => {
    const bytes = pack(3);
    const lastAt = readPreviewIndex(bytes)[2]!.offset - 16;
    for (let end = lastAt; end < bytes.length; end++) expect(readPreviewIndex(bytes.subarray(0, end)).length).toBe(2);
  });

  test('records appended after a torn one are found', () => {
    const torn = pack(2).subarray(0, 700);
    const later = encodePreview(99_000, jpeg(9));
    const entries = readPreviewIndex(Buffer.concat([torn, later]));
    expect(entries.map(({ timeMs }) => timeMs)).toEqual([1_000, 99_000]);
  });

  test('refuses pictures of no or absurd size', () => {
    expect(() => encodePreview(0, Buffer.alloc(0))).toThrow(RangeError);
    expect(() => encodePreview(0, Buffer.alloc(300 * 1024))).toThrow(RangeError);
  });

  test('F37: reading any bytes ends and stays inside them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(600), fc.nat(255), (noise, at, value) => {
        const bytes = Buffer.concat([pack(2), noise]);
        bytes[at % bytes.length] = value;
        for (const { offset, length, timeMs } of readPreviewIndex(bytes)) {
          expect(offset + length).toBeLessThanOrEqual(bytes.length);
          expect(Number.isFinite(timeMs)).toBe(true);
        }
      }),
    );
  });
});
