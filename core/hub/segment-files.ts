/** The port to segment files on disk; core/media/mp4 implements it. Methods throw `not_found` for a file that is gone or no segment. */
export interface SegmentFiles {
  /** What is in a file after a torn tail was cut; null if it is not a segment at all. */
  repair(path: string): Promise<FoundSegment | null>;
  readInit(path: string): Promise<Buffer>;
  /** Whole GOPs from the last keyframe at or before `fromMs` to the first at or after `toMs`, both after the segment's start. */
  readMedia(path: string, range: { initBytes: number; addMs: number; fromMs?: number; toMs?: number }): Promise<Buffer>;
}

export interface FoundSegment {
  durationMs: number;
  bytes: number;
  initBytes: number;
  frames: number;
  keyframes: { offset: number; timeMs: number }[];
  videoCodec: string;
  audioCodec: string | null;
  width: number;
  height: number;
}
