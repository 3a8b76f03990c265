/**
 * The contract's shapes for what cameras offer over ONVIF: finding, trying, moving, adjusting and looking after them.
 * The types of core/domain/onvif.ts, as they cross the wire.
 */
import { z } from 'zod';
import { cameraSignals } from '#core/domain/onvif.ts';
import { apiError, audioInfo, cameraId, displayName, videoInfo } from './schemas.ts';

const token = z.string().min(1).max(256);
const speed = z.number().min(-1).max(1);
const range = z.object({ min: z.number(), max: z.number() });
const credential = z.string().max(256);
const timeMs = z.number().int();

export const discoverRequest = z
  .object({
    address: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .nullable()
      .optional()
      .describe(
        'One address, a.b.c.d/nn or a.b.c.d-e of your own network, asked directly; left out: everything nearby',
      ),
    timeoutMs: z.number().int().min(500).max(10_000).optional(),
  })
  .default({});
export const foundDevice = z.object({
  endpoint: z.string(),
  url: z.string().describe('The ONVIF device service: what probe and add take'),
  address: z.string(),
  name: z.string().nullable(),
  make: z.string().nullable(),
  model: z.string().nullable(),
  location: z.string().nullable(),
  addedAs: cameraId.nullable().describe('The camera of this home that has this address'),
});
/** With `Accept: application/x-ndjson` each device comes on a line of its own as it answers: `{"device": …}`, at the end `{"problems": […]}`. */
export const discoverResult = z.object({ devices: z.array(foundDevice), problems: z.array(z.string()) });
/** One line of the same search as it goes on; `error` is the last one where it broke off. */
export const discoverLine = z.union([
  z.object({ device: foundDevice }),
  z.object({ problems: z.array(z.string()) }),
  apiError,
]);

const onvifVideo = z.object({
  codec: z.enum(['h264', 'h265', 'mjpeg', 'mpeg4', 'other']),
  width: z.number(),
  height: z.number(),
  fps: z.number().nullable(),
  bitsPerSecond: z.number().nullable(),
  keyframeEvery: z.number().nullable().describe('Pictures'),
  encoder: z.string(),
});
export const onvifProfile = z.object({
  token: z.string(),
  name: z.string(),
  service: z.enum(['media1', 'media2']),
  source: z.string(),
  streamUrl: z.string().nullable(),
  snapshotUrl: z.string().nullable(),
  video: onvifVideo.nullable(),
  audio: z
    .object({
      codec: z.enum(['aac', 'pcmu', 'g726', 'opus', 'other']),
      sampleRate: z.number().nullable(),
      bitsPerSecond: z.number().nullable(),
    })
    .nullable(),
  ptz: z.boolean(),
});
export const ptzAbilities = z.object({
  profile: z.string(),
  continuous: z.boolean(),
  relative: z.boolean(),
  absolute: z.boolean(),
  centre: z.boolean(),
  zoom: z.boolean(),
  home: z.boolean(),
  presets: z.number(),
});
const imagingAbilities = z.object({
  source: z.string(),
  brightness: range.nullable(),
  contrast: range.nullable(),
  saturation: range.nullable(),
  sharpness: range.nullable(),
  irCut: z.array(z.enum(['on', 'off', 'auto'])),
  focus: z.object({ auto: z.boolean(), continuous: z.boolean(), relative: z.boolean(), absolute: z.boolean() }),
});
export const onvifClock = z.object({
  cameraMs: timeMs.nullable(),
  offsetMs: z.number(),
  timeZone: z.string().nullable(),
  source: z.enum(['ntp', 'manual', 'unknown']),
});
export const onvifInfo = z.object({
  make: z.string(),
  model: z.string(),
  firmware: z.string(),
  serial: z.string(),
  hardware: z.string(),
});
export const onvifDescription = z.object({
  url: z.string(),
  info: onvifInfo,
  clock: onvifClock,
  profiles: z.array(onvifProfile),
  chosen: z.object({ main: z.string().nullable(), sub: z.string().nullable() }),
  ptz: ptzAbilities.nullable(),
  imaging: imagingAbilities.nullable(),
  events: z.object({ pullPoint: z.boolean(), base: z.boolean(), signals: z.array(z.enum(cameraSignals)) }).nullable(),
  relays: z.array(z.object({ token: z.string(), name: z.string() })),
  talk: z.boolean(),
  problems: z.array(z.string()),
});

