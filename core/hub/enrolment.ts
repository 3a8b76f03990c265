/**
 * Adding and changing cameras: what the registry keeps, joined with what the camera says of itself over ONVIF. Invariant: a
 * camera is in the registry with streams to pull or not at all; asking what else it can do never delays nor undoes that.
 */
import { errorText, HubError } from '#core/base/errors.ts';
import type { Clock } from '#core/base/clock.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CameraInput } from '#core/cameras/registry.ts';
import { readOnvifAddress, type OnvifAddress } from '#core/domain/onvif-address.ts';
import type { OnvifDescription } from '#core/domain/onvif.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { CameraAsker } from './camera-asker.ts';
import { describeMs, rememberedOf, streamsOf, type OnvifFinder } from './onvif-finder.ts';

type NewCamera = CameraInput & { name: string };

interface Init {
  registry: {
    list(): readonly CameraRecord[];
    find(id: string): CameraRecord | null;
    get(id: string): CameraRecord;
    add(input: NewCamera & { url: string }): CameraRecord;
    change(id: string, input: CameraInput): CameraRecord;
    credentials(camera: CameraRecord): { username: string | null; password: string | null };
  };
  finder: OnvifFinder;
  asker: CameraAsker;
  clock: Clock;
  logger: Logger;
}

/** After a start the cameras are asked one by one, when the streams had their turn. */
const firstAskMs = 10_000;

export class Enrolment {
  readonly #init: Init;
  readonly #stop = new AbortController();
  readonly #asking = new Set<string>();
  #first: NodeJS.Timeout | null = null;

  constructor(init: Init) {
    this.#init = init;
  }

  start(): void {
    this.#first = setTimeout(() => void this.#askAll(), firstAskMs);
    this.#first.unref();
  }

  stop(): void {
    if (this.#first) clearTimeout(this.#first);
    this.#stop.abort();
  }

  /** With `onvifUrl` and no `url` the camera is asked for its streams first: throws what probe throws. */
  async add(input: NewCamera, signal: AbortSignal): Promise<CameraRecord> {
    const { registry, finder, clock } = this.#init;
    const { url, onvifUrl } = asOnvif(input);
    if (url !== undefined) {
      const camera = registry.add({ ...input, url });
      if (camera.onvifUrl !== null) void this.#ask(camera, readOnvifAddress(onvifUrl ?? camera.onvifUrl));
      return camera;
    }
    if (onvifUrl === undefined || onvifUrl === null)
      throw new HubError('bad_request', 'Give the address of the camera (url or onvifUrl).');
    const address = readOnvifAddress(onvifUrl, input.username ?? null, input.password ?? null);
    const description = await finder.describe(address, address, this.#while(signal), input.name);
    const { main, sub } = streamsOf(description);
    if (main === null) throw noStreams(input.name);
    return registry.add({
      ...input,
      url: main,
      subUrl: input.subUrl === undefined ? sub : input.subUrl,
      username: address.username,
      password: address.password,
      onvifUrl: description.url,
      onvif: rememberedOf(description, clock.nowMs()),
    });
  }

  /** Throws `not_found`, `unsupported_source`. */
  change(id: string, input: CameraInput): CameraRecord {
    const { registry, asker } = this.#init;
    const before = registry.get(id);
    const after = registry.change(id, input);
    const other = after.onvifUrl !== before.onvifUrl;
    const otherUser = after.username !== before.username || after.sealedPassword !== before.sealedPassword;
    if (other || otherUser) asker.forget(after.id);
    if (after.onvifUrl !== null && (other || otherUser))
      void this.#ask(after, readOnvifAddress(input.onvifUrl ?? after.onvifUrl));
    return after;
  }

  /** Asks a camera what it offers and remembers it. Throws what the camera answers. */
  async describe(camera: CameraRecord, signal: AbortSignal): Promise<OnvifDescription> {
    const description = await this.#init.asker.ask(camera, 'describe', {}, { timeoutMs: describeMs, signal });
    this.remember(camera, description);
    return description;
  }

  /** Nothing happens when the camera is gone or has another address by now. */
  remember(camera: CameraRecord, description: OnvifDescription): void {
    const { registry, clock } = this.#init;
    const now = registry.find(camera.id);
    if (now?.onvifUrl !== camera.onvifUrl) return;
    const onvif = rememberedOf(description, clock.nowMs());
    const known = now.onvif && { ...now.onvif, askedMs: onvif.askedMs };
    if (description.url === now.onvifUrl && JSON.stringify(known) === JSON.stringify(onvif)) return;
    registry.change(camera.id, { onvif, onvifUrl: description.url });
  }

  /** One by one: there is no hurry, and cameras are slow. */
  async #askAll(): Promise<void> {
    for (const { id } of [...this.#init.registry.list()]) {
      const camera = this.#init.registry.find(id);
      if (this.#stop.signal.aborted) return;
      if (camera && camera.onvifUrl !== null) await this.#ask(camera, readOnvifAddress(camera.onvifUrl));
    }
  }

  /** A camera that does not answer is asked again when a person wants something of it, or at the next start. */
  async #ask(camera: CameraRecord, address: OnvifAddress): Promise<void> {
    const { asker, finder, registry, logger } = this.#init;
    const key = JSON.stringify([camera.id, camera.onvifUrl, camera.username, camera.sealedPassword]);
    if (this.#asking.has(key) || asker.isRefused(camera)) return;
    this.#asking.add(key);
    try {
      const { signal } = this.#stop;
      const user = { ...registry.credentials(camera), pins: camera.tlsPins, cameraId: camera.id };
      this.remember(camera, await finder.describe(address, user, signal, camera.name));
    } catch (error) {
      if (error instanceof HubError && error.code === 'camera_wrong_password') asker.refused(camera, error.message);
      logger.info({ camera: camera.id, error: errorText(error) }, 'a camera did not say what it offers');
    } finally {
      this.#asking.delete(key);
    }
  }

  #while(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#stop.signal]);
  }
}

/** An ONVIF device service given as the address of the stream: its path tells it from motion JPEG. */
function asOnvif({ url, onvifUrl }: NewCamera): Pick<NewCamera, 'url' | 'onvifUrl'> {
  const isService = url !== undefined && /^https?:\/\/[^?#]*\/(onvif\/|device_service)/i.test(url.trim());
  return isService && (onvifUrl ?? null) === null ? { onvifUrl: url } : { url, onvifUrl };
}

function noStreams(name: string): HubError {
  return new HubError(
    'camera_no_video',
    `Camera '${name}' answers over ONVIF but names no video stream. Type the address of its stream (rtsp://…) as well.`,
  );
}
