/**
 * The cameras of this home: adding, changing, removing. Owns the rule that an address never carries a password past this
 * point: user information is taken out and sealed, and comes back only through `credentials()`, for the processes that pull.
 */
import type { Clock } from '#core/base/clock.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { Signal } from '#core/base/signal.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import { defaultDetectSettings, type DetectSettings } from '#core/domain/detection.ts';
import { newCameraId, type CameraId } from '#core/domain/ids.ts';
import type { RecordMode } from '#core/domain/media.ts';
import { readOnvifAddress } from '#core/domain/onvif-address.ts';
import {
  defaultPtzSettings,
  type CameraOnvif,
  type CameraRecord,
  type CameraWriter,
  type PtzSettings,
  type SecretBox,
} from '#core/domain/records.ts';
import type { CameraSidecar } from './sidecar.ts';

/** More than this on one machine is a mistake or an attack. */
const mostCameras = 256;

/** What a person typed. Undefined: leave as it is; null: none. */
export interface CameraInput {
  name?: string | undefined;
  url?: string | undefined;
  subUrl?: string | null | undefined;
  username?: string | null | undefined;
  password?: string | null | undefined;
  record?: RecordMode | undefined;
  audio?: boolean | undefined;
  indoor?: boolean | undefined;
  room?: string | null | undefined;
  onvifUrl?: string | null | undefined;
  /** What it says of itself; null when another address makes that void. */
  onvif?: CameraOnvif | null | undefined;
  ptz?: PtzSettings | undefined;
  detect?: { [K in keyof DetectSettings]?: DetectSettings[K] | undefined } | undefined;
  position?: number | undefined;
}

export interface RegistryInit {
  cameras: CameraWriter;
  secrets: SecretBox;
  sidecar: CameraSidecar;
  clock: Clock;
  logger: Logger;
}

export class CameraRegistry {
  readonly changed = new Signal<CameraRecord>();
  readonly removed = new Signal<CameraRecord>();
  readonly #init: RegistryInit;
  #list: CameraRecord[];

  constructor(init: RegistryInit) {
    this.#init = init;
    this.#list = init.cameras.list();
  }

  /** By position. */
  list(): readonly CameraRecord[] {
    return this.#list;
  }

  /** Throws `not_found`. */
  get(id: string): CameraRecord {
    const camera = this.find(id);
    if (!camera)
      throw new HubError(
        'not_found',
        'There is no such camera (any more). Go back to Home to see the cameras there are.',
      );
    return camera;
  }

  find(id: string): CameraRecord | null {
    return this.#list.find((camera) => camera.id === id) ?? null;
  }

  /** The user's name and password in clear, for a process that connects. Nothing else may ask. */
  credentials(camera: CameraRecord): { username: string | null; password: string | null } {
    if (camera.sealedPassword === null) return { username: camera.username, password: null };
    try {
      return { username: camera.username, password: this.#init.secrets.open(camera.sealedPassword) };
    } catch (error) {
      // The key was replaced: the camera will refuse us, which asks the person for the password.
      this.#init.logger.warn({ camera: camera.id, error: errorText(error) }, 'a sealed password does not open');
      return { username: camera.username, password: null };
    }
  }

  /** Throws `unsupported_source`, `bad_request`, `too_many`. */
  add(input: CameraInput & { name: string; url: string }, options: { demo?: boolean } = {}): CameraRecord {
    if (this.#list.length >= mostCameras)
      throw new HubError('too_many', `There are ${mostCameras} cameras already. Remove one first.`);
    const empty: CameraRecord = {
      id: newCameraId(),
      name: '',
      url: '',
      subUrl: null,
      username: null,
      sealedPassword: null,
      onvifUrl: null,
      onvif: null,
      room: null,
      ptz: defaultPtzSettings,
      tlsPins: {},
      record: 'continuous',
      audio: true,
      indoor: false,
      detect: defaultDetectSettings,
      demo: options.demo ?? false,
      position: Math.max(-1, ...this.#list.map((camera) => camera.position)) + 1,
      createdMs: this.#init.clock.nowMs(),
    };
    return this.#save(this.#merge(empty, input));
  }

  /** Throws `not_found`, `unsupported_source`. */
  change(id: string, input: CameraInput): CameraRecord {
    return this.#save(this.#merge(this.get(id), input));
  }

  /** Puts a camera as it was, e.g. from the backup beside the database. */
  restore(camera: CameraRecord): void {
    this.#save(camera);
  }

  /** Keeps the certificate that was shown first at `address` (host:port); one that is kept already stays. */
  pin(id: string, address: string, fingerprint: string): void {
    const camera = this.find(id);
    if (camera === null || Object.hasOwn(camera.tlsPins, address)) return;
    this.#save({ ...camera, tlsPins: { ...camera.tlsPins, [address]: fingerprint } });
  }

  /** A person says that the certificates are new for a good reason: the next ones are kept. Throws `not_found`. */
  forgetPins(id: string): CameraRecord {
    return this.#save({ ...this.get(id), tlsPins: {} });
  }

  /** The row goes last: `removeData` removes what refers to it, in the same transaction. Throws `not_found`. */
  remove(id: string, removeData: (id: CameraId, removeRow: () => void) => void): CameraRecord {
    const camera = this.get(id);
    removeData(camera.id, () => this.#init.cameras.remove(camera.id));
    this.#reload();
    this.removed.emit(camera);
    return camera;
  }

  #merge(before: CameraRecord, input: CameraInput): CameraRecord {
    const after: CameraRecord = { ...before };
    if (input.name !== undefined) after.name = input.name;
    if (input.record !== undefined) after.record = input.record;
    if (input.audio !== undefined) after.audio = input.audio;
    if (input.indoor !== undefined) after.indoor = input.indoor;
    if (input.room !== undefined) after.room = input.room;
    if (input.position !== undefined) after.position = input.position;
    if (input.ptz !== undefined) after.ptz = input.ptz;
    if (input.detect) after.detect = mergeDetect(before.detect, input.detect);

    let username = input.username;
    let password = input.password;
    for (const key of ['url', 'subUrl'] as const) {
      const typed = input[key];
      if (typed === undefined) continue;
      if (typed === null) {
        after.subUrl = null;
        continue;
      }
      const parsed = parseCameraUrl(typed);
      after[key] = parsed.url;
      // What is typed in its own field wins over what is in the address.
      username ??= parsed.username ?? undefined;
      password ??= parsed.password ?? undefined;
    }
    if (input.onvifUrl !== undefined) {
      const parsed = input.onvifUrl === null ? null : readOnvifAddress(input.onvifUrl);
      after.onvifUrl = parsed?.url ?? null;
      if (after.onvifUrl !== before.onvifUrl) after.onvif = null;
      username ??= parsed?.username ?? undefined;
      password ??= parsed?.password ?? undefined;
    }
    if (input.onvif !== undefined) after.onvif = input.onvif;
    if (username !== undefined) after.username = username === '' ? null : username;
    if (password !== undefined)
      after.sealedPassword = password === null || password === '' ? null : this.#init.secrets.seal(password);
    return after;
  }

  #save(camera: CameraRecord): CameraRecord {
    this.#init.cameras.put(camera);
    this.#reload();
    this.changed.emit(camera);
    return camera;
  }

  #reload(): void {
    this.#list = this.#init.cameras.list();
    this.#init.sidecar.write(this.#list);
  }
}

function mergeDetect(before: DetectSettings, patch: NonNullable<CameraInput['detect']>): DetectSettings {
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...before, ...(given as Partial<DetectSettings>) };
}
