/**
 * Whether the recordings folder is the one we know. A marker file in it carries an id that the database knows, too: where the
 * marker is missing the disk is not mounted, and nothing may be written to the empty folder beneath.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '#core/base/errors.ts';
import type { MetaStore } from '#core/domain/records.ts';

export const markerName = '.porchlight-volume';
const metaKey = 'volume_id';

export interface VolumeState {
  freeBytes: number;
  diskBytes: number;
  /** null: fine. Else a sentence. */
  problem: string | null;
}

export class Volume {
  readonly folder: string;
  readonly #meta: MetaStore;

  constructor(folder: string, meta: MetaStore) {
    this.folder = folder;
    this.#meta = meta;
  }

  /** Looks at the disk. Never throws: what is wrong is in `problem`. */
  async look(): Promise<VolumeState> {
    const problem = await this.#problem();
    try {
      const { bavail, blocks, bsize } = await statfs(this.folder);
      return { freeBytes: bavail * bsize, diskBytes: blocks * bsize, problem };
    } catch (error) {
      return { freeBytes: 0, diskBytes: 0, problem: problem ?? `${this.folder} can't be read (${errorText(error)}).` };
    }
  }

  async #problem(): Promise<string | null> {
    const path = join(this.folder, markerName);
    const known = this.#meta.get(metaKey);
    let marker: string | null;
    try {
      marker = (await readFile(path, 'utf8')).trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        return `The recordings folder ${this.folder} can't be read (${errorText(error)}). Check the disk.`;
      marker = null;
    }
    if (marker === null && known !== null)
      return (
        `The recordings disk is not there: ${this.folder} lacks its file ${markerName}. Connect the disk again. ` +
        `If this is a new disk on purpose, make an empty file of that name in it.`
      );
    if (marker === null || marker !== known) {
      // A new folder, one that a person put there with an empty marker, or one from another data folder.
      const id = marker ?? '';
      const adopted = id === '' ? randomBytes(12).toString('hex') : id;
      try {
        if (id === '') await writeFile(path, `${adopted}\n`, { mode: 0o600 });
      } catch (error) {
        return this.#unwritable(error);
      }
      this.#meta.set(metaKey, adopted);
    }
    try {
      await access(this.folder, constants.W_OK);
    } catch (error) {
      return this.#unwritable(error);
    }
    return null;
  }

  #unwritable(error: unknown): string {
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    if (full) return `The disk of ${this.folder} is full.`;
    return `The recordings folder ${this.folder} can't be written (${errorText(error)}). Check the disk and its rights.`;
  }
}
