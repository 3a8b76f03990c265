/**
 * Keeps room on the disk and knows how much there is. Invariant: one goal (core/domain/retention.ts) decides what goes; a file
 * is deleted before its row, so that a crash between leaves a row without a file, which the reconciliation removes.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { storage } from '#core/api/schemas.ts';
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Service } from '#core/base/lifecycle.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { segmentPath } from '#core/domain/media-paths.ts';
import type { GapReason } from '#core/domain/media.ts';
import type { CameraRecord, EventWriter, SegmentKey, SegmentWriter, SettingsReader } from '#core/domain/records.ts';
import { retentionGoal } from '#core/domain/retention.ts';
import type { SideFiles } from './side-files.ts';
import type { Volume, VolumeState } from './volume.ts';

interface Init {
  volume: Volume;
  sideFiles: SideFiles;
  segments: SegmentWriter;
  events: EventWriter;
  settings: SettingsReader;
  cameras: () => readonly CameraRecord[];
  openBytes: () => number;
  /** Told at each change: may the recorder write. */
  setWritable: (writable: boolean, reason: GapReason) => void;
  /** Something that health shows has changed. */
  changed: () => void;
  clock: Clock;
  logger: Logger;
}

const lookEveryMs = 5_000;
const retainEveryMs = 60_000;
const measureEveryMs = 600_000;
const batch = 200;
const dayMs = 86_400_000;

export class Storage implements Service {
  readonly #init: Init;
  #state: VolumeState = { freeBytes: 0, diskBytes: 0, problem: null };
  #previews = new Map<CameraId, number>();
  #snapshotBytes = 0;
  #timers: NodeJS.Timeout[] = [];
  #retaining: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  /** The last failure of deleting, or null. */
  #deleteProblem: string | null = null;

  constructor(init: Init) {
    this.#init = init;
  }

