/**
 * One segment file on disk: created at its first fragment, appended in order with one writev per fragment, synced in the
 * background. Writing never blocks the process: a disk that hangs fills this file's queue, not the other cameras' time.
 * Invariant: after a failure the file is cut back to its last whole fragment, and an existing file is never opened.
 */
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '#core/base/errors.ts';

/** Runs syncs one after another for the whole process: sixteen at once would only compete for one disk and its threads. */
export class SyncQueue {
  #tail: Promise<unknown> = Promise.resolve();

  run(work: () => Promise<void>): Promise<void> {
    const mine = this.#tail.then(work);
    // The next in line must run whether or not this one failed; who asked for this one gets the error.
    this.#tail = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }
}

export interface SegmentPlace {
  /** Must exist: it is never created, so that a missing mount is noticed instead of filled. */
  recordingsDir: string;
  /** Relative, with forward slashes; the folders in it are created when absent. */
  pathOf: (startMs: number) => string;
}

interface Append {
  parts: Buffer[];
  bytes: number;
  onWritten: () => void;
}

const maxNameTries = 1000;

export class SegmentFile {
  /** Called once, with what the file system said. Nothing is written afterwards. */
  onFailed: (error: NodeJS.ErrnoException) => void = () => undefined;
  writtenBytes = 0;
  queuedBytes = 0;
  #startMs: number;
  readonly #place: SegmentPlace;
  readonly #syncs: SyncQueue;
  readonly #queue: Append[] = [];
  #handle: FileHandle | null = null;
  #running: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #failed = false;
  #syncedBytes = 0;

  constructor(place: SegmentPlace, startMs: number, syncs: SyncQueue) {
    this.#place = place;
    this.#startMs = startMs;
    this.#syncs = syncs;
  }

  /** May move by some milliseconds when the file is created, if the name was taken. */
  get startMs(): number {
    return this.#startMs;
  }

  /** Relative to the recordings folder, with forward slashes. */
  get path(): string {
    return this.#place.pathOf(this.#startMs);
  }

  get failed(): boolean {
    return this.#failed;
  }

  append(parts: Buffer[], bytes: number, onWritten: () => void): void {
    if (this.#failed) return;
    this.#queue.push({ parts, bytes, onWritten });
    this.queuedBytes += bytes;
    this.#running ??= this.#run();
  }

  /** Asks for a data sync in the background; does nothing while one is under way or when nothing is new. */
  syncSoon(): void {
    const handle = this.#handle;
    if (!handle || this.#syncing || this.#failed || this.#syncedBytes === this.writtenBytes) return;
    const bytes = this.writtenBytes;
    this.#syncing = this.#syncs
      .run(() => handle.datasync())
      .then(
        () => {
          this.#syncedBytes = bytes;
        },
        (error: unknown) => this.#fail(error as NodeJS.ErrnoException),
      )
      .finally(() => {
        this.#syncing = null;
      });
  }

  /** Writes what is queued, syncs, closes. True if the file is whole and on disk; false if it failed on the way. */
  async finish(): Promise<boolean> {
    while (this.#running) await this.#running;
    if (this.#syncing) await this.#syncing;
    const handle = this.#handle;
    this.#handle = null;
    if (!handle) return false;
    try {
      if (!this.#failed) await this.#syncs.run(() => handle.sync());
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
    if (this.#failed) await this.#cutBack(handle);
    await handle.close();
    if (this.writtenBytes === 0) await rm(join(this.#place.recordingsDir, this.path), { force: true });
    return !this.#failed;
  }

  async #run(): Promise<void> {
    try {
      this.#handle ??= await this.#create();
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        await writeAll(this.#handle, next.parts, next.bytes);
        this.writtenBytes += next.bytes;
        this.queuedBytes -= next.bytes;
        next.onWritten();
      }
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    } finally {
      this.#running = null;
    }
  }

  async #create(): Promise<FileHandle> {
    let madeFolders = false;
    for (let tries = 0; ; tries++) {
      try {
        return await open(join(this.#place.recordingsDir, this.path), 'wx', 0o640);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // The folders are there already for all but the first segment of a day.
        if (code === 'ENOENT' && !madeFolders) {
          await this.#makeFolders();
          madeFolders = true;
        } else if (code === 'EEXIST' && tries < maxNameTries) this.#startMs++;
        else throw error;
      }
    }
  }

  async #makeFolders(): Promise<void> {
    let folder = this.#place.recordingsDir;
    for (const name of this.path.split('/').slice(0, -1)) {
      folder = join(folder, name);
      await mkdir(folder).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#queue.length = 0;
    this.queuedBytes = 0;
    this.onFailed(error);
  }

  async #cutBack(handle: FileHandle): Promise<void> {
    try {
      await handle.truncate(this.writtenBytes);
      await handle.sync();
    } catch (error) {
      // The disk is in trouble already and that was reported; a torn tail is cut at the next start (repairSegment).
      process.emitWarning(`${this.path} could not be cut back: ${errorText(error)}`);
    }
  }
}

/** writev may take less than it was given, e.g. when the disk fills up. */
async function writeAll(handle: FileHandle, parts: Buffer[], bytes: number): Promise<void> {
  const { bytesWritten } = await handle.writev(parts);
  if (bytesWritten === bytes) return;
  const rest = Buffer.concat(parts, bytes).subarray(bytesWritten);
  for (let at = 0; at < rest.length;) at += (await handle.write(rest, at)).bytesWritten;
}
