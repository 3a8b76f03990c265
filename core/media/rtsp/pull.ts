/**
 * One attempt to pull one stream: from the address to `MediaUnit`s, until it ends. Trying again is the caller's.
 * Invariants: the sink hears `onEnd` exactly once and last, unless `stop` was called first, after which it hears
 * nothing; nothing a camera sends makes anything throw out of here.
 */
import { randomInt } from 'node:crypto';
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { AudioConfig, MediaUnit, Pull, PullSink, PullStats, PullTarget, VideoConfig } from '#core/domain/media.ts';
import { AudioTrack } from './audio-track.ts';
import { failure } from './camera-failure.ts';
import type { Chosen } from './choose-tracks.ts';
import type { BatchMember, ReadBatcher } from './read-batcher.ts';
import { findSenderReport, receiverReport, type SenderReport } from './rtcp.ts';
import type { RtpReceiver } from './rtp.ts';
import { firstSequence } from './rtsp-message.ts';
import { RtspSession } from './rtsp-session.ts';
import type { SlabPool } from './slab-pool.ts';
import { VideoTrack, type VideoSink } from './video-track.ts';

export interface PullTimeouts {
  /** Until the TCP (and TLS) connection stands. */
  connectMs: number;
  /** For each answer. */
  responseMs: number;
  /** Without a video packet. */
  silentMs: number;
  /** For the answer to TEARDOWN. */
  teardownMs: number;
}

export interface PullEnvironment {
  clock: Clock;
  batcher: ReadBatcher;
  /** The sink's word that it holds what it keeps (MediaMemory): pictures' memory is then used again. */
  pool?: SlabPool;
  log?: (message: string, detail: Record<string, unknown>) => void;
  timeouts?: Partial<PullTimeouts>;
}

const defaultTimeouts: PullTimeouts = { connectMs: 5_000, responseMs: 8_000, silentMs: 10_000, teardownMs: 500 };
const reportIntervalMs = 5_000;
/** Read at once at first: the first picture comes sooner, and wall time is anchored without the batch's delay. */
const batchAfterMs = 3_000;

/** Starts at once; the first call to the sink comes after this has returned. */
export function startRtspPull(target: PullTarget, sink: PullSink, env: PullEnvironment): Pull {
  return new RtspPull(target, sink, env);
}

class RtspPull implements Pull, BatchMember {
  readonly #target: PullTarget;
  readonly #sink: PullSink;
  readonly #env: PullEnvironment;
  readonly #timeouts: PullTimeouts;
  readonly #ownSsrc = randomInt(2 ** 32);
  #session: RtspSession | null = null;
  #video: VideoTrack | null = null;
  #audio: AudioTrack | null = null;
  #videoChannel = -1;
  #audioChannel = -1;
  #videoConfig: VideoConfig | null = null;
  #immediate = false;
  #streaming = false;
  #batching = false;
  #napping = false;
  #ended = false;
  #playedAt = 0;
  #lastVideoAt = 0;
  /** Since the last tick: asking for the time at each packet would cost more than reading it. */
  #heardVideo = false;
  #lastKeepAliveAt = 0;
  #lastReportAt = 0;
  #senderReport: { report: SenderReport; at: number } | null = null;
  #cameraClockOffsetMs: number | null = null;

