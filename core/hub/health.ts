/**
 * The hub's own word on how it does. Invariant: never `ok` while a camera that should be recorded is not, a worker is down,
 * the disk refuses, or the database was damaged.
 */
import type { Health } from '#core/api/schemas.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { AnalysisStatus } from '#core/domain/worker-protocol.ts';
import type { CameraViews } from './camera-views.ts';

export interface WorkerHealth {
  name: string;
  state: 'stopped' | 'starting' | 'up' | 'waiting' | 'missing';
  sinceMs: number;
  restarts: number;
  lastEnd: string | null;
}

export interface HealthSources {
  cameras: () => readonly CameraRecord[];
  views: CameraViews;
  workers: () => readonly WorkerHealth[];
  analysis: (camera: CameraRecord) => AnalysisStatus | null;
  detector: () => { state: 'starting' | 'ok' | 'slow' | 'absent' | 'off'; message: string | null };
  disk: () => { problem: string | null; freeBytes: number };
  /** Rows that could not be written yet, what the comparison with the disk found, where a damaged database was put. */
  database: () => { pendingRows: number; rowsKept: number; filesDamaged: number; corruptMovedTo: string | null };
  version: string;
  nowMs: () => number;
  uptimeMs: () => number;
}

type Check = Health['checks'][number];
type Status = Check['status'];
/** A camera that was just added or a hub that just started gets this long to begin. */
const graceMs = 15_000;
const recent = 120_000;
const rank: Record<Status, number> = { ok: 0, degraded: 1, failing: 2 };

export function readHealth(sources: HealthSources): Health {
  const checks = [
    diskCheck(sources),
    databaseCheck(sources),
    ...sources.workers().map((worker) => workerCheck(worker, sources.nowMs())),
    detectorCheck(sources),
    ...sources.cameras().map((camera) => cameraCheck(camera, sources)),
  ];
  const status = checks.reduce<Status>(
    (worst, check) => (rank[check.status] > rank[worst] ? check.status : worst),
    'ok',
  );
  return { status, checks, version: sources.version, uptimeMs: sources.uptimeMs(), nowMs: sources.nowMs() };
}

function diskCheck({ disk }: HealthSources): Check {
  const { problem, freeBytes } = disk();
  if (problem !== null) return { name: 'disk', status: 'failing', message: problem };
  return { name: 'disk', status: 'ok', message: `${(freeBytes / 1e9).toFixed(1)} GB free.` };
}

function databaseCheck({ database }: HealthSources): Check {
  const { pendingRows, rowsKept, filesDamaged, corruptMovedTo } = database();
  const say = (status: Status, message: string): Check => ({ name: 'database', status, message });
  if (pendingRows > 0)
    return say('failing', `${pendingRows} recordings could not be entered in the index yet. Is the disk full?`);
  if (corruptMovedTo !== null)
    return say(
      'degraded',
      `The database was damaged. A new one was made, cameras and recordings were taken over; events before are lost. The old one is kept as ${corruptMovedTo}.`,
    );
  if (rowsKept > 0)
    return say('degraded', `${rowsKept} recordings in the index are not on the disk. Is the right disk connected?`);
  if (filesDamaged > 0) return say('ok', `In order. ${filesDamaged} damaged files were put aside.`);
  return say('ok', 'In order.');
}

function workerCheck(worker: WorkerHealth, nowMs: number): Check {
  const name = `worker ${worker.name}`;
  const critical: Status = worker.name === 'recorder' ? 'failing' : 'degraded';
  const why = worker.lastEnd === null ? '' : ` Last time ${worker.lastEnd}.`;
  switch (worker.state) {
    case 'up':
      // Once may happen; what was just restarted is not yet well.
      if (worker.restarts > 0 && nowMs - worker.sinceMs < recent)
        return { name, status: 'degraded', message: `Was started again ${worker.restarts} times.${why}` };
      return { name, status: 'ok', message: 'Running.' };
    case 'starting':
      return nowMs - worker.sinceMs < graceMs && worker.restarts === 0
        ? { name, status: 'ok', message: 'Starting.' }
        : { name, status: critical, message: `Does not come up.${why}` };
    case 'waiting':
      return { name, status: critical, message: `Ended and is started again.${why}` };
    case 'missing':
      return { name, status: critical, message: 'Is not part of this installation.' };
    case 'stopped':
      return { name, status: critical, message: 'Is stopped.' };
  }
}

function detectorCheck({ detector }: HealthSources): Check {
  const { state, message } = detector();
  const status: Status = state === 'slow' || state === 'absent' ? 'degraded' : 'ok';
  const words = {
    starting: 'Starting.',
    ok: 'Running.',
    slow: 'Slow.',
    absent: 'Absent: motion events only.',
    off: 'Off.',
  };
  return { name: 'detector', status, message: message ?? words[state] };
}

function cameraCheck(camera: CameraRecord, sources: HealthSources): Check {
  const { views } = sources;
  const name = `camera ${camera.id}`;
  const say = (status: Status, message: string): Check => ({ name, status, message });
  const { message } = views.describe(camera, 'main');
  const young = sources.nowMs() - camera.createdMs < graceMs || sources.uptimeMs() < graceMs;
  switch (views.state(camera.id)) {
    case 'wrong_password':
      return say('failing', message ?? `Camera '${camera.name}' refuses the password.`);
    case 'offline':
      return say('failing', message ?? `Camera '${camera.name}' does not answer.`);
    case 'connecting':
      return young
        ? say('ok', `Camera '${camera.name}' is being connected.`)
        : say('failing', message ?? `Camera '${camera.name}' is not connected.`);
    case 'off':
      return say('ok', `Camera '${camera.name}' is off.`);
    case 'live':
      break;
  }
  if (camera.record === 'continuous' && !views.isRecording(camera.id) && !young)
    return say('failing', `Camera '${camera.name}' has a picture but is not being recorded.`);
  const problem = sources.analysis(camera)?.error ?? null;
  if (problem !== null) return say('degraded', `Camera '${camera.name}' can't be analysed: ${problem}`);
  return say('ok', camera.record === 'continuous' ? 'Live and recording.' : 'Live.');
}
