/** Tries a camera's stream for a few seconds and says what it offers. */
import { HubError } from '#core/base/errors.ts';
import type { AudioConfig, PullTarget, VideoConfig, VideoUnit } from '#core/domain/media.ts';
import { startRtspPull, type PullEnvironment } from './pull.ts';

export interface ProbeResult {
  video: VideoConfig;
  audio: AudioConfig | null;
  /** From the start of the attempt to the first keyframe. */
  firstPictureMs: number;
  /** Measured; null when fewer than two pictures came. */
  fps: number | null;
  bitsPerSecond: number;
  /** Mean; null when only one keyframe came. */
  keyframeIntervalMs: number | null;
  firstKeyframe: { unit: VideoUnit };
}

/** A camera whose keyframes are further apart is not worth waiting for. */
const maxFirstKeyframeMs = 25_000;

/**
 * Measures for `measureMs` from the first keyframe on, which is waited for `firstKeyframeMs` at most. Throws the HubError that
 * a pull would end with, and the signal's reason.
 */
export async function probeRtsp(
  target: PullTarget,
  env: PullEnvironment,
  options: { measureMs: number; firstKeyframeMs?: number | undefined; signal?: AbortSignal | undefined },
): Promise<ProbeResult> {
  const { signal, firstKeyframeMs = maxFirstKeyframeMs } = options;
  signal?.throwIfAborted();
  const outcome = Promise.withResolvers<ProbeResult>();
  const { clock } = env;
  const startedAt = clock.monoMs();
  let video: VideoConfig | null = null;
  let audio: AudioConfig | null = null;
  let firstPictureMs = 0;
  let first: VideoUnit | null = null;
  let last: VideoUnit | null = null;
  const keys: number[] = [];
  let pictures = 0;
  let bytes = 0;

  const finish = (): void => {
    if (!video || !first || !last) {
      const message = `Camera '${target.cameraName}' sent no complete picture for ${Math.round(firstKeyframeMs / 1000)} s. Set a shorter keyframe (I-frame) interval in its settings.`;
      outcome.reject(new HubError('camera_no_video', message));
      return;
    }
    const seconds = (last.dts90k - first.dts90k) / 90_000;
    const keySpan = (keys.at(-1) ?? 0) - (keys[0] ?? 0);
    outcome.resolve({
      video,
      audio,
      firstPictureMs,
      fps: pictures > 1 && seconds > 0 ? (pictures - 1) / seconds : null,
      bitsPerSecond: seconds > 0 ? (bytes * 8) / seconds : 0,
      keyframeIntervalMs: keys.length > 1 ? keySpan / 90 / (keys.length - 1) : null,
      firstKeyframe: { unit: first },
    });
  };

  let timer = setTimeout(finish, firstKeyframeMs);
  const pull = startRtspPull(
    target,
    {
      onConfig: (config) => {
        ({ video, audio } = config);
      },
      onUnit: (unit) => {
        bytes += unit.data.length;
        if (unit.kind === 'audio') return;
        if (first === null) {
          first = unit;
          firstPictureMs = clock.monoMs() - startedAt;
          bytes = 0; // counted from here to the last picture
          clearTimeout(timer);
          timer = setTimeout(finish, options.measureMs);
        }
        last = unit;
        pictures++;
        if (unit.key) keys.push(unit.dts90k);
      },
      onEnd: ({ code, message }) => {
        outcome.reject(new HubError(code, message));
      },
    },
    env,
  );
  pull.setImmediate(true);
  const abort = (): void => outcome.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await outcome.promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    clearTimeout(timer);
    await pull.stop();
  }
}
