/**
 * Plays one camera live into one video element: WebSocket, Media Source Extensions, no React. It says `live` only while
 * pictures really advance on screen, stays near the edge, sleeps when nobody looks and comes back by itself.
 *
 * Measuring: each join adds the performance measure `porchlight:live:first-picture`. When the page has set the mark
 * `porchlight:measure` before, every shown picture that came while we watched adds `porchlight:live:frame`, from the moment the
 * hub received it to the moment it is displayed. Details are in `detail`; entries are cleared at once, so read them with a PerformanceObserver.
 */
import { liveControl, type LiveControl } from '#core/api/schemas.ts';
import { api } from '../client/api.ts';
import { LiveDelay } from './live-delay.ts';
import { fragmentWithout, hasSound, mimeWithoutSound, withoutSound } from './live-mp4.ts';
import { edgeMove, leastSpareS, nextTargetSpare, reconnectDelayMs, staleAfterMs } from './live-policy.ts';
import { canPlay, hasMediaSource, LiveSource } from './live-source.ts';

export type LiveState =
  | 'connecting'
  /** Pictures advance on screen. */
  | 'live'
  /** A picture is on screen, but no new one comes. */
  | 'stale'
  /** No picture, and the hub said why. */
  | 'offline'
  /** This browser can't decode any stream of the camera. */
  | 'unsupported'
  /** Nobody looks: disconnected on purpose. */
  | 'asleep';

export interface LiveStatus {
  state: LiveState;
  /** A sentence for the person, or null. */
  message: string | null;
  stream: 'main' | 'sub';
  /** UTC ms of the last picture shown, or null before the first. */
  lastPictureMs: number | null;
}

export interface LivePlayerInit {
  cameraId: string;
  stream: 'main' | 'sub';
  video: HTMLVideoElement;
  sound: boolean;
  onStatus: (status: LiveStatus) => void;
}

const checkMs = 250;
const silentSocketMs = 15_000;

export class LivePlayer {
  private readonly init: LivePlayerInit;
  /** null: nobody measures. */
  private readonly delay = performance.getEntriesByName('porchlight:measure').length > 0 ? new LiveDelay() : null;
  /** Media time at which the present connection's timeline begins, seconds. */
  private offsetS = 0;
  private status: LiveStatus;
  private socket: WebSocket | null = null;
  private source: LiveSource | null = null;
  private pendingInit: Extract<LiveControl, { type: 'init' }> | null = null;
  private removedTracks: ReadonlySet<number> = new Set();
  private sound: boolean;
  private attempt = 0;
  private stopped = false;
  private checkTimer: number | undefined;
  private retryTimer: number | undefined;
  private frameCallback = 0;
  private joinedAt = 0;
  private firstPicture = false;
  private shownAt = 0;
  private heardAt = 0;
  private lastMediaS = -1;
  private frameS = 1 / 15;
  private minSpareS = Infinity;
  private targetSpareS = leastSpareS + 0.01;
  private ranDry = false;
  private jumpedAt = 0;
  /** Why no picture comes, as far as it is known; null while all is well. */
  private trouble: string | null = null;
  private secondStartedAt = 0;

  constructor(init: LivePlayerInit) {
    this.init = init;
    this.sound = init.sound;
    this.status = { state: 'connecting', message: null, stream: init.stream, lastPictureMs: null };
  }

  start(): void {
    this.stopped = false;
    const { video } = this.init;
    video.addEventListener('waiting', this.onWaiting);
    this.frameCallback = video.requestVideoFrameCallback(this.onFrame);
    this.checkTimer = window.setInterval(this.check, checkMs);
    this.say('connecting', null);
    this.connect();
  }

  /** Ends all of it. `asleep` says that it was on purpose and may be started again. */
  stop(asleep = false): void {
    this.stopped = true;
    window.clearInterval(this.checkTimer);
    window.clearTimeout(this.retryTimer);
    this.init.video.removeEventListener('waiting', this.onWaiting);
    this.init.video.cancelVideoFrameCallback(this.frameCallback);
    this.disconnect();
    this.source?.close();
    this.source = null;
    if (asleep) this.say('asleep', null);
  }

  /** Sound needs the audio track in the stream: joins again. */
  setSound(sound: boolean): void {
    this.init.video.muted = !sound;
    if (sound === this.sound) return;
    this.sound = sound;
    if (!this.stopped) this.rejoin();
  }

