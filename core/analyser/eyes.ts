/** The port to detection, as the analyser needs it: core/detect's CameraAnalysis behind it, a fake in tests. */
import type { AnalysisFrame, AnalysisSink, DetectorPort } from '#core/domain/analysis-frame.ts';
import type { DetectSettings } from '#core/domain/detection.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { AnalysisStatus } from '#core/domain/worker-protocol.ts';

export interface Eyes {
  /** Never called again before the promise settled. The frame may be used until then. */
  onFrame(frame: AnalysisFrame): Promise<void>;
  update(settings: DetectSettings, detector: DetectorPort | null): void;
  /** No more pictures for now: ends what is open. */
  finish(nowMs: number): void;
  status(): Pick<AnalysisStatus, 'motion' | 'motionMsPerFrame' | 'detections' | 'detector'>;
}

export interface EyesInit extends AnalysisSink {
  cameraId: CameraId;
  settings: DetectSettings;
  detector: DetectorPort | null;
}

export type OpenEyes = (init: EyesInit) => Eyes;
