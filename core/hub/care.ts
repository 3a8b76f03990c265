/**
 * Looking after a camera: its clock, firmware, encoders, picture and outputs, and what should be set otherwise. Nothing is
 * changed but what a person asked for.
 */
import type { z } from 'zod';
import type * as o from '#core/api/onvif-schemas.ts';
import { HubError } from '#core/base/errors.ts';
import type {
  EncoderChange,
  EncoderState,
  ImagingChange,
  ImagingState,
  OnvifClock,
  OnvifDescription,
  WatchStatus,
} from '#core/domain/onvif.ts';
import { recommendedSettings } from '#core/domain/recommended-settings.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { CameraAsker } from './camera-asker.ts';

interface Init {
  camera: (id: string) => CameraRecord;
  asker: CameraAsker;
  /** Asks anew what the camera offers, and remembers it. */
  describe: (camera: CameraRecord, signal: AbortSignal) => Promise<OnvifDescription>;
  watchState: (cameraId: CameraId) => WatchStatus | null;
}

const clockFineMs = 5_000;

export class Care {
  readonly #init: Init;

  constructor(init: Init) {
    this.#init = init;
  }

  /** All methods throw `not_found`, `not_offered` and what the camera answers. */
  async care(id: string, signal: AbortSignal): Promise<z.input<typeof o.care>> {
    const camera = this.#init.camera(id);
    const description = await this.#init.describe(camera, signal);
    const encoders = await this.#encoders(camera, signal);
    const { info, clock, relays } = description;
    const watch = this.#init.watchState(camera.id);
    return {
      info,
      clock,
      clockProblem: clockProblem(camera.name, clock),
      encoders,
      recommended: recommendedSettings(encoders, description).list,
      relays,
      watch: watch && { state: watch.state, via: watch.via, message: watch.message },
    };
  }

  async setClock(id: string, signal: AbortSignal): Promise<OnvifClock> {
    return await this.#init.asker.ask(this.#init.camera(id), 'set_clock', {}, { signal });
  }

  async reboot(id: string, signal: AbortSignal): Promise<{ message: string }> {
    return await this.#init.asker.ask(this.#init.camera(id), 'reboot', {}, { signal });
  }

  async changeEncoder(id: string, change: EncoderChange, signal: AbortSignal): Promise<EncoderState> {
    const { token: _, ...settings } = change;
    if (Object.values(settings).every((value) => value === undefined))
      throw new HubError('bad_request', 'Say what should change: codec, size, fps, bitsPerSecond or keyframeEvery.');
    return await this.#init.asker.ask(this.#init.camera(id), 'change_encoder', change, { signal });
  }

  /** One encoder after the other. When one is refused, those before it stay changed: care lists what is left. */
  async applyRecommended(id: string, signal: AbortSignal): Promise<z.input<typeof o.care>> {
    const camera = this.#init.camera(id);
    const description = await this.#init.describe(camera, signal);
    const encoders = await this.#encoders(camera, signal);
    for (const change of recommendedSettings(encoders, description).changes)
      await this.#init.asker.ask(camera, 'change_encoder', change, { signal });
    return await this.care(id, signal);
  }

  async switchRelay(id: string, token: string, active: boolean): Promise<void> {
    await this.#init.asker.ask(this.#init.camera(id), 'relay', { token, active });
  }

  async imaging(id: string, signal: AbortSignal): Promise<ImagingState> {
    return await this.#init.asker.ask(this.#init.camera(id), 'imaging_state', { source: null }, { signal });
  }

  async changeImaging(id: string, change: ImagingChange, signal: AbortSignal): Promise<ImagingState> {
    return await this.#init.asker.ask(this.#init.camera(id), 'imaging', { source: null, change }, { signal });
  }

  /** None where the camera does not let them be read: the rest of care holds without. */
  async #encoders(camera: CameraRecord, signal: AbortSignal): Promise<EncoderState[]> {
    try {
      return await this.#init.asker.ask(camera, 'encoders', {}, { signal });
    } catch (error) {
      if (error instanceof HubError && error.code === 'not_offered') return [];
      throw error;
    }
  }
}

/** A sentence when the camera's clock is further off than its overlay and its signatures bear; null when it is fine. */
export function clockProblem(name: string, { cameraMs, offsetMs, source }: OnvifClock): string | null {
  if (cameraMs === null || Math.abs(offsetMs) <= clockFineMs) return null;
  const how = `${duration(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
  const next =
    source === 'ntp'
      ? "It takes its time from a time server: check which one in the camera's own settings."
      : 'Set it from here; the time written into its picture is wrong until then.';
  return `The clock of camera '${name}' is ${how}. ${next}`;
}

function duration(ms: number): string {
  const [days, hours, minutes, seconds] = [86_400_000, 3_600_000, 60_000, 1_000].map((unit) => ms / unit) as [
    number,
    number,
    number,
    number,
  ];
  if (days >= 2) return `${Math.round(days)} days`;
  if (hours >= 2) return `${Math.round(hours)} hours`;
  if (minutes >= 2) return `${Math.round(minutes)} minutes`;
  return `${Math.round(seconds)} seconds`;
}
