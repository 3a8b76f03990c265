/**
 * The fake hub's cameras that can do more than send pictures: one that moves, lets its picture be set, is looked after and can be
 * spoken through. Remembers what it was told; `moves` are the commands in the order they came.
 */
import type { WebSocket } from 'ws';
import type { AnswerOf, RouteName } from '#core/api/routes.ts';
import type { Camera } from '#core/api/schemas.ts';
import type { ImagingChange, PtzCommand } from '#core/domain/onvif.ts';
import { Refusal } from './refusal.ts';

type Care = AnswerOf<'care'>;
type Encoder = Care['encoders'][number];
type Command = { action: PtzCommand['action']; preset?: string; name?: string } & Record<string, unknown>;

export const talkSampleRate = 8000;

/** What `camera.onvif` says of a camera that can do it all. */
export const ableCamera = (): Pick<Camera, 'onvifUrl' | 'onvif'> => ({
  onvifUrl: 'http://192.0.2.12/onvif/device_service',
  onvif: {
    make: 'Brightcam',
    model: 'PT-400',
    firmware: '2.8.1',
    mainProfile: 'main',
    subProfile: 'sub',
    ptz: true,
    imaging: true,
    talk: true,
    signals: ['motion', 'person', 'line_crossing'],
    askedMs: Date.now() - 3_600_000,
  },
});

export class FakeOnvif {
  readonly moves: (Command & { atMs: number })[] = [];
  /** What came up the talk socket. */
  readonly speech: Buffer[] = [];
  talkers = 0;
  /** A sentence: talks fail with it. */
  talkTrouble: string | null = null;
  /** Seen by the next question. */
  readonly ptz: AnswerOf<'ptzState'> = {
    abilities: {
      ...{ profile: 'main', continuous: true, relative: true, absolute: true, centre: true, zoom: true, home: true },
      presets: 16,
    },
    position: { pan: 0, tilt: 0, zoom: 0 },
    moving: false,
    presets: [
      { token: '1', name: 'Gate' },
      { token: '2', name: 'Driveway, whole' },
      { token: '3', name: 'Letterbox' },
    ],
    settings: { homeAfterS: null, patrol: { enabled: false, stops: [], schedule: [] } },
    patrolling: false,
  };
  readonly imaging: AnswerOf<'imaging'> = {
    abilities: {
      source: 'source',
      brightness: { min: 0, max: 100 },
      contrast: { min: 0, max: 100 },
      saturation: { min: 0, max: 100 },
      sharpness: { min: 0, max: 1 },
      irCut: ['auto', 'on', 'off'],
      focus: { auto: true, continuous: true, relative: false, absolute: false },
    },
    ...{ brightness: 50, contrast: 45, saturation: 60, sharpness: 0.4, irCut: 'auto', autoFocus: false },
  };
  care: Care = fakeCare();
  relays = new Map<string, boolean>();
  restarts = 0;

