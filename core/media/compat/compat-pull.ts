/**
 * One camera pulled through libav, delivered like any other pull. Same contract as core/media/rtsp: a config before the
 * first unit, units in decoding order, one end. Invariant: before the first keyframe with all its parameter sets nothing
 * is delivered.
 */
import { lookup } from 'node:dns/promises';
import type { Clock } from '#core/base/clock.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import type { AudioConfig, PullSink, PullTarget, StreamError } from '#core/domain/media.ts';
import { fromStartCodes } from '../codec/annexb.ts';
import { cameraError } from '../codec/libav.ts';
import { InputFailure, NetworkInput, type InputAudioUnit, type InputVideoUnit } from '../codec/network-input.ts';
import { MediaClock } from '../rtsp/media-clock.ts';
import { VideoParameters } from '../rtsp/video-parameters.ts';

export interface CompatPullInit {
  target: PullTarget;
  sink: PullSink;
  clock: Clock;
  /** libav does not come back: the process is of no use any more. */
  onStuck: () => void;
}

/** The address as libav wants it: credentials inside, percent-encoded. Throws HubError `unsupported_source`. */
export function inputUrl(target: Pick<PullTarget, 'url' | 'username' | 'password'>): string {
  const { url, username, password, scheme } = parseCameraUrl(target.url, target.username, target.password);
  if (username === null) return url;
  const user = encodeURIComponent(username) + (password === null ? '' : `:${encodeURIComponent(password)}`);
  return `${scheme}://${user}@${url.slice(scheme.length + 3)}`;
}

/** libav reports an unknown name as a plain input error; asking first gives the person the real reason. */
async function resolveHost(url: string, cameraName: string): Promise<void> {
  const { host } = parseCameraUrl(url);
  try {
    await lookup(host);
  } catch (cause) {
    const message = `Camera '${cameraName}': there is no host '${host}'. Check the address.`;
    throw new HubError('camera_host_not_found', message, { cause });
  }
}

export class CompatPull {
  readonly #init: CompatPullInit;
  readonly #time: MediaClock;
  #input: NetworkInput | null = null;
  #parameters: VideoParameters | null = null;
  #audio: AudioConfig | null = null;
  #configured = false;
  #origin90k: number | null = null;
  #stopped = false;

  constructor(init: CompatPullInit) {
    this.#init = init;
    this.#time = new MediaClock(init.clock);
  }

  /** Resolves after `onEnd`, or after `stop()` without it. */
  async run(): Promise<void> {
    const error = await this.#pull();
    if (!this.#stopped) this.#init.sink.onEnd(error);
  }

  stop(): void {
    this.#stopped = true;
    this.#input?.interrupt();
  }

  async #pull(): Promise<StreamError> {
    const { target, onStuck } = this.#init;
    try {
      const url = inputUrl(target);
      await resolveHost(url, target.cameraName);
      if (this.#stopped) return cameraError(0, target.cameraName);
      const input = new NetworkInput({ url, wantAudio: target.audio, onStuck });
      this.#input = input;
      try {
        const info = await input.open();
        this.#parameters = new VideoParameters(info.codec);
        for (const set of fromStartCodes(info.extraData, info.codec).parameterSets) this.#parameters.add(set);
        this.#audio = info.audio;
        const code = await input.read({ video: (unit) => this.#video(unit), audio: (unit) => this.#sound(unit) });
        return cameraError(code, target.cameraName);
      } finally {
        await input.close();
      }
    } catch (error) {
      if (error instanceof InputFailure) return cameraError(error.code, target.cameraName);
      if (error instanceof HubError) return { code: error.code, message: error.message };
      return { code: 'camera_error', message: `Camera '${target.cameraName}': ${errorText(error)}` };
    }
  }

  #video(unit: InputVideoUnit): void {
    const parameters = this.#parameters;
    if (!parameters || this.#stopped) return;
    const { parameterSets, data, key } = fromStartCodes(unit.bytes, parameters.codec);
    for (const set of parameterSets) parameters.add(set);
    if (data.length === 0) return;
    if (key && (parameters.changed || !this.#configured)) {
      const video = parameters.build();
      if (!video) return;
      this.#configured = true;
      this.#init.sink.onConfig({ video, audio: this.#audio });
    }
    if (!this.#configured) return;
    this.#origin90k ??= unit.dts90k;
    const pts90k = unit.pts90k - this.#origin90k;
    const dts90k = unit.dts90k - this.#origin90k;
    const lead = (pts90k - dts90k) / 90;
    const timeMs = this.#time.arrived(dts90k) + lead;
    this.#init.sink.onUnit({ kind: 'video', pts90k, dts90k, timeMs, key, data, damaged: false });
  }

  #sound(unit: InputAudioUnit): void {
    if (!this.#configured || this.#origin90k === null || this.#stopped) return;
    const pts90k = unit.pts90k - this.#origin90k;
    if (pts90k < 0) return;
    const { samples, data } = unit;
    this.#init.sink.onUnit({ kind: 'audio', pts90k, timeMs: this.#time.timeOf(pts90k), samples, data });
  }
}
