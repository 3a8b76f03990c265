/** Carries out an export: plan, join under a temporary name, rename. Invariant: the output's name appears once it is whole. */
import { renameSync, rmSync } from 'node:fs';
import { HubError } from '#core/base/errors.ts';
import type { SandboxJob } from '#core/domain/worker-protocol.ts';
import { remuxExport } from '#core/media/codec/remux.ts';
import { planExport } from './plan.ts';

type ExportJob = Extract<SandboxJob, { kind: 'export' }>;

/** UTC span that the clip really covers and its size. Throws HubError; `not_found` if nothing was recorded in the span. */
export async function runExport(
  job: ExportJob,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<{ bytes: number; startMs: number; endMs: number }> {
  const plan = planExport(job.segments, job.fromMs, job.toMs);
  if (!plan) throw new HubError('not_found', 'Nothing was recorded in this time span.');
  const partial = `${job.outputPath}.part`;
  try {
    const bytes = await remuxExport({
      parts: plan.parts,
      durationMs: plan.endMs - plan.startMs - plan.cutMs,
      startMs: plan.startMs,
      title: job.title,
      outputPath: partial,
      onProgress,
      signal,
    });
    renameSync(partial, job.outputPath);
    return { bytes, startMs: plan.startMs, endMs: plan.endMs };
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
