/**
 * The sound of one pull on the video's time line. Placed by arrival at first; once both tracks have a sender report,
 * by the camera's own account of which instants belong together. Corrections are spread, never stepped back.
 * Invariants: `pts90k` grows strictly; nothing comes before the first picture.
 */
import type { AudioConfig, AudioUnit } from '#core/domain/media.ts';
import { chooseAudio, type AudioDepacketiser } from './audio-depacketiser.ts';
import type { MediaClock } from './media-clock.ts';
import type { SenderReport } from './rtcp.ts';
import { RtpReceiver } from './rtp.ts';
import type { SdpFormat } from './sdp.ts';

const jumpTicks = 2 * 90_000;
const backwardJumpTicks = 0.5 * 90_000;
/** Of each frame's length: 50 ms per second, which nobody hears as a gap. */
const correctionRate = 0.05;
const windowTicks = 5 * 90_000;
/** A camera whose two reports disagree by more has broken ones. */
const maxCorrectionTicks = 3 * 90_000;
const maxReportDistanceMs = 60_000;

interface ReportedInstant {
  ntpMs: number;
  ticks: number;
}

export class AudioTrack {
  readonly rtp: RtpReceiver;
  readonly config: AudioConfig;
  /** Frames that came before the first picture. */
  skipped = 0;
  readonly #mediaClock: MediaClock;
  readonly #deliver: (unit: AudioUnit) => void;
  readonly #depacketiser: AudioDepacketiser;
  readonly #ticksPerUnit: number;
  #offset = NaN;
  #lastRaw = NaN;
  #lastPts = -1;
  #correction = 0;
  #video: ReportedInstant | null = null;
  #synchronised = false;
  #smallestLag = Infinity;
  #windowEnd = 0;

  private constructor(
    format: SdpFormat,
    depacketiser: AudioDepacketiser,
    mediaClock: MediaClock,
    deliver: (unit: AudioUnit) => void,
  ) {
    this.rtp = new RtpReceiver(format.payloadType);
    this.config = depacketiser.config;
    this.#depacketiser = depacketiser;
    this.#mediaClock = mediaClock;
    this.#deliver = deliver;
    this.#ticksPerUnit = 90_000 / depacketiser.clockRate;
  }

  /** Null when the format can't be recorded. */
  static open(format: SdpFormat, mediaClock: MediaClock, deliver: (unit: AudioUnit) => void): AudioTrack | null {
    let track: AudioTrack | null = null;
    const depacketiser = chooseAudio(format, (time, samples, data) => track?.frame(time, samples, data));
    if (depacketiser) track = new AudioTrack(format, depacketiser, mediaClock, deliver);
    return track;
  }

  packet(buffer: Buffer, start: number, end: number): void {
    const rtp = this.rtp;
    if (!rtp.read(buffer, start, end)) return;
    this.#depacketiser.packet(buffer, rtp.payloadStart, rtp.payloadEnd, rtp.time, rtp.marker, rtp.gap);
  }

  /** The video's sender report: an instant of the camera's clock and its `pts90k`. */
  videoReport(ntpMs: number, pts90k: number): void {
    this.#video = { ntpMs, ticks: pts90k };
  }

  /** The camera's time line jumped: what the reports said about it is void. */
  forgetReports(): void {
    this.#video = null;
    this.#synchronised = false;
  }

  report(report: SenderReport): void {
    const near = this.rtp.timestamps.near(report.rtpTime);
    if (report.ntpMs === null || near === null || this.#video === null || Number.isNaN(this.#offset)) return;
    const distanceMs = report.ntpMs - this.#video.ntpMs;
    if (Math.abs(distanceMs) > maxReportDistanceMs) return;
    const wanted = this.#video.ticks + distanceMs * 90 - near * this.#ticksPerUnit;
    const correction = wanted - this.#offset;
    if (Math.abs(correction) > maxCorrectionTicks) return;
    this.#correction = correction;
    this.#synchronised = true;
  }

  /** A frame from the depacketiser; not for others. */
  frame(time: number, samples: number, data: Buffer): void {
    if (!this.#mediaClock.anchored) {
      this.skipped++;
      return;
    }
    const raw = time * this.#ticksPerUnit;
    const length = (samples / this.config.sampleRate) * 90_000;
    const delta = raw - this.#lastRaw;
    const now = this.#mediaClock.ticksNow();
    const lag = now - (raw + this.#offset);
    if (!(delta > -backwardJumpTicks) || (delta > jumpTicks && lag < -jumpTicks)) {
      this.#offset = Math.max(now - length, this.#lastPts + length) - raw;
      this.#correction = 0;
      this.forgetReports();
      this.#smallestLag = Infinity;
      this.#windowEnd = now + windowTicks;
    } else {
      this.#adjust(lag, now, length);
    }
    this.#lastRaw = raw;
    const pts90k = Math.max(raw + this.#offset, this.#lastPts + 1);
    if (pts90k < 0) {
      this.skipped++;
      return;
    }
    this.#lastPts = pts90k;
    this.#deliver({ kind: 'audio', pts90k, timeMs: this.#mediaClock.timeOf(pts90k), samples, data });
  }

  #adjust(lag: number, now: number, length: number): void {
    const most = length * correctionRate;
    const step = Math.max(-most, Math.min(most, this.#correction));
    this.#offset += step;
    this.#correction -= step;
    this.#smallestLag = Math.min(this.#smallestLag, lag) - step;
    if (now < this.#windowEnd) return;
    // Without reports the smallest lag of arrivals is the best there is.
    if (!this.#synchronised) this.#correction = this.#smallestLag;
    this.#smallestLag = Infinity;
    this.#windowEnd = now + windowTicks;
  }
}