/** What one stream really is, measured. */
export const measuredStream = z.object({
  url: z.string(),
  video: videoInfo,
  audio: audioInfo.nullable(),
  firstPictureMs: z.number().describe('From connecting to the first whole keyframe'),
  /** A JPEG data URL of the first picture, at most 640 wide; null when there is no decoder. */
  picture: z.string().nullable(),
  advice: z.array(z.string()),
});
export const probeRequest = z.object({
  url: z
    .string()
    .trim()
    .min(1, 'type the address of the camera')
    .max(2048)
    .describe(
      'rtsp(s):// is measured; http(s):// or a bare host is asked over ONVIF, then tried at the paths of the big makers',
    ),
  username: credential.nullable().optional(),
  password: credential.nullable().optional(),
  cameraId: cameraId
    .optional()
    .describe('A camera of this home: without a password, the one kept for it is used, at its own host only'),
});
/** `onvif`: what the camera says. `rtsp`: measured. Either way the fields of the stream to record stand at the top as well. */
export const probeResult = measuredStream.partial({ video: true, firstPictureMs: true }).extend({
  kind: z.enum(['onvif', 'rtsp', 'mjpeg']),
  onvif: onvifDescription.nullable(),
  /** Addresses to record and to analyse, ready for `POST /api/cameras`. */
  main: z.string().nullable(),
  sub: z.string().nullable(),
});

/** A camera that is being added: pulled for a live picture, recorded nowhere, gone when nobody has looked for a while. */
export const newDraft = z.object({
  url: z.string().trim().min(1).max(2048),
  subUrl: z.string().trim().min(1).max(2048).nullable().optional(),
  username: credential.nullable().optional(),
  password: credential.nullable().optional(),
  cameraId: cameraId.optional().describe('As for probe: use the password kept for this camera, at its own host'),
});
export const draft = z.object({ id: cameraId.describe('Usable for the live socket like a camera of the home') });

const vector = z.object({ pan: speed, tilt: speed, zoom: speed });
export const ptzCommand = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('move'),
    pan: speed.default(0),
    tilt: speed.default(0),
    zoom: speed.default(0),
    timeoutMs: z
      .number()
      .int()
      .min(100)
      .max(10_000)
      .default(1_000)
      .describe('Dead man: it stops after this unless moved again'),
  }),
  z.object({ action: z.literal('stop') }),
  z.object({
    action: z.literal('relative'),
    pan: speed.default(0),
    tilt: speed.default(0),
    zoom: speed.default(0),
  }),
  z.object({ action: z.literal('absolute'), pan: speed, tilt: speed, zoom: z.number().min(0).max(1) }),
  z.object({ action: z.literal('centre'), x: z.number().min(0).max(1), y: z.number().min(0).max(1) }),
  z.object({ action: z.literal('home') }),
  z.object({ action: z.literal('set_home') }),
  z.object({ action: z.literal('goto_preset'), preset: token }),
  z.object({ action: z.literal('save_preset'), name: displayName, preset: token.optional() }),
  z.object({ action: z.literal('rename_preset'), preset: token, name: displayName }),
  z.object({ action: z.literal('delete_preset'), preset: token }),
]);
const minuteOfDay = z.number().int().min(0).max(1_440);
export const patrol = z.object({
  enabled: z.boolean(),
  stops: z.array(z.object({ preset: token, dwellS: z.number().int().min(5).max(3_600) })).max(32),
  /** Local time of the hub. None: all day, every day. Days: 0 Sunday … 6 Saturday. */
  schedule: z
    .array(
      z.object({
        days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
        fromMinute: minuteOfDay,
        toMinute: minuteOfDay,
      }),
    )
    .max(16),
});
export const ptzSettings = z.object({
  homeAfterS: z
    .number()
    .int()
    .min(10)
    .max(3_600)
    .nullable()
    .describe('Return home (or to the first stop) after a person moved it'),
  patrol,
});
export const ptzState = z.object({
  abilities: ptzAbilities,
  position: vector.nullable(),
  moving: z.boolean().nullable(),
  presets: z.array(z.object({ token: z.string(), name: z.string() })),
  settings: ptzSettings,
  /** Patrol is going round at present. */
  patrolling: z.boolean(),
});

