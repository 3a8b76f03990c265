/** Removes a camera with everything of it: rows at once, files after the recorder let go of them. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { snapshotPath } from '#core/domain/media-paths.ts';
import { idPattern, type CameraId } from '#core/domain/ids.ts';
import type { EventWriter, SegmentWriter } from '#core/domain/records.ts';

interface Init {
  segments: SegmentWriter;
  events: EventWriter;
  inTransaction: (change: () => void) => void;
  remove: (id: string, removeData: (id: CameraId, removeRow: () => void) => void) => { id: CameraId };
  recordingsDir: string;
  snapshotsDir: string;
  logger: Logger;
}

/** The recorder syncs and closes the open file within this time after it was told; then the folder is removed once more. */
const letGoMs = 3_000;
const eventsAtOnce = 500;

export class CameraRemoval {
  readonly #init: Init;
  readonly #stop = new AbortController();
  readonly #pending = new Set<Promise<void>>();

  constructor(init: Init) {
    this.#init = init;
  }

  /** Resolves when rows and files are gone. Throws `not_found`. */
  async remove(id: string): Promise<void> {
    const { segments, events } = this.#init;
    const pictures: string[] = [];
    const camera = this.#init.remove(id, (cameraId, removeRow) => {
      this.#init.inTransaction(() => {
        pictures.push(...this.#pictures(cameraId));
        segments.removeCamera(cameraId);
        events.removeCamera(cameraId);
        removeRow();
      });
    });
    await this.#removeFolder(camera.id);
    for (const path of pictures) await rm(join(this.#init.snapshotsDir, path), { force: true });
    const again = this.#onceMore(camera.id).finally(() => this.#pending.delete(again));
    this.#pending.add(again);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#pending);
  }

  #pictures(cameraId: CameraId): string[] {
    const paths: string[] = [];
    let cursor: string | undefined;
    do {
      const page = this.#init.events.list({ cameraId, limit: eventsAtOnce, cursor });
      for (const { id, startMs } of page.events) paths.push(snapshotPath(id, startMs), snapshotPath(id, startMs, true));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return paths;
  }

  async #onceMore(id: CameraId): Promise<void> {
    try {
      await wait(letGoMs, undefined, { signal: this.#stop.signal });
    } catch {
      // The hub stops: now or never.
    }
    await this.#removeFolder(id);
  }

  async #removeFolder(id: CameraId): Promise<void> {
    if (!idPattern.test(id)) throw new RangeError('not an id');
    try {
      await rm(join(this.#init.recordingsDir, id), { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
    } catch (error) {
      this.#init.logger.warn({ camera: id, error: errorText(error) }, 'files of a removed camera are left');
    }
  }
}
