/**
 * What the store keeps and the ports through which the rest of the hub reaches it. Readers and writers are different
 * types: a part that only shows things can't change them. All times are UTC milliseconds, integers.
 */
import type { DetectSettings, EventState } from './detection.ts';
import type { CameraId, EventId, ExportId } from './ids.ts';
import type { CameraSignal } from './onvif.ts';
import type { GapReason, RecordMode, StreamName } from './media.ts';
import type { SegmentInfo } from './worker-protocol.ts';

export interface CameraRecord {
  id: CameraId;
  name: string;
  /** Without user information. */
  url: string;
  subUrl: string | null;
  username: string | null;
  /** Opaque text of a SecretBox, or null when there is no password. */
  sealedPassword: string | null;
  /** The ONVIF device service without user information; null for a camera known by its streams alone. */
  onvifUrl: string | null;
  /** What it offered when it was last asked. */
  onvif: CameraOnvif | null;
  room: string | null;
  /** host:port → SHA-256 fingerprint of the certificate that it showed first there. */
  tlsPins: Readonly<Record<string, string>>;
  ptz: PtzSettings;
  record: RecordMode;
  audio: boolean;
  indoor: boolean;
  detect: DetectSettings;
  demo: boolean;
  position: number;
  createdMs: number;
}

export interface CameraOnvif {
  make: string;
  model: string;
  firmware: string;
  mainProfile: string | null;
  subProfile: string | null;
  ptz: boolean;
  imaging: boolean;
  talk: boolean;
  signals: CameraSignal[];
  askedMs: number;
}

export interface PtzSettings {
  /** Seconds after a person moved it; null: stays. */
  homeAfterS: number | null;
  patrol: {
    enabled: boolean;
    stops: { preset: string; dwellS: number }[];
    /** In the hub's local time; none: always. Days: 0 Sunday … 6 Saturday. A range whose end is not after its start passes midnight. */
    schedule: { days: number[]; fromMinute: number; toMinute: number }[];
  };
}
export const defaultPtzSettings: PtzSettings = {
  homeAfterS: null,
  patrol: { enabled: false, stops: [], schedule: [] },
};

/** Seals small secrets at rest. A key file headless; the desktop's keychain later. */
export interface SecretBox {
  seal(plain: string): string;
  /** Throws if the text was not sealed by this box. */
  open(sealed: string): string;
}

/** A segment's row. Its path is derived (media-paths.ts). */
export type SegmentRecord = Omit<SegmentInfo, 'path'>;

export interface SegmentKey {
  cameraId: CameraId;
  stream: StreamName;
  startMs: number;
}

/** A contiguous run of segments. */
export interface Span {
  cameraId: CameraId;
  stream: StreamName;
  startMs: number;
  endMs: number;
  bytes: number;
}

export interface GapRecord {
  cameraId: CameraId;
  stream: StreamName;
  startMs: number;
  endMs: number;
  reason: GapReason;
}

export type EventRecord = EventState & { reviewed: boolean };

export interface EventQuery {
  fromMs?: number | undefined;
  toMs?: number | undefined;
  cameraId?: CameraId | undefined;
  label?: EventState['label'] | undefined;
  reviewed?: boolean | undefined;
  limit: number;
  /** As given out before. */
  cursor?: string | undefined;
}

export const exportStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export interface ExportRecord {
  id: ExportId;
  cameraId: CameraId;
  /** The camera's name when it was asked for; names the downloaded file. */
  title: string;
  fromMs: number;
  toMs: number;
  format: 'mp4';
  state: (typeof exportStates)[number];
  /** 0..1 */
  progress: number;
  bytes: number | null;
  createdMs: number;
  error: string | null;
}

export interface HubSettings {
  retentionDays: number;
  maxBytes: number | null;
  minFreeBytes: number;
  preRollS: number;
  postRollS: number;
  theme: 'system' | 'dark' | 'light';
}

export const defaultSettings: HubSettings = {
  retentionDays: 14,
  maxBytes: null,
  minFreeBytes: 5_000_000_000,
  preRollS: 5,
  postRollS: 15,
  theme: 'system',
};

export interface CameraReader {
  list(): CameraRecord[];
  get(id: CameraId): CameraRecord | null;
}
export interface CameraWriter extends CameraReader {
  put(camera: CameraRecord): void;
  remove(id: CameraId): void;
}

export interface SegmentReader {
  get(key: SegmentKey): SegmentRecord | null;
  /** Segments that overlap [fromMs, toMs), by start. */
  list(cameraId: CameraId, stream: StreamName, fromMs: number, toMs: number): SegmentRecord[];
  /** Spans that overlap [fromMs, toMs), cut to nothing: whole spans, by start. */
  spans(cameraId: CameraId, stream: StreamName, fromMs: number, toMs: number): Span[];
  gaps(cameraId: CameraId, fromMs: number, toMs: number): GapRecord[];
  /** The oldest segments of all cameras. */
  oldest(limit: number): { key: SegmentKey; endMs: number; bytes: number }[];
  /** Start times of a camera's stream in [fromMs, toMs), for comparing with the disk. */
  starts(cameraId: CameraId, stream: StreamName, fromMs: number, toMs: number): number[];
  bytesByCamera(): { cameraId: CameraId; bytes: number; startMs: number; endMs: number }[];
  lastEndMs(cameraId: CameraId, stream: StreamName): number | null;
  firstStartMs(cameraId: CameraId): number | null;
  count(): number;
}
export interface SegmentWriter extends SegmentReader {
  /** All or none. A segment that is there already is replaced. Segments of unknown cameras are refused. */
  insert(segments: readonly SegmentRecord[]): void;
  /** All or none; keys that are not there are passed over. */
  remove(keys: readonly SegmentKey[]): void;
  removeCamera(cameraId: CameraId): void;
  addGap(gap: GapRecord): void;
  /** Forgets gaps that ended before the time. */
  pruneGaps(beforeMs: number): void;
}

export interface EventReader {
  get(id: EventId): EventRecord | null;
  list(query: EventQuery): { events: EventRecord[]; nextCursor: string | null };
  unreviewed(): number;
}
export interface EventWriter extends EventReader {
  /** Inserts or replaces all but `reviewed`. */
  upsert(event: EventState): EventRecord;
  review(ids: readonly EventId[], reviewed: boolean): EventId[];
  removeCamera(cameraId: CameraId): void;
  /** Removes events that ended before the time; returns what was removed, at most `limit`. */
  removeBefore(beforeMs: number, limit: number): { id: EventId; startMs: number }[];
  /** Ends the events that a crash left open. */
  closeOpen(): void;
}

export interface ExportReader {
  get(id: ExportId): ExportRecord | null;
  list(): ExportRecord[];
}
export interface ExportWriter extends ExportReader {
  put(job: ExportRecord): void;
  remove(id: ExportId): void;
}

export interface SettingsReader {
  get(): HubSettings;
}
export interface SettingsWriter extends SettingsReader {
  /** Fields that are undefined stay as they are. */
  change(patch: { [K in keyof HubSettings]?: HubSettings[K] | undefined }): HubSettings;
}

/** Small facts about the data folder itself. */
export interface MetaStore {
  get(key: string): string | null;
  set(key: string, value: string): void;
}

export interface SessionStore {
  add(tokenHash: string, nowMs: number): void;
  /** true if it is there and was used after `aliveAfterMs`; then it counts as used now. */
  touch(tokenHash: string, nowMs: number, aliveAfterMs: number): boolean;
  remove(tokenHash: string): void;
}
