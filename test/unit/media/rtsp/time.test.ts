import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../core/base/clock.ts';
import type { VideoUnit } from '../../../../core/domain/media.ts';
import { DecodeOrder } from '../../../../core/media/rtsp/decode-order.ts';
import { MediaClock } from '../../../../core/media/rtsp/media-clock.ts';
import { RtpReceiver, TimestampUnwrapper } from '../../../../core/media/rtsp/rtp.ts';
import { findSenderReport, receiverReport } from '../../../../core/media/rtsp/rtcp.ts';
import { parseSdp } from '../../../../core/media/rtsp/sdp.ts';
import { VideoTrack } from '../../../../core/media/rtsp/video-track.ts';
import { h264Stream, rtpPacket, sampleSdp } from '../../../support/rtsp-script-server.ts';

describe('RTP', () => {
  const read = (
    receiver: RtpReceiver,
    sequence: number,
    more: Partial<Parameters<typeof rtpPacket>[0]> = {},
  ): boolean => {
    const packet = rtpPacket({ sequence, time: 0, payload: Buffer.from([1, 2, 3]), ...more });
    return receiver.read(packet, 0, packet.length);
  };

  test('F26: RTP time goes on past the 32-bit wrap and through small steps back', () => {
    const unwrap = new TimestampUnwrapper();
    const start = 2 ** 32 - 5000;
    const out = [0, 3000, 6000, 4000, 9000].map((t) => unwrap.next((start + t) % 2 ** 32));
    expect(out).toEqual([0, 3000, 6000, 4000, 9000].map((t) => start + t));
    // 80 hours at 90 kHz: six wraps, nothing lost.
    const long = new TimestampUnwrapper();
    let time = 0;
    for (; time < 6 * 2 ** 32; time += 900_000) expect(long.next(time % 2 ** 32)).toBe(time);
  });

  test('sequence gaps are counted across the 16-bit wrap; repeats are dropped', () => {
    const receiver = new RtpReceiver(96);
    expect([65_534, 65_535, 0, 1].map((s) => [read(receiver, s), receiver.gap])).toEqual([
      [true, false],
      [true, false],
      [true, false],
      [true, false],
    ]);
    expect(read(receiver, 1)).toBe(false);
    expect([read(receiver, 4), receiver.gap, receiver.lost]).toEqual([true, true, 2]);
    expect(receiver.extendedSequence).toBe(65_536 + 4);
  });

  test('a numbering that starts anew is followed, as a gap', () => {
    const receiver = new RtpReceiver(96);
    read(receiver, 10_000);
    expect([read(receiver, 200), receiver.gap, receiver.lost]).toEqual([true, true, 0]);
    const back = [190, 191, 192, 193].map((s) => read(receiver, s));
    expect(back.at(-1)).toBe(true);
  });

  test("F8: a dead session's packets are dropped; an encoder that restarts with a new source is followed", () => {
    const receiver = new RtpReceiver(96);
    read(receiver, 1);
    expect([2, 3, 4, 5].map((s) => [read(receiver, 7000 + s, { ssrc: 9 }), read(receiver, s)])).toEqual(
      Array.from({ length: 4 }, () => [false, true]),
    );
    expect([1, 2, 3, 4].map((s) => [read(receiver, 900 + s, { ssrc: 7 }), receiver.gap])).toEqual([
      [false, false],
      [false, false],
      [true, true],
      [true, false],
    ]);
  });

  test('F8: where the camera names its source at SETUP, that one is believed at once', () => {
    const receiver = new RtpReceiver(96);
    receiver.expectSource(0x1234);
    const mixed = [1, 2, 3].map((s) => [read(receiver, 7000 + s, { ssrc: 9 }), read(receiver, s)]);
    expect(mixed).toEqual([
      [true, true],
      [false, true],
      [false, true],
    ]);
  });

  test('another payload type is dropped, unless it is all that ever comes', () => {
    const receiver = new RtpReceiver(96);
    const results = Array.from({ length: 25 }, (_, i) => read(receiver, i, { payloadType: 97 }));
    expect([results[0], results.at(-1)]).toEqual([false, true]);
    const normal = new RtpReceiver(96);
    read(normal, 0);
    expect(Array.from({ length: 50 }, (_, i) => read(normal, i + 1, { payloadType: 13 })).some(Boolean)).toBe(false);
  });

  test('headers with extension, padding and sources; and those that lie about them', () => {
    const receiver = new RtpReceiver(96);
    const packet = Buffer.from('b1600001000000010000123400000005beef000101020304aabbcc000002', 'hex');
    expect(receiver.read(packet, 0, packet.length)).toBe(true);
    expect(packet.subarray(receiver.payloadStart, receiver.payloadEnd).toString('hex')).toBe('aabbcc00');
    for (const hex of [
      '',
      '80',
      '40600001000000010000123400',
      '9060000100000001000012340000ffff',
      'a06000010000000100001234ff',
      '8f600001000000010000123400',
    ]) {
      const bad = Buffer.from(hex, 'hex');
      expect(receiver.read(bad, 0, bad.length)).toBe(false);
    }
  });

  test("RTCP: the camera's clock in, a report out", () => {
    const sr = Buffer.from('80c80006000000aa' + 'e9c0ffff' + '80000000' + '00001234' + '0000000100000002', 'hex');
    const report = findSenderReport(sr, 0, sr.length)!;
    expect(report).toMatchObject({ ssrc: 0xaa, rtpTime: 0x1234, ntpMs: (0xe9c0ffff - 2_208_988_800) * 1000 + 500 });
    expect(findSenderReport(sr, 0, 20)).toBeNull();
    expect(findSenderReport(Buffer.from('80c9000100000000' + 'ffffffff', 'hex'), 0, 12)).toBeNull();
    const rr = receiverReport(1, {
      ownSsrc: 2 ** 32 - 1,
      sourceSsrc: 0xaa,
      lostPackets: 3,
      extendedSequence: 2 ** 33 + 7,
      lastCompactNtp: report.compactNtp,
      msSinceReport: 1000,
    });
    expect([
      rr.readUInt32BE(8),
      rr.readUIntBE(17, 3),
      rr.readUInt32BE(20),
      rr.readUInt32BE(28),
      rr.readUInt32BE(32),
    ]).toEqual([2 ** 32 - 1, 3, 7, 0xffff8000, 65_536]);
  });
});