  constructor(target: PullTarget, sink: PullSink, env: PullEnvironment) {
    this.#target = target;
    this.#sink = sink;
    this.#env = env;
    this.#timeouts = { ...defaultTimeouts, ...env.timeouts };
    queueMicrotask(() => {
      this.#run().catch((error: unknown) => {
        this.#end(error);
      });
    });
  }

  setImmediate(immediate: boolean): void {
    this.#immediate = immediate;
    if (!this.#batching || this.#ended) return;
    this.#env.batcher.stayAwake(this, immediate);
    this.#pauseReads();
  }

  async stop(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#env.batcher.remove(this);
    const session = this.#session;
    if (!session) return;
    session.connection.socket.setBatched(false);
    const timer = setTimeout(() => {
      session.connection.fail(new Error('Stopped.'));
    }, this.#timeouts.teardownMs);
    try {
      await session.teardown();
    } catch (error) {
      // The session is over either way; the camera forgets it by itself.
      this.#log('The camera did not answer the farewell', { error: String(error) });
    }
    clearTimeout(timer);
    session.connection.fail(new Error('Stopped.'));
  }

  stats(): PullStats {
    const video = this.#video;
    const audio = this.#audio;
    return {
      bytes: this.#session?.connection.socket.bytesRead ?? 0,
      packets: (video?.rtp.packets ?? 0) + (audio?.rtp.packets ?? 0),
      lostPackets: (video?.rtp.lost ?? 0) + (audio?.rtp.lost ?? 0),
      resyncs: this.#session?.connection.resyncs ?? 0,
      droppedUnits: video?.droppedUnits ?? 0,
      cameraClockOffsetMs: this.#cameraClockOffsetMs,
    };
  }

  setNapping(napping: boolean): void {
    this.#napping = napping;
    this.#pauseReads();
  }

  resume(): void {
    if (!this.#immediate) this.#session?.connection.socket.resume();
  }

  tick(): void {
    const now = this.#env.clock.monoMs();
    const session = this.#session;
    if (!session || this.#ended) return;
    if (!this.#batching && now - this.#playedAt > batchAfterMs) {
      this.#batching = true;
      if (!this.#immediate) this.#env.batcher.stayAwake(this, false);
      this.#pauseReads();
    }
    if (this.#heardVideo) {
      this.#heardVideo = false;
      this.#lastVideoAt = now;
    }
    if (now - this.#lastVideoAt > this.#timeouts.silentMs) {
      this.#end(this.#silence(session));
      return;
    }
    if (now - this.#lastKeepAliveAt >= session.keepAliveMs) {
      this.#lastKeepAliveAt = now;
      session.keepAlive();
    }
    if (now - this.#lastReportAt >= reportIntervalMs) {
      this.#lastReportAt = now;
      if (this.#video) this.#sendReport(session, this.#videoChannel, this.#video.rtp, now);
      if (this.#audio) this.#sendReport(session, this.#audioChannel, this.#audio.rtp, now);
    }
  }

  #pauseReads(): void {
    if (this.#batching && !this.#ended) this.#session?.connection.socket.setBatched(!this.#immediate && !this.#napping);
  }

  async #run(): Promise<void> {
    if (this.#over()) return;
    this.#env.batcher.stayAwake(this, true);
    const session = new RtspSession(this.#target, this.#timeouts, {
      onPacket: (channel, buffer, start, end) => {
        this.#packet(channel, buffer, start, end);
      },
      onResync: () => {
        this.#video?.rtp.markGap();
        this.#audio?.rtp.markGap();
      },
      onClose: (error) => {
        if (this.#streaming) this.#end(error);
      },
    });
    this.#session = session;
    const chosen = await session.describe();
    await this.#openTracks(session, chosen);
    this.#lastVideoAt = this.#env.clock.monoMs();
    await session.play((rtpInfo) => {
      this.#video?.rtp.expectSequence(firstSequence(rtpInfo, chosen.video.control));
    });
    if (this.#over()) return;
    const now = this.#env.clock.monoMs();
    this.#playedAt = now;
    this.#lastVideoAt = Math.max(this.#lastVideoAt, now);
    this.#lastKeepAliveAt = now;
    this.#lastReportAt = now;
    if (session.connection.closed)
      throw failure(session.place, 'camera_closed', 'closed the connection when it should have played.');
    this.#streaming = true;
    this.#env.batcher.add(this);
  }

  async #openTracks(session: RtspSession, chosen: Chosen): Promise<void> {
    const { codec, format, control } = chosen.video;
    const clock = this.#env.clock;
    const pictures: VideoSink = {
      onVideoConfig: (config) => {
        this.#videoConfig = config;
        this.#config(config, this.#audio?.config ?? null);
      },
      onVideo: (unit) => {
        this.#unit(unit);
      },
      onJump: (jumpMs) => {
        this.#audio?.forgetReports();
        this.#log("The camera's timestamps jumped", { jumpMs: Math.round(jumpMs) });
      },
    };
    const video = new VideoTrack(format, codec, clock, pictures, this.#env.pool);
    const transport = await session.setup(control, 0);
    this.#videoChannel = transport.channel;
    video.rtp.expectSource(transport.ssrc);
    this.#video = video;
    if (!this.#target.audio) return;
    for (const sound of chosen.audio) {
      const audio = AudioTrack.open(sound.format, video.mediaClock, (unit) => {
        this.#unit(unit);
      });
      if (!audio) {
        this.#log('Sound in this format is left out', { encoding: sound.format.encoding });
        continue;
      }
      try {
        const answer = await session.setup(sound.control, this.#videoChannel === 2 ? 4 : 2);
        this.#audioChannel = answer.channel;
        audio.rtp.expectSource(answer.ssrc);
        this.#audio = audio;
      } catch (error) {
        // Never lose the picture for the sound; a broken connection shows at PLAY.
        this.#log('The camera offers sound but does not give it', { error: String(error) });
      }
      return;
    }
  }

  /** A call, so that it is asked anew after each wait. */
  #over(): boolean {
    return this.#ended;
  }

  #packet(channel: number, buffer: Buffer, start: number, end: number): void {
    if (this.#ended) return;
    if (channel === this.#videoChannel) {
      if (this.#video?.packet(buffer, start, end)) this.#heardVideo = true;
    } else if (channel === this.#audioChannel) this.#audio?.packet(buffer, start, end);
    else if (channel === this.#videoChannel + 1) this.#videoReport(buffer, start, end);
    else if (channel === this.#audioChannel + 1) {
      const report = findSenderReport(buffer, start, end);
      if (report) this.#audio?.report(report);
    }
    // Any other channel is what a dead session left in the pipe.
  }

  #videoReport(buffer: Buffer, start: number, end: number): void {
    const report = findSenderReport(buffer, start, end);
    if (!report || !this.#video) return;
    this.#senderReport = { report, at: this.#env.clock.monoMs() };
    const pts90k = this.#video.ptsOf(report);
    if (report.ntpMs === null || pts90k === null) return;
    this.#cameraClockOffsetMs = report.ntpMs - this.#video.mediaClock.timeOf(pts90k);
    this.#audio?.videoReport(report.ntpMs, pts90k);
  }

  #sendReport(session: RtspSession, channel: number, rtp: RtpReceiver, now: number): void {
    if (rtp.ssrc === null) return;
    const last = rtp === this.#video?.rtp ? this.#senderReport : null;
    const report = receiverReport(channel + 1, {
      ownSsrc: this.#ownSsrc,
      sourceSsrc: rtp.ssrc,
      lostPackets: rtp.lost,
      extendedSequence: rtp.extendedSequence,
      lastCompactNtp: last?.report.compactNtp ?? 0,
      msSinceReport: last ? now - last.at : 0,
    });
    session.connection.socket.write(report);
  }

  #silence(session: RtspSession): HubError {
    const seconds = Math.round(this.#timeouts.silentMs / 1000);
    return failure(
      session.place,
      'camera_silent',
      this.#lastVideoAt > this.#playedAt
        ? `stopped sending pictures ${seconds} s ago, though the connection stands. Porchlight will connect again; if this repeats, restart the camera.`
        : `agreed to play but has sent no picture for ${seconds} s. Restart the camera, or check that this stream is switched on.`,
    );
  }

  #config(video: VideoConfig, audio: AudioConfig | null): void {
    if (!this.#ended) this.#sink.onConfig({ video, audio });
  }

  #unit(unit: MediaUnit): void {
    if (!this.#ended && this.#videoConfig !== null) this.#sink.onUnit(unit);
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#env.batcher.remove(this);
    this.#session?.connection.fail(new Error('The pull ended.'));
    const known = error instanceof HubError;
    if (!known || error.code === 'internal') this.#log('A pull ended by a fault', { error: faultText(error) });
    this.#sink.onEnd(
      known
        ? { code: error.code, message: error.message }
        : {
            code: 'internal',
            message: `Camera '${this.#target.cameraName}' could not be read because of a fault in Porchlight. It will connect again.`,
          },
    );
  }

  #log(message: string, detail: Record<string, unknown>): void {
    this.#env.log?.(message, { camera: this.#target.cameraName, ...detail });
  }
}

function faultText(error: unknown): string {
  const cause = error instanceof HubError ? error.cause : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
