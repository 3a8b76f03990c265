/** What the hub and the ONVIF process say over the fork channel. No XML, no socket of a camera ever reaches the hub. */
import type { ErrorCode } from '#core/base/errors.ts';
import type { CameraId } from './ids.ts';
import type { CameraReport, FoundDevice, OnvifOperation, OnvifOperations, OnvifTarget, WatchStatus } from './onvif.ts';
import type { Heartbeat } from './worker-protocol.ts';

export interface OnvifWatch {
  cameraId: CameraId;
  target: OnvifTarget;
}

export type OnvifCall = {
  [N in OnvifOperation]: {
    type: 'call';
    requestId: number;
    target: OnvifTarget;
    operation: N;
    input: OnvifOperations[N]['input'];
    timeoutMs: number;
  };
}[OnvifOperation];

export type HubToOnvif =
  /**
   * Search. `address` null: multicast on every interface. Otherwise one address, `a.b.c.d/nn` (at most 1,024 addresses) or
   * `a.b.c.d-e`, asked directly.
   */
  | { type: 'discover'; requestId: number; address: string | null; timeoutMs: number }
  | OnvifCall
  /** Opens the loudspeaker of a camera (`url`: its stream). Answered by talk-ready or failed; `cancel` ends it. */
  | { type: 'talk'; requestId: number; target: OnvifTarget }
  /** 16-bit little-endian mono samples at the rate that talk-ready told. */
  | { type: 'talk-audio'; requestId: number; pcm: Uint8Array }
  | { type: 'cancel'; requestId: number }
  /** The whole wanted state: subscriptions start, change and stop to match. */
  | { type: 'watch'; cameras: OnvifWatch[] }
  | { type: 'stop' };

export type OnvifToHub =
  | Heartbeat
  | { type: 'ready' }
  | { type: 'found'; requestId: number; device: FoundDevice }
  | { type: 'discovered'; requestId: number; problems: string[] }
  | { type: 'answer'; requestId: number; output: OnvifOperations[OnvifOperation]['output'] }
  | { type: 'failed'; requestId: number; code: ErrorCode; message: string }
  | { type: 'talk-ready'; requestId: number; sampleRate: number }
  /** The camera ended it after it was ready. */
  | { type: 'talk-ended'; requestId: number; code: ErrorCode; message: string }
  /** The first certificate at an address (host:port) without a pin: to be kept. */
  | { type: 'certificate'; cameraId: CameraId; address: string; fingerprint: string }
  | { type: 'report'; report: CameraReport }
  | { type: 'watch-status'; status: WatchStatus };
