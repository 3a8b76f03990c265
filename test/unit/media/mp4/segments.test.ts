import { mkdtempSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readUInt64, writeUInt64 } from '#core/media/mp4/box.ts';
import { repairSegment, scanSegment, SegmentError } from '#core/media/mp4/box-reader.ts';
import { fragmentHead } from '#core/media/mp4/fragment.ts';
import { buildInitSection, mimeOf } from '#core/media/mp4/init-section.ts';
import { readFragment, readInit } from '#core/media/mp4/segment-boxes.ts';
import { patchDecodeTimes, readSegmentInit, readSegmentMedia } from '#core/media/mp4/segment-reader.ts';
import { testAac, testG711, testVideo } from '../../../support/synthetic-camera.ts';
import { removeFolder } from '../../../support/remove-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'porchlight-mp4-'));
afterAll(() => removeFolder(folder));

const init = buildInitSection(testVideo, testAac);
const tracks = readInit(init)!;

/** 12 fragments of half a second at 10 fps, every fourth with a keyframe, with sound. */
function segment(firstTicks = 0): { bytes: Buffer; ends: number[] } {
  const parts = [init];
  const ends = [init.length];
  for (let i = 0; i < 12; i++) {
    const video = [300, 100, 100, 100, 100];
    const head = fragmentHead(
      i + 1,
      {
        decodeTime: firstTicks + i * 45_000,
        durations: video.map(() => 9_000),
        sizesBytes: video,
        compositionOffsets: [0, 9_000, -9_000, 0, 0],
        key: i % 4 === 0,
      },
      {
        decodeTime: (i * 16_000) / 2,
        durations: [1024, 1024, 1024, 1024, 1024, 1024, 1024, 832],
        sizesBytes: [5, 5, 5, 5, 5, 5, 5, 5],
      },
    );
    parts.push(head, Buffer.alloc(740, i));
    ends.push(ends.at(-1)! + head.length + 740);
  }
  return { bytes: Buffer.concat(parts), ends };
}

