import { describe, expect, test } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import type { Clip } from '#core/demo/clip.ts';
import { Playout } from '#core/demo/playout.ts';
import { frameStamp, RtpTrack, splitLengthPrefixed } from '#core/demo/rtp-track.ts';
import { sceneAt, slotS } from '#core/demo/schedule.ts';
import { ulawFromFloat } from '#core/demo/sound.ts';
import { frameStamps } from '../../support/frame-stamps.ts';

const track = (): RtpTrack =>
  new RtpTrack({ clockRate: 90_000, payloadType: 96, channel: 0, firstTimestamp: 2 ** 32 - 6_000 });

interface Packet {
  marker: boolean;
  sequence: number;
  timestamp: number;
  payload: Buffer;
}
const open = (packet: Buffer): Packet => ({
  marker: (packet[5]! & 0x80) !== 0,
  sequence: packet.readUInt16BE(6),
  timestamp: packet.readUInt32BE(8),
  payload: packet.subarray(16),
});

describe('RTP of the virtual camera', () => {
  test('a large NAL unit comes back whole from its fragments, only the last of which ends the picture', () => {
    const nal = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i === 0 ? 0x65 : i % 251)));
    const packets = track().video([nal], 0).map(open);
    expect(packets.map((packet) => packet.marker)).toEqual([false, false, false, true]);
    expect(packets.every((packet) => packet.payload.length <= 1_400)).toBe(true);
    const whole = Buffer.concat([
      Buffer.from([(packets[0]!.payload[0]! & 0xe0) | (packets[0]!.payload[1]! & 31)]),
      ...packets.map((packet) => packet.payload.subarray(2)),
    ]);
    expect(whole.equals(nal)).toBe(true);
  });

  test('parameter sets and the stamp travel in one packet before the picture', () => {
    const sets = [Buffer.from([0x67, 1, 2]), Buffer.from([0x68, 3])];
    const packets = track()
      .video([...sets, frameStamp(7, 466.667), Buffer.from([0x65, 9])], 0)
      .map(open);
    expect(packets).toHaveLength(2);
    expect(packets[0]!.payload[0]! & 31).toBe(24);
    expect(frameStamps(packets[0]!.payload)).toEqual([{ frame: 7, timeMs: 466.667 }]);
    expect(packets.map((packet) => packet.marker)).toEqual([false, true]);
  });

  test('F26: timestamps wrap at 2^32 and sequence numbers at 2^16', () => {
    const wrapping = track();
    wrapping.sequence = 65_535;
    const packets = [0, 6_000, 12_000].flatMap((ticks) => wrapping.video([Buffer.from([0x41, 1])], ticks)).map(open);
    expect(packets.map((packet) => packet.timestamp)).toEqual([2 ** 32 - 6_000, 0, 6_000]);
    expect(packets.map((packet) => packet.sequence)).toEqual([65_535, 0, 1]);
  });

  test('a sender report ties media time to wall time', () => {
    const report = track()
      .senderReport(9_000, Date.UTC(2026, 0, 1, 0, 0, 0, 500))
      .subarray(4);
    expect(report.readUInt32BE(8) - 2_208_988_800).toBe(Date.UTC(2026, 0, 1) / 1000);
    expect(report.readUInt32BE(12)).toBe(2 ** 31);
    expect(report.readUInt32BE(16)).toBe(3_000);
    // Both parts say their length in words less one: 28 and 16 bytes.
    expect([report.readUInt16BE(2), report.readUInt16BE(30), report.length]).toEqual([6, 3, 44]);
  });

  test('u-law: silence is 0xff, full scale is 0x80 and 0x00', () => {
    expect([...ulawFromFloat(Float32Array.of(0, 1, -1))]).toEqual([0xff, 0x80, 0x00]);
  });
});

describe('what is on air', () => {
  const clip = (mark: number): Clip => ({
    width: 16,
    height: 16,
    fps: 15,
    parameterSets: [],
    aac: null,
    pcmu: null,
    sightings: [],
    pictures: Array.from({ length: 30 }, (_, i) => ({ key: i === 0, data: Buffer.from([0, 0, 0, 2, mark, i]) })),
  });

  test('picture k of the world is picture k mod N, whenever one starts to look', () => {
    const clock = new ManualClock();
    const playout = new Playout([{ name: 'a', main: clip(1), sub: clip(2) }], () => 'a', clock);
    clock.advance(12_345);
    const later = new Playout([{ name: 'a', main: clip(1), sub: clip(2) }], () => 'a', clock);
    const frame = playout.frameNow();
    expect(later.frameNow()).toBe(frame);
    expect(frame).toBe(Math.floor((clock.nowMs() / 1000) * 15));
    expect(playout.picture(frame, 'sub').nals[0]).toEqual(Buffer.from([2, frame % 30]));
  });

  test('F29: the host clock set back does not take pictures back', () => {
    const clock = new ManualClock();
    const playout = new Playout([{ name: 'a', main: clip(1), sub: clip(2) }], () => 'a', clock);
    const before = playout.frameNow();
    clock.step(clock.nowMs() - 5_400_000);
    clock.advance(1_000);
    expect(playout.frameNow() - before).toBe(15);
  });

  test('a scene that is not made yet is played as the first one', () => {
    const clock = new ManualClock();
    const playout = new Playout([{ name: 'a', main: clip(1), sub: clip(2) }], () => 'b', clock);
    expect(playout.picture(30, 'main').nals[0]?.[0]).toBe(1);
    playout.setClips([
      { name: 'a', main: clip(1), sub: clip(2) },
      { name: 'b', main: clip(3), sub: clip(4) },
    ]);
    expect(playout.picture(30, 'main').nals[0]?.[0]).toBe(3);
  });

  test('length prefixes are read to the end and not beyond', () => {
    expect(splitLengthPrefixed(Buffer.from([0, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9]))).toEqual([
      Buffer.from([7]),
      Buffer.from([8, 9]),
    ]);
  });
});

describe('the schedule', () => {
  const midnight = new Date(2026, 5, 15).getTime();
  const day = (pace: 'past' | 'live'): { name: string; hour: number }[] =>
    Array.from({ length: 86_400 / slotS }, (_, i) => {
      const startMs = midnight + i * slotS * 1000;
      return { name: sceneAt(startMs / (slotS * 1000), startMs, pace), hour: i / (3_600 / slotS) };
    });

  test('day scenes play between 7 and 19 o’clock local time, night scenes else', () => {
    for (const { name, hour } of [...day('past'), ...day('live')]) {
      expect(name.startsWith('day')).toBe(hour >= 7 && hour < 19);
    }
  });

  test('the past is mostly quiet and every scene occurs in it; live, something comes by each minute', () => {
    const past = day('past');
    const busy = past.filter(({ name }) => !name.endsWith('quiet')).length;
    expect(busy).toBeGreaterThan(40);
    expect(busy).toBeLessThan(200);
    expect(new Set(past.map(({ name }) => name)).size).toBe(9);
    const live = day('live');
    for (let i = 0; i + 3 <= live.length; i += 3) {
      expect(live.slice(i, i + 3).filter(({ name }) => !name.endsWith('quiet')).length).toBeGreaterThanOrEqual(1);
    }
  });
});
