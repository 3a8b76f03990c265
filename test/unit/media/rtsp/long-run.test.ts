/** Hours of a camera in seconds: picture and sound whose clocks run apart, from RTP packets to times. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { AudioTrack } from '#core/media/rtsp/audio-track.ts';
import { parseSdp } from '#core/media/rtsp/sdp.ts';
import { VideoTrack } from '#core/media/rtsp/video-track.ts';
import { rtpPacket, sampleSdp, slice } from '../../../support/rtsp-script-server.ts';

interface Run {
  hours: number;
  pictureMs: number;
  soundMs: number;
  /** By how much the sound's RTP clock runs fast, and the recorder's clock against the camera's: millionths. */
  soundPpm: number;
  hostPpm: number;
  reports: boolean;
}

/** The largest distance in ms of sound from picture, and of pictures from the recorder's clock, after the first minute. */
function play(run: Run): { apartMs: number; offMs: number; pictures: number; sounds: number; heldBytes: number } {
  const clock = new ManualClock();
  const startMs = clock.nowMs();
  const sdp = parseSdp(`${sampleSdp}m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`)!;
  const result = { apartMs: 0, offMs: 0, pictures: 0, sounds: 0, heldBytes: 0 };
  let cameraMs = 0;
  let firstPts = NaN;
  let soundMs = 0;
  const video = new VideoTrack(sdp.media[0]!.formats[0]!, 'h264', clock, {
    onVideoConfig: () => undefined,
    onJump: () => undefined,
    onVideo: (unit) => {
      result.pictures++;
      if (Number.isNaN(firstPts)) firstPts = unit.pts90k;
      if (cameraMs > 60_000) result.offMs = Math.max(result.offMs, Math.abs(unit.timeMs - clock.nowMs()));
    },
  });
  const audio = AudioTrack.open(sdp.media[1]!.formats[0]!, video.mediaClock, (unit) => {
    result.sounds++;
    const apart = Math.abs((unit.pts90k - firstPts) / 90 - soundMs);
    if (cameraMs > 60_000) result.apartMs = Math.max(result.apartMs, apart);
  })!;
  const soundRate = 8 * (1 + run.soundPpm / 1e6);
  const samples = run.soundMs * 8;
  const payload = Buffer.alloc(samples, 0xd5);
  const picture = slice(5, 40);
  const cameraEpochMs = Date.UTC(2001, 0, 1);
  const ticks = (value: number): number => Math.round(value) % 2 ** 32;
  let pictures = 0;
  let sounds = 0;
  let nextReportMs = 2_000;
  while (cameraMs < run.hours * 3_600_000) {
    const pictureDue = pictures * run.pictureMs;
    const soundDue = ((sounds + 1) * samples) / soundRate;
    cameraMs = Math.min(pictureDue, soundDue);
    // Neither stream comes early; both come up to 20 ms late.
    const arrivalMs = startMs + cameraMs * (1 + run.hostPpm / 1e6) + ((pictures * 7 + sounds * 3) % 20);
    clock.advance(Math.max(0, arrivalMs - clock.nowMs()));
    if (pictureDue <= soundDue) {
      const time = ticks(2 ** 32 - 90_000 + pictureDue * 90);
      const packet = rtpPacket({ sequence: pictures % 65_536, time, payload: picture, marker: true });
      video.packet(packet, 0, packet.length);
      pictures++;
    } else {
      soundMs = (sounds * samples) / soundRate;
      const time = ticks(5_000 + sounds * samples);
      const packet = rtpPacket({ sequence: sounds % 65_536, time, payload, payloadType: 0, ssrc: 77 });
      audio.packet(packet, 0, packet.length);
      sounds++;
    }
    if (run.reports && cameraMs >= nextReportMs) {
      nextReportMs += 5_000;
      const report = { ssrc: 1, ntpMs: cameraEpochMs + cameraMs, compactNtp: 0 };
      const instant = video.ptsOf({ ...report, rtpTime: ticks(2 ** 32 - 90_000 + cameraMs * 90) });
      if (instant !== null) audio.videoReport(report.ntpMs, instant);
      audio.report({ ...report, rtpTime: ticks(5_000 + cameraMs * soundRate) });
    }
    result.heldBytes = Math.max(result.heldBytes, video.heldBytes);
  }
  return result;
}

describe('hours of a camera', () => {
  test.each([50, -50])(
    'F35: sound whose clock is %i millionths off stays with the pictures for an hour, by the reports',
    (soundPpm) => {
      const result = play({ hours: 1, pictureMs: 200, soundMs: 40, soundPpm, hostPpm: 30, reports: true });
      expect(result.sounds).toBeGreaterThan(89_000);
      expect(result.apartMs).toBeLessThan(80);
    },
  );

  test.each([50, -50])('F35: and without reports, by arrival (%i millionths)', (soundPpm) => {
    const result = play({ hours: 1, pictureMs: 200, soundMs: 40, soundPpm, hostPpm: 30, reports: false });
    expect(result.apartMs).toBeLessThan(80);
  });

  test.each([200, -200])('F28, F26: 48 h of a camera %i millionths off keep to the time of the recorder', (hostPpm) => {
    const result = play({ hours: 48, pictureMs: 1_000, soundMs: 1_000, soundPpm: 50, hostPpm, reports: true });
    expect(result.pictures).toBeGreaterThan(172_700);
    expect(result.offMs).toBeLessThan(100);
    expect(result.apartMs).toBeLessThan(80);
    expect(result.heldBytes).toBeLessThan(100_000);
  });
});
