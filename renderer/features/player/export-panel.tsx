/** The marked range and its export: start, progress, download, or the reason why not. */
import type { AnswerOf } from '#core/api/routes.ts';
import { Download, Scissors, X } from 'lucide-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '../../client/api.ts';
import { keys } from '../../client/queries.ts';
import { Button, buttonClass, IconButton } from '../../ui/button.tsx';
import { bytes, duration, percent } from '../../ui/format.ts';
import { Bar } from '../../ui/surfaces.tsx';
import type { MarkedRange } from './timeline.tsx';
import { clockAt, exactTime } from './words.ts';

type ExportJob = AnswerOf<'addExport'>;

interface ExportPanelProps {
  cameraId: string;
  range: MarkedRange;
  zone: string;
  onClear: () => void;
}

/** Shown in the timeline's foot as soon as one end is marked. */
export function ExportPanel({ cameraId, range, zone, onClear }: ExportPanelProps) {
  const { inMs, outMs } = range;
  const start = useMutation({
    mutationFn: (span: { from: number; to: number }) => api.call('addExport', { body: { cameraId, ...span } }),
  });
  const job = useExportJob(start.data);
  if (inMs === null && outMs === null) return null;
  const span = inMs !== null && outMs !== null ? { from: Math.round(inMs), to: Math.round(outMs) } : null;
  const isThis = job !== undefined && span?.from === job.from && span.to === job.to;
  return (
    <section aria-label="Marked range" className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <Scissors size={16} className="shrink-0 text-accent-ink" aria-hidden="true" />
      <p className="min-w-0 tabular-nums" data-marked-range="">
        {span ? (
          <>
            <span className="font-semibold">
              {exactTime(span.from, zone)} – {clockAt(span.to, zone)}
            </span>
            <span className="text-muted"> · {duration(span.to - span.from)}</span>
          </>
        ) : (
          <span className="text-muted">
            {inMs === null ? 'End marked. Mark where it starts with I.' : 'Start marked. Mark where it ends with O.'}
          </span>
        )}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {isThis ? (
          <JobState job={job} />
        ) : span ? (
          <Button tone="primary" size="small" busy={start.isPending} onClick={() => start.mutate(span)}>
            Export
          </Button>
        ) : null}
        <IconButton label="Clear the marks" onClick={onClear} className="size-8">
          <X size={16} aria-hidden="true" />
        </IconButton>
      </div>
      {start.isError ? (
        <p role="alert" className="basis-full text-sm text-bad">
          {start.error.message}
        </p>
      ) : null}
    </section>
  );
}

function isOver(job: ExportJob): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

function useExportJob(started: ExportJob | undefined): ExportJob | undefined {
  const job = useQuery({
    queryKey: [...keys.exports, started?.id],
    queryFn: ({ signal }) => api.call('getExport', { params: { id: started?.id ?? '' }, signal }),
    enabled: started !== undefined,
    refetchInterval: (query) => (query.state.data && isOver(query.state.data) ? false : 1000),
  });
  return started ? (job.data ?? started) : undefined;
}

function JobState({ job }: { job: ExportJob }) {
  if (job.state === 'done' && job.fileUrl !== null) {
    return (
      <a href={job.fileUrl} download className={buttonClass('primary', 'small')}>
        <Download size={16} aria-hidden="true" />
        Download{job.bytes === null ? '' : ` ${bytes(job.bytes)}`}
      </a>
    );
  }
  if (job.state === 'failed' || job.state === 'cancelled') {
    return (
      <p role="alert" className="text-sm text-bad">
        {job.error ?? 'The export was cancelled.'}
      </p>
    );
  }
  return (
    <div className="flex w-44 items-center gap-2 text-sm text-muted" role="status">
      <div className="flex-1">
        <Bar share={job.progress} label="Export" />
      </div>
      <span className="w-10 text-right tabular-nums">{percent(job.progress)}</span>
    </div>
  );
}