describe('decoding order', () => {
  const decode = (order: DecodeOrder, pts: number[]): number[] => pts.map((p) => order.next(p));
  const growing = (list: number[]): boolean => list.every((value, i) => i === 0 || value > list[i - 1]!);

  test('F25: with declared B pictures each decoding time lies at or before its presentation', () => {
    const order = new DecodeOrder();
    order.declare(2, 25);
    const pts = [0, 4, 2, 1, 3, 8, 6, 5, 7, 12, 10, 9, 11].map((n) => n * 3600 + order.lead);
    const dts = decode(order, pts);
    expect(dts).toEqual(pts.map((_, i) => i * 3600));
    expect(pts.every((p, i) => dts[i]! <= p)).toBe(true);
  });

  test('F24: undeclared B pictures and equal times still give growing decoding times, soon before presentation', () => {
    const order = new DecodeOrder();
    const pts = Array.from({ length: 40 }, (_, g) => [0, 4, 2, 1, 3].map((n) => (g * 5 + n + 1) * 3600)).flat();
    const dts = decode(order, pts);
    expect(growing(dts)).toBe(true);
    expect(pts.slice(15).every((p, i) => dts[i + 15]! <= p)).toBe(true);
    expect(order.depth).toBeLessThanOrEqual(4);
    expect(growing(decode(new DecodeOrder(), [5, 5, 5, 4, 5, 6]))).toBe(true);
  });
});

describe('wall time', () => {
  test('follows arrivals through jitter, never back', () => {
    const clock = new ManualClock();
    const media = new MediaClock(clock);
    const start = clock.nowMs();
    let last = -Infinity;
    for (let i = 0; i < 3000; i++) {
      const jitter = (i * 7919) % 60;
      clock.advance(start + i * 40 + jitter - clock.nowMs());
      const time = media.arrived(i * 3600);
      expect(time).toBeGreaterThan(last);
      last = time;
    }
    expect(Math.abs(last - (start + 2999 * 40))).toBeLessThan(25);
  });

  test('F28: a camera clock that drifts by 1 in 1000 stays within 60 ms over hours', () => {
    const clock = new ManualClock();
    const media = new MediaClock(clock);
    let worst = 0;
    for (let i = 0; i < 200_000; i++) {
      const time = media.arrived(i * 3600 * 1.001);
      if (i > 1000) worst = Math.max(worst, Math.abs(time - clock.nowMs()));
      clock.advance(40);
    }
    expect(worst).toBeLessThan(60);
  });

  test('a first burst of old pictures is placed in the past within 25 s, without going back', () => {
    const clock = new ManualClock();
    const media = new MediaClock(clock);
    let last = -Infinity;
    // 1.5 s of pictures at once, then one every 40 ms.
    for (let i = 0; i < 700; i++) {
      if (i > 37) clock.advance(40);
      const time = media.arrived(i * 3600);
      expect(time).toBeGreaterThan(last);
      last = time;
    }
    expect(Math.abs(last - clock.nowMs())).toBeLessThan(60);
  });

  test('F29: a step of the host clock is followed at once, both ways', () => {
    for (const stepMs of [90 * 60_000, -90 * 60_000]) {
      const clock = new ManualClock();
      const media = new MediaClock(clock);
      for (let i = 0; i < 100; i++) {
        media.arrived(i * 3600);
        clock.advance(40);
      }
      clock.step(clock.nowMs() + stepMs);
      expect(Math.abs(media.arrived(100 * 3600) - clock.nowMs())).toBeLessThan(60);
      expect(media.resyncs).toBe(1);
    }
  });
});