  async start(): Promise<void> {
    await this.look();
    const every = (ms: number, run: () => Promise<unknown>, what: string): NodeJS.Timeout => {
      const timer = setInterval(() => {
        run().catch((error: unknown) => this.#init.logger.error({ error: errorText(error) }, `${what} failed`));
      }, ms);
      timer.unref();
      return timer;
    };
    this.#timers = [
      every(lookEveryMs, () => this.look(), 'looking at the disk'),
      every(retainEveryMs, () => this.retain(), 'retention'),
      every(measureEveryMs, () => this.#measure(), 'measuring'),
    ];
    this.#measure()
      .then(() => this.retain())
      .catch((error: unknown) => this.#init.logger.error({ error: errorText(error) }, 'first retention failed'));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#retaining;
  }

  get problem(): string | null {
    return this.#state.problem ?? this.#deleteProblem;
  }

  get state(): VolumeState {
    return this.#state;
  }

  /** Looks at the disk and tells the recorder if that changed whether it may write. */
  async look(): Promise<void> {
    const before = this.#state.problem;
    this.#state = await this.#init.volume.look();
    const after = this.#state.problem;
    if ((before === null) !== (after === null)) {
      this.#init.logger.warn({ problem: after }, after === null ? 'the disk is back' : 'the disk has a problem');
      this.#init.setWritable(after === null, 'disk_error');
    }
    if (before !== after) this.#init.changed();
  }

  /** A write failed. On a full disk room is made at once and the recorder is told to go on. */
  async writeFailed(code: string): Promise<void> {
    await this.look();
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return;
    await this.retain(true);
    this.#init.setWritable(this.#state.problem === null, 'disk_full');
  }

  /** Deletes what must go. Calls that come while one runs are joined into one more run. */
  async retain(urgent = false): Promise<void> {
    if (this.#retaining) {
      this.#again ||= urgent;
      await this.#retaining;
      return;
    }
    this.#retaining = this.#retain(urgent);
    try {
      await this.#retaining;
    } finally {
      this.#retaining = null;
    }
    if (this.#again) {
      this.#again = false;
      await this.retain(true);
    }
  }

  usedBytes(): number {
    let bytes = this.#init.openBytes() + this.#snapshotBytes;
    for (const one of this.#init.segments.bytesByCamera()) bytes += one.bytes;
    for (const size of this.#previews.values()) bytes += size;
    return bytes;
  }

  figures(): z.input<typeof storage> {
    const settings = this.#init.settings.get();
    const byCamera = new Map(this.#init.segments.bytesByCamera().map((one) => [one.cameraId, one]));
    const cameras = this.#init.cameras().map((camera) => {
      const recorded = byCamera.get(camera.id);
      const days = recorded ? (recorded.endMs - recorded.startMs) / dayMs : 0;
      return {
        cameraId: camera.id,
        name: camera.name,
        bytes: (recorded?.bytes ?? 0) + (this.#previews.get(camera.id) ?? 0),
        // Below ten minutes a rate is a guess.
        bytesPerDay: recorded && days > 10 / 1_440 ? Math.round(recorded.bytes / days) : null,
      };
    });
    const perDay = cameras.reduce((sum, camera) => sum + (camera.bytesPerDay ?? 0), 0);
    const usedBytes = this.usedBytes();
    const byFree = Math.max(0, this.#state.freeBytes - settings.minFreeBytes);
    const left = settings.maxBytes === null ? byFree : Math.min(byFree, Math.max(0, settings.maxBytes - usedBytes));
    const oldest = this.#init.segments.oldest(1)[0];
    return {
      recordingsDir: this.#init.volume.folder,
      usedBytes,
      freeBytes: this.#state.freeBytes,
      diskBytes: this.#state.diskBytes,
      limitBytes: settings.maxBytes,
      oldestMs: oldest?.key.startMs ?? null,
      daysUntilFull: perDay > 0 ? left / perDay : null,
      cameras,
      writable: this.#state.problem === null,
      problem: this.problem,
    };
  }

  async #retain(urgent: boolean): Promise<void> {
    if (this.#state.problem !== null) return;
    const nowMs = this.#init.clock.nowMs();
    const goal = retentionGoal(
      nowMs,
      this.#init.settings.get(),
      { usedBytes: this.usedBytes(), freeBytes: this.#state.freeBytes, diskBytes: this.#state.diskBytes },
      urgent,
    );
    let left = goal.bytesToFree;
    let deletedTo = 0;
    while (!this.#stopped) {
      const oldest = this.#init.segments.oldest(batch);
      const going: SegmentKey[] = [];
      for (const { key, endMs, bytes } of oldest) {
        const tooOld = endMs < goal.keepFromMs;
        if (!tooOld && (left <= 0 || endMs > goal.newestDeletableMs)) break;
        going.push(key);
        left -= bytes;
        if (!tooOld) deletedTo = endMs;
      }
      if (going.length === 0 || !(await this.#remove(going))) break;
    }
    await this.#removeSideFiles(Math.max(goal.keepFromMs, deletedTo));
    if (goal.bytesToFree > 0) await this.look();
  }

  /** Files first, then rows. false: nothing could be deleted, so going on would not end. */
  async #remove(keys: readonly SegmentKey[]): Promise<boolean> {
    const gone: SegmentKey[] = [];
    let problem: string | null = null;
    for (const key of keys) {
      try {
        await rm(join(this.#init.volume.folder, segmentPath(key.cameraId, key.stream, key.startMs)), { force: true });
        gone.push(key);
      } catch (error) {
        problem = `Old recordings can't be deleted (${errorText(error)}). Check the rights of the recordings folder.`;
      }
    }
    this.#init.segments.remove(gone);
    if (this.#deleteProblem !== problem) {
      this.#deleteProblem = problem;
      this.#init.changed();
    }
    return problem === null;
  }

  /** Previews, pictures, events and gaps that are older than anything that is kept. */
  async #removeSideFiles(beforeMs: number): Promise<void> {
    while (!this.#stopped && this.#init.events.removeBefore(beforeMs, batch).length === batch);
    this.#init.segments.pruneGaps(beforeMs);
    const ids = this.#init.cameras().map((camera) => camera.id);
    if ((await this.#init.sideFiles.removeBefore(ids, beforeMs)) > 0) await this.#measure();
  }

  async #measure(): Promise<void> {
    const { previews, snapshots } = await this.#init.sideFiles.measure(this.#init.cameras().map((camera) => camera.id));
    this.#previews = previews;
    this.#snapshotBytes = snapshots;
  }
}
