/**
 * Appends preview pictures to the packs of core/domain/preview-pack.ts.
 * Invariant: one record is one write at the end of the file, so that a crash tears at most the last one. Folders are made
 * only inside a camera's existing recordings folder: where the volume is not mounted, nothing is written beside it.
 */
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CameraId } from '#core/domain/ids.ts';
import { previewPackPath } from '#core/domain/media-paths.ts';
import { encodePreview } from '#core/domain/preview-pack.ts';

export class PreviewWriter {
  readonly #folder: string;

  /** `folder`: the recordings folder. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns false where the camera has no recordings folder. Throws the system's error if the disk refuses. */
  append(cameraId: CameraId, timeMs: number, jpeg: Uint8Array): boolean {
    if (!existsSync(join(this.#folder, cameraId))) return false;
    const path = join(this.#folder, previewPackPath(cameraId, timeMs));
    const record = encodePreview(timeMs, jpeg);
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a', 0o600);
    try {
      writeSync(file, record);
    } finally {
      closeSync(file);
    }
    return true;
  }
}
