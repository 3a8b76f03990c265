/** A camera as the contract shows it: its record without anything secret, joined with what its streams do now. */
import type { z } from 'zod';
import type { Camera, streamStatus } from '#core/api/schemas.ts';
import type { DetectSettings } from '#core/domain/detection.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { Clock } from '#core/base/clock.ts';
import type { StreamFigures, StreamStatus } from '#core/domain/worker-protocol.ts';

/** An open segment that did not grow for this long is not being recorded. */
const freshMs = 5_000;

interface Streams {
  status(cameraId: CameraId, stream: StreamName): StreamStatus | null;
  figures(cameraId: CameraId, stream: StreamName): StreamFigures | null;
  openSegment(cameraId: CameraId, stream: StreamName): { endMs: number } | null;
}

export class CameraViews {
  readonly #streams: Streams;
  readonly #clock: Clock;
  readonly #moving = new Set<CameraId>();
  /** Streams that failed and have not come back: an attempt that goes on does not make them look better. */
  readonly #troubled = new Map<CameraId, StreamStatus>();

  constructor(streams: Streams, clock: Clock) {
    this.#streams = streams;
    this.#clock = clock;
  }

  /** Call when a stream's state changed, before the camera is shown. */
  statusChanged(cameraId: CameraId): void {
    const status = this.#streams.status(cameraId, 'main');
    if (status?.state === 'retrying') this.#troubled.set(cameraId, status);
    else if (status && status.state !== 'connecting') this.#troubled.delete(cameraId);
  }

  setMotion(cameraId: CameraId, active: boolean): void {
    if (active) this.#moving.add(cameraId);
    else this.#moving.delete(cameraId);
  }

  forget(cameraId: CameraId): void {
    this.#moving.delete(cameraId);
    this.#troubled.delete(cameraId);
  }

  isRecording(cameraId: CameraId): boolean {
    const open = this.#streams.openSegment(cameraId, 'main');
    return open !== null && this.#clock.nowMs() - open.endMs < freshMs;
  }

  state(cameraId: CameraId): Camera['state'] {
    const status = this.#streams.status(cameraId, 'main');
    switch (status?.state) {
      case 'streaming':
        return 'live';
      case 'refused':
        return 'wrong_password';
      case 'retrying':
        return 'offline';
      case 'stopped':
        return 'off';
      case 'connecting':
      case undefined:
        return this.#troubled.has(cameraId) ? 'offline' : 'connecting';
    }
  }

  /** One sentence for a person who wonders why there is no picture. */
  describe(camera: CameraRecord, stream: StreamName): { state: string; message: string | null } {
    const status = this.#streams.status(camera.id, stream);
    const error = status?.error ?? this.#troubled.get(camera.id)?.error ?? null;
    return { state: status?.state ?? 'connecting', message: error?.message ?? null };
  }

  view(camera: CameraRecord): Camera {
    const { sealedPassword, tlsPins: _tlsPins, ptz: _, ...shown } = camera;
    const streams: StreamName[] = camera.subUrl === null ? ['main'] : ['main', 'sub'];
    return {
      ...shown,
      detect: detectView(camera.detect),
      hasPassword: sealedPassword !== null,
      streams: streams.map((stream) => this.#stream(camera, stream)),
      state: this.state(camera.id),
      motion: this.#moving.has(camera.id),
    };
  }

  #stream(camera: CameraRecord, stream: StreamName): z.infer<typeof streamStatus> {
    const status = this.#streams.status(camera.id, stream);
    const figures = this.#streams.figures(camera.id, stream);
    const video = status?.video;
    const audio = status?.audio;
    const remembered = stream === 'main' ? this.#troubled.get(camera.id) : undefined;
    return {
      stream,
      state: status?.state ?? 'connecting',
      sinceMs: Math.round(status?.sinceMs ?? camera.createdMs),
      error: status?.error ?? remembered?.error ?? null,
      retryAtMs: roundOrNull(status?.retryAtMs),
      video: video
        ? {
            codec: video.codec,
            codecString: video.codecString,
            width: video.width,
            height: video.height,
            fps: figures?.fps ?? null,
            bitsPerSecond: figures?.bitsPerSecond ?? null,
            keyframeIntervalMs: figures?.keyframeIntervalMs ?? null,
          }
        : null,
      audio: audio ? { codec: audio.codec, sampleRate: audio.sampleRate, channels: audio.channels } : null,
      recording: stream === 'main' && this.isRecording(camera.id),
    };
  }
}

function detectView(detect: DetectSettings): Camera['detect'] {
  // The contract's arrays may be changed by whoever got them; ours may not.
  return structuredClone(detect) as Camera['detect'];
}

function roundOrNull(timeMs: number | null | undefined): number | null {
  return timeMs === null || timeMs === undefined ? null : Math.round(timeMs);
}
