/**
 * The demo's words: what the hub and the process that draws and seeds say to each other, and the ports through which the
 * demo reaches the rest of the hub.
 */
import type { Clock } from '#core/base/clock.ts';
import type { Logger } from '#core/base/logger.ts';
import type { EventState } from './detection.ts';
import type { CameraId } from './ids.ts';
import type { GapRecord, SegmentRecord } from './records.ts';
import type { FromVirtualCamera, ToVirtualCamera, VirtualClip } from './virtual-camera-protocol.ts';
import type { Heartbeat } from './worker-protocol.ts';

export type ToDemoMaker =
  /** Draw and encode what is not there yet; the day's or the night's scenes, the quiet one first. */
  | { type: 'make'; folder: string; light: 'day' | 'night' }
  /** Lay down a past in [fromMs, toMs) from the scenes made before, newest first. May be sent again after a crash. */
  | {
      type: 'seed';
      folder: string;
      cameraId: CameraId;
      recordingsDir: string;
      snapshotsDir: string;
      fromMs: number;
      toMs: number;
      /** Where the disk knows no hard links, files are copied until this is used up. */
      copyBudgetBytes: number;
    }
  | { type: 'stop' };

export type FromDemoMaker =
  | Heartbeat
  | { type: 'clip'; clip: VirtualClip }
  | { type: 'made'; light: 'day' | 'night' }
  /** Files are on disk; the rows can be written. */
  | { type: 'seeded-part'; segments: SegmentRecord[]; gaps: GapRecord[]; events: EventState[] }
  | { type: 'seeded'; segments: number; events: number; diskBytes: number }
  | { type: 'failed'; message: string };

/** A supervised child process as the demo needs it; core/supervise implements it. */
export interface DemoChild<In, Out> {
  onMessage: (message: Out | Heartbeat) => void;
  /** Called for each process that is started, also after a crash. */
  onSpawn: () => void;
  onEnd: () => void;
  start(): void;
  send(message: In): boolean;
  stop(): Promise<void>;
}

export interface DemoCamera {
  id: CameraId;
  createdMs: number;
}

export interface DemoDeps {
  clock: Clock;
  logger: Logger;
  /** `<data>/demo`: drawn scenes. Removed with the demo. */
  folder: string;
  recordingsDir: string;
  snapshotsDir: string;
  /** Entry core/workers/virtual-camera.ts. */
  virtualCamera: DemoChild<ToVirtualCamera, FromVirtualCamera>;
  /** Entry core/workers/demo-maker.ts; drawing blocks a process for seconds, so the heartbeat's limit should be 60 s. */
  dayMaker: DemoChild<ToDemoMaker, FromDemoMaker>;
  nightMaker: DemoChild<ToDemoMaker, FromDemoMaker>;
  cameras: {
    /** The camera with `demo: true`, if there is one. */
    find(): DemoCamera | null;
    add(camera: DemoAddress & { name: string }): DemoCamera;
    /** After a restart the virtual camera has another port and password. */
    move(id: CameraId, address: DemoAddress): void;
    /** Camera, recordings, previews, events and their pictures. */
    remove(id: CameraId): Promise<void>;
  };
  /** Writes rows; `reviewed` events count as looked at. */
  write(part: { segments: SegmentRecord[]; gaps: GapRecord[]; events: (EventState & { reviewed: boolean })[] }): void;
  /** Small facts that outlive a restart, e.g. that the past has been laid down. */
  meta: { get(key: string): string | null; set(key: string, value: string): void };
}

export interface DemoAddress {
  url: string;
  subUrl: string;
  username: string;
  password: string;
}

export interface Demo {
  /** Brings an existing demo back after a start of the hub; does nothing where there is none. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when the camera is there (about 10 s the first time); the past follows. Throws `unavailable` if drawing fails. */
  add(): Promise<void>;
  /** Removes all of it. */
  remove(): Promise<void>;
}
