/**
 * Plays a camera's past into one video element with hls.js, in wall time: callers say and hear UTC milliseconds only. Holds one
 * playlist window at a time; a seek inside it never loads a playlist again. No React.
 *
 * Measuring: every seek adds the performance measure `porchlight:seek`, from the call to the picture on screen. It is cleared
 * at once, so read it with a PerformanceObserver.
 */
import type Hls from 'hls.js';
import type { ErrorData, HlsConfig } from 'hls.js';
import { api } from '../../client/api.ts';
import { loadHls, type HlsClass } from '../../ui/hls.ts';
import {
  coverOf,
  mediaOf,
  pieceAt,
  piecesOf,
  snapped,
  wallOf,
  windowAround,
  type MediaPlace,
  type Piece,
  type Window,
} from './media-map.ts';

export interface RecordedState {
  /** A seek has not shown its picture yet. */
  seeking: boolean;
  playing: boolean;
  /** A sentence for the person, or null. */
  problem: string | null;
}

export interface RecordedPlayerInit {
  cameraId: string;
  video: HTMLVideoElement;
  onState: (state: RecordedState) => void;
  /** The moment of the picture on screen. */
  onTime: (wallMs: number) => void;
  /** Playback came to the end of what is recorded. */
  onEnd: () => void;
}

export const speeds = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
export type Speed = (typeof speeds)[number];
/** Above this pictures are stepped over by seeking: decoding them all would need more than a home machine has. */
const fastestPlayed = 4;
const stepEveryMs = 200;

const config: Partial<HlsConfig> = {
  // The stream is fragmented MP4 already: a worker would only copy it twice, and the page's CSP has no blob workers.
  enableWorker: false,
  autoStartLoad: false,
  lowLatencyMode: false,
  testBandwidth: false,
  startFragPrefetch: true,
  progressive: false,
  maxBufferLength: 20,
  maxBufferSize: 40_000_000,
  backBufferLength: 30,
  maxBufferHole: 0.3,
  nudgeMaxRetry: 8,
  highBufferWatchdogPeriod: 1,
};
/**
 * Chromium now and then takes what is buffered after a moment (seen up to 3.4 s) for that moment, if that itself is not buffered:
 * a seek then shows that later keyframe, and no other picture until playback gets there. So what lies that near is let go of before.
 */
const mistakenAheadS = 5;
const letGoAheadS = 8;
/** The browser's time for letting go; the seek does not wait longer. */
const letGoMs = 100;
/** A browser that has finished a seek shows its picture at once. If not, that piece is loaded again. */
const pictureOverdueMs = 300;
const bufferAheadS = 30;
/** Until the browser has finished a seek: what is fetched and parsed beyond it takes time from decoding it. */
const bufferAheadWhileSeekingS = 0.3;

export class RecordedPlayer {
  private readonly init: RecordedPlayerInit;
  private hls: Hls | null = null;
  private window: Window | null = null;
  private wantedMs = 0;
  private slackMs = 0;
  private seekStartedAt = 0;
  private seeking = false;
  /** The video element has finished the seek: the next picture is the wanted one, however far its time is off. */
  private arrived = false;
  private overdueTimer: number | undefined;
  private soughtAgain = false;
  /** Takes a stretch out of the buffer, media seconds; `onLetGo` is told. It is loaded again when it is needed. */
  private letGo: (fromS: number, toS: number) => void = () => undefined;
  private onLetGo: (() => void) | null = null;
  private moveTimer: number | undefined;
  private playing = false;
  private problem: string | null = null;
  private speed: Speed = 1;
  private stepTimer: number | undefined;
  private frameCallback = 0;
  private shownMediaS = 0;
  private frameS = 1 / 15;
  private closed = false;

  constructor(init: RecordedPlayerInit) {
    this.init = init;
    const { video } = init;
    this.frameCallback = video.requestVideoFrameCallback(this.onFrame);
    video.addEventListener('ended', this.onEnded);
    video.addEventListener('seeked', this.onSeeked);
  }

  close(): void {
    this.closed = true;
    window.clearInterval(this.stepTimer);
    window.clearTimeout(this.overdueTimer);
    window.clearTimeout(this.moveTimer);
    this.init.video.cancelVideoFrameCallback(this.frameCallback);
    this.init.video.removeEventListener('ended', this.onEnded);
    this.init.video.removeEventListener('seeked', this.onSeeked);
    this.hls?.destroy();
    this.hls = null;
  }

  /** The moment on screen, or the one asked for while its picture is not there yet. */
  get wallMs(): number {
    if (this.seeking) return this.wantedMs;
    return wallOf(this.pieces(), this.shownMediaS) ?? this.wantedMs;
  }

