import { describe, expect, test } from 'vitest';
import { depacketiseH264, h264Rules } from '../../../../core/media/rtsp/h264-depacketiser.ts';
import { depacketiseH265, h265Rules } from '../../../../core/media/rtsp/h265-depacketiser.ts';
import { PictureAssembler, type Picture } from '../../../../core/media/rtsp/picture-assembler.ts';
import { samplePps, sampleSps, slice } from '../../../support/rtsp-script-server.ts';

interface Packet {
  payload: Buffer;
  time: number;
  marker?: boolean;
  gap?: boolean;
}

function run(codec: 'h264' | 'h265', packets: Packet[]) {
  const pictures: Picture[] = [];
  const sets: Buffer[] = [];
  const assembler = new PictureAssembler(codec === 'h264' ? h264Rules : h265Rules, {
    onPicture: (picture) => pictures.push(picture),
    onParameterSet: (nal) => sets.push(nal),
  });
  const depacketise = codec === 'h264' ? depacketiseH264 : depacketiseH265;
  for (const { payload, time, marker = false, gap = false } of packets) {
    // Inside a larger buffer that is wiped afterwards: nothing may point into it.
    const buffer = Buffer.concat([Buffer.alloc(3), payload, Buffer.alloc(3)]);
    depacketise(assembler, buffer, 3, 3 + payload.length, time, marker, gap);
    buffer.fill(0xee);
  }
  return { pictures, sets, dropped: assembler.dropped, assembler };
}

/** Length-prefixed NAL units → NAL units. */
function nals(data: Buffer): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    const size = data.readUInt32BE(at);
    out.push(data.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return out;
}

function fuA(nal: Buffer, pieces: number): Buffer[] {
  const out: Buffer[] = [];
  const step = Math.ceil((nal.length - 1) / pieces);
  for (let at = 1; at < nal.length; at += step) {
    const end = Math.min(nal.length, at + step);
    const flags = (at === 1 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0);
    out.push(Buffer.concat([Buffer.from([(nal[0]! & 0xe0) | 28, flags | (nal[0]! & 31)]), nal.subarray(at, end)]));
  }
  return out;
}

function stapA(...units: Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from([24]),
    ...units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 255]), unit]),
  ]);
}

const sei = Buffer.from('060501aa80', 'hex');
/** Closes the pictures before it. */
const end: Packet = { payload: slice(1, 10), time: 1e9 };

