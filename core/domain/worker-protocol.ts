/**
 * What the hub and its child processes say to each other over the fork channel (structured clone), and over the media
 * bus (a local socket served by the recorder, see core/base/local-bus.ts). Both ends import these types; nothing else
 * crosses. Field names carry their units.
 */
import type { ErrorCode } from '#core/base/errors.ts';
import type { CameraId } from './ids.ts';
import type { DetectSettings, Detection, EventState } from './detection.ts';
import type {
  AudioConfig,
  GapReason,
  PullStats,
  RecordMode,
  StreamError,
  StreamName,
  StreamState,
  VideoConfig,
} from './media.ts';

/** Every child sends this once a second; the supervisor restarts a child that was silent for 10 s. */
export interface Heartbeat {
  type: 'heartbeat';
  rssBytes: number;
  cpuMs: number;
}

// ---------------------------------------------------------------- recorder

export interface RecorderStream {
  stream: StreamName;
  url: string;
  username: string | null;
  password: string | null;
  /** 'rtsp': the recorder pulls it. 'compat': the compat process pulls it and pushes units over the bus. */
  ingest: 'rtsp' | 'compat';
  record: RecordMode;
  audio: boolean;
  /** host:port → SHA-256 fingerprint of the certificate it must show. Absent: any will do. */
  pins?: Readonly<Record<string, string>> | undefined;
}

export interface RecorderCamera {
  id: CameraId;
  name: string;
  streams: RecorderStream[];
  preRollMs: number;
}

export type HubToRecorder =
  /** The whole wanted state; the recorder starts, changes and stops pulls to match. Cameras that did not change are not touched. */
  | { type: 'configure'; recordingsDir: string; cameras: RecorderCamera[] }
  /** Event recording: keep what there is from `fromMs` (as far back as the ring goes) until `untilMs`; later calls extend. */
  | { type: 'record-until'; cameraId: CameraId; fromMs: number; untilMs: number }
  /** After a refused password or a changed camera: try again now. */
  | { type: 'retry'; cameraId: CameraId }
  /** The volume is gone or back (marker file), or full. While false nothing is written and a gap is reported. */
  | { type: 'storage'; writable: boolean; reason: GapReason }
  /** Somebody is about to watch, e.g. a page was opened: be quick for a while. */
  | { type: 'viewers-near' }
  /** Close open segments, sync, exit 0. */
  | { type: 'stop' };

/** A keyframe-led fragment inside a segment file: where a player may start. */
export interface SegmentKeyframe {
  /** Byte offset of its moof box. */
  offset: number;
  /** Milliseconds after the segment's start. */
  timeMs: number;
}

export interface SegmentInfo {
  cameraId: CameraId;
  stream: StreamName;
  /** Relative to the recordings folder, with forward slashes: `<camera>/<stream>/<yyyy-mm-dd>/<start-ms>.mp4`. */
  path: string;
  startMs: number;
  endMs: number;
  bytes: number;
  /** ftyp + moov: the init section for HLS. */
  initBytes: number;
  frames: number;
  keyframes: SegmentKeyframe[];
  videoCodec: string;
  audioCodec: string | null;
  width: number;
  height: number;
  /** Packets were lost inside. */
  damaged: boolean;
}

export interface StreamStatus {
  cameraId: CameraId;
  stream: StreamName;
  state: StreamState;
  sinceMs: number;
  error: StreamError | null;
  retryAtMs: number | null;
  video: VideoConfig | null;
  audio: AudioConfig | null;
}

export interface StreamFigures extends PullStats {
  cameraId: CameraId;
  stream: StreamName;
  /** Over the last 5 s. */
  fps: number;
  bitsPerSecond: number;
  /** Mean time between keyframes in ms, or null before two came. */
  keyframeIntervalMs: number | null;
  viewers: number;
  ringBytes: number;
  /** Media that could not be written or handed out, counted. */
  droppedWrites: number;
  droppedLiveFragments: number;
  droppedAnalysisUnits: number;
}

export type RecorderToHub =
  | Heartbeat
  | { type: 'ready'; busPath: string; busToken: string }
  | ({ type: 'stream-status' } & StreamStatus)
  | { type: 'figures'; streams: StreamFigures[] }
  /** Open segments grew: those of all streams at once, about once a second. Each file is complete up to its `bytes`. */
  | { type: 'segment-progress'; segments: SegmentInfo[] }
  /** Bytes are on disk (fsync done). The hub writes the row now. */
  | { type: 'segment-closed'; segment: SegmentInfo }
  /** A gap that goes on is sent again with the same `startMs` and a later `endMs`. One of no length marks a clock that was set back. */
  | { type: 'gap'; cameraId: CameraId; stream: StreamName; startMs: number; endMs: number; reason: GapReason }
  /** The first certificate at an address (host:port) without a pin: to be kept. */
  | { type: 'certificate'; cameraId: CameraId; address: string; fingerprint: string }
  | { type: 'write-error'; cameraId: CameraId; stream: StreamName; code: string; message: string };

// ---------------------------------------------------------------- media bus (recorder serves)
// Each frame is a JSON header and a binary body. The first frame of a client is `hello`.

