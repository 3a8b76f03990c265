/**
 * One camera's way from access units to events: decode all, look at about 5 pictures per second, hand on what changed.
 * Invariant: at most one picture is with detection and one waits; a newer one replaces the waiting one and is counted.
 * Nothing thrown by the decoder or by detection leaves this file: it becomes the camera's status.
 */
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { DetectorPort } from '#core/domain/analysis-frame.ts';
import type { VideoConfig } from '#core/domain/media.ts';
import type { AnalyserCamera, AnalysisStatus } from '#core/domain/worker-protocol.ts';
import type { Picture } from '#core/media/codec/picture.ts';
import { VideoDecoder } from '#core/media/codec/video-decoder.ts';
import type { ReceivedUnit } from './bus-units.ts';
import { ChangeCheck, gridCols, gridRows } from './change-check.ts';
import type { Eyes } from './eyes.ts';
import { RateWindow } from './rate-window.ts';

/** 5 pictures per second. */
const lookEveryMs = 200;
/** A quiet picture is still looked at this often, so that the background model and stationary objects stay true. */
const quietEveryMs = 1_000;
/** After a change every picture is looked at for this long: things pause while they move. */
const holdMs = 3_000;
const previewEveryMs = 5_000;
const previewWidth = 240;
const previewQuality = 50;
/** Units that arrive this much later than the most punctual ones: decoding can't keep up, go on at the next keyframe. */
const lateMs = 4_000;
/** Detection that takes longer than this has lost the picture; the next one is tried without it. */
const detectionTimeoutMs = 20_000;

export interface PipelineInit {
  camera: AnalyserCamera;
  eyes: Eyes;
  clock: Clock;
  /** Stores a preview; throws if the disk refuses. */
  savePreview: (timeMs: number, jpeg: Buffer) => void;
}

export class CameraPipeline {
  readonly #init: PipelineInit;
  readonly #check = new ChangeCheck();
  readonly #looked = new RateWindow(10_000);
  #camera: AnalyserCamera;
  #decoder: VideoDecoder | null = null;
  #nextLookMs = -Infinity;
  #lastLookMs = -Infinity;
  #lastFullMs = -Infinity;
  #lastChangeMs = -Infinity;
  #lastPreviewMs = -Infinity;
  #latest: Picture | null = null;
  #waiting: Picture | null = null;
  #busySinceMs: number | null = null;
  #turn = 0;
  #least = Infinity;
  #catchingUp = false;
  #skipped = 0;
  #decodeMs = 0;
  #decodedUnits = 0;
  #error: string | null = null;
  #stopped = false;

  constructor(init: PipelineInit) {
    this.#init = init;
    this.#camera = init.camera;
  }

  update(camera: AnalyserCamera, detector: DetectorPort | null): void {
    this.#camera = camera;
    this.#init.eyes.update(camera.detect, detector);
  }

  /** A new stream, or the same with other parameters. */
  onConfig(video: VideoConfig): void {
    this.#decoder?.close();
    this.#decoder = null;
    this.#check.reset();
    try {
      this.#decoder = new VideoDecoder(video, { skipLoopFilter: true, lowDelay: true });
      this.#error = null;
    } catch (error) {
      this.#error = errorText(error);
    }
  }

  /** Nothing has changed for a while, by the cheap look. */
  get quiet(): boolean {
    return this.#lastLookMs - this.#lastChangeMs > holdMs;
  }

