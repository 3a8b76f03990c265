/** What whoever starts a virtual camera says to it and hears from it. */
import type { Clock } from '#core/base/clock.ts';
import type { CameraSignal } from '#core/domain/onvif.ts';
import type { VirtualCameraFigures } from '#core/domain/virtual-camera-protocol.ts';
import type { LoadedClip, Programme } from '../playout.ts';
import type { DiscoveryResponder } from './discovery.ts';
import type { CameraFault } from './faults.ts';
import type { HttpFigures } from './http-server.ts';
import type { Position } from './ptz-head.ts';
import type { ServiceName } from './world.ts';

export interface VirtualOnvifOptions {
  clips: LoadedClip[];
  /** Which scene plays when; default: the first clip in a loop. */
  programme?: Programme;
  /** Default 127.0.0.1: this machine only. */
  host?: string;
  /** Default 0: any free port. */
  onvifPort?: number;
  rtspPort?: number;
  /** Default: no password. */
  username?: string;
  password?: string;
  name?: string;
  audio?: 'aac' | 'pcmu' | 'none';
  /** A loudspeaker: RTSP backchannel. Default true. */
  talk?: boolean;
  without?: readonly ServiceName[];
  /** Answers searches for cameras. False: none. */
  discovery?: DiscoveryResponder | boolean;
  faults?: readonly CameraFault[];
  sessionTimeoutS?: number;
  /** The picture of now as JPEG; default: a grey dot. */
  snapshot?: (picture: SnapshotSource) => Promise<Buffer>;
  clock?: Clock;
}

/** The newest keyframe on air. */
export interface SnapshotSource {
  codec: 'h264' | 'h265';
  parameterSets: readonly Buffer[];
  /** NAL units with 4-byte lengths. */
  data: Buffer;
  width: number;
  height: number;
}

export interface VirtualOnvifFigures {
  onvif: HttpFigures & { subscriptions: number };
  rtsp: VirtualCameraFigures;
  ptz: { moves: number; position: Position; moving: boolean; presets: string[] };
  imaging: {
    brightness: number;
    contrast: number;
    saturation: number;
    sharpness: number;
    irCut: string;
    focus: number;
  };
  encoders: { token: string; width: number; height: number; fps: number; kbps: number; gov: number }[];
  relays: { token: string; active: boolean }[];
  clockOffsetMs: number;
  reboots: number;
  discoveryProbes: number;
}

export interface VirtualOnvifCamera {
  /** The device service. */
  onvifUrl: string;
  /** rtsp://host:port; streams are /main and /sub. */
  rtspUrl: string;
  onvifPort: number;
  rtspPort: number;
  uuid: string;
  /** Resolves when it is in force. Throws `bad_request` for what is no fault. */
  fault(fault: CameraFault): Promise<void>;
  /** Something is seen, or no longer. */
  raise(signal: CameraSignal, active: boolean): void;
  figures(): VirtualOnvifFigures;
  /** More scenes; those of another length are left out. */
  setClips(clips: LoadedClip[]): void;
  /** What was said to the camera through the backchannel, G.711 u-law, the last 60 s of it. */
  heard(): Buffer;
  stop(): Promise<void>;
}
