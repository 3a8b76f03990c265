/** Gathers the hub's figures for Prometheus. */
import type { CameraRecord } from '#core/domain/records.ts';
import type { AnalysisStatus, StreamFigures } from '#core/domain/worker-protocol.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { CameraViews } from './camera-views.ts';
import { metricsText, type Metric } from './metrics.ts';

export interface MetricSources {
  cameras: () => readonly CameraRecord[];
  views: CameraViews;
  figures: (camera: CameraRecord, stream: StreamName) => StreamFigures | null;
  analysis: (camera: CameraRecord) => AnalysisStatus | null;
  workers: () => readonly { name: string; state: string; restarts: number; rssBytes: number; cpuMs: number }[];
  detector: () => { runs: number; meanMs: number; p95Ms: number; queued: number; dropped: number } | null;
  /** Subscriptions to cameras' own events. */
  watches: () => readonly { cameraId: string; state: string }[];
  disk: () => { freeBytes: number; diskBytes: number };
  usedBytes: () => number;
  segments: () => number;
  unreviewed: () => number;
  viewers: () => number;
  healthStatus: () => 'ok' | 'degraded' | 'failing';
  uptimeMs: () => number;
}

export function hubMetrics(sources: MetricSources): string {
  const own = process.cpuUsage();
  const processes = [
    {
      name: 'hub',
      state: 'up',
      restarts: 0,
      rssBytes: process.memoryUsage.rss(),
      cpuMs: (own.user + own.system) / 1_000,
    },
    ...sources.workers(),
  ];
  const of = (
    name: string,
    help: string,
    pick: (one: (typeof processes)[number]) => number,
    type: Metric['type'] = 'gauge',
  ): Metric => ({
    name,
    help,
    type,
    samples: processes.map((one) => ({ labels: { process: one.name }, value: pick(one) })),
  });
  const single = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: [{ value }],
  });
  const { freeBytes, diskBytes } = sources.disk();
  const level = { ok: 0, degraded: 1, failing: 2 }[sources.healthStatus()];
  return metricsText([
    single('porchlight_health', '0 ok, 1 degraded, 2 failing.', level),
    single('porchlight_uptime_seconds', 'Since the hub started.', sources.uptimeMs() / 1_000),
    of('porchlight_process_up', '1 while the process runs.', (one) => (one.state === 'up' ? 1 : 0)),
    of('porchlight_process_restarts_total', 'Times it was started again.', (one) => one.restarts, 'counter'),
    of('porchlight_process_resident_bytes', 'Resident memory.', (one) => one.rssBytes),
    of(
      'porchlight_process_cpu_seconds_total',
      'CPU time of the present process.',
      (one) => one.cpuMs / 1_000,
      'counter',
    ),
    single('porchlight_storage_used_bytes', 'Recordings, previews and pictures.', sources.usedBytes()),
    single('porchlight_storage_free_bytes', 'Free on the recordings disk.', freeBytes),
    single('porchlight_storage_disk_bytes', 'Size of the recordings disk.', diskBytes),
    single('porchlight_segments', 'Segments in the index.', sources.segments()),
    single('porchlight_events_unreviewed', 'Events nobody has reviewed.', sources.unreviewed()),
    single('porchlight_live_viewers', 'Open live views.', sources.viewers()),
    ...streamMetrics(sources),
    ...analysisMetrics(sources),
    ...detectorMetrics(sources),
    {
      name: 'porchlight_camera_events_watched',
      help: "1 while the hub hears the camera's own events.",
      type: 'gauge',
      samples: sources
        .watches()
        .map(({ cameraId, state }) => ({ labels: { camera: cameraId, state }, value: state === 'watching' ? 1 : 0 })),
    },
  ]);
}

function streamMetrics(sources: MetricSources): Metric[] {
  const rows = sources.cameras().flatMap((camera) =>
    (['main', 'sub'] as const).flatMap((stream) => {
      const figures = sources.figures(camera, stream);
      return figures ? [{ labels: { camera: camera.id, stream }, figures }] : [];
    }),
  );
  const of = (name: string, help: string, type: Metric['type'], pick: (f: StreamFigures) => number): Metric => ({
    name,
    help,
    type,
    samples: rows.map(({ labels, figures }) => ({ labels, value: pick(figures) })),
  });
  return [
    {
      name: 'porchlight_camera_recording',
      help: '1 while the camera is being recorded.',
      type: 'gauge',
      samples: sources
        .cameras()
        .map((camera) => ({ labels: { camera: camera.id }, value: sources.views.isRecording(camera.id) ? 1 : 0 })),
    },
    of('porchlight_stream_frames_per_second', 'Pictures received.', 'gauge', (f) => f.fps),
    of('porchlight_stream_bits_per_second', 'Bits received.', 'gauge', (f) => f.bitsPerSecond),
    of('porchlight_stream_bytes_total', 'Bytes received by the present pull.', 'counter', (f) => f.bytes),
    of('porchlight_stream_lost_packets_total', 'RTP packets lost.', 'counter', (f) => f.lostPackets),
    of('porchlight_stream_resyncs_total', 'Times the framing was lost and found.', 'counter', (f) => f.resyncs),
    of(
      'porchlight_stream_dropped_writes_total',
      'Fragments that could not be written.',
      'counter',
      (f) => f.droppedWrites,
    ),
    of(
      'porchlight_stream_dropped_live_total',
      'Live fragments dropped for slow viewers.',
      'counter',
      (f) => f.droppedLiveFragments,
    ),
    of(
      'porchlight_stream_dropped_analysis_total',
      'Pictures dropped before analysis.',
      'counter',
      (f) => f.droppedAnalysisUnits,
    ),
    of('porchlight_stream_ring_bytes', 'Memory of the ring.', 'gauge', (f) => f.ringBytes),
  ];
}

function analysisMetrics(sources: MetricSources): Metric[] {
  const rows = sources.cameras().flatMap((camera) => {
    const analysis = sources.analysis(camera);
    return analysis ? [{ labels: { camera: camera.id }, analysis }] : [];
  });
  const of = (name: string, help: string, pick: (a: AnalysisStatus) => number): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: rows.map(({ labels, analysis }) => ({ labels, value: pick(analysis) })),
  });
  return [
    of('porchlight_analysis_frames_per_second', 'Pictures looked at.', (a) => a.fps),
    of('porchlight_analysis_decode_milliseconds', 'Mean time to decode a picture.', (a) => a.decodeMsPerFrame),
    of('porchlight_analysis_motion_milliseconds', 'Mean time of motion detection.', (a) => a.motionMsPerFrame),
    of('porchlight_analysis_skipped_frames', 'Pictures skipped.', (a) => a.skippedFrames),
  ];
}

function detectorMetrics(sources: MetricSources): Metric[] {
  const figures = sources.detector();
  if (!figures) return [];
  const single = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: [{ value }],
  });
  return [
    single('porchlight_detector_runs', 'Runs since the detector started.', figures.runs),
    single('porchlight_detector_mean_milliseconds', 'Mean time of a run.', figures.meanMs),
    single('porchlight_detector_p95_milliseconds', '95th percentile.', figures.p95Ms),
    single('porchlight_detector_queued', 'Pictures that wait.', figures.queued),
    single('porchlight_detector_dropped', 'Pictures that were not looked at.', figures.dropped),
  ];
}