  onUnits(units: readonly ReceivedUnit[]): void {
    for (const unit of units) {
      if (this.#stopped || !this.#decoder) return;
      // Without detection the only use of decoding is the preview: keyframes are enough for it.
      if (unit.kind !== 'video' || (!this.#camera.detect.enabled && !unit.key) || this.#isLate(unit)) continue;
      const startMs = this.#init.clock.monoMs();
      const pictures = this.#decoder.decode(unit, (timeMs) => this.#isDue(timeMs));
      this.#decodeMs += this.#init.clock.monoMs() - startMs;
      this.#decodedUnits++;
      for (const picture of pictures) this.#look(picture);
    }
  }

  /** The stream is gone: what is open ends. */
  onGone(): void {
    this.#decoder?.restart();
    this.#check.reset();
    this.#init.eyes.finish(this.#init.clock.nowMs());
  }

  /** The last picture looked at if it is at most `ageMs` old and `width` wide or wider, retained for the caller. */
  latest(width: number, ageMs: number): Picture | null {
    const picture = this.#latest;
    if (!picture || picture.width < width || this.#init.clock.nowMs() - picture.timeMs > ageMs) return null;
    return picture.retain();
  }

  status(): AnalysisStatus {
    const decodeMsPerFrame = this.#decodedUnits === 0 ? 0 : this.#decodeMs / this.#decodedUnits;
    this.#decodeMs = 0;
    this.#decodedUnits = 0;
    return {
      cameraId: this.#camera.id,
      fps: this.#looked.perSecond(this.#init.clock.monoMs()),
      lastPictureMs: Number.isFinite(this.#lastLookMs) ? this.#lastLookMs : null,
      decodeMsPerFrame,
      skippedFrames: this.#skipped,
      error: this.#error,
      ...this.#init.eyes.status(),
    };
  }

  stop(): void {
    this.#stopped = true;
    this.#init.eyes.finish(this.#init.clock.nowMs());
    this.#decoder?.close();
    this.#decoder = null;
    this.#latest?.release();
    this.#latest = null;
    this.#waiting?.release();
    this.#waiting = null;
  }

  /** True while units come too late to be worth decoding; ends at a keyframe. */
  #isLate(unit: ReceivedUnit): boolean {
    const delayMs = this.#init.clock.nowMs() - unit.timeMs;
    this.#least = Math.min(delayMs, this.#least + 1);
    if (this.#catchingUp) {
      if (!unit.key) {
        this.#skipped++;
        return true;
      }
      this.#decoder?.restart();
      this.#catchingUp = false;
    } else if (!unit.key && delayMs - this.#least > lateMs) this.#catchingUp = true;
    return this.#catchingUp;
  }

  #isDue(timeMs: number): boolean {
    // The clock was set back, or the stream began again.
    if (timeMs < this.#lastLookMs - 1_000) this.#forgetTimes();
    if (timeMs < this.#nextLookMs - 10) return false;
    this.#nextLookMs = Math.max(this.#nextLookMs, timeMs - lookEveryMs) + lookEveryMs;
    return true;
  }

  #forgetTimes(): void {
    this.#nextLookMs = -Infinity;
    this.#lastLookMs = -Infinity;
    this.#lastFullMs = -Infinity;
    this.#lastChangeMs = -Infinity;
    this.#lastPreviewMs = -Infinity;
  }

  #look(picture: Picture): void {
    this.#lastLookMs = picture.timeMs;
    this.#looked.count(this.#init.clock.monoMs());
    this.#latest?.release();
    this.#latest = picture.retain();
    try {
      this.#preview(picture);
      if (this.#camera.detect.enabled && this.#isWorthAll(picture)) this.#offer(picture.retain());
    } catch (error) {
      this.#error = errorText(error);
    } finally {
      picture.release();
    }
  }

  #preview(picture: Picture): void {
    if (picture.timeMs - this.#lastPreviewMs < previewEveryMs) return;
    this.#lastPreviewMs = picture.timeMs;
    this.#init.savePreview(picture.timeMs, picture.jpeg({ width: previewWidth, quality: previewQuality }));
  }

  #isWorthAll(picture: Picture): boolean {
    const { timeMs } = picture;
    picture.sample(gridCols, gridRows, this.#check.samples);
    if (this.#check.changed()) this.#lastChangeMs = timeMs;
    else if (timeMs - this.#lastChangeMs > holdMs && timeMs - this.#lastFullMs < quietEveryMs - 10) return false;
    this.#check.accept();
    this.#lastFullMs = timeMs;
    return true;
  }

  /** Takes the picture over. */
  #offer(picture: Picture): void {
    const { clock } = this.#init;
    if (this.#busySinceMs !== null && clock.monoMs() - this.#busySinceMs < detectionTimeoutMs) {
      if (this.#waiting) {
        this.#waiting.release();
        this.#skipped++;
      }
      this.#waiting = picture;
      return;
    }
    if (this.#busySinceMs !== null) this.#error = 'Detection did not answer in time.';
    this.#busySinceMs = clock.monoMs();
    void this.#see(picture, ++this.#turn);
  }

  async #see(picture: Picture, turn: number): Promise<void> {
    try {
      await this.#init.eyes.onFrame(picture);
      if (turn === this.#turn) this.#error = null;
    } catch (error) {
      this.#error = errorText(error);
    } finally {
      picture.release();
    }
    // A picture that was given up on comes back after a newer one took its turn: then there is nothing to go on with.
    if (turn !== this.#turn) return;
    this.#busySinceMs = null;
    const next = this.#waiting;
    this.#waiting = null;
    if (next && !this.#stopped) this.#offer(next);
    else next?.release();
  }
}