export const imagingState = z.object({
  abilities: imagingAbilities,
  brightness: z.number().nullable(),
  contrast: z.number().nullable(),
  saturation: z.number().nullable(),
  sharpness: z.number().nullable(),
  irCut: z.enum(['on', 'off', 'auto']).nullable(),
  autoFocus: z.boolean().nullable(),
});
export const imagingChange = z
  .object({
    brightness: z.number(),
    contrast: z.number(),
    saturation: z.number(),
    sharpness: z.number(),
    irCut: z.enum(['on', 'off', 'auto']),
    autoFocus: z.boolean(),
    focus: speed,
  })
  .partial();

const codec = z.enum(['h264', 'h265', 'mjpeg', 'mpeg4', 'other']);
export const encoderState = z.object({
  token: z.string(),
  name: z.string(),
  profiles: z.array(z.string()),
  codec,
  width: z.number(),
  height: z.number(),
  fps: z.number().nullable(),
  bitsPerSecond: z.number().nullable(),
  keyframeEvery: z.number().nullable(),
  options: z.object({
    codecs: z.array(codec),
    sizes: z.array(z.object({ width: z.number(), height: z.number() })),
    fps: range.nullable(),
    bitsPerSecond: range.nullable(),
    keyframeEvery: range.nullable(),
  }),
});
export const encoderChange = z.object({
  token,
  codec: codec.optional(),
  width: z.number().int().min(16).max(16_384).optional(),
  height: z.number().int().min(16).max(16_384).optional(),
  fps: z.number().min(0.1).max(240).optional(),
  bitsPerSecond: z.number().int().min(8_000).max(200_000_000).optional(),
  keyframeEvery: z.number().int().min(1).max(1_000).optional(),
});
/** One setting that would change, for the preview of "apply recommended settings". */
export const recommendation = z.object({
  encoder: z.string(),
  profile: z.string(),
  setting: z.enum(['codec', 'fps', 'bitsPerSecond', 'keyframeEvery', 'size']),
  from: z.string(),
  to: z.string(),
  why: z.string(),
});
export const care = z.object({
  info: onvifInfo,
  clock: onvifClock,
  /** A sentence when the clock is further off than recordings and signatures bear. */
  clockProblem: z.string().nullable(),
  encoders: z.array(encoderState),
  recommended: z.array(recommendation),
  relays: z.array(z.object({ token: z.string(), name: z.string() })),
  watch: z
    .object({
      state: z.enum(['connecting', 'watching', 'retrying', 'refused', 'unsupported']),
      via: z.enum(['pull', 'base']).nullable(),
      message: z.string().nullable(),
    })
    .nullable()
    .describe("The subscription to the camera's own events"),
});
export const relayChange = z.object({ active: z.boolean() });
export const rebootAnswer = z.object({ message: z.string() });

/**
 * `WS /api/cameras/:id/talk`: the hub says `ready` once the camera's backchannel is open; then binary frames of 16-bit
 * little-endian mono PCM at `sampleRate` go up. Closing the socket ends the talk.
 */
export const talkControl = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), sampleRate: z.number() }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string() }),
]);
