/**
 * What a camera says of itself over ONVIF, and what it can be asked to do. Pure types, shared by the process that speaks
 * ONVIF, the hub and the contract. Times are UTC milliseconds; angles and speeds are ONVIF's generic spaces.
 */
import type { CameraId } from './ids.ts';

/** Where to knock and as whom. Replies of the camera never change `url`'s host (docs/design/onvif.md, "one address"). */
export interface OnvifTarget {
  /** The device service, http or https, without user information. A bare host gets `/onvif/device_service`. */
  url: string;
  username: string | null;
  password: string | null;
  /** Only for messages to people. */
  cameraName: string;
  /** host:port → SHA-256 fingerprint of the certificate it must show. Absent: any will do. */
  pins?: Readonly<Record<string, string>> | undefined;
  /** Whose certificates they are: the first one at an address is told with it. */
  cameraId?: CameraId | undefined;
}

/** One reply to a search, after duplicates were folded. */
export interface FoundDevice {
  /** WS-Discovery endpoint address (urn:uuid:…); the service address for a device that was asked directly. */
  endpoint: string;
  /** The device service at the address that answered us. */
  url: string;
  /** IP address that answered. */
  address: string;
  name: string | null;
  make: string | null;
  model: string | null;
  location: string | null;
}

export interface OnvifInfo {
  make: string;
  model: string;
  firmware: string;
  serial: string;
  hardware: string;
}

export interface OnvifClock {
  /** The camera's UTC time when it was asked; null when it did not say. */
  cameraMs: number | null;
  /** Camera minus hub, with half of the travel time taken off. Requests are signed with it. */
  offsetMs: number;
  timeZone: string | null;
  /** 'ntp': it sets itself. */
  source: 'ntp' | 'manual' | 'unknown';
}

export interface OnvifVideo {
  codec: 'h264' | 'h265' | 'mjpeg' | 'mpeg4' | 'other';
  width: number;
  height: number;
  fps: number | null;
  bitsPerSecond: number | null;
  /** Keyframe distance in pictures (Media1 GovLength, Media2 GovLength). */
  keyframeEvery: number | null;
  /** Of the encoder configuration, for changing it. */
  encoder: string;
}

export interface OnvifAudio {
  codec: 'aac' | 'pcmu' | 'g726' | 'opus' | 'other';
  sampleRate: number | null;
  bitsPerSecond: number | null;
}

export interface OnvifProfile {
  token: string;
  name: string;
  /** Which media service named it. A profile that both name is told once, from Media2. */
  service: 'media1' | 'media2';
  /** Which lens: profiles of one source show the same scene. */
  source: string;
  /** rtsp(s), without user information, at the camera's own address. Null when it gave none that we may use. */
  streamUrl: string | null;
  snapshotUrl: string | null;
  video: OnvifVideo | null;
  audio: OnvifAudio | null;
  /** It carries a PTZ configuration: moving works through this profile. */
  ptz: boolean;
}

export interface PtzAbilities {
  /** The profile that moves are asked with. */
  profile: string;
  continuous: boolean;
  relative: boolean;
  absolute: boolean;
  /** Relative moves in the field-of-view space: a click can centre exactly. */
  centre: boolean;
  zoom: boolean;
  home: boolean;
  presets: number;
}

export interface ImagingAbilities {
  source: string;
  /** Range of the camera's own numbers, or null where it is not offered. */
  brightness: { min: number; max: number } | null;
  contrast: { min: number; max: number } | null;
  saturation: { min: number; max: number } | null;
  sharpness: { min: number; max: number } | null;
  irCut: ('on' | 'off' | 'auto')[];
  /** Ways the focus can be moved. */
  focus: { auto: boolean; continuous: boolean; relative: boolean; absolute: boolean };
}

/** What a camera reports by itself, in our words. */
export const cameraSignals = ['motion', 'person', 'vehicle', 'animal', 'line_crossing', 'input', 'tamper'] as const;
export type CameraSignal = (typeof cameraSignals)[number];

export interface OnvifEvents {
  pullPoint: boolean;
  /** Base notification: the camera calls us. Used where pull points fail. */
  base: boolean;
  /** What its topics can tell; empty when it does not list them. */
  signals: CameraSignal[];
}

export interface OnvifDescription {
  /** The device service that answered. */
  url: string;
  info: OnvifInfo;
  clock: OnvifClock;
  profiles: OnvifProfile[];
  /** Tokens of the profiles to record and to analyse; `sub` is null where there is no smaller one of the same source. */
  chosen: { main: string | null; sub: string | null };
  ptz: PtzAbilities | null;
  imaging: ImagingAbilities | null;
  events: OnvifEvents | null;
  relays: { token: string; name: string }[];
  /** Two-way audio: it has an audio output, so the RTSP backchannel is worth asking for. */
  talk: boolean;
  /** What could not be read, in words; the rest holds. */
  problems: string[];
}

