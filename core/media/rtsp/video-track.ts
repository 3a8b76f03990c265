/**
 * The video of one pull: packets in, `VideoUnit`s out, with configuration, decoding order and wall time.
 * Invariants: nothing before the first keyframe with complete parameter sets; `dts90k` and `timeMs` grow strictly;
 * a jump of the camera's timestamps does not reach `pts90k`, which goes on by the time that passed here.
 */
import type { Clock } from '#core/base/clock.ts';
import type { VideoConfig, VideoUnit } from '#core/domain/media.ts';
import { DecodeOrder } from './decode-order.ts';
import { depacketiseH264, h264Rules } from './h264-depacketiser.ts';
import { depacketiseH265, h265Rules } from './h265-depacketiser.ts';
import { MediaClock, resyncMs } from './media-clock.ts';
import { PictureAssembler, type Picture, type PictureSink } from './picture-assembler.ts';
import type { SenderReport } from './rtcp.ts';
import { RtpReceiver } from './rtp.ts';
import type { SdpFormat } from './sdp.ts';
import type { SlabPool } from './slab-pool.ts';
import { spropSets, VideoParameters } from './video-parameters.ts';

/** Further back than B pictures reach. */
const backwardJumpTicks = 90_000;

export interface VideoSink {
  onVideoConfig(config: VideoConfig): void;
  onVideo(unit: VideoUnit): void;
  /** The camera's timestamps jumped by about this much more than time passed. */
  onJump(jumpMs: number): void;
}

export class VideoTrack {
  readonly rtp: RtpReceiver;
  readonly mediaClock: MediaClock;
  /** Pictures that came before the first usable keyframe. */
  skipped = 0;
  readonly #clock: Clock;
  readonly #sink: VideoSink;
  readonly #parameters: VideoParameters;
  readonly #assembler: PictureAssembler;
  readonly #depacketise: typeof depacketiseH264;
  readonly #order = new DecodeOrder();
  readonly #ticksPerUnit: number;
  #configured = false;
  /** Added to scaled RTP time to get `pts90k`. */
  #offset = NaN;
  #lastRaw = NaN;
  #lastPts = 0;
  #lastMono = 0;
  #lastTimeMs = -Infinity;

  constructor(format: SdpFormat, codec: 'h264' | 'h265', clock: Clock, sink: VideoSink, pool?: SlabPool) {
    this.rtp = new RtpReceiver(format.payloadType);
    this.mediaClock = new MediaClock(clock);
    this.#clock = clock;
    this.#sink = sink;
    this.#ticksPerUnit = 90_000 / format.clockRate;
    this.#parameters = new VideoParameters(codec);
    for (const nal of spropSets(format.parameters)) this.#parameters.add(nal);
    this.#depacketise = codec === 'h264' ? depacketiseH264 : depacketiseH265;
    const pictures: PictureSink = {
      onParameterSet: (nal) => this.#parameters.add(nal),
      onPicture: (picture) => {
        this.#picture(picture);
      },
    };
    this.#assembler = new PictureAssembler(codec === 'h264' ? h264Rules : h265Rules, pictures, pool);
  }

  get droppedUnits(): number {
    return this.#assembler.dropped + this.skipped;
  }

  get heldBytes(): number {
    return this.#assembler.heldBytes;
  }

  /** One RTP packet. Returns false when it is not one of this track's. */
  packet(buffer: Buffer, start: number, end: number): boolean {
    const rtp = this.rtp;
    if (!rtp.read(buffer, start, end)) return false;
    this.#depacketise(this.#assembler, buffer, rtp.payloadStart, rtp.payloadEnd, rtp.time, rtp.marker, rtp.gap);
    return true;
  }

  /** `pts90k` of the instant a sender report speaks of; null before the first picture. */
  ptsOf(report: SenderReport): number | null {
    const near = this.rtp.timestamps.near(report.rtpTime);
    return near === null || Number.isNaN(this.#offset) ? null : near * this.#ticksPerUnit + this.#offset;
  }

  #picture(picture: Picture): void {
    if (picture.key && (this.#parameters.changed || !this.#configured)) this.#configure();
    if (!this.#configured || (Number.isNaN(this.#offset) && !picture.key)) {
      this.skipped++;
      return;
    }
    const raw = picture.time * this.#ticksPerUnit;
    this.#follow(raw);
    const pts90k = raw + this.#offset;
    const dts90k = this.#order.next(pts90k);
    this.#lastRaw = raw;
    this.#lastPts = pts90k;
    this.#lastMono = this.#clock.monoMs();
    const resyncs = this.mediaClock.resyncs;
    const at = this.mediaClock.arrived(dts90k);
    const stepped = this.mediaClock.resyncs !== resyncs;
    const timeMs = stepped ? at : Math.max(at, this.#lastTimeMs + 0.01);
    this.#lastTimeMs = timeMs;
    const { key, damaged, data, memory } = picture;
    const unit: VideoUnit = { kind: 'video', pts90k, dts90k, timeMs, key, data, damaged };
    if (memory) unit.memory = memory;
    this.#sink.onVideo(unit);
  }

  #configure(): void {
    const config = this.#parameters.build();
    if (!config) return;
    const sps = this.#parameters.sps;
    this.#order.declare(sps?.reorderDepth ?? null, sps?.fps ?? null);
    this.#configured = true;
    this.#sink.onVideoConfig(config);
  }

  /** Keeps the offset such that media time follows the camera while that is believable, and time passed here otherwise. */
  #follow(raw: number): void {
    if (Number.isNaN(this.#offset)) {
      // The first decoding time is 0, so that no time is negative.
      this.#offset = this.#order.lead - raw;
      return;
    }
    const delta = raw - this.#lastRaw;
    const backward = delta < -backwardJumpTicks;
    // Ahead of time: a gap in the pictures alone brings media that is on time.
    const aheadMs = this.mediaClock.monoOf(raw + this.#offset) - this.#clock.monoMs();
    const forward = delta > resyncMs * 90 && aheadMs > resyncMs;
    if (!backward && !forward) return;
    const passed = Math.max(1, (this.#clock.monoMs() - this.#lastMono) * 90);
    this.#offset = this.#lastPts + passed - raw;
    this.#order.reset();
    this.mediaClock.restartWindow();
    this.#sink.onJump((delta - passed) / 90);
  }
}
