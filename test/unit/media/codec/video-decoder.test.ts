import { describe, expect, test } from 'vitest';
import { VideoDecoder } from '#core/media/codec/video-decoder.ts';
import { jpegSize } from '../../../support/jpeg-size.ts';
import { drawPicture, makeTestVideo } from '../../../support/test-video.ts';

const video = makeTestVideo({ width: 320, height: 180, pictures: 40, gopPictures: 20, startMs: 1_700_000_000_000 });

function decodeAll(decoder: VideoDecoder, units = video.units) {
  return units.flatMap((unit) => decoder.decode(unit));
}

describe('video decoder', () => {
  test('gives each picture with the time of its unit, at once', () => {
    const decoder = new VideoDecoder(video.config, { lowDelay: true });
    for (const unit of video.units) {
      const pictures = decoder.decode(unit);
      expect(pictures.map(({ timeMs }) => Math.round(timeMs * 10))).toEqual([Math.round(unit.timeMs * 10)]);
      for (const picture of pictures) picture.release();
    }
    expect(decoder.errors).toBe(0);
    decoder.close();
  });

  test('only wanted pictures are handed out', () => {
    const decoder = new VideoDecoder(video.config, { lowDelay: true, skipLoopFilter: true });
    const wanted = video.units.flatMap((unit) =>
      decoder.decode(unit, (timeMs) => timeMs >= video.units[35]!.timeMs - 1),
    );
    expect(wanted.length).toBe(5);
    expect(decoder.decoded).toBe(40);
    for (const picture of wanted) picture.release();
    decoder.close();
  });

  test('pictures show what was encoded: grey, colour and crop agree', () => {
    const decoder = new VideoDecoder(video.config);
    const pictures = [...decodeAll(decoder), ...decoder.flush()];
    const picture = pictures[10]!;
    const drawn = drawPicture(320, 180, (10 * 8) % 256);
    const gray = picture.gray(320, 180);
    // Limited range luma 16..235 becomes 0..255.
    const expected = (at: number) => ((drawn[at]! - 16) * 255) / 219;
    let worst = 0;
    for (let at = 0; at < gray.length; at += 37) worst = Math.max(worst, Math.abs(gray[at]! - expected(at)));
    expect(worst).toBeLessThan(40);
    // The white square is at x 80..144, y 58..122.
    expect(gray[90 * 320 + 110]).toBeGreaterThan(230);
    const rgb = picture.rgbCrop(84, 62, 40, 40, 20, 20);
    expect(rgb.length).toBe(20 * 20 * 3);
    expect(Math.min(...rgb)).toBeGreaterThan(225);
    const outside = picture.rgbCrop(0, 0, 40, 40, 20, 20);
    expect(Math.max(...outside)).toBeLessThan(190);
    for (const each of pictures) each.release();
    decoder.close();
  });

  test('a grid holds the means of the picture it was asked of, and keeps them when another one is sampled', () => {
    const decoder = new VideoDecoder(video.config);
    const pictures = [...decodeAll(decoder), ...decoder.flush()];
    const grids = [0, 10].map((at) => {
      const samples = new Uint8Array(160 * 90);
      pictures[at]!.sample(160, 90, samples);
      return samples;
    });
    for (const [index, at] of [0, 10].entries()) {
      const gray = pictures[at]!.gray(320, 180);
      for (let row = 0; row < 90; row += 7)
        for (let col = 0; col < 160; col += 3) {
          const p = 2 * row * 320 + 2 * col;
          const mean = (gray[p]! + gray[p + 1]! + gray[p + 320]! + gray[p + 321]!) / 4;
          expect(Math.abs(grids[index]![row * 160 + col]! - mean)).toBeLessThan(2);
        }
    }
    expect(Buffer.compare(grids[0]!, grids[1]!)).not.toBe(0);
    for (const each of pictures) each.release();
    decoder.close();
  });

  test('crops and JPEGs stay inside the picture whatever is asked', () => {
    const decoder = new VideoDecoder(video.config);
    const [picture] = decodeAll(decoder, video.units.slice(0, 1)).concat(decoder.flush());
    for (const [x, y, w, h] of [
      [-50, -50, 100, 100],
      [300, 170, 500, 500],
      [1e9, 1e9, 1, 1],
      [0, 0, 0, 0],
      [NaN, NaN, NaN, NaN],
      [3, 5, 7, 9],
      [-10, 0, 5, 5],
    ] as const)
      expect(picture!.rgbCrop(x, y, w, h, 32, 16).length).toBe(32 * 16 * 3);
    expect(jpegSize(picture!.jpeg())).toEqual({ width: 320, height: 180 });
    expect(jpegSize(picture!.jpeg({ width: 240, quality: 40 }))).toEqual({ width: 240, height: 135 });
    expect(jpegSize(picture!.jpeg({ width: 5_000 }))).toEqual({ width: 320, height: 180 });
    expect(jpegSize(picture!.jpeg({ crop: { x: 0.5, y: 0.5, w: 0.25, h: 0.5 } }))).toEqual({ width: 80, height: 90 });
    expect(picture!.jpeg({ quality: 20 }).length).toBeLessThan(picture!.jpeg({ quality: 95 }).length);
    expect(picture!.jpeg().toString('latin1')).not.toMatch(/Lavc/);
    picture!.release();
    decoder.close();
  });

  test('a released picture throws instead of touching freed memory', () => {
    const decoder = new VideoDecoder(video.config, { lowDelay: true });
    const picture = decoder.decode(video.units[0]!)[0]!;
    picture.retain().release();
    expect(picture.gray(16, 9).length).toBe(144);
    picture.release();
    expect(() => picture.gray(16, 9)).toThrow('released');
    expect(() => picture.retain()).toThrow('released');
    picture.release();
    decoder.close();
    decoder.close();
    expect(decoder.decode(video.units[0]!)).toEqual([]);
  });

  test('starts at a keyframe: what comes before is counted, not shown', () => {
    const decoder = new VideoDecoder(video.config, { lowDelay: true });
    const early = decodeAll(decoder, video.units.slice(5, 15));
    expect(early).toEqual([]);
    expect(decoder.errors).toBe(10);
    const later = decodeAll(decoder, video.units.slice(20, 25));
    expect(later.length).toBe(5);
    for (const picture of later) picture.release();
    decoder.close();
  });

  test('F37: 500 damaged units are counted, never thrown, and good ones show again afterwards', () => {
    const decoder = new VideoDecoder(video.config, { lowDelay: true });
    let seed = 12_345;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let n = 0; n < 500; n++) {
      const unit = video.units[n % 40]!;
      let data = Buffer.from(unit.data);
      switch (n % 5) {
        case 0:
          for (let i = 0; i < 10; i++) data[random(data.length)] = random(256);
          break;
        case 1:
          data = data.subarray(0, random(data.length));
          break;
        case 2:
          data.writeUInt32BE(random(2_147_483_647), 0);
          break;
        case 3:
          data.fill(random(256), 4, 4 + random(data.length - 4));
          break;
        default:
          data = Buffer.concat([data, Buffer.from([0, 0, 0])]);
      }
      for (const picture of decoder.decode({ ...unit, data })) picture.release();
    }
    expect(decoder.errors).toBeGreaterThan(50);
    decoder.restart();
    const after = decodeAll(decoder, video.units.slice(0, 20));
    expect(after.length).toBe(20);
    for (const picture of after) picture.release();
    decoder.close();
  });

  test('parameter sets that are nonsense are refused with a reason or give no picture', () => {
    for (const set of [Buffer.alloc(0), Buffer.from([0x67]), Buffer.alloc(300, 0xff)]) {
      let pictures = 0;
      try {
        const decoder = new VideoDecoder({ codec: 'h264', parameterSets: [set] });
        pictures = decodeAll(decoder).length;
        decoder.close();
      } catch (error) {
        expect(error).toMatchObject({ code: 'camera_unsupported_codec' });
      }
      expect(pictures).toBe(0);
    }
  });

  test('F47: memory stays flat over 5,000 pictures, each scaled, sampled and some made JPEGs', () => {
    const decoder = new VideoDecoder(video.config, { lowDelay: true, skipLoopFilter: true });
    const samples = new Uint8Array(160 * 90);
    let seen = 0;
    const round = (): void => {
      for (const unit of video.units)
        for (const picture of decoder.decode(unit)) {
          picture.gray(160, 90);
          picture.sample(160, 90, samples);
          if (seen % 5 === 0) picture.rgbCrop(20, 20, 100, 100, 64, 64);
          if (seen++ % 20 === 0) picture.jpeg({ width: 240 });
          picture.release();
        }
    };
    for (let i = 0; i < 40; i++) round();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 125; i++) round();
    const grown = (process.memoryUsage.rss() - before) / 1024 / 1024;
    expect(seen).toBe(165 * 40);
    // One leaked picture of this size is 86 KB: 5,000 of them would be 430 MB.
    expect(grown).toBeLessThan(40);
    decoder.close();
  }, 30_000);
});
