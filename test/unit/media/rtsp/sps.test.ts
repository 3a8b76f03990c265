import { describe, expect, test } from 'vitest';
import { parseH264Sps } from '../../../../core/media/rtsp/h264-sps.ts';
import { parseH265Sps } from '../../../../core/media/rtsp/h265-sps.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('sequence parameter sets', () => {
  test.each([
    [
      'x264 high, cropped to 1080',
      '67640028acb403c0113f2cd41818190000030001000003003c0f1832a0',
      'avc1.640028',
      1920,
      1080,
      30,
      0,
    ],
    ['x264 high, 360 lines', '67640016acb405017fcb3506060640000003004000000783c58ba8', 'avc1.640016', 640, 360, 15, 0],
    [
      'x264 with two B pictures',
      '6764001facd9405005ba6a0c0c0c800000030080000019078c18cb',
      'avc1.64001f',
      1280,
      720,
      25,
      2,
    ],
    ['baseline', '6742c01fd9005005bb011000000300200000030320f1832480', 'avc1.42c01f', 1280, 720, 12.5, 0],
    [
      'main, cropped on both sides',
      '674d401feca07e093cb1180880000003010000030019078c18cb',
      'avc1.4d401f',
      1000,
      562,
      12.5,
      2,
    ],
    ['interlaced', '67640016acd940b424d808800000030100000300190f8a14cb', 'avc1.640016', 720, 576, 12.5, 2],
    ['4:4:4', '67f40028919b280f0044fc4e0220000003004000000641e30632c0', 'avc1.f40028', 1920, 1080, 12.5, 2],
  ])('H.264: %s', (_name, hex, codecString, width, height, fps, reorderDepth) => {
    expect(parseH264Sps(bytes(hex))).toEqual({ id: 0, codecString, width, height, fps, reorderDepth });
  });

  test.each([
    [
      '1080 lines',
      '420101016000000300900000030000030078a003c0801107cb96e92930b9a830303708000003000800000300c840',
      'hvc1.1.6.L120.90',
      1920,
      1080,
      25,
      0,
    ],
    [
      'cropped, B pictures',
      '42010101600000030090000003000003005da007d2008e7c996566924caf016808000003001000000300c840',
      'hvc1.1.6.L93.90',
      1000,
      562,
      12.5,
      2,
    ],
    [
      '4:4:4, range extensions',
      '4201010408000003009e0800000300005d9000fa4011cf9f2cacd24995e02dc08080010000030002000003001908',
      'hvc1.4.10.L93.9E.8',
      1000,
      562,
      12.5,
      2,
    ],
  ])('H.265: %s', (_name, hex, codecString, width, height, fps, reorderDepth) => {
    expect(parseH265Sps(bytes(hex))).toEqual({ id: 0, codecString, width, height, fps, reorderDepth });
  });

  test('F37: cut short anywhere, or with any byte changed, it is refused or gives a believable size', () => {
    const samples: [string, typeof parseH264Sps][] = [
      ['67640028acb403c0113f2cd41818190000030001000003003c0f1832a0', parseH264Sps],
      ['420101016000000300900000030000030078a003c0801107cb96e92930b9a830303708000003000800000300c840', parseH265Sps],
    ];
    for (const [hex, parse] of samples) {
      const good = bytes(hex);
      for (let i = 0; i < good.length; i++) {
        const mutants = [0, 1, 0x7f, 0xff].map((value) =>
          Buffer.from(good.map((byte, at) => (at === i ? byte ^ value : byte))),
        );
        for (const nal of [good.subarray(0, i), ...mutants]) {
          const sps = parse(nal);
          if (!sps) continue;
          expect(sps.width).toBeGreaterThan(0);
          expect(sps.width).toBeLessThanOrEqual(16_384);
          expect(sps.height).toBeGreaterThan(0);
          expect(sps.height).toBeLessThanOrEqual(16_384);
          expect(sps.reorderDepth ?? 0).toBeLessThanOrEqual(16);
        }
      }
    }
  });
});