export type BusRequest =
  | { t: 'hello'; token: string; role: 'hub' | 'analyser' | 'compat' }
  /** Live fMP4: answered by live-init, then live-frag from the last keyframe in the ring on, at once. */
  | { t: 'sub-live'; id: number; cameraId: CameraId; stream: StreamName }
  /** Access units for analysis: answered by units-config, then units batched over about `batchMs`. */
  | { t: 'sub-units'; id: number; cameraId: CameraId; stream: StreamName; batchMs: number }
  /** Another `batchMs` for a sub-units that goes on: nothing is repeated or lost. */
  | { t: 'set-batch'; id: number; batchMs: number }
  /** G.711 frames that need transcoding to AAC: answered by audio-config, then audio frames; the client answers with push-audio. */
  | { t: 'sub-audio'; id: number; cameraId: CameraId; stream: StreamName }
  /** The last whole GOP as it is in the ring: answered by one `gop`, or `gone`. */
  | { t: 'get-gop'; id: number; cameraId: CameraId; stream: StreamName }
  | { t: 'unsub'; id: number }
  /** Transcoded audio going back. Body: AAC frames back to back, `units[i].size` bytes each. `config.config` travels as base64 in `asc`. */
  | {
      t: 'push-audio';
      cameraId: CameraId;
      stream: StreamName;
      sampleRate: number;
      channels: number;
      asc: string;
      units: { size: number; pts90k: number; timeMs: number; samples: number }[];
    }
  /** Compat ingest. Body of push-config: parameter sets back to back. */
  | { t: 'push-config'; cameraId: CameraId; stream: StreamName; video: BusVideoConfig; audio: BusAudioConfig | null }
  | { t: 'push-units'; cameraId: CameraId; stream: StreamName; units: BusUnit[] }
  | { t: 'push-end'; cameraId: CameraId; stream: StreamName; error: StreamError };

export interface BusVideoConfig {
  codec: 'h264' | 'h265';
  codecString: string;
  width: number;
  height: number;
  /** Byte lengths of the parameter sets in the frame's body. */
  parameterSetSizes: number[];
}

export interface BusAudioConfig {
  codec: AudioConfig['codec'];
  codecString: string;
  sampleRate: number;
  channels: number;
  /** AudioSpecificConfig, base64. */
  config: string;
}

export interface BusUnit {
  kind: 'video' | 'audio';
  size: number;
  pts90k: number;
  dts90k: number;
  timeMs: number;
  key: boolean;
  samples: number;
}

export type BusReply =
  | { t: 'welcome' }
  /** Body: the init section. A second live-init on the same id means the parameters changed: start a new source buffer. */
  | {
      t: 'live-init';
      id: number;
      /** e.g. `video/mp4; codecs="avc1.640028,mp4a.40.2"` */
      mime: string;
      width: number;
      height: number;
      /** UTC ms of media time 0 of the fragments that follow. */
      epochMs: number;
    }
  /**
   * Body: moof + mdat, with a prft in front that says when the picture was received; several pictures and no prft when what is
   * in the ring is caught up with. `key`: a viewer may start here.
   */
  | { t: 'live-frag'; id: number; key: boolean; timeMs: number }
  | { t: 'units-config'; id: number; video: BusVideoConfig }
  | { t: 'units'; id: number; units: BusUnit[] }
  | { t: 'audio-config'; id: number; audio: BusAudioConfig }
  | { t: 'audio'; id: number; units: BusUnit[] }
  /** Body: parameter sets, then the units. */
  | { t: 'gop'; id: number; video: BusVideoConfig; units: BusUnit[] }
  /** The stream is not there (any more): not configured, or no picture yet. The subscription stays and revives by itself. */
  | { t: 'gone'; id: number };

// ---------------------------------------------------------------- analyser

export interface AnalyserCamera {
  id: CameraId;
  name: string;
  /** The stream that is decoded. */
  stream: StreamName;
  detect: DetectSettings;
  /** Streams whose G.711 audio this analyser transcodes. */
  transcodeAudio: StreamName[];
  /** The camera detects by itself: nothing of its picture is decoded here. */
  audioOnly?: boolean;
}

export type HubToAnalyser =
  | {
      type: 'configure';
      busPath: string;
      busToken: string;
      /** null while there is no detector: motion events are made instead. */
      detector: { path: string; token: string } | null;
      /** Preview packs (core/domain/preview-pack.ts) go to `previewPackPath()` of core/domain/media-paths.ts under this folder: the recordings folder. */
      previewsDir: string;
      /** Event pictures go to `<snapshotsDir>/<yyyy-mm-dd>/<event>.jpg` (and `<event>-thumb.jpg`, the object cropped). */
      snapshotsDir: string;
      cameras: AnalyserCamera[];
    }
  /** Latest picture as JPEG, from the ring's last keyframe of the best stream, scaled to `width` if given. */
  | { type: 'snapshot'; requestId: number; cameraId: CameraId; stream: StreamName; width: number | null }
  /** The recorded picture shown at `offsetMs` after the start of a segment file (absolute path), as JPEG. Answered by `jpeg`. */
  | { type: 'frame'; requestId: number; path: string; offsetMs: number; width: number | null }
  /** One keyframe, e.g. of a camera that is being added, as JPEG. `unit`: NAL units with 4-byte length prefixes. Answered by `jpeg`. */
  | { type: 'picture'; requestId: number; video: VideoConfig; unit: Uint8Array; width: number | null }
  | { type: 'stop' };

