/**
 * Cameras that are being added: pulled for a live picture and nothing else. Invariant: a draft is recorded nowhere, stands in
 * no list and no database, and is gone soon after nobody looks at it.
 */
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import { Signal } from '#core/base/signal.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import { defaultDetectSettings } from '#core/domain/detection.ts';
import { newCameraId, type CameraId } from '#core/domain/ids.ts';
import { defaultPtzSettings, type CameraRecord } from '#core/domain/records.ts';
import { credentialsFor, type Credentials, type Kept } from './kept-password.ts';

export interface DraftRequest {
  url: string;
  subUrl?: string | null | undefined;
  username?: string | null | undefined;
  password?: string | null | undefined;
  cameraId?: string | undefined;
}

interface Init {
  kept: (cameraId: string) => Kept | null;
  clock: Clock;
}

interface Draft {
  camera: CameraRecord;
  credentials: Credentials;
  madeMs: number;
  viewers: number;
  /** Monotonic; since when nobody looks. */
  unwatchedMs: number;
}

const mostDrafts = 4;
const unwatchedForMs = 20_000;
const longestMs = 600_000;
const lookEveryMs = 1_000;

export class Drafts {
  /** One came (null) or went. */
  readonly changed = new Signal<CameraId | null>();
  readonly #init: Init;
  readonly #drafts = new Map<CameraId, Draft>();
  #timer: NodeJS.Timeout | null = null;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Throws `unsupported_source`, `too_many`. */
  add(request: DraftRequest): CameraId {
    const main = parseCameraUrl(request.url, request.username ?? null, request.password ?? null);
    const sub = typeof request.subUrl === 'string' ? parseCameraUrl(request.subUrl) : null;
    const kept = request.cameraId === undefined ? null : this.#init.kept(request.cameraId);
    const credentials = credentialsFor(main.host, main, kept);
    // One user for both streams: a kept password must not reach another host through the second.
    const subUrl = sub && credentialsFor(sub.host, main, kept).password === credentials.password ? sub.url : null;
    this.#makeRoom();
    const { clock } = this.#init;
    const camera: CameraRecord = {
      id: newCameraId(),
      name: main.host,
      url: main.url,
      subUrl,
      username: credentials.username,
      sealedPassword: null,
      onvifUrl: null,
      onvif: null,
      room: null,
      ptz: defaultPtzSettings,
      tlsPins: credentials.pins ?? {},
      record: 'off',
      // Nobody listens to a preview, and sound that needs converting would delay it.
      audio: false,
      indoor: false,
      detect: { ...defaultDetectSettings, enabled: false },
      demo: false,
      position: 0,
      createdMs: clock.nowMs(),
    };
    const madeMs = clock.monoMs();
    this.#drafts.set(camera.id, { camera, credentials, madeMs, viewers: 0, unwatchedMs: madeMs });
    this.changed.emit(null);
    this.#timer ??= setInterval(() => this.tick(), lookEveryMs).unref();
    return camera.id;
  }

  /** Nothing happens when it is gone already. */
  remove(id: string): void {
    if (!this.#drafts.delete(id as CameraId)) return;
    if (this.#drafts.size === 0) this.#rest();
    this.changed.emit(id as CameraId);
  }

  stop(): void {
    this.#rest();
    this.#drafts.clear();
  }

  list(): readonly CameraRecord[] {
    return [...this.#drafts.values()].map(({ camera }) => camera);
  }

  find(id: string): CameraRecord | null {
    return this.#drafts.get(id as CameraId)?.camera ?? null;
  }

  /** For the processes that pull, as for cameras of the home. */
  credentials(camera: CameraRecord): Credentials {
    return this.#drafts.get(camera.id)?.credentials ?? { username: null, password: null };
  }

  /** Somebody looks; returns the call that says that they stopped. */
  watch(id: CameraId): () => void {
    const draft = this.#drafts.get(id);
    if (!draft) return () => undefined;
    draft.viewers++;
    return () => {
      draft.viewers--;
      draft.unwatchedMs = this.#init.clock.monoMs();
    };
  }

  /** Removes what nobody looks at. Public so that tests own the time. */
  tick(): void {
    const nowMs = this.#init.clock.monoMs();
    for (const [id, { viewers, unwatchedMs, madeMs }] of [...this.#drafts])
      if ((viewers === 0 && nowMs - unwatchedMs >= unwatchedForMs) || nowMs - madeMs >= longestMs) this.remove(id);
  }

  #makeRoom(): void {
    if (this.#drafts.size < mostDrafts) return;
    const idle = [...this.#drafts].find(([, draft]) => draft.viewers === 0);
    if (!idle)
      throw new HubError(
        'too_many',
        `${mostDrafts} cameras are being added already. Finish or close one of them first.`,
      );
    this.remove(idle[0]);
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
