/**
 * Makes index and disk agree after a crash, a restored backup or a person with a file manager. Files without rows are mended
 * and entered; rows without files are removed, but never many at once: that looks like a disk that is not there.
 * The newest two days are done first, the rest in the background, newest first, so that the start does not grow with the index.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { dayOf, segmentPath } from '#core/domain/media-paths.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { SegmentKey, SegmentRecord, SegmentWriter } from '#core/domain/records.ts';
import type { SegmentFiles } from './segment-files.ts';

interface Init {
  segments: SegmentWriter;
  files: SegmentFiles;
  recordingsDir: string;
  cameras: () => readonly { id: CameraId }[];
  /** Segments of this run are the recorder's business: only what began before is looked at. */
  beforeMs: number;
  clock: Clock;
  logger: Logger;
  /** A file that was written this recently may still be being closed by a recorder that outlived its hub. */
  settleMs?: number;
}

export interface ReconcileFigures {
  filesEntered: number;
  rowsRemoved: number;
  /** Rows without files that the cap left alone. */
  rowsKept: number;
  filesDamaged: number;
  finished: boolean;
}

const dayMs = 86_400_000;
const defaultSettleMs = 2_500;
/** Of one camera's stream: above this many rows, a loss of more than a fifth is not believed. */
const capFromRows = 50;
const capShare = 0.2;
/** A file without a whole picture that is larger than this is kept for a person to look at. */
const emptyBytes = 1_000_000;

export class Reconciler {
  readonly figures: ReconcileFigures = {
    filesEntered: 0,
    rowsRemoved: 0,
    rowsKept: 0,
    filesDamaged: 0,
    finished: false,
  };
  readonly #init: Init;
  readonly #settleMs: number;
  readonly #stop = new AbortController();
  readonly #kept = new Map<string, number>();
  #background: Promise<void> = Promise.resolve();
  #started = false;

  constructor(init: Init) {
    this.#init = init;
    this.#settleMs = init.settleMs ?? defaultSettleMs;
  }

  /** The newest two days; then the rest goes on by itself. Once only. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const today = this.#init.beforeMs;
    for (const { id } of this.#init.cameras())
      for (const stream of ['main', 'sub'] as const)
        await this.#days(id, stream, [dayOf(today), dayOf(today - dayMs)], 0);
    this.#background = this.#rest().catch((error: unknown) => {
      if (!this.#stop.signal.aborted)
        this.#init.logger.error({ error: errorText(error) }, 'comparing the index with the disk failed');
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#background;
  }

  /** Waits for the rest, too. */
  async finished(): Promise<void> {
    await this.#background;
  }

  /** Enters files that their recorder left open when it died. */
  async mend(segments: readonly SegmentKey[]): Promise<void> {
    for (const key of segments) await this.#enter(key);
  }