describe('H.264 payloads', () => {
  test('single units, STAP-A and FU-A make the same picture; delimiters, filler and parameter sets are left out of it', () => {
    const idr = slice(5, 5000);
    const { pictures, sets } = run('h264', [
      { payload: Buffer.from([9, 0x10]), time: 1 },
      { payload: stapA(sampleSps, samplePps, sei), time: 1 },
      ...fuA(idr, 4).map((payload, i) => ({ payload, time: 1, marker: i === 3 })),
      { payload: Buffer.from([12, 0xff, 0x80]), time: 2 },
      { payload: slice(1, 100), time: 2, marker: true },
      end,
    ]);
    expect(sets).toEqual([sampleSps, samplePps]);
    expect(pictures.map((p) => [p.time, p.key, p.damaged])).toEqual([
      [1, true, false],
      [2, false, false],
    ]);
    expect(nals(pictures[0]!.data)).toEqual([sei, idr]);
    expect(nals(pictures[1]!.data)).toEqual([slice(1, 100)]);
  });

  test('a marker ends the picture at once, after the camera has shown twice that its markers are right', () => {
    const packets = [1, 2, 3, 4, 5].map((time) => ({ payload: slice(1, 50), time, marker: true }));
    expect(run('h264', packets).pictures.map((p) => p.time)).toEqual([1, 2, 3, 4, 5]);
    expect(run('h264', packets.slice(0, 2)).pictures.map((p) => p.time)).toEqual([1]);
  });

  test('without any marker the change of timestamp ends a picture', () => {
    const { pictures } = run(
      'h264',
      [1, 1, 2, 2, 3].map((time) => ({ payload: slice(1, 50), time })),
    );
    expect(pictures.map((p) => [p.time, nals(p.data).length])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  test('F25: an SEI with the marker bit does not make a picture of its own', () => {
    const { pictures } = run(
      'h264',
      [1, 2, 3, 4, 5].flatMap((time) => [
        { payload: sei, time, marker: true },
        { payload: slice(1, 50), time, marker: true },
      ]),
    );
    expect(pictures.map((p) => p.time)).toEqual([1, 2, 3, 4].concat(pictures.length === 5 ? [5] : []));
    for (const picture of pictures) expect(nals(picture.data)).toEqual([sei, slice(1, 50)]);
  });

  test('F25: a trailing SEI with the old timestamp goes with the next picture', () => {
    const { pictures } = run(
      'h264',
      [1, 2, 3, 4].flatMap((time) => [
        { payload: slice(1, 50), time, marker: true },
        { payload: sei, time, marker: true },
      ]),
    );
    expect(new Set(pictures.map((p) => p.time)).size).toBe(pictures.length);
    expect(pictures.every((p) => nals(p.data).filter((n) => n[0] === sei[0]).length <= 1)).toBe(true);
  });

  test('markers on every slice: the picture stays whole', () => {
    const second = slice(1, 50);
    second[1] = 0x20; // first_mb_in_slice is not 0
    const { pictures } = run(
      'h264',
      [1, 2, 3, 4, 5].flatMap((time) => [
        { payload: slice(1, 50), time, marker: true },
        { payload: second, time, marker: true },
      ]),
    );
    expect(pictures.map((p) => [p.time, nals(p.data).length])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
      [4, 2],
    ]);
  });

  test('a loss inside a picture marks it and all that follow, until a whole keyframe', () => {
    const [a, , c] = fuA(slice(1, 900), 3);
    const { pictures } = run('h264', [
      { payload: slice(5, 50), time: 1, marker: true },
      { payload: a!, time: 2 },
      { payload: c!, time: 2, marker: true, gap: true },
      { payload: slice(1, 50), time: 3, marker: true },
      ...fuA(slice(5, 900), 2).map((payload, i) => ({ payload, time: 4, marker: i === 1 })),
      { payload: slice(1, 50), time: 5, marker: true },
      end,
    ]);
    expect(pictures.map((p) => [p.time, p.damaged])).toEqual([
      [1, false],
      [3, true],
      [4, false],
      [5, false],
    ]);
  });

  test('a keyframe that lost its beginning is damaged, one after a loss is not', () => {
    const tail = fuA(slice(5, 900), 3).slice(1);
    const cut = run('h264', [
      { payload: slice(1, 50), time: 1, marker: true },
      ...tail.map((payload, i) => ({ payload, time: 2, marker: i === 1, gap: i === 0 })),
      { payload: slice(1, 50), time: 3, marker: true },
      end,
    ]);
    expect(cut.pictures.map((p) => [p.time, p.damaged])).toEqual([
      [1, false],
      [3, true],
    ]);
    const whole = run('h264', [
      { payload: slice(1, 50), time: 1, marker: true },
      { payload: slice(5, 50), time: 2, marker: true, gap: true },
      end,
    ]);
    expect(whole.pictures.map((p) => [p.key, p.damaged])).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  test('a missing end bit does not lose the unit', () => {
    const pieces = fuA(slice(5, 900), 3);
    pieces[2]![1] = pieces[2]![1]! & ~0x40;
    const { pictures } = run('h264', [...pieces.map((payload, i) => ({ payload, time: 1, marker: i === 2 })), end]);
    expect(nals(pictures[0]!.data)).toEqual([slice(5, 900)]);
  });

  test('a camera that puts an Annex B stream into one unit', () => {
    const startCode = Buffer.from([0, 0, 0, 1]);
    const { pictures, sets } = run('h264', [
      { payload: Buffer.concat([sampleSps, startCode, samplePps, startCode, slice(5, 300)]), time: 1, marker: true },
      end,
    ]);
    expect(sets).toEqual([sampleSps, samplePps]);
    expect(pictures.map((p) => [p.key, nals(p.data)])).toEqual([[true, [slice(5, 300)]]]);
  });

  test('an intra picture with parameter sets counts as a keyframe where the camera sends no IDR', () => {
    const intra = Buffer.from([0x61, 0x88, 0x80, 1, 2, 3]); // first_mb 0, slice type 7
    const { pictures } = run('h264', [
      { payload: stapA(sampleSps, samplePps), time: 1 },
      { payload: intra, time: 1, marker: true },
      { payload: slice(1, 20), time: 2, marker: true },
      end,
    ]);
    expect(pictures.map((p) => p.key)).toEqual([true, false]);
  });

  test('empty, short and unknown payloads do no harm', () => {
    const bad = ['', '1c', '7c85', '18', '1800', '180005aa', '19', '1d00', '1f', '00', '05', '67'].map((hex) =>
      Buffer.from(hex, 'hex'),
    );
    const { pictures } = run('h264', [
      ...bad.map((payload, i) => ({ payload, time: i, marker: i % 2 === 0 })),
      { payload: slice(5, 60), time: 100, marker: true },
      end,
    ]);
    expect(nals(pictures.at(-1)!.data)).toEqual([slice(5, 60)]);
  });

  test('F47: a picture that never ends is given up at 8 MiB', () => {
    const { pictures, assembler, dropped } = run('h264', [
      ...Array.from({ length: 600 }, (_, i) => ({
        payload: Buffer.concat([Buffer.from([0x7c, i === 0 ? 0x85 : 0x05]), Buffer.alloc(60_000)]),
        time: 1,
      })),
      { payload: slice(5, 60), time: 2 },
      { payload: slice(1, 60), time: 3 },
    ]);
    expect(assembler.heldBytes).toBeLessThan(1000);
    expect([dropped, pictures.map((p) => [p.time, p.key])]).toEqual([1, [[2, true]]]);
  });
});

describe('H.265 payloads', () => {
  const vps = Buffer.from('40010c01ffff016000000300900000030000030078ba0240', 'hex');
  const sps = Buffer.from(
    '420101016000000300900000030000030078a003c0801107cb96e92930b9a830303708000003000800000300c840',
    'hex',
  );
  const pps = Buffer.from('4401c073c189', 'hex');
  const nal = (type: number, bytes: number): Buffer => {
    const out = Buffer.alloc(bytes, 0x33);
    out[0] = type << 1;
    out[1] = 1;
    out[2] = 0x80;
    return out;
  };
  const fragments = (unit: Buffer, step: number): Buffer[] => {
    const out: Buffer[] = [];
    for (let at = 2; at < unit.length; at += step) {
      const stop = Math.min(unit.length, at + step);
      const flags = (at === 2 ? 0x80 : 0) | (stop === unit.length ? 0x40 : 0);
      out.push(Buffer.concat([Buffer.from([49 << 1, 1, flags | (unit[0]! >> 1)]), unit.subarray(at, stop)]));
    }
    return out;
  };
  const aggregate = (...units: Buffer[]): Buffer =>
    Buffer.concat([
      Buffer.from([48 << 1, 1]),
      ...units.flatMap((u) => [Buffer.from([u.length >> 8, u.length & 255]), u]),
    ]);

  test('aggregation, fragments and single units; delimiters out, SEI in', () => {
    const idr = nal(19, 4000);
    const prefixSei = nal(39, 12);
    const { pictures, sets } = run('h265', [
      { payload: nal(35, 3), time: 1 },
      { payload: aggregate(vps, sps, pps), time: 1 },
      { payload: prefixSei, time: 1 },
      ...fragments(idr, 1200).map((payload, i, all) => ({ payload, time: 1, marker: i === all.length - 1 })),
      { payload: nal(1, 100), time: 2, marker: true },
      { payload: nal(21, 100), time: 3, marker: true },
      { payload: nal(1, 10), time: 4 },
    ]);
    expect(sets).toEqual([vps, sps, pps]);
    expect(pictures.map((p) => p.key)).toEqual([true, false, true]);
    expect(nals(pictures[0]!.data)).toEqual([prefixSei, idr]);
  });

  test('empty, short and unknown payloads do no harm', () => {
    const bad = ['', '62', '6201', '620193', '6001', '600100', '60010009aa', '6401', '02'].map((hex) =>
      Buffer.from(hex, 'hex'),
    );
    const { pictures } = run('h265', [
      ...bad.map((payload, i) => ({ payload, time: i, marker: true })),
      { payload: nal(19, 60), time: 100, marker: true },
      { payload: nal(1, 10), time: 101 },
    ]);
    expect(nals(pictures.at(-1)!.data).at(-1)).toEqual(nal(19, 60));
  });
});