  private connect(): void {
    this.joinedAt = performance.now();
    this.heardAt = this.joinedAt;
    this.firstPicture = false;
    // Opening one takes the browser a while: it is done beside the connection, not after it.
    if (hasMediaSource()) this.source ??= this.newSource();
    const url = new URL(
      api.urlOf('cameraLive', { params: { id: this.init.cameraId }, query: { stream: this.status.stream } }),
      window.location.href,
    );
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    // Blobs are read asynchronously and come out of order; buffers don't.
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (socket !== this.socket) return;
      this.heardAt = performance.now();
      if (typeof data === 'string') this.onControl(data);
      else if (data instanceof ArrayBuffer) this.onBytes(new Uint8Array(data));
    });
    socket.addEventListener('close', () => {
      if (socket === this.socket) this.lost();
    });
    this.socket = socket;
  }

  private disconnect(): void {
    const { socket } = this;
    this.socket = null;
    this.pendingInit = null;
    socket?.close();
  }

  private lost(): void {
    this.disconnect();
    this.trouble ??= 'The connection to Porchlight was lost. Trying again.';
    // A picture that is on screen is called old only when none came for a while: most connections are back at once.
    if (!this.firstPicture) this.judge(this.trouble);
    window.clearTimeout(this.retryTimer);
    this.retryTimer = window.setTimeout(() => this.connect(), reconnectDelayMs(this.attempt++, Math.random()));
  }

  /** A fresh connection starts with the last keyframe. */
  private rejoin(): void {
    window.clearTimeout(this.retryTimer);
    this.disconnect();
    this.source?.close();
    this.source = null;
    this.connect();
  }

  private onControl(text: string): void {
    const parsed = liveControl.safeParse(JSON.parse(text));
    // A newer hub may say what this interface does not know.
    if (!parsed.success) return;
    const control = parsed.data;
    if (control.type === 'state') {
      this.trouble = control.message;
      this.judge(control.message);
      return;
    }
    if (!canPlay(mimeWithoutSound(control.mime))) {
      this.cannotPlay(control.mime);
      return;
    }
    this.pendingInit = control;
  }

  private cannotPlay(mime: string): void {
    const name = /hvc1|hev1/.test(mime) ? 'H.265' : 'this camera’s';
    this.disconnect();
    if (this.status.stream === 'main' && this.init.stream === 'main') {
      this.status = { ...this.status, stream: 'sub' };
      this.connect();
      return;
    }
    const advice = `This browser can’t show ${name} video. Use one that can, or set the camera’s second stream to H.264.`;
    this.say('unsupported', advice);
  }

  private onBytes(bytes: Uint8Array): void {
    const control = this.pendingInit;
    if (control) {
      this.pendingInit = null;
      this.onInit(bytes, control);
      return;
    }
    if (!this.source) return;
    const fragment = fragmentWithout(bytes, this.removedTracks);
    if (!fragment) return;
    this.noteSpare();
    this.delay?.note(fragment, this.offsetS);
    this.source.pushMedia(fragment);
  }

  private onInit(bytes: Uint8Array, control: Extract<LiveControl, { type: 'init' }>): void {
    const keepSound = this.sound && hasSound(control.mime) && canPlay(control.mime);
    const silent = keepSound ? null : withoutSound(bytes);
    this.removedTracks = silent?.removed ?? new Set();
    const lastEndS = this.source?.ranges().at(-1)?.end ?? 0;
    // A clock that stepped back would put new pictures before old ones: begin a new timeline.
    const beganMs = this.source?.epochMs ?? control.epochMs;
    if ((control.epochMs - beganMs) / 1000 < lastEndS - 60) {
      this.source?.close();
      this.source = null;
    }
    this.source ??= this.newSource();
    this.status = { ...this.status, stream: control.stream };
    const mime = keepSound ? control.mime : mimeWithoutSound(control.mime);
    this.offsetS = this.source.pushInit(silent?.init ?? bytes, mime, control.epochMs);
  }

  private newSource(): LiveSource {
    return new LiveSource({
      video: this.init.video,
      onAppended: this.onAppended,
      onBroken: (reason) => {
        this.source = null;
        this.trouble = `The picture stopped: ${reason}. Trying again.`;
        this.lost();
      },
    });
  }

  /** How much was left to play when the next picture came. */
  private noteSpare(): void {
    const { video } = this.init;
    const end = this.source?.ranges().at(-1)?.end;
    if (end !== undefined && !video.paused && !video.seeking)
      this.minSpareS = Math.min(this.minSpareS, end - video.currentTime);
  }

  private readonly onAppended = (): void => {
    const { video } = this.init;
    const ranges = this.source?.ranges() ?? [];
    const first = ranges[0];
    if (!first) return;
    if (!this.firstPicture) {
      // Show the first picture at once; the check then moves to the edge.
      const start = (ranges.at(-1) ?? first).start;
      if (Math.abs(video.currentTime - start) > 0.001 && video.currentTime < start) video.currentTime = start;
    }
    if (video.paused && !this.stopped) this.play();
  };

  private play(): void {
    const { video } = this.init;
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
      // Sound needs a click first. A picture without sound is better than none.
      if (error.name === 'NotAllowedError' && !video.muted) video.muted = true;
      // AbortError: a newer load or seek took over, which plays by itself.
    });
  }

  private readonly onWaiting = (): void => {
    // A jump to the edge waits too; that is not the network's fault.
    if (this.firstPicture && !this.init.video.seeking && performance.now() - this.jumpedAt > 1000) this.ranDry = true;
  };

  private readonly onFrame = (_now: number, frame: VideoFrameCallbackMetadata): void => {
    const { video, cameraId } = this.init;
    this.frameCallback = video.requestVideoFrameCallback(this.onFrame);
    const epochMs = this.source?.epochMs ?? null;
    if (frame.mediaTime === this.lastMediaS || epochMs === null) return;
    const advance = frame.mediaTime - this.lastMediaS;
    if (advance > 0 && advance < 1.5 && video.playbackRate === 1) this.frameS += (advance - this.frameS) * 0.1;
    this.lastMediaS = frame.mediaTime;
    this.shownAt = performance.now();
    const capturedMs = epochMs + frame.mediaTime * 1000;
    this.status = { ...this.status, lastPictureMs: capturedMs };
    const detail = { cameraId, stream: this.status.stream };
    if (!this.firstPicture) {
      this.firstPicture = true;
      this.attempt = 0;
      measure('porchlight:live:first-picture', this.joinedAt, frame.expectedDisplayTime, detail);
      this.check();
    } else {
      const receivedMs = this.delay?.of(frame.mediaTime) ?? null;
      const end = frame.expectedDisplayTime;
      if (receivedMs !== null) measure('porchlight:live:frame', receivedMs - performance.timeOrigin, end, detail);
    }
    this.trouble = null;
    if (this.status.state !== 'live') this.say('live', null);
  };

  private readonly check = (): void => {
    const now = performance.now();
    this.keepNearEdge(now);
    if (document.hidden) return;
    if (this.socket && now - this.heardAt > silentSocketMs) {
      this.lost();
      return;
    }
    if (this.status.state !== 'live' || now - this.shownAt <= staleAfterMs(this.frameS)) return;
    // Bytes come but no picture: when the sound stops, the browser holds the picture back with it. The picture matters more.
    if (this.sound && now - this.heardAt < 1000) this.setSound(false);
    this.judge(this.trouble);
  };

  private keepNearEdge(now: number): void {
    const { video } = this.init;
    if (!this.source || !this.firstPicture || video.seeking) return;
    const { minSpareS, targetSpareS, frameS } = this;
    const ranges = this.source.ranges();
    const spare = Number.isFinite(minSpareS) ? minSpareS : targetSpareS;
    const move = edgeMove({ currentTime: video.currentTime, ranges, minSpareS: spare, targetSpareS, frameS });
    if (move.kind === 'jump') {
      video.currentTime = move.to;
      this.jumpedAt = now;
      this.minSpareS = Infinity;
      this.secondStartedAt = now;
    } else if (video.playbackRate !== move.rate) video.playbackRate = move.rate;
    if (now - this.secondStartedAt < 1000) return;
    this.secondStartedAt = now;
    this.targetSpareS = nextTargetSpare(targetSpareS, this.ranDry);
    this.ranDry = false;
    this.minSpareS = Infinity;
  }

  /** No new picture: what is true now, in words. */
  private judge(message: string | null): void {
    const shown = this.status.lastPictureMs !== null && (this.source?.epochMs ?? null) !== null;
    const words =
      message ?? (this.status.state === 'offline' || this.status.state === 'stale' ? this.status.message : null);
    if (shown) this.say('stale', words ?? 'No new picture from the camera.');
    else if (message !== null) this.say('offline', words);
    else if (this.status.state !== 'offline') this.say('connecting', null);
  }

  private say(state: LiveState, message: string | null): void {
    this.status = { ...this.status, state, message };
    this.init.onStatus(this.status);
  }
}

/** A picture of before the page was there has no start that could be told. */
function measure(name: string, start: number, end: number, detail: Record<string, unknown>): void {
  if (start < 0) return;
  performance.measure(name, { start, end, detail });
  performance.clearMeasures(name);
}
