/**
 * What the analyser hands to detection, and what detection hands back: the port where decoding meets seeing.
 * Invariant: a frame is valid until the promise of `onFrame` settles; after that it is released and must not be touched.
 */
import type { Detection, EventState } from './detection.ts';
import type { Box } from './geometry.ts';
import type { EventId } from './ids.ts';

/** One decoded picture. Each call returns bytes of its own, owned by the caller. */
export interface AnalysisFrame {
  /** Pixels of the decoded picture. */
  readonly width: number;
  readonly height: number;
  /** UTC milliseconds. */
  readonly timeMs: number;
  /** The whole picture scaled to w x h, luma 0..255, row by row: w*h bytes. */
  gray(w: number, h: number): Uint8Array;
  /** The rectangle (pixels of the picture, clamped to it) scaled to outW x outH, RGB, row by row: outW*outH*3 bytes. */
  rgbCrop(x: number, y: number, w: number, h: number, outW: number, outH: number): Uint8Array;
  /** `crop` in fractions of the picture; `width` keeps the shape and never enlarges; `quality` 1..100, default 80. */
  jpeg(options: { width?: number; crop?: Box; quality?: number }): Buffer;
}

/** Finds objects in one RGB image. Boxes are fractions of that image. Rejects with HubError `unavailable` when it can't. */
export interface DetectorPort {
  detect(
    rgb: Uint8Array,
    width: number,
    height: number,
    minScore: number,
  ): Promise<{ detections: Detection[]; ms: number }>;
}

/** Where the analysis of a camera delivers. */
export interface AnalysisSink {
  /** Called before the first `onEvent` of an event, and again when a better picture is found. Both are JPEGs. */
  saveSnapshot(id: EventId, startMs: number, frame: Buffer, thumb: Buffer): void;
  onEvent(event: EventState): void;
  onMotion(active: boolean, timeMs: number): void;
}
