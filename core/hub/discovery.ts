/**
 * Looks for cameras nearby and marks the ones that are at home already. Invariant: nothing is ever added by it; a search ends
 * when its time is over or its asker went away.
 */
import { HubError } from '#core/base/errors.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { FoundDevice } from '#core/domain/onvif.ts';
import type { CameraRecord } from '#core/domain/records.ts';

export type Discovered = FoundDevice & { addedAs: CameraId | null };

interface Init {
  discover: (
    address: string | null,
    timeoutMs: number,
    onFound: (device: FoundDevice) => void,
    signal: AbortSignal,
  ) => Promise<string[]>;
  cameras: () => readonly CameraRecord[];
}

const defaultTimeoutMs = 5_000;
const mostAtOnce = 2;

export class Discovery {
  readonly #init: Init;
  #running = 0;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Resolves with what went wrong on the way, in words. Throws `too_many` at once, `bad_request`, `unavailable`. */
  search(
    {
      address = null,
      timeoutMs = defaultTimeoutMs,
    }: { address?: string | null | undefined; timeoutMs?: number | undefined },
    onFound: (device: Discovered) => void,
    signal: AbortSignal,
  ): Promise<string[]> {
    if (this.#running >= mostAtOnce)
      throw new HubError('too_many', 'Two searches are going on already. Wait for them, it takes ten seconds.');
    this.#running++;
    return this.#init
      .discover(address, timeoutMs, (device) => onFound({ ...device, addedAs: this.#addedAs(device) }), signal)
      .finally(() => this.#running--);
  }

  #addedAs(device: FoundDevice): CameraId | null {
    const cameras = this.#init.cameras().filter((camera) => !camera.demo);
    const service = parseCameraUrl(device.url);
    const isHost = (url: string | null): boolean => {
      const host = url === null ? null : parseCameraUrl(url).host;
      return host !== null && (host === service.host || host === device.address);
    };
    const exact = cameras.find(
      ({ onvifUrl }) => isHost(onvifUrl) && parseCameraUrl(onvifUrl ?? '').port === service.port,
    );
    // A camera known by its streams alone has no port to compare.
    return (exact ?? cameras.find(({ onvifUrl, url }) => onvifUrl === null && isHost(url)))?.id ?? null;
  }
}
