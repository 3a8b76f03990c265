import { expect, test } from 'vitest';
import { ManualClock } from '../../../../core/base/clock.ts';
import type { VideoUnit } from '../../../../core/domain/media.ts';
import { AudioTrack } from '../../../../core/media/rtsp/audio-track.ts';
import { depacketiseH264, h264Rules } from '../../../../core/media/rtsp/h264-depacketiser.ts';
import { depacketiseH265, h265Rules } from '../../../../core/media/rtsp/h265-depacketiser.ts';
import { InterleavedParser } from '../../../../core/media/rtsp/interleaved-parser.ts';
import { PictureAssembler, type Picture } from '../../../../core/media/rtsp/picture-assembler.ts';
import { parseMessage } from '../../../../core/media/rtsp/rtsp-message.ts';
import { findSenderReport } from '../../../../core/media/rtsp/rtcp.ts';
import { parseSdp } from '../../../../core/media/rtsp/sdp.ts';
import { VideoParameters } from '../../../../core/media/rtsp/video-parameters.ts';
import { VideoTrack } from '../../../../core/media/rtsp/video-track.ts';
import { h264Stream, interleaved, pictureNumber, rtpPacket, sampleSdp } from '../../../support/rtsp-script-server.ts';

const runs = 500;

/** Everything that sees a camera's bytes once it plays, wired as the pull wires it. */
function receiver(clock: ManualClock) {
  const units: VideoUnit[] = [];
  const sdp = parseSdp(
    `${sampleSdp}m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000/1\na=fmtp:97 mode=AAC-hbr;config=1408;sizelength=13;indexlength=3\n`,
  )!;
  const video = new VideoTrack(sdp.media[0]!.formats[0]!, 'h264', clock, {
    onVideoConfig: () => undefined,
    onVideo: (unit) => units.push(unit),
    onJump: () => undefined,
  });
  const audio = AudioTrack.open(sdp.media[1]!.formats[0]!, video.mediaClock, () => undefined)!;
  const parser = new InterleavedParser({
    onPacket: (channel, buffer, start, end) => {
      if (channel === 0) video.packet(buffer, start, end);
      else if (channel === 2) audio.packet(buffer, start, end);
      else findSenderReport(buffer, start, end);
    },
    onMessage: (head, body) => parseMessage(head, body),
    onResync: () => {
      video.rtp.markGap();
      audio.rtp.markGap();
    },
  });
  return { units, video, parser };
}

test(
  `F47: ${runs} mutated streams: nothing throws, memory stays bounded, decoding times grow, a clean keyframe follows`,
  { timeout: 60_000 },
  () => {
    let state = 2026;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * below);
    };
    const source = h264Stream({ pictures: 20, bytes: 1500 });
    const sound = Array.from({ length: 20 }, (_, i) =>
      interleaved(
        2,
        rtpPacket({ sequence: i, time: i * 1024, payload: Buffer.from('00100018aabbcc', 'hex'), payloadType: 97 }),
      ),
    );
    const clean = Buffer.concat(
      source.packets.flatMap((packet, i) => (i % 4 === 0 ? [packet, sound[(i / 4) % 20]!] : [packet])),
    );
    const reused = Buffer.alloc(131_072);

    for (let run = 0; run < runs; run++) {
      const clock = new ManualClock();
      const { units, video, parser } = receiver(clock);
      const feed = (data: Buffer, step: number): void => {
        for (let at = 0; at < data.length; at += step) {
          clock.advance(1);
          parser.feed(reused, data.copy(reused, 0, at, Math.min(data.length, at + step)));
          expect(parser.heldBytes).toBeLessThan(300_000);
          expect(video.heldBytes).toBeLessThan(9_000_000);
        }
      };
      let mutated = Buffer.from(clean);
      const kind = run % 5;
      if (kind < 3)
        for (let i = 0; i < 1 + random([3, 60, 2000][kind]!); i++) mutated[random(mutated.length)] = random(256);
      else if (kind === 3) {
        // Bytes missing, as from a camera whose send buffer ran over.
        const from = random(mutated.length - 3000);
        mutated = Buffer.concat([mutated.subarray(0, from), mutated.subarray(from + 1 + random(3000))]);
      } else {
        const from = random(mutated.length);
        mutated = Buffer.concat([
          mutated.subarray(0, from),
          Buffer.alloc(random(5000), random(256)),
          mutated.subarray(from),
        ]);
      }
      feed(mutated, 1 + random(4000));

      // The camera goes on. Whatever was believed, at most 64 KiB are lost before framing stands again.
      const after = h264Stream({
        pictures: 80,
        firstPicture: 20,
        bytes: 1500,
        startSequence: source.nextSequence,
        startTime: source.nextTime,
      });
      feed(Buffer.concat(after.packets), 1448);
      const last = units.at(-1)!;
      expect(
        units.some((u) => u.key && !u.damaged && pictureNumber(u.data) === 90),
        `run ${run}: clean keyframe`,
      ).toBe(true);
      expect([pictureNumber(last.data) >= 98, last.damaged], `run ${run}: recovered`).toEqual([true, false]);
      for (let i = 1; i < units.length; i++) {
        if (units[i]!.dts90k <= units[i - 1]!.dts90k)
          throw new Error(`run ${run}: decoding time went back at unit ${i}`);
        if (!Number.isFinite(units[i]!.timeMs) || !Number.isFinite(units[i]!.pts90k))
          throw new Error(`run ${run}: no time`);
      }
    }
  },
);

test('F47: random payloads do no harm to any depacketiser, and a clean keyframe follows', () => {
  let state = 77;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  for (const codec of ['h264', 'h265'] as const) {
    const pictures: Picture[] = [];
    const assembler = new PictureAssembler(codec === 'h264' ? h264Rules : h265Rules, {
      onPicture: (picture) => pictures.push(picture),
      onParameterSet: (nal) => new VideoParameters(codec).add(nal),
    });
    const depacketise = codec === 'h264' ? depacketiseH264 : depacketiseH265;
    const interesting =
      codec === 'h264' ? [0x1c, 0x7c, 0x18, 0x67, 0x68, 0x65, 0x61] : [0x60, 0x62, 0x40, 0x42, 0x44, 0x26, 0x02];
    const buffer = Buffer.alloc(1500);
    for (let i = 0; i < 20_000; i++) {
      const length = random(random(10) === 0 ? 1500 : 40);
      for (let at = 0; at < length; at++) buffer[at] = random(256);
      if (random(2) === 0) buffer[0] = interesting[random(interesting.length)]!;
      depacketise(assembler, buffer, 0, length, Math.floor(i / 5), random(4) === 0, random(20) === 0);
      expect(assembler.heldBytes).toBeLessThan(9_000_000);
    }
    const key = Buffer.from(codec === 'h264' ? '65888000aabbcc' : '2601af00aabbcc', 'hex');
    for (const time of [1e6, 2e6]) depacketise(assembler, key, 0, key.length, time, true, false);
    depacketise(assembler, key, 0, key.length, 3e6, true, false);
    const last = pictures.at(-1)!;
    expect([last.key, last.damaged, last.data.subarray(-key.length).equals(key)]).toEqual([true, false, true]);
  }
});
