/**
 * What a parent (hub or test) and the virtual camera process say over the fork channel. The virtual camera is an RTSP
 * server on 127.0.0.1 that plays clips made by the project at `/main` and `/sub`.
 */
import type { Heartbeat } from './worker-protocol.ts';

/** One scene in two sizes. All clips of a library have the same number of pictures and the same rate. */
export interface VirtualClip {
  /** The scene's name, e.g. `day-visitor`. With one clip it plays in a loop; with more, the demo's schedule picks. */
  name: string;
  mainPath: string;
  subPath: string;
}

export interface VirtualCameraAuth {
  /** 'both' offers Digest first, then Basic, as many cameras do. */
  scheme: 'digest' | 'digest-sha256' | 'basic' | 'both';
  username: string;
  password: string;
}

/** What a camera can do wrong. A new fault of the same kind replaces the old one. */
export type VirtualCameraFault =
  /** Closes all connections at once, without a word. */
  | { kind: 'drop' }
  /** Stays connected and sends no media, for `ms` or until `resume`. */
  | { kind: 'stall'; ms?: number }
  | { kind: 'resume' }
  /** Answers DESCRIBE with this status, `times` times (default: until `accept`). */
  | { kind: 'refuse'; status: 401 | 404 | 453 | 503; times?: number }
  | { kind: 'accept' }
  /** Accepts connections and never answers, for `ms`. */
  | { kind: 'silent'; ms: number }
  /** Power cut: the port is closed, everyone is dropped, back after `ms`. */
  | { kind: 'reboot'; ms: number }
  /** `/main` and `/sub` swap their pictures at the next keyframe: a change of resolution in mid-stream. */
  | { kind: 'resolution' }
  /** Every n-th video packet is not sent; 0 ends it. */
  | { kind: 'loss'; everyPackets: number }
  /** The camera's clock, as told in sender reports, is off by this much. */
  | { kind: 'clock'; offsetMs: number }
  /** RTP timestamps of new sessions start this many seconds before 2^32; null: random. */
  | { kind: 'wrap'; secondsBefore: number | null }
  /** SETUP of more sessions than this is answered 453; null: no cap. */
  | { kind: 'connection_cap'; sessions: number | null }
  /** Streams in the other encoding from now on, where the clip has one: everyone is dropped, as by real cameras. */
  | { kind: 'codec'; codec: 'h264' | 'h265' }
  /** DESCRIBE answers something that is no description. */
  | { kind: 'garbage_sdp'; on: boolean; form: 'noise' | 'no_media' | 'huge' }
  /** Only keyframes at least this many pictures apart are sent as such, the others are left out; 0: all. */
  | { kind: 'keyframes'; everyPictures: number }
  /** RTP timestamps of sessions that play leap by this much. */
  | { kind: 'jump'; seconds: number }
  /** How Digest is asked for. `requestsPerNonce`: the nonce is stale after so many; 0: never. */
  | { kind: 'digest'; algorithms: ('MD5' | 'SHA-256' | 'SHA-512-256')[]; qop: boolean; requestsPerNonce: number }
  /** The right password is refused too. */
  | { kind: 'refuse_password'; on: boolean }
  /** Ends all faults. */
  | { kind: 'none' };

export type ToVirtualCamera =
  | {
      type: 'configure';
      /** 0: any free port. */
      port: number;
      clips: VirtualClip[];
      audio: 'aac' | 'pcmu' | 'none';
      auth: VirtualCameraAuth | null;
      faults: VirtualCameraFault[];
      /** What the server says a session lives without a keep-alive; it then ends it. */
      sessionTimeoutS: number;
    }
  /** More scenes have been made. */
  | { type: 'clips'; clips: VirtualClip[] }
  | { type: 'fault'; requestId: number; fault: VirtualCameraFault }
  | { type: 'figures'; requestId: number }
  | { type: 'stop' };

export interface VirtualCameraFigures {
  connections: number;
  /** Connections accepted since the start. */
  accepted: number;
  /** DESCRIBE requests since the start, and how many of them carried a wrong password. */
  described: number;
  wrongPasswords: number;
  /** OPTIONS, GET_PARAMETER, SET_PARAMETER seen in a playing session. */
  keepAlives: number;
  teardowns: number;
  /** What was said through the ONVIF backchannel: RTP packets and bytes of G.711. */
  talk: { packets: number; bytes: number };
  sessions: { path: string; frames: number; packets: number; droppedFrames: number; firstFrame: number }[];
}

export type FromVirtualCamera =
  | Heartbeat
  | { type: 'ready'; port: number }
  | { type: 'failed'; message: string }
  | { type: 'fault-set'; requestId: number }
  | { type: 'figures'; requestId: number; figures: VirtualCameraFigures };