export interface AnalysisStatus {
  cameraId: CameraId;
  /** Pictures looked at per second over the last 10 s. */
  fps: number;
  lastPictureMs: number | null;
  motion: boolean;
  decodeMsPerFrame: number;
  motionMsPerFrame: number;
  detections: number;
  skippedFrames: number;
  /** 'slow': answers take longer than the time between pictures; 'absent': motion events only. */
  detector: 'ok' | 'slow' | 'absent' | 'off';
  error: string | null;
}

export type AnalyserToHub =
  | Heartbeat
  | { type: 'ready' }
  | { type: 'motion'; cameraId: CameraId; active: boolean; timeMs: number }
  /** First report of an event, and again at each change until `endMs` is set. The snapshot file exists from the first report on. */
  | { type: 'event'; event: EventState }
  | { type: 'analysis'; cameras: AnalysisStatus[] }
  | { type: 'snapshot'; requestId: number; jpeg: Uint8Array | null; timeMs: number; error: string | null }
  /** Answer to `frame` and `picture`. `timeMs`: of the picture after the start of the file for `frame`, else 0. */
  | { type: 'jpeg'; requestId: number; jpeg: Uint8Array | null; timeMs: number; error: string | null };

// ---------------------------------------------------------------- detector

export interface ModelInfo {
  /** 'built-in' or the user's file name. */
  name: string;
  family: 'centernet' | 'yolox' | 'yolov8' | 'detr';
  inputWidth: number | null;
  inputHeight: number | null;
  labels: string[];
  sha256: string;
}

export type HubToDetector =
  | {
      type: 'configure';
      /** Path of an .onnx file. */
      modelPath: string;
      modelName: string;
      /** 'auto' tries onnxruntime-node, then wasm. */
      engine: 'auto' | 'native' | 'wasm';
    }
  | { type: 'stop' };

export type DetectorToHub =
  | Heartbeat
  | { type: 'ready'; path: string; token: string; engine: 'native' | 'wasm'; model: ModelInfo; loadMs: number }
  | { type: 'failed'; message: string }
  | { type: 'figures'; runs: number; meanMs: number; p95Ms: number; queued: number; dropped: number };

/** On the detector's own local bus (the detector serves). Body: RGB, 3 bytes per pixel, row by row. */
export type DetectRequest =
  | { t: 'hello'; token: string; role: 'analyser' }
  | { t: 'detect'; id: number; width: number; height: number; minScore: number };
/** Boxes are fractions of the crop that was sent. */
export type DetectReply =
  | { t: 'welcome' }
  | { t: 'boxes'; id: number; detections: Detection[]; ms: number }
  | { t: 'error'; id: number; message: string };

// ---------------------------------------------------------------- compat ingest

export interface CompatStream {
  cameraId: CameraId;
  cameraName: string;
  stream: StreamName;
  url: string;
  username: string | null;
  password: string | null;
}

export type HubToCompat =
  { type: 'configure'; busPath: string; busToken: string; streams: CompatStream[] } | { type: 'stop' };
export type CompatToHub = Heartbeat | { type: 'ready' };

// ---------------------------------------------------------------- sandbox jobs (one process per job)

export type SandboxJob =
  /** Concatenates segments by stream copy into one MP4 with the index at the front, trimmed to [fromMs, toMs). */
  {
    kind: 'export';
    segments: { path: string; startMs: number; endMs: number }[];
    fromMs: number;
    toMs: number;
    outputPath: string;
    title: string;
  };
export type HubToSandbox = { type: 'run'; job: SandboxJob } | { type: 'stop' };
export type SandboxToHub =
  | Heartbeat
  | { type: 'progress'; fraction: number }
  | { type: 'done'; bytes: number; startMs: number; endMs: number }
  | { type: 'failed'; code: string; message: string };

// ---------------------------------------------------------------- model jobs (one process per job)

export type ModelJob =
  /** Makes the built-in model unless it is there and whole. */
  | { kind: 'built-in'; cacheDir: string }
  /** Loads a model (absolute path) and tries it on the test picture. */
  | { kind: 'self-test'; path: string; name: string };
export interface SelfTestResult {
  name: string;
  family: string;
  engine: 'native' | 'wasm';
  meanMs: number;
  detections: Detection[];
  /** The test picture with the boxes drawn in, as JPEG; null when there is no encoder. */
  jpeg: Uint8Array | null;
  passed: boolean;
  message: string;
}
export type HubToModelJob = { type: 'run'; job: ModelJob } | { type: 'stop' };
export type ModelJobToHub =
  | Heartbeat
  | { type: 'built-in'; path: string }
  | { type: 'self-test'; result: SelfTestResult }
  | { type: 'failed'; code: ErrorCode; message: string };