  /**
   * Shows the picture of `wallMs`, or the first one after it. Playing or paused stays as it was. `slackMs`: a keyframe that much
   * earlier will do, and is there sooner.
   */
  seek(wallMs: number, slackMs = 0): void {
    this.wantedMs = wallMs;
    this.slackMs = slackMs;
    this.seekStartedAt = performance.now();
    this.seeking = true;
    this.arrived = false;
    this.soughtAgain = false;
    this.problem = null;
    this.limitBuffer(true);
    window.clearTimeout(this.overdueTimer);
    const place = this.covers(wallMs) ? this.placeOf(wallMs) : null;
    if (place) this.moveTo(place.mediaS, place.wallMs);
    else this.load(windowAround(wallMs, Date.now()));
    this.tell();
  }

  play(): void {
    this.playing = true;
    this.applySpeed();
    this.tell();
  }

  pause(): void {
    this.playing = false;
    this.applySpeed();
    this.tell();
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    this.applySpeed();
  }

  /** One picture on or back. Pauses. */
  step(direction: 1 | -1): void {
    this.pause();
    const { video } = this.init;
    // The middle of a picture is safe from rounding at its edges. A quick second press counts from where the first one leads.
    const middle = video.seeking ? video.currentTime : this.shownMediaS + this.frameS / 2;
    const to = middle + direction * this.frameS;
    if (to > 0 && to < video.duration) video.currentTime = to;
  }

  private pieces(): Piece[] {
    return piecesOf(this.hls?.levels[0]?.details?.fragments ?? []);
  }

  private placeOf(wallMs: number): MediaPlace | null {
    const pieces = this.pieces();
    const place = mediaOf(pieces, wallMs);
    return place && this.slackMs > 0 ? snapped(pieces, place, this.slackMs) : place;
  }

  private covers(wallMs: number): boolean {
    const cover = coverOf(this.pieces());
    if (!cover || !this.window) return false;
    return wallMs >= this.window.fromMs && wallMs < Math.min(this.window.toMs, cover.toMs);
  }

  private moveTo(mediaS: number, wallMs: number): void {
    this.wantedMs = wallMs;
    const { video } = this.init;
    window.clearTimeout(this.moveTimer);
    // A hair inside the picture: exactly on its edge rounding may show the one before.
    const move = (): void => {
      window.clearTimeout(this.moveTimer);
      this.onLetGo = null;
      video.currentTime = mediaS + 0.001;
    };
    const piece = pieceAt(this.pieces(), mediaS);
    if (!piece || !misleads(video.buffered, mediaS)) {
      move();
      return;
    }
    this.onLetGo = move;
    this.moveTimer = window.setTimeout(move, letGoMs);
    this.letGo(piece.start, mediaS + letGoAheadS);
  }

  private load(span: Window): void {
    this.hls?.destroy();
    this.hls = null;
    window.clearTimeout(this.moveTimer);
    this.onLetGo = null;
    this.window = span;
    loadHls()
      .then((HlsPlayer) => {
        // Closed, or a newer wish came while the library was loading.
        if (!this.closed && this.window === span) this.open(HlsPlayer, span);
      })
      .catch(() => this.fail('The player could not be loaded. Is Porchlight still running?'));
  }

  private open(HlsPlayer: HlsClass, span: Window): void {
    const hls = new HlsPlayer(config);
    this.hls = hls;
    this.limitBuffer(true);
    hls.on(HlsPlayer.Events.LEVEL_LOADED, () => {
      const place = this.placeOf(this.wantedMs);
      if (!place) {
        this.nothingHere();
        return;
      }
      this.wantedMs = place.wallMs;
      hls.startLoad(place.mediaS + 0.001);
      this.applySpeed();
    });
    this.letGo = (startOffset, endOffset) =>
      hls.trigger(HlsPlayer.Events.BUFFER_FLUSHING, { startOffset, endOffset, type: null });
    hls.on(HlsPlayer.Events.BUFFER_FLUSHED, () => this.onLetGo?.());
    hls.on(HlsPlayer.Events.ERROR, (_event, data) => this.onError(HlsPlayer, hls, data));
    const query = { from: Math.round(span.fromMs), to: Math.round(span.toMs) };
    hls.loadSource(api.urlOf('playlist', { params: { cameraId: this.init.cameraId }, query }));
    hls.attachMedia(this.init.video);
  }

  private limitBuffer(tight: boolean): void {
    if (this.hls) this.hls.config.maxMaxBufferLength = tight ? bufferAheadWhileSeekingS : bufferAheadS;
  }

  private nothingHere(): void {
    this.seeking = false;
    this.problem = 'Nothing was recorded then or in the minutes after.';
    this.tell();
    this.init.onEnd();
  }