function file(bytes: Uint8Array): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.mp4`);
  writeFileSync(path, bytes);
  return path;
}

describe('64-bit times', () => {
  it('F26: survive beyond 2^31, 2^32 and 2^33 ticks', () => {
    for (const ticks of [0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 33 + 7, 2 ** 52 + 1]) {
      const out = Buffer.alloc(8);
      writeUInt64(out, ticks, 0);
      expect(out.readBigUInt64BE()).toBe(BigInt(ticks));
      expect(readUInt64(out, 0)).toBe(ticks);
      const head = fragmentHead(
        1,
        { decodeTime: ticks, durations: [3600], sizesBytes: [10], compositionOffsets: [0], key: true },
        null,
      );
      expect(readFragment(head, tracks)?.[0]?.decodeTime).toBe(ticks);
    }
  });

  it('F26: move across 2^32 when segments are put on one timeline', async () => {
    const { bytes } = segment();
    const media = await readSegmentMedia(file(bytes), { initBytes: init.length, addMs: 50_000_000 });
    const path = file(Buffer.concat([init, media]));
    const scan = await scanSegment(path);
    expect(scan.fragments[0]?.decodeMs).toBe(50_000_000);
    expect(scan.fragments[11]?.decodeMs).toBe(50_005_500);
    expect(scan.tracks.map((track) => track.timescale)).toEqual([90_000, 16_000]);
    const audio = readFragment(media, scan.tracks)!.find((part) => part.trackId === 2);
    expect(audio?.decodeTime).toBe(50_000 * 16_000);
  });
});

describe('fragment heads', () => {
  it('F25: carry signed composition offsets', () => {
    const head = fragmentHead(
      7,
      { decodeTime: 0, durations: [1, 2, 3], sizesBytes: [4, 5, 6], compositionOffsets: [0, 7200, -3600], key: true },
      null,
    );
    const trun = head.indexOf('trun');
    expect(head[trun + 4]).toBe(1);
    expect([0, 1, 2].map((i) => head.readInt32BE(trun + 20 + i * 12 + 8))).toEqual([0, 7200, -3600]);
    expect(head.readUInt32BE(trun + 12)).toBe(head.length);
    expect(head.readUInt32BE(head.length - 8)).toBe(8 + 15);
  });

  it('mark the first sample as keyframe only when it is one', () => {
    for (const key of [true, false]) {
      const video = { decodeTime: 0, durations: [1, 1], sizesBytes: [1, 1], compositionOffsets: [0, 0], key };
      expect(readFragment(fragmentHead(1, video, null), tracks)?.[0]).toMatchObject({
        key,
        samples: 2,
        sampleBytes: 2,
      });
    }
  });

  it('F37: take NaN and negative numbers without throwing', () => {
    const bad = { decodeTime: -5, durations: [Number.NaN], sizesBytes: [1], compositionOffsets: [1e12], key: true };
    expect(readFragment(fragmentHead(1, bad, null), tracks)?.[0]?.decodeTime).toBe(0);
  });
});

describe('init sections', () => {
  it('say their codecs, sizes and timescales', () => {
    expect(tracks).toMatchObject([
      { id: 1, kind: 'video', timescale: 90_000, codec: 'avc1.64001f', width: 1280, height: 720 },
      { id: 2, kind: 'audio', timescale: 16_000, codec: 'mp4a.40.2' },
    ]);
    expect(mimeOf(testVideo, testAac)).toBe('video/mp4; codecs="avc1.64001f,mp4a.40.2"');
  });

  it('F33: tag H.265 as hvc1 with the parameter sets inside', () => {
    const sps = Buffer.from(
      '420101016000000300900000030000030078a003c08010e596566924caf016808000001f480005dc04',
      'hex',
    );
    const hevc = {
      ...testVideo,
      codec: 'h265' as const,
      codecString: 'hvc1.1.6.L120.90',
      parameterSets: [Buffer.from('40010c01ffff', 'hex'), sps, Buffer.from('4401c172b46240', 'hex')],
    };
    const section = buildInitSection(hevc, null);
    expect(readInit(section)?.[0]?.codec).toBe('hvc1.1.6.L120.90');
    expect(section.includes(sps)).toBe(true);
  });

  it('are the same bytes for the same configuration', () => {
    expect(buildInitSection(testVideo, { ...testAac })).toEqual(init);
  });

  it('F32: refuse G.711, which no player takes from an MP4', () => {
    expect(() => buildInitSection(testVideo, testG711)).toThrow(RangeError);
  });

  it('hold Opus', () => {
    const opus = {
      codec: 'opus' as const,
      codecString: 'opus',
      sampleRate: 48_000,
      channels: 2,
      config: Buffer.alloc(0),
    };
    expect(readInit(buildInitSection(testVideo, opus))?.[1]).toMatchObject({ codec: 'opus', timescale: 48_000 });
  });
});

describe('scanning', () => {
  let whole: ReturnType<typeof segment>;
  beforeAll(() => {
    whole = segment();
  });

  it('finds every fragment, keyframe and duration', async () => {
    const scan = await scanSegment(file(whole.bytes));
    expect(scan).toMatchObject({
      initBytes: init.length,
      frames: 60,
      durationMs: 6_000,
      validBytes: whole.bytes.length,
    });
    expect(scan.fragments.map((each) => each.offset)).toEqual(whole.ends.slice(0, -1));
    expect(scan.fragments.filter((each) => each.key).map((each) => each.decodeMs)).toEqual([0, 2_000, 4_000]);
  });

  it('F36: a file cut anywhere keeps every whole fragment, and is clean after repair', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: init.length, max: whole.bytes.length }), async (cut) => {
        const path = file(whole.bytes.subarray(0, cut));
        const expected = whole.ends.filter((end) => end <= cut).at(-1);
        expect((await scanSegment(path)).validBytes).toBe(expected);
        const repaired = await repairSegment(path);
        expect(repaired.validBytes).toBe(expected);
        expect(readFileSync(path)).toEqual(whole.bytes.subarray(0, expected));
      }),
      { numRuns: 60 },
    );
  });

  it('F36: zeros that a power cut left are a torn tail', async () => {
    const torn = Buffer.concat([whole.bytes.subarray(0, whole.ends[5]), Buffer.alloc(5_000)]);
    expect((await repairSegment(file(torn))).validBytes).toBe(whole.ends[5]);
  });

  it('F37: a mutated file gives a scan or a SegmentError, and its media can be read or not', async () => {
    const mutation = fc.record({ at: fc.nat(whole.bytes.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 12 }), async (mutations) => {
        const bytes = Buffer.from(whole.bytes);
        for (const { at, value } of mutations) bytes[at % (at % 3 === 0 ? bytes.length : 1400)] = value;
        const path = file(bytes);
        const uses = [
          scanSegment,
          (name: string) => readSegmentMedia(name, { initBytes: 0, addMs: 1e9 }),
          repairSegment,
        ];
        for (const use of uses) {
          await use(path).catch((error: unknown) => expect(error).toBeInstanceOf(SegmentError));
        }
        patchDecodeTimes(bytes, new Map([[1, 1e15]]));
      }),
      { numRuns: 150 },
    );
  });

  it('names what is wrong: missing, or not a segment', async () => {
    await expect(scanSegment(join(folder, 'none.mp4'))).rejects.toMatchObject({ reason: 'missing' });
    await expect(scanSegment(file(Buffer.from('no movie at all')))).rejects.toMatchObject({ reason: 'not_a_segment' });
    await expect(scanSegment(folder)).rejects.toMatchObject({ name: 'SegmentError' });
  });
});

describe('reading for playback', () => {
  it('gives whole GOPs around the range', async () => {
    const { bytes, ends } = segment();
    const path = file(bytes);
    const read = (range: { fromMs?: number; toMs?: number }): Promise<Buffer> =>
      readSegmentMedia(path, { initBytes: init.length, addMs: 0, ...range });
    expect(await read({})).toEqual(bytes.subarray(init.length));
    expect(await read({ fromMs: 2_500, toMs: 3_000 })).toEqual(bytes.subarray(ends[4], ends[8]));
    expect(await read({ fromMs: 2_000, toMs: 4_000 })).toEqual(bytes.subarray(ends[4], ends[8]));
    expect(await read({ toMs: 1_000 })).toEqual(bytes.subarray(ends[0], ends[4]));
    expect(await read({ fromMs: 5_900 })).toEqual(bytes.subarray(ends[8]));
    expect(await readSegmentInit(path)).toEqual(init);
  });

  it('leaves out a torn tail, as of a segment that is being written', async () => {
    const { bytes, ends } = segment();
    const media = await readSegmentMedia(file(bytes.subarray(0, ends[6]! + 100)), { initBytes: init.length, addMs: 0 });
    expect(media).toEqual(bytes.subarray(init.length, ends[6]));
  });
});
