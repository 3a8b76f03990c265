/**
 * Export jobs: durable rows, one process at a time, begun again from the start after a restart of the hub.
 * Invariant: a job that says `done` has its whole file; a file without such a job is removed.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { exportJob, LiveEvent } from '#core/api/schemas.ts';
import type { Clock } from '#core/base/clock.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Service } from '#core/base/lifecycle.ts';
import type { Logger } from '#core/base/logger.ts';
import { newExportId, type CameraId, type ExportId } from '#core/domain/ids.ts';
import { exportPath } from '#core/domain/media-paths.ts';
import type { CameraRecord, ExportRecord, ExportWriter, SegmentRecord } from '#core/domain/records.ts';
import type { SandboxJob } from '#core/domain/worker-protocol.ts';

type JobView = z.input<typeof exportJob>;

interface Init {
  exports: ExportWriter;
  segments: (cameraId: CameraId, fromMs: number, toMs: number) => SegmentRecord[];
  pathOf: (segment: SegmentRecord) => string;
  run: (
    job: SandboxJob,
    options: { timeoutMs: number; signal: AbortSignal; onProgress: (fraction: number) => void },
  ) => Promise<{ bytes: number }>;
  clipsDir: string;
  tell: (event: LiveEvent) => void;
  clock: Clock;
  logger: Logger;
}

const longestMs = 24 * 3_600_000;
const mostWaiting = 50;
/** Copying is far faster than real time; a job that needs longer hangs. */
const timeoutMs = (spanMs: number): number => 120_000 + spanMs;

export class Exports implements Service {
  readonly #init: Init;
  #running: { id: ExportId; abort: AbortController; ended: Promise<void> } | null = null;
  #stopped = true;

  constructor(init: Init) {
    this.#init = init;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    for (const job of this.#init.exports.list())
      if (job.state === 'running') this.#save({ ...job, state: 'queued', progress: 0 });
    this.#removeStrays();
    this.#next();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#running?.abort.abort();
    await this.#running?.ended;
  }