  private onError(HlsPlayer: HlsClass, hls: Hls, data: ErrorData): void {
    if (!data.fatal || hls !== this.hls) return;
    if (data.type === HlsPlayer.ErrorTypes.MEDIA_ERROR) {
      hls.recoverMediaError();
      return;
    }
    const gone = data.response?.code === 404;
    this.fail(gone ? 'Nothing was recorded then.' : 'The recording could not be loaded. Is Porchlight still running?');
  }

  private fail(problem: string): void {
    this.seeking = false;
    this.problem = problem;
    this.tell();
  }

  private readonly onFrame = (_now: number, frame: VideoFrameCallbackMetadata): void => {
    const { video } = this.init;
    this.frameCallback = video.requestVideoFrameCallback(this.onFrame);
    const advance = frame.mediaTime - this.shownMediaS;
    if (!video.seeking && advance > 0.005 && advance < 0.5 && video.playbackRate <= 1) {
      this.frameS += (advance - this.frameS) * 0.2;
    }
    this.shownMediaS = frame.mediaTime;
    const wallMs = wallOf(this.pieces(), frame.mediaTime);
    if (wallMs === null) return;
    if (this.seeking) {
      // A picture from before the seek may still arrive: not what was asked for.
      if (!this.arrived && Math.abs(wallMs - this.wantedMs) > 200) return;
      this.seeking = false;
      this.limitBuffer(false);
      window.clearTimeout(this.overdueTimer);
      performance.measure('porchlight:seek', {
        start: this.seekStartedAt,
        end: Math.max(this.seekStartedAt, frame.expectedDisplayTime),
        detail: { wallMs },
      });
      performance.clearMeasures('porchlight:seek');
      this.tell();
    }
    this.init.onTime(wallMs);
  };

  private readonly onSeeked = (): void => {
    // Of an earlier seek, while a newer one is under way.
    if (this.init.video.seeking) return;
    this.arrived = true;
    this.limitBuffer(false);
    window.clearTimeout(this.overdueTimer);
    if (this.seeking) this.overdueTimer = window.setTimeout(this.onOverdue, pictureOverdueMs);
  };

  /** Loads that piece anew and seeks there again, once. A hidden page shows no pictures at all. */
  private readonly onOverdue = (): void => {
    if (!this.seeking || this.soughtAgain || document.hidden) return;
    this.soughtAgain = true;
    const place = this.placeOf(this.wantedMs);
    const piece = place && pieceAt(this.pieces(), place.mediaS);
    if (!place || !piece) return;
    this.arrived = false;
    this.letGo(piece.start, piece.start + piece.duration);
    this.moveTo(place.mediaS, place.wallMs);
  };

  private readonly onEnded = (): void => {
    const end = coverOf(this.pieces())?.toMs ?? this.wantedMs;
    // More may have been recorded after this window.
    if (this.window && Date.now() - end > 15_000 && end >= this.window.fromMs)
      this.seek(Math.max(end, this.window.toMs));
    else this.init.onEnd();
  };

  private applySpeed(): void {
    const { video } = this.init;
    window.clearInterval(this.stepTimer);
    if (this.playing && this.speed > fastestPlayed) {
      video.pause();
      this.stepTimer = window.setInterval(() => this.stepFast(), stepEveryMs);
      return;
    }
    video.playbackRate = Math.min(this.speed, fastestPlayed);
    if (!this.playing) video.pause();
    else if (video.paused) this.playNow();
  }

  private lastStepAt = 0;

  private stepFast(): void {
    const now = performance.now();
    // Wait for the last picture, but not for ever.
    if (this.seeking && now - this.lastStepAt < 1500) return;
    const elapsedMs = Math.min(1500, now - this.lastStepAt);
    this.lastStepAt = now;
    // Keyframes will do: what counts is that time flies.
    const toMs = this.wallMs + Math.max(stepEveryMs, elapsedMs) * this.speed;
    this.seek(toMs, (stepEveryMs * this.speed) / 2);
  }

  private playNow(): void {
    const { video } = this.init;
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
      // Sound needs a click first. A picture without sound is better than none.
      if (error.name === 'NotAllowedError' && !video.muted) {
        video.muted = true;
        this.playNow();
      }
      // AbortError: a newer load or seek took over; it plays when it has data.
    });
  }

  private tell(): void {
    if (!this.closed) this.init.onState({ seeking: this.seeking, playing: this.playing, problem: this.problem });
  }
}

function misleads(buffered: TimeRanges, mediaS: number): boolean {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.end(i) <= mediaS) continue;
    const startS = buffered.start(i);
    return startS > mediaS && startS < mediaS + mistakenAheadS;
  }
  return false;
}
