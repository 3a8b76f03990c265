/** Previews and event pictures: their size, and deleting them by age. Only files with names that we give are counted or touched. */
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CameraId } from '#core/domain/ids.ts';

const dayName = /^\d{4}-\d{2}-\d{2}$/;
const packName = /^\d{1,15}\.pack$/;
const pictureName = /^e[a-z0-9]{12}(-thumb)?\.jpg$/;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Found {
  path: string;
  /** What it shows ended at this time. */
  endMs: number;
}

export class SideFiles {
  readonly #recordingsDir: string;
  readonly #snapshotsDir: string;

  constructor(recordingsDir: string, snapshotsDir: string) {
    this.#recordingsDir = recordingsDir;
    this.#snapshotsDir = snapshotsDir;
  }

  /** Bytes of previews by camera, and of all event pictures. Reads every folder: call it seldom. */
  async measure(cameraIds: readonly CameraId[]): Promise<{ previews: Map<CameraId, number>; snapshots: number }> {
    const previews = new Map<CameraId, number>();
    for (const id of cameraIds) previews.set(id, await sizeOf(this.#packs(id)));
    return { previews, snapshots: await sizeOf(this.#pictures()) };
  }

  /** Deletes what ended before the time. Returns the bytes freed. */
  async removeBefore(cameraIds: readonly CameraId[], beforeMs: number): Promise<number> {
    let freed = 0;
    const lists = [...cameraIds.map((id) => this.#packs(id)), this.#pictures()];
    for (const list of lists)
      for await (const file of list) {
        if (file.endMs >= beforeMs) continue;
        freed += await sizeOrZero(file.path);
        await rm(file.path, { force: true });
      }
    return freed;
  }

  async *#packs(id: CameraId): AsyncGenerator<Found> {
    yield* walk(
      join(this.#recordingsDir, id, 'previews'),
      packName,
      (_day, name) => Number.parseInt(name, 10) + hourMs,
    );
  }

  async *#pictures(): AsyncGenerator<Found> {
    yield* walk(this.#snapshotsDir, pictureName, (day) => Date.parse(`${day}T00:00:00Z`) + dayMs);
  }
}

/** `<folder>/<day>/<file>`, oldest day first. Empty days are removed on the way. */
async function* walk(
  folder: string,
  names: RegExp,
  endOf: (day: string, name: string) => number,
): AsyncGenerator<Found> {
  for (const day of (await listNames(folder)).filter((name) => dayName.test(name)).toSorted()) {
    const files = await listNames(join(folder, day));
    for (const name of files) if (names.test(name)) yield { path: join(folder, day, name), endMs: endOf(day, name) };
    if (files.length === 0) await removeEmpty(join(folder, day));
  }
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // Somebody just wrote into it, or it is gone: both are fine.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'EEXIST') throw error;
  }
}

async function sizeOf(files: AsyncGenerator<Found>): Promise<number> {
  let bytes = 0;
  for await (const file of files) bytes += await sizeOrZero(file.path);
  return bytes;
}

async function sizeOrZero(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
