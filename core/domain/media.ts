/**
 * What flows between ingest, recorder, analyser and viewers. Pure types: no I/O.
 * Times: `timeMs` is UTC milliseconds on the hub's clock, fractional; `pts90k`/`dts90k` are 90 kHz ticks counted from the
 * start of the pull (unwrapped, so they pass 2^32; plain doubles, never through 32-bit operators).
 */
import type { ErrorCode } from '#core/base/errors.ts';
import type { CameraId } from './ids.ts';

export type StreamName = 'main' | 'sub';

export interface VideoConfig {
  codec: 'h264' | 'h265';
  /** RFC 6381, e.g. `avc1.640028` or `hvc1.1.6.L120.90`. */
  codecString: string;
  width: number;
  height: number;
  /** H.264: [SPS, PPS]; H.265: [VPS, SPS, PPS]. Without start codes or length prefixes. */
  parameterSets: Uint8Array[];
}

/** Audio as the camera sends it. `aac` and `opus` are stored as they are; G.711 is transcoded to AAC first. */
export interface AudioConfig {
  codec: 'aac' | 'opus' | 'pcmu' | 'pcma';
  /** RFC 6381, e.g. `mp4a.40.2`, `opus`. Empty for G.711. */
  codecString: string;
  sampleRate: number;
  channels: number;
  /** AudioSpecificConfig for AAC; empty otherwise. */
  config: Uint8Array;
}

/**
 * Memory that is written anew once nobody holds it. Who keeps a unit's `data` beyond the call that brought it holds the
 * memory and releases it once, or pins it when nobody can tell when it is done with; pinned memory is never written again.
 */
export interface MediaMemory {
  hold(): void;
  release(): void;
  pin(): void;
}

/** One picture. `data` is NAL units with 4-byte big-endian length prefixes (AVCC/HVCC), without parameter sets and AUD. Owned by the receiver, never changed. */
export interface VideoUnit {
  kind: 'video';
  pts90k: number;
  dts90k: number;
  timeMs: number;
  key: boolean;
  data: Buffer;
  /** Packets were lost in or before this picture: what follows may be smeared until the next keyframe. */
  damaged: boolean;
  /** Absent: `data` is the receiver's for good. */
  memory?: MediaMemory;
}

/** One audio frame: raw AAC (no ADTS), one Opus packet, or G.711 samples. */
export interface AudioUnit {
  kind: 'audio';
  pts90k: number;
  timeMs: number;
  /** Samples per channel, at the config's sample rate. */
  samples: number;
  data: Buffer;
}

export type MediaUnit = VideoUnit | AudioUnit;

export interface StreamError {
  code: ErrorCode;
  message: string;
}

/**
 * Where a pull delivers. Calls are synchronous and in order: `onConfig` before the first unit and again whenever the
 * parameters change (the next unit is then a keyframe); `onEnd` once, last.
 */
export interface PullSink {
  onConfig(config: { video: VideoConfig; audio: AudioConfig | null }): void;
  onUnit(unit: MediaUnit): void;
  onEnd(error: StreamError): void;
}

/** One running pull of one stream. */
export interface Pull {
  /** true: deliver each packet at once (somebody watches); false: read in batches of about 100 ms. */
  setImmediate(immediate: boolean): void;
  /** Ends it politely (TEARDOWN). No sink call follows. */
  stop(): Promise<void>;
  stats(): PullStats;
}

export interface PullStats {
  bytes: number;
  packets: number;
  lostPackets: number;
  /** Times the interleaved framing was lost and found again. */
  resyncs: number;
  droppedUnits: number;
  /** Camera clock minus hub clock in ms from the last RTCP sender report, or null before one came. */
  cameraClockOffsetMs: number | null;
}

export interface PullTarget {
  cameraId: CameraId;
  /** Only for messages to people. */
  cameraName: string;
  /** rtsp://, rtsps:// or http(s)://, without user information. */
  url: string;
  username: string | null;
  password: string | null;
  audio: boolean;
  /** host:port → SHA-256 fingerprint of the certificate it must show. Absent: any will do. */
  pins?: Readonly<Record<string, string>> | undefined;
  /** Told of a certificate at an address (host:port) that `pins` does not know. */
  onCertificate?: ((address: string, fingerprint: string) => void) | undefined;
}

export type StreamState =
  | 'connecting'
  | 'streaming'
  /** Waiting for the next attempt. */
  | 'retrying'
  /** The camera refused the password: no more attempts until a person changes something. */
  | 'refused'
  | 'stopped';

export type RecordMode = 'continuous' | 'events' | 'off';

export const gapReasons = [
  'camera_offline',
  'camera_silent',
  'packet_loss',
  'clock_step',
  'disk_full',
  'disk_error',
  'recorder_restart',
  'hub_stopped',
  'recording_off',
] as const;
/** Why there is no recording. */
export type GapReason = (typeof gapReasons)[number];
