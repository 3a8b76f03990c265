/** Event pictures on disk. Invariant: a picture's name exists only once all of it is there. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventId } from '#core/domain/ids.ts';
import { snapshotPath } from '#core/domain/media-paths.ts';

export class SnapshotWriter {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws the system's error. Not synced: a power cut may cost the last pictures, never the event. */
  save(id: EventId, startMs: number, frame: Buffer, thumb: Buffer): void {
    this.#write(join(this.#folder, snapshotPath(id, startMs)), frame);
    this.#write(join(this.#folder, snapshotPath(id, startMs, true)), thumb);
  }

  #write(path: string, jpeg: Buffer): void {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.new`;
    try {
      writeFileSync(temporary, jpeg, { mode: 0o600 });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}
