/**
 * Asks an address what camera is there: where nobody said which port, the usual ones are tried, first whether anything
 * listens, then one after the other, so that a camera is never knocked at by all at once and a refused password ends it.
 */
import { HubError, type ErrorCode } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { OnvifDescription, OnvifTarget } from '#core/domain/onvif.ts';
import { atPort, type OnvifAddress } from '#core/domain/onvif-address.ts';
import type { CameraOnvif } from '#core/domain/records.ts';
import type { AskOnvif } from './camera-asker.ts';
import type { Credentials } from './kept-password.ts';

/** Which of the ports take a connection; `failure` says why none of them does. */
export type OpenPorts = (
  host: string,
  ports: readonly number[],
  signal: AbortSignal,
) => Promise<{ open: number[]; failure: ErrorCode | null }>;

interface Init {
  ask: AskOnvif;
  openPorts: OpenPorts;
}

/** Web servers of cameras, the most usual first: many makers, then Hikvision NVR, XM boards, TP-Link, some Axis and Foscam. */
export const usualPorts = [80, 8080, 8000, 8899, 2020, 5000];
/** About fifteen questions, which some cameras take two seconds each to answer. */
export const describeMs = 25_000;
/** These say something about the camera: another port would not help, and would cost another try at its password. */
const final = new Set<ErrorCode>(['camera_wrong_password', 'camera_clock', 'too_many', 'unavailable', 'internal']);

export class OnvifFinder {
  readonly #init: Init;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Throws every `camera_…` code; `camera_not_onvif` where something answers that speaks no ONVIF. */
  async describe(
    address: OnvifAddress,
    credentials: Credentials & { cameraId?: CameraId | undefined },
    signal: AbortSignal,
    cameraName = address.host,
  ): Promise<OnvifDescription> {
    // Field by field: whoever has credentials may have an address of its own as well.
    const { username, password, pins, cameraId } = credentials;
    const at = (url: string): OnvifTarget => ({ url, username, password, cameraName, pins, cameraId });
    const ask = (url: string): Promise<OnvifDescription> =>
      this.#init.ask('describe', at(url), {}, { timeoutMs: describeMs, signal });
    if (!address.bare) return await ask(address.url);
    const { open, failure } = await this.#init.openPorts(address.host, usualPorts, signal);
    if (failure !== null) throw noneOpen(address.host, failure);
    let first: unknown = null;
    for (const port of open) {
      try {
        return await ask(port === 80 ? address.url : atPort(address, port));
      } catch (error) {
        if (signal.aborted || !(error instanceof HubError) || final.has(error.code)) throw error;
        first ??= error;
      }
    }
    throw first;
  }
}

function noneOpen(host: string, failure: ErrorCode): HubError {
  switch (failure) {
    case 'camera_host_not_found':
      return new HubError(failure, `There is no device named '${host}' in the network. Type its IP address instead.`);
    case 'camera_refused_connection':
      return new HubError(
        failure,
        `${host} is there, but nothing listens at the usual ports of cameras (${usualPorts.join(', ')}). Look up its ONVIF port and type ${host}:port.`,
      );
    default:
      return new HubError(
        'camera_silent',
        `Nothing answers at ${host}. Is the camera switched on, in the same network, and is this its address?`,
      );
  }
}

/** What is remembered of a description. */
export function rememberedOf(description: OnvifDescription, nowMs: number): CameraOnvif {
  const { info, chosen, ptz, imaging, talk, events } = description;
  return {
    make: info.make,
    model: info.model,
    firmware: info.firmware,
    mainProfile: chosen.main,
    subProfile: chosen.sub,
    ptz: ptz !== null,
    imaging: imaging !== null,
    talk,
    signals: events?.signals ?? [],
    askedMs: Math.round(nowMs),
  };
}

/** Addresses of the chosen streams. */
export function streamsOf({ profiles, chosen }: OnvifDescription): { main: string | null; sub: string | null } {
  const urlOf = (token: string | null): string | null =>
    profiles.find((profile) => profile.token === token)?.streamUrl ?? null;
  const main = urlOf(chosen.main);
  const sub = urlOf(chosen.sub);
  return { main, sub: sub === main ? null : sub };
}
