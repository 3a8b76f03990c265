/**
 * The virtual camera's state behind its services: who it is, what its clock says, profiles, encoders, presets, picture
 * settings, relays. Services read and change it; it knows nothing of SOAP.
 */
import type { Clock } from '#core/base/clock.ts';
import type { EventBroker } from './event-broker.ts';
import type { PtzHead } from './ptz-head.ts';
import { type Position } from './ptz-head.ts';

export const serviceNames = ['device', 'media1', 'media2', 'ptz', 'imaging', 'events', 'deviceio'] as const;
export type ServiceName = (typeof serviceNames)[number];

export const servicePaths: Record<ServiceName, string> = {
  device: '/onvif/device_service',
  media1: '/onvif/media_service',
  media2: '/onvif/media2_service',
  ptz: '/onvif/ptz_service',
  imaging: '/onvif/imaging_service',
  events: '/onvif/event_service',
  deviceio: '/onvif/deviceio_service',
};

export interface Identity {
  /** Of the WS-Discovery endpoint, without `urn:uuid:`. */
  uuid: string;
  name: string;
  make: string;
  model: string;
  firmware: string;
  serial: string;
  hardware: string;
  location: string;
}

export interface Encoder {
  token: string;
  name: string;
  codec: 'H264' | 'H265';
  width: number;
  height: number;
  fps: number;
  kbps: number;
  gov: number;
  quality: number;
  readonly sizes: readonly { width: number; height: number }[];
  readonly fpsRange: readonly [number, number];
  readonly kbpsRange: readonly [number, number];
  readonly govRange: readonly [number, number];
}

export interface Profile {
  token: 'main' | 'sub';
  name: string;
  encoder: Encoder;
}

export interface Imaging {
  brightness: number;
  contrast: number;
  saturation: number;
  sharpness: number;
  irCut: 'ON' | 'OFF' | 'AUTO';
  autoFocus: boolean;
  /** 0 near .. 1 far. */
  focus: PtzHead;
}

export interface World {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly profiles: readonly Profile[];
  readonly head: PtzHead;
  readonly presets: Map<string, { name: string; position: Position }>;
  readonly imaging: Imaging;
  readonly relays: { token: string; active: boolean }[];
  readonly inputs: readonly string[];
  readonly events: EventBroker;
  readonly without: ReadonlySet<ServiceName>;
  /** 'aac' | 'pcmu' | 'none' of the streams. */
  readonly audio: 'aac' | 'pcmu' | 'none';
  /** It has a loudspeaker. */
  readonly talk: boolean;
  hostname: string;
  timeZone: string;
  dateTimeType: 'Manual' | 'NTP';
  rtspPort: number;
  /** Camera minus this machine. */
  clockOffsetMs: number;
  moves: number;
  reboot(ms: number): void;
}

/** The camera's own UTC time. */
export function cameraMs(world: World): number {
  return world.clock.nowMs() + world.clockOffsetMs;
}

/** How a call reached the camera. Addresses in answers are made of it, as of a camera that has one interface. */
export interface Reach {
  /** `http://a.b.c.d:port`, or '' where the camera gives paths alone. */
  base: string;
  /** Host in rtsp addresses, with brackets for IPv6. */
  host: string;
}
