/**
 * Asks cameras of this home over ONVIF, as the user kept for them. Invariant: a camera that refused the password is not asked
 * again until its password or address changed or a person pressed "try again": tries in a loop lock the account (F15).
 */
import { HubError } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { OnvifOperation, OnvifOperations, OnvifTarget } from '#core/domain/onvif.ts';
import type { CameraRecord } from '#core/domain/records.ts';

export interface AskOptions {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}
export type AskOnvif = <N extends OnvifOperation>(
  operation: N,
  target: OnvifTarget,
  input: OnvifOperations[N]['input'],
  options?: AskOptions,
) => Promise<OnvifOperations[N]['output']>;

interface Init {
  ask: AskOnvif;
  credentials: (camera: CameraRecord) => { username: string | null; password: string | null };
}

export class CameraAsker {
  readonly #init: Init;
  readonly #refusals = new Map<CameraId, { key: string; message: string }>();

  constructor(init: Init) {
    this.#init = init;
  }

  /** Throws `not_offered` for a camera without an ONVIF address, and what the camera answers. */
  async ask<N extends OnvifOperation>(
    camera: CameraRecord,
    operation: N,
    input: OnvifOperations[N]['input'],
    options: AskOptions = {},
  ): Promise<OnvifOperations[N]['output']> {
    const target = this.target(camera);
    const refusal = this.#refusals.get(camera.id);
    if (refusal?.key === keyOf(camera)) throw new HubError('camera_wrong_password', refusal.message);
    try {
      const output = await this.#init.ask(operation, target, input, options);
      this.#refusals.delete(camera.id);
      return output;
    } catch (error) {
      if (error instanceof HubError && error.code === 'camera_wrong_password') this.refused(camera, error.message);
      throw error;
    }
  }

  /** Throws `not_offered`. */
  target(camera: CameraRecord): OnvifTarget {
    if (camera.onvifUrl === null)
      throw new HubError(
        'not_offered',
        `Camera '${camera.name}' was added by its stream address alone. Add its ONVIF address where the camera is edited.`,
      );
    return {
      ...{ url: camera.onvifUrl, ...this.#init.credentials(camera), cameraName: camera.name },
      ...{ pins: camera.tlsPins, cameraId: camera.id },
    };
  }

  refused(camera: CameraRecord, message: string): void {
    this.#refusals.set(camera.id, { key: keyOf(camera), message });
  }

  isRefused(camera: CameraRecord): boolean {
    return this.#refusals.get(camera.id)?.key === keyOf(camera);
  }

  /** A person says that it should be tried again, or the camera is gone. */
  forget(cameraId: CameraId): void {
    this.#refusals.delete(cameraId);
  }
}

/** What was refused: another password or address is another matter. */
function keyOf({ onvifUrl, username, sealedPassword }: CameraRecord): string {
  return JSON.stringify([onvifUrl, username, sealedPassword]);
}
