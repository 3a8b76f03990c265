import { describe, expect, test } from 'vitest';
import { InterleavedParser } from '../../../../core/media/rtsp/interleaved-parser.ts';
import { h264Stream, interleaved, rtpPacket } from '../../../support/rtsp-script-server.ts';

function collect() {
  const seen: { packets: [number, Buffer][]; messages: [string, string][]; resyncs: number } = {
    packets: [],
    messages: [],
    resyncs: 0,
  };
  const parser = new InterleavedParser({
    onPacket: (channel, buffer, start, end) => seen.packets.push([channel, Buffer.from(buffer.subarray(start, end))]),
    onMessage: (head, body) => seen.messages.push([head, body.toString()]),
    onResync: () => seen.resyncs++,
  });
  /** Fed through one reused buffer, as the socket does it. */
  const reused = Buffer.alloc(200_000);
  const feed = (data: Buffer, step = data.length): void => {
    for (let at = 0; at < data.length; at += step) {
      const length = data.copy(reused, 0, at, Math.min(data.length, at + step));
      parser.feed(reused, length);
      reused.fill(0xee, 0, length);
    }
  };
  return { seen, parser, feed };
}

const packet = (sequence: number, bytes: number): Buffer =>
  interleaved(0, rtpPacket({ sequence, time: sequence * 90, payload: Buffer.alloc(bytes, sequence) }));

describe('interleaved framing', () => {
  const stream = Buffer.concat([
    Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 4\r\nContent-Length: 5\r\n\r\nhello'),
    packet(1, 700),
    Buffer.from('\r\nRTSP/1.0 200 OK\nCSeq: 5\n\n'),
    packet(2, 0),
    packet(3, 60_000),
    Buffer.from('OPTIONS rtsp://h/s RTSP/1.0\r\nCSeq: 9\r\n\r\n'),
    packet(4, 1),
  ]);

  test.each([1, 2, 3, 5, 7, 64, 1000, 4096, 200_000])(
    'cut into reads of %i bytes, everything arrives whole',
    (step) => {
      const { seen, feed, parser } = collect();
      feed(stream, step);
      expect(seen.packets.map(([channel, data]) => [channel, data.readUInt16BE(2), data.length])).toEqual([
        [0, 1, 712],
        [0, 2, 12],
        [0, 3, 60_012],
        [0, 4, 13],
      ]);
      expect(seen.packets[2]![1].subarray(12).every((byte) => byte === 3)).toBe(true);
      expect(seen.messages.map(([head, body]) => [head.split(/\r?\n/)[0], body])).toEqual([
        ['RTSP/1.0 200 OK', 'hello'],
        ['RTSP/1.0 200 OK', ''],
        ['OPTIONS rtsp://h/s RTSP/1.0', ''],
      ]);
      expect([seen.resyncs, parser.heldBytes]).toEqual([0, 0]);
    },
  );

  test.each([1, 13, 100_000])('after garbage it finds the next packet and counts one resync (reads of %i)', (step) => {
    const { seen, feed } = collect();
    feed(Buffer.concat([packet(1, 100), Buffer.alloc(5000, 0x41), packet(2, 100), packet(3, 100), packet(4, 9)]), step);
    expect(seen.packets.map(([, data]) => data.readUInt16BE(2))).toEqual([1, 2, 3, 4]);
    expect(seen.resyncs).toBe(1);
  });

  test('a header with a false length costs what it covers, not the stream', () => {
    const { seen, feed } = collect();
    const packets = Array.from({ length: 80 }, (_, i) => packet(i, 1000));
    packets[3]!.writeUInt16BE(9_999, 2);
    packets[40]!.writeUInt16BE(20, 2);
    feed(Buffer.concat(packets), 1448);
    const arrived = seen.packets.map(([, data]) => data.readUInt16BE(2));
    expect(arrived.filter((sequence) => sequence > 14 && sequence !== 40)).toEqual(
      Array.from({ length: 80 }, (_, i) => i).filter((i) => i > 14 && i !== 40),
    );
    expect(seen.resyncs).toBe(2);
  });

  test('F47: endless garbage does not grow memory', () => {
    const { parser, feed } = collect();
    const noise = Buffer.alloc(1_000_000);
    let state = 7;
    for (let i = 0; i < noise.length; i++) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      noise[i] = i % 50 === 0 ? 0x24 : state % 256;
    }
    for (let i = 0; i < 5; i++) {
      feed(noise, 8192);
      expect(parser.heldBytes).toBeLessThan(300_000);
    }
    // A header that never ends is not waited for either.
    feed(Buffer.from(`RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(100_000)}`), 8192);
    expect(parser.heldBytes).toBeLessThan(300_000);
  });

  test('F47: mutated streams never throw, stay bounded and recover', () => {
    const clean = Buffer.concat(h264Stream({ pictures: 20 }).packets);
    let state = 99;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * below);
    };
    for (let run = 0; run < 200; run++) {
      const { seen, parser, feed } = collect();
      const mutated = Buffer.from(clean);
      for (let i = 0; i < 1 + (run % 40); i++) mutated[random(mutated.length)] = random(256);
      feed(mutated, 1 + random(3000));
      feed(Buffer.alloc(70_000, 0), 4096);
      const before = seen.packets.length;
      for (let i = 0; i < 5; i++) feed(packet(i, 1000));
      expect(seen.packets.length - before, `run ${run}`).toBeGreaterThanOrEqual(4);
      expect(parser.heldBytes).toBeLessThan(300_000);
    }
  });
});
