/** The state a virtual camera begins with: identity, encoders as the clip is, two presets, one relay, one input. */
import http from 'node:http';
import type { Clock } from '#core/base/clock.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { Playout } from '../playout.ts';
import { EventBroker } from './event-broker.ts';
import { notification } from './events.ts';
import { PtzHead } from './ptz-head.ts';
import { envelope, xml } from './soap.ts';
import type { Encoder, ServiceName, World } from './world.ts';

export interface WorldInit {
  clock: Clock;
  uuid: string;
  name: string;
  playout: Playout;
  without: ReadonlySet<ServiceName>;
  audio: 'aac' | 'pcmu' | 'none';
  talk: boolean;
  /** SystemReboot was asked for; away for so long. */
  reboot: (ms: number) => void;
}

export function makeWorld(init: WorldInit): World {
  const { clock, uuid, playout } = init;
  const world: World = {
    clock,
    identity: {
      uuid,
      name: init.name,
      make: 'Porchlight',
      model: 'Virtual camera',
      firmware: '1.0.0',
      serial: uuid.slice(0, 8).toUpperCase(),
      hardware: 'VC-1',
      location: 'front garden',
    },
    profiles: (['main', 'sub'] as const).map((token) => ({
      token,
      name: token === 'main' ? 'Main stream' : 'Sub stream',
      encoder: encoderFor(token, playout),
    })),
    head: new PtzHead(clock),
    presets: new Map([
      ['preset_1', { name: 'Gate', position: { pan: -0.4, tilt: 0.1, zoom: 0 } }],
      ['preset_2', { name: 'Drive', position: { pan: 0.5, tilt: -0.1, zoom: 0.3 } }],
    ]),
    imaging: {
      brightness: 50,
      contrast: 50,
      saturation: 50,
      sharpness: 50,
      irCut: 'AUTO',
      autoFocus: true,
      focus: new PtzHead(clock),
    },
    relays: [{ token: 'relay_1', active: false }],
    inputs: ['input_1'],
    events: new EventBroker(clock, () => clock.nowMs() + world.clockOffsetMs),
    without: init.without,
    audio: init.audio,
    talk: init.talk,
    hostname: 'virtual-camera',
    timeZone: 'UTC0',
    dateTimeType: 'Manual',
    rtspPort: 0,
    clockOffsetMs: 0,
    moves: 0,
    reboot: init.reboot,
  };
  world.events.post = (consumer, events) => {
    const body = xml`<wsnt:Notify>${events.map(notification)}</wsnt:Notify>`;
    const header = xml`<wsa:Action>http://docs.oasis-open.org/wsn/bw-2/NotificationConsumer/Notify</wsa:Action><wsa:To>${consumer}</wsa:To>`;
    post(consumer, envelope('1.2', body, header));
  };
  return world;
}

function encoderFor(stream: StreamName, playout: Playout): Encoder {
  const clip = playout.clip(playout.frameNow(), stream);
  const key = clip.pictures.findIndex((picture, index) => index > 0 && picture.key);
  const bytes = clip.pictures.reduce((sum, picture) => sum + picture.data.length, 0);
  const { width, height, fps } = clip;
  const gov = key > 0 ? key : clip.pictures.length;
  const kbps = Math.max(64, Math.round((bytes * 8 * fps) / clip.pictures.length / 1000));
  const smaller = { width: Math.round(width / 4) * 2, height: Math.round(height / 4) * 2 };
  return {
    token: `encoder_${stream}`,
    name: `${stream} encoder`,
    codec: clip.codec === 'h265' ? 'H265' : 'H264',
    width,
    height,
    fps,
    kbps,
    gov,
    quality: 5,
    sizes: [{ width, height }, smaller],
    fpsRange: [1, Math.max(30, Math.ceil(fps))],
    kbpsRange: [32, Math.max(8192, kbps)],
    govRange: [1, Math.max(400, gov)],
  };
}

/** Base notifications are told once; a consumer that is not there has missed them, as the specification has it. */
function post(consumer: string, text: string): void {
  const request = http.request(consumer, {
    method: 'POST',
    timeout: 3_000,
    headers: { 'Content-Type': 'application/soap+xml; charset=utf-8', 'Content-Length': Buffer.byteLength(text) },
  });
  request.on('response', (response) => response.resume());
  request.on('timeout', () => request.destroy());
  request.on('error', () => request.destroy());
  request.end(text);
}