  answer(name: RouteName, params: Record<string, string>, body: unknown): unknown {
    switch (name) {
      case 'ptzState':
        return this.ptz;
      case 'ptz':
        this.#command(body as Command);
        return { ok: true };
      case 'changePtz':
        return Object.assign(this.ptz.settings, body);
      case 'imaging':
        return this.imaging;
      case 'changeImaging': {
        const { focus: _focus, ...change } = body as ImagingChange;
        return Object.assign(this.imaging, change);
      }
      case 'care':
        return this.care;
      case 'setCameraClock':
        Object.assign(this.care, {
          clock: { ...this.care.clock, cameraMs: Date.now(), offsetMs: 40 },
          clockProblem: null,
        });
        return this.care.clock;
      case 'rebootCamera':
        this.restarts += 1;
        return { message: 'The camera restarts now.' };
      case 'changeEncoder': {
        const { token, ...change } = body as { token: string };
        return Object.assign(this.#encoder(token), change);
      }
      case 'applyRecommended':
        Object.assign(this.#encoder('main'), { keyframeEvery: 40, bitsPerSecond: 4_096_000 });
        this.care.recommended = [];
        return this.care;
      case 'changeRelay':
        this.relays.set(decodeURIComponent(params['token'] ?? ''), (body as { active: boolean }).active);
        return { ok: true };
      default:
        throw new Refusal(404, 'not_found', `The fake hub does not know ${name}.`);
    }
  }

  /** `WS /api/cameras/:id/talk` */
  talk(socket: WebSocket): void {
    this.talkers += 1;
    socket.on('close', () => (this.talkers -= 1));
    socket.on('message', (data: Buffer) => this.speech.push(data));
    if (this.talkTrouble === null) socket.send(JSON.stringify({ type: 'ready', sampleRate: talkSampleRate }));
    else socket.send(JSON.stringify({ type: 'failed', code: 'camera_busy', message: this.talkTrouble }));
  }

  #command(command: Command): void {
    this.moves.push({ ...command, atMs: performance.now() });
    const { presets } = this.ptz;
    const at = presets.findIndex(({ token }) => token === command.preset);
    const found = presets[at];
    if (command.preset !== undefined && !found) throw new Refusal(404, 'not_found', 'The camera has no such preset.');
    if (command.action === 'rename_preset' && found) found.name = command.name ?? '';
    if (command.action === 'delete_preset') presets.splice(at, 1);
    if (command.action === 'save_preset' && !found)
      presets.push({ token: String(presets.length + 10), name: command.name ?? '' });
  }

  #encoder(token: string): Encoder {
    const encoder = this.care.encoders.find((one) => one.token === token);
    if (!encoder) throw new Refusal(404, 'not_found', 'The camera has no such encoder.');
    return encoder;
  }
}

function fakeCare(): Care {
  const options: Encoder['options'] = {
    codecs: ['h264', 'h265'],
    sizes: [
      { width: 2560, height: 1440 },
      { width: 1920, height: 1080 },
      { width: 1280, height: 720 },
    ],
    fps: { min: 1, max: 25 },
    bitsPerSecond: { min: 256_000, max: 8_192_000 },
    keyframeEvery: { min: 1, max: 200 },
  };
  return {
    info: {
      make: 'Brightcam',
      model: 'PT-400',
      firmware: '2.8.1 build 230907',
      serial: 'BC4F-0031-77',
      hardware: 'v3',
    },
    clock: { cameraMs: Date.now() - 192_000, offsetMs: -192_000, timeZone: 'CET-1CEST', source: 'manual' },
    clockProblem:
      "The clock of camera 'Driveway' is 3 minutes behind. Set it from here; the time written into its picture is wrong until then.",
    encoders: [
      {
        ...{ token: 'main', name: 'Main stream', profiles: ['MainStream'], codec: 'h265', width: 2560, height: 1440 },
        ...{ fps: 20, bitsPerSecond: 6_144_000, keyframeEvery: 200, options },
      },
      {
        ...{ token: 'sub', name: 'Sub stream', profiles: ['SubStream'], codec: 'h264', width: 640, height: 360 },
        ...{ fps: 15, bitsPerSecond: 512_000, keyframeEvery: 30 },
        options: { ...options, codecs: ['h264'], sizes: [{ width: 640, height: 360 }] },
      },
    ],
    recommended: [
      {
        ...{ encoder: 'main', profile: 'MainStream', setting: 'keyframeEvery', from: 'every 10 s', to: 'every 2 s' },
        why: 'Live view and seeking wait for a keyframe: now up to 10 s.',
      },
      {
        ...{ encoder: 'main', profile: 'MainStream', setting: 'bitsPerSecond', from: '6.1 Mbit/s', to: '4.1 Mbit/s' },
        why: 'Enough for this size, and a third less to store.',
      },
    ],
    relays: [
      { token: 'relay/1', name: 'Floodlight' },
      { token: 'relay/2', name: 'Siren' },
    ],
    watch: { state: 'watching', via: 'pull', message: null },
  };
}