  /** Throws `invalid_range`, `not_found` (nothing recorded), `too_many`. */
  add(camera: CameraRecord, fromMs: number, toMs: number): JobView {
    if (toMs - fromMs > longestMs)
      throw new HubError('invalid_range', 'An export holds at most 24 hours. Make several.');
    if (this.#init.segments(camera.id, fromMs, toMs).length === 0)
      throw new HubError('not_found', `Camera '${camera.name}' recorded nothing in that span.`);
    const waiting = this.#init.exports.list().filter((job) => job.state === 'queued' || job.state === 'running');
    if (waiting.length >= mostWaiting)
      throw new HubError('too_many', 'Many exports are waiting already. Let them finish.');
    const job: ExportRecord = {
      id: newExportId(),
      cameraId: camera.id,
      title: camera.name,
      fromMs,
      toMs,
      format: 'mp4',
      state: 'queued',
      progress: 0,
      bytes: null,
      createdMs: this.#init.clock.nowMs(),
      error: null,
    };
    this.#save(job);
    this.#next();
    return view(this.#init.exports.get(job.id) ?? job);
  }

  list(): JobView[] {
    return this.#init.exports.list().map(view);
  }

  /** Throws `not_found`. */
  get(id: string): JobView {
    return view(this.#record(id));
  }

  /** Cancels a job that waits or runs, removes one that ended with its file. Throws `not_found`. */
  async remove(id: string): Promise<void> {
    const job = this.#record(id);
    if (job.state === 'queued' || job.state === 'running') {
      this.#save({ ...job, state: 'cancelled' });
      if (this.#running?.id === job.id) {
        this.#running.abort.abort();
        await this.#running.ended;
      }
      return;
    }
    this.#init.exports.remove(job.id);
    rmSync(this.#path(job.id), { force: true });
  }

  /** Throws `not_found`, `conflict` if it is not done. */
  file(id: string): { path: string; name: string } {
    const job = this.#record(id);
    if (job.state !== 'done') throw new HubError('conflict', 'This export is not finished.');
    const time = new Date(job.fromMs).toISOString().slice(0, 19).replaceAll(':', '-');
    return { path: this.#path(job.id), name: `${fileName(job.title)} ${time}Z.mp4` };
  }

  #record(id: string): ExportRecord {
    const job = this.#init.exports.get(id as ExportId);
    if (!job) throw new HubError('not_found', 'There is no such export (any more).');
    return job;
  }

  #path(id: ExportId): string {
    return join(this.#init.clipsDir, exportPath(id));
  }

  #save(job: ExportRecord): void {
    this.#init.exports.put(job);
    this.#init.tell({ type: 'export', job: view(job) });
  }

  #next(): void {
    if (this.#stopped || this.#running) return;
    const job = this.#init.exports.list().findLast((one) => one.state === 'queued');
    if (!job) return;
    const abort = new AbortController();
    const ended = this.#run(job, abort.signal).finally(() => {
      this.#running = null;
      this.#next();
    });
    this.#running = { id: job.id, abort, ended };
  }

  async #run(queued: ExportRecord, signal: AbortSignal): Promise<void> {
    const { exports, logger } = this.#init;
    const job: ExportRecord = { ...queued, state: 'running' };
    this.#save(job);
    const outputPath = this.#path(job.id);
    try {
      const segments = this.#init.segments(job.cameraId, job.fromMs, job.toMs);
      if (segments.length === 0)
        throw new HubError('not_found', 'The recording was removed before it could be exported.');
      const { bytes } = await this.#init.run(
        {
          kind: 'export',
          segments: segments.map((segment) => ({
            path: this.#init.pathOf(segment),
            startMs: segment.startMs,
            endMs: segment.endMs,
          })),
          fromMs: job.fromMs,
          toMs: job.toMs,
          outputPath,
          title: job.title,
        },
        {
          timeoutMs: timeoutMs(job.toMs - job.fromMs),
          signal,
          onProgress: (progress) => {
            if (exports.get(job.id)?.state === 'running') this.#save({ ...job, progress });
          },
        },
      );
      if (exports.get(job.id)?.state === 'running') this.#save({ ...job, state: 'done', progress: 1, bytes });
    } catch (error) {
      rmSync(outputPath, { force: true });
      if (exports.get(job.id)?.state !== 'running') return;
      // Stopped with the hub: it begins again at the next start.
      if (this.#stopped) {
        this.#save({ ...job, state: 'queued', progress: 0 });
        return;
      }
      logger.warn({ job: job.id, error: errorText(error) }, 'an export failed');
      const message = error instanceof HubError ? error.message : 'The export failed. The log says why.';
      this.#save({ ...job, state: 'failed', error: message });
    }
  }

  /** What a crash left of unfinished jobs. */
  #removeStrays(): void {
    const done = new Set(
      this.#init.exports
        .list()
        .filter((job) => job.state === 'done')
        .map((job) => exportPath(job.id)),
    );
    for (const name of readdirSync(this.#init.clipsDir))
      if (/^x[a-z0-9]{12}\.mp4/.test(name) && !done.has(name)) rmSync(join(this.#init.clipsDir, name), { force: true });
  }
}

/** A name that every file system takes: letters, digits and a few marks of any script, nothing that has a meaning in a path. */
function fileName(title: string): string {
  const safe = title
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N} ._-]/gu, '_')
    .replace(/^[. ]+/, '')
    .trim();
  return safe.slice(0, 60) || 'Camera';
}

function view(job: ExportRecord): JobView {
  const { id, cameraId, fromMs, toMs, format, state, progress, bytes, createdMs, error } = job;
  return {
    id,
    cameraId,
    from: fromMs,
    to: toMs,
    format,
    state,
    progress,
    bytes,
    createdMs,
    error,
    fileUrl: state === 'done' ? `/api/exports/${id}/file` : null,
  };
}