  async #rest(): Promise<void> {
    const recent = new Set([dayOf(this.#init.beforeMs), dayOf(this.#init.beforeMs - dayMs)]);
    // Once more, for files that were still warm: their recorder has closed them by now.
    await wait(this.#settleMs, undefined, { signal: this.#stop.signal });
    for (const { id } of this.#init.cameras())
      for (const stream of ['main', 'sub'] as const) {
        await this.#days(id, stream, [...recent], 0);
        const onDisk = (await names(join(this.#init.recordingsDir, id, stream))).filter((day) =>
          /^\d{4}-\d\d-\d\d$/.test(day),
        );
        const known = this.#daysWithRows(id, stream);
        const days = [...new Set([...onDisk, ...known])]
          .filter((day) => !recent.has(day))
          .toSorted()
          .toReversed();
        await this.#days(id, stream, days, 5);
      }
    this.figures.finished = true;
    this.#init.logger.info({ ...this.figures }, 'index and disk compared');
  }

  #daysWithRows(id: CameraId, stream: StreamName): string[] {
    const first = this.#init.segments.firstStartMs(id);
    if (first === null) return [];
    const days: string[] = [];
    for (let at = Math.floor(first / dayMs) * dayMs; at < this.#init.beforeMs; at += dayMs)
      if (this.#init.segments.spans(id, stream, at, at + dayMs).length > 0) days.push(dayOf(at));
    return days;
  }

  /** `pauseMs` between days leaves the event loop to others. Two passes, because the cap needs the sum and the keys would fill memory. */
  async #days(id: CameraId, stream: StreamName, days: readonly string[], pauseMs: number): Promise<void> {
    const lacking: string[] = [];
    let missing = 0;
    let rows = 0;
    for (const day of days) {
      if (this.#stop.signal.aborted) return;
      const known = this.#rowsOf(id, stream, day);
      const there = await this.#startsOnDisk(id, stream, day);
      const lost = known.filter((startMs) => !there.has(startMs)).length;
      rows += known.length;
      missing += lost;
      if (lost > 0) lacking.push(day);
      for (const startMs of known) there.delete(startMs);
      for (const startMs of there)
        if (startMs < this.#init.beforeMs) await this.#enter({ cameraId: id, stream, startMs });
      if (pauseMs > 0) await wait(pauseMs, undefined, { signal: this.#stop.signal });
    }
    const believed = rows < capFromRows || missing <= rows * capShare;
    this.#kept.set(`${id}/${stream}/${pauseMs}`, believed ? 0 : missing);
    this.figures.rowsKept = [...this.#kept.values()].reduce((sum, count) => sum + count, 0);
    if (!believed) {
      this.#init.logger.warn(
        { camera: id, stream, missing, rows },
        'many recordings are not on the disk; their rows stay',
      );
      return;
    }
    for (const day of lacking) {
      const there = await this.#startsOnDisk(id, stream, day);
      const lost = this.#rowsOf(id, stream, day).filter((startMs) => !there.has(startMs));
      this.#init.segments.remove(lost.map((startMs) => ({ cameraId: id, stream, startMs })));
      this.figures.rowsRemoved += lost.length;
    }
  }

  #rowsOf(id: CameraId, stream: StreamName, day: string): number[] {
    const fromMs = Date.parse(`${day}T00:00:00Z`);
    return this.#init.segments.starts(id, stream, fromMs, Math.min(fromMs + dayMs, this.#init.beforeMs));
  }

  async #startsOnDisk(id: CameraId, stream: StreamName, day: string): Promise<Set<number>> {
    const starts = new Set<number>();
    for (const name of await names(join(this.#init.recordingsDir, id, stream, day))) {
      const startMs = Number(/^(\d{1,15})\.mp4$/.exec(name)?.[1] ?? NaN);
      // A file in a folder where we would never look for it is not ours.
      if (Number.isSafeInteger(startMs) && dayOf(startMs) === day) starts.add(startMs);
    }
    return starts;
  }

  async #enter(key: SegmentKey): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const path = join(this.#init.recordingsDir, segmentPath(key.cameraId, key.stream, key.startMs));
    try {
      const { mtimeMs, size } = await stat(path);
      const age = Date.now() - mtimeMs;
      if (age >= 0 && age < this.#settleMs && this.#init.clock.nowMs() - this.#init.beforeMs < this.#settleMs) return;
      const found = await this.#init.files.repair(path);
      if (!found) {
        await this.#putAside(path, size);
        return;
      }
      const { durationMs, ...rest } = found;
      const segment: SegmentRecord = { ...key, ...rest, endMs: Math.round(key.startMs + durationMs), damaged: false };
      this.#init.segments.insert([segment]);
      this.figures.filesEntered++;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.figures.filesDamaged++;
      this.#init.logger.warn({ path, error: errorText(error) }, 'a recording could not be read');
    }
  }

  /** A file that is no segment must not be tried again at each start. */
  async #putAside(path: string, size: number): Promise<void> {
    this.figures.filesDamaged++;
    if (size < emptyBytes) await rm(path, { force: true });
    else await rename(path, `${path}.damaged`);
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