describe('the video track', () => {
  function play(packets: Buffer[], options: { everyMs?: number; sdp?: string; clock?: ManualClock } = {}) {
    const clock = options.clock ?? new ManualClock();
    const units: VideoUnit[] = [];
    const configs: { at: number; width: number }[] = [];
    const jumps: number[] = [];
    const format = parseSdp(options.sdp ?? sampleSdp)!.media[0]!.formats[0]!;
    const track = new VideoTrack(format, 'h264', clock, {
      onVideoConfig: (config) => configs.push({ at: units.length, width: config.width }),
      onVideo: (unit) => units.push(unit),
      onJump: (ms) => jumps.push(ms),
    });
    const feed = (list: Buffer[], everyMs = options.everyMs ?? 33.333): void => {
      for (const framed of list) {
        track.packet(framed, 4, framed.length);
        if ((framed[5]! & 0x80) !== 0) clock.advance(everyMs);
      }
    };
    feed(packets);
    return { units, configs, jumps, track, feed, clock };
  }

  test('F26: pictures go on evenly over the wrap of RTP time', () => {
    const { units, jumps } = play(h264Stream({ pictures: 30, startTime: 2 ** 32 - 30_000 }).packets);
    expect(units.map((u) => u.pts90k)).toEqual(units.map((_, i) => i * 3000));
    expect([units.length, jumps]).toEqual([30, []]);
  });

  test('F27: a jump of the camera clock, either way, does not reach the pictures', () => {
    for (const jump of [40 * 90_000, -40 * 90_000]) {
      const first = h264Stream({ pictures: 20, startTime: 50 * 90_000 });
      const second = h264Stream({
        pictures: 20,
        firstPicture: 20,
        startSequence: first.nextSequence,
        startTime: first.nextTime + jump,
      });
      const { units, jumps } = play([...first.packets, ...second.packets]);
      const steps = units.slice(1).map((u, i) => u.dts90k - units[i]!.dts90k);
      expect(Math.max(...steps)).toBeLessThan(6100);
      expect(Math.min(...steps)).toBeGreaterThan(0);
      expect(jumps.map((ms) => Math.round(ms / 1000))).toEqual([jump / 90_000]);
    }
  });

  test('a real gap in time stays a gap', () => {
    const first = h264Stream({ pictures: 20 });
    const second = h264Stream({
      pictures: 20,
      firstPicture: 20,
      startSequence: first.nextSequence,
      startTime: first.nextTime + 20 * 90_000,
    });
    const { units, jumps, clock, feed } = play(first.packets);
    clock.advance(20_000);
    feed(second.packets);
    expect([units[20]!.pts90k - units[19]!.pts90k, jumps]).toEqual([20 * 90_000 + 3000, []]);
    expect(Math.abs(units[20]!.timeMs - units[19]!.timeMs - 20_033)).toBeLessThan(50);
  });

  test('a stall that ends in a burst is neither a jump nor a gap', () => {
    const first = h264Stream({ pictures: 30 });
    const rest = h264Stream({
      pictures: 200,
      firstPicture: 30,
      startSequence: first.nextSequence,
      startTime: first.nextTime,
    });
    const { units, jumps, clock, feed } = play(first.packets);
    clock.advance(6000);
    feed(rest.packets, 1);
    expect([units.at(-1)!.pts90k, jumps]).toEqual([(units.length - 1) * 3000, []]);
  });

  test('F31: a new resolution in the stream gives a new configuration before its keyframe, the same one does not', () => {
    const first = h264Stream({ pictures: 20 });
    const other = h264Stream({
      pictures: 20,
      firstPicture: 20,
      startSequence: first.nextSequence,
      startTime: first.nextTime,
    });
    const small = Buffer.from('67640016acb405017fcb3506060640000003004000000783c58ba8', 'hex');
    const large = Buffer.from('6764001facd9405005ba6a0c0c0c800000030080000019078c18cb', 'hex');
    expect(large.length).toBe(small.length);
    for (const packet of other.packets) {
      const at = packet.indexOf(small);
      if (at >= 0) large.copy(packet, at);
    }
    const { units, configs } = play([...first.packets, ...other.packets]);
    expect(configs).toEqual([
      { at: 0, width: 640 },
      { at: 20, width: 1280 },
    ]);
    expect(units[20]!.key).toBe(true);
  });

  test('nothing is delivered before the first keyframe, and without parameter sets in the description', () => {
    const { packets } = h264Stream({ pictures: 25, firstPicture: 5 });
    const { units, configs, track } = play(packets, { sdp: 'm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n' });
    expect([units[0]!.key, units[0]!.pts90k, configs.length, track.droppedUnits]).toEqual([true, 0, 1, 5]);
  });

  test('a lost packet marks pictures until the next keyframe and is counted', () => {
    const { packets } = h264Stream({ pictures: 30 });
    const { units, track } = play(packets.filter((_, i) => i !== 20));
    const damaged = units.map((u, i) => (u.damaged ? i : -1)).filter((i) => i >= 0);
    expect(track.rtp.lost).toBe(1);
    expect(damaged.length).toBeGreaterThan(0);
    expect(damaged.every((i) => i < units.findIndex((u, at) => u.key && at > damaged[0]!))).toBe(true);
  });
});