// ---------------------------------------------------------------- moving

/** Pan, tilt and zoom in the generic spaces: velocities and positions -1..1, zoom positions 0..1. */
export interface PtzVector {
  pan: number;
  tilt: number;
  zoom: number;
}
export interface PtzPreset {
  token: string;
  name: string;
}
export type PtzCommand =
  /** Velocity. Stops by itself after `timeoutMs` (asked of the camera, and done by us should it not obey). */
  | { action: 'move'; velocity: PtzVector; timeoutMs: number }
  | { action: 'stop' }
  | { action: 'relative'; by: PtzVector }
  | { action: 'absolute'; to: PtzVector }
  /** Bring this point of the picture (fractions) to the centre. */
  | { action: 'centre'; x: number; y: number }
  | { action: 'home' }
  | { action: 'set_home' }
  | { action: 'goto_preset'; preset: string }
  /** A new preset here, or `preset` moved here. */
  | { action: 'save_preset'; name: string; preset?: string | undefined }
  | { action: 'rename_preset'; preset: string; name: string }
  | { action: 'delete_preset'; preset: string };
export interface PtzState {
  abilities: PtzAbilities;
  /** Null where the camera does not say. */
  position: PtzVector | null;
  moving: boolean | null;
  presets: PtzPreset[];
}

// ---------------------------------------------------------------- picture and care

export interface ImagingState {
  abilities: ImagingAbilities;
  brightness: number | null;
  contrast: number | null;
  saturation: number | null;
  sharpness: number | null;
  irCut: 'on' | 'off' | 'auto' | null;
  autoFocus: boolean | null;
}
export interface ImagingChange {
  brightness?: number | undefined;
  contrast?: number | undefined;
  saturation?: number | undefined;
  sharpness?: number | undefined;
  irCut?: 'on' | 'off' | 'auto' | undefined;
  autoFocus?: boolean | undefined;
  /** Moves the focus: speed -1 (near)..1 (far) for 300 ms, or 0 to stop. */
  focus?: number | undefined;
}

/** One video encoder with what it may be set to. Null or empty: the camera does not say or does not let it change. */
export interface EncoderState {
  token: string;
  name: string;
  /** Names of the profiles that use it. */
  profiles: string[];
  codec: OnvifVideo['codec'];
  width: number;
  height: number;
  fps: number | null;
  bitsPerSecond: number | null;
  keyframeEvery: number | null;
  options: {
    codecs: OnvifVideo['codec'][];
    sizes: { width: number; height: number }[];
    fps: { min: number; max: number } | null;
    bitsPerSecond: { min: number; max: number } | null;
    keyframeEvery: { min: number; max: number } | null;
  };
}
export interface EncoderChange {
  token: string;
  codec?: OnvifVideo['codec'] | undefined;
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  bitsPerSecond?: number | undefined;
  keyframeEvery?: number | undefined;
}

// ---------------------------------------------------------------- what the ONVIF process is asked

/** Every question, its input and its answer. All are bounded by a deadline and can be cancelled. */
export interface OnvifOperations {
  describe: { input: object; output: OnvifDescription };
  ptz_state: { input: { profile: string | null }; output: PtzState };
  ptz: { input: { profile: string | null; command: PtzCommand }; output: object };
  imaging_state: { input: { source: string | null }; output: ImagingState };
  imaging: { input: { source: string | null; change: ImagingChange }; output: ImagingState };
  clock: { input: object; output: OnvifClock };
  /** Sets the camera's clock to the hub's (UTC). */
  set_clock: { input: object; output: OnvifClock };
  reboot: { input: object; output: { message: string } };
  encoders: { input: object; output: EncoderState[] };
  change_encoder: { input: EncoderChange; output: EncoderState };
  relay: { input: { token: string; active: boolean }; output: object };
  /** One JPEG from the camera's own snapshot address (which must be at the camera). */
  snapshot: { input: { profile: string | null }; output: { jpeg: Uint8Array } };
}
export type OnvifOperation = keyof OnvifOperations;

// ---------------------------------------------------------------- what the camera reports by itself

/** A change that a camera reported. Initial state replayed at (re)subscription is never told. */
export interface CameraReport {
  cameraId: CameraId;
  signal: CameraSignal;
  /** Which rule, line, input or source; distinct ones run side by side. */
  key: string;
  /** For people, e.g. the rule's name or `Input 1`. */
  what: string;
  active: boolean;
  /** On the hub's clock. */
  timeMs: number;
}

export type WatchState = 'connecting' | 'watching' | 'retrying' | 'refused' | 'unsupported';
export interface WatchStatus {
  cameraId: CameraId;
  state: WatchState;
  via: 'pull' | 'base' | null;
  message: string | null;
}
