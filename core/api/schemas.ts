/**
 * The API's shapes: one zod schema per thing that crosses the wire. Types are inferred, OpenAPI is generated, requests are
 * validated and tests check answers against them. No I/O here; the renderer imports this file.
 * Times are UTC milliseconds; boxes are fractions of the picture.
 */
import { z } from 'zod';
import { eventLabels, objectLabels } from '#core/domain/detection.ts';
import { gapReasons } from '#core/domain/media.ts';
import { cameraSignals } from '#core/domain/onvif.ts';

export const timeMs = z.number().int().min(0).max(8_640_000_000_000).describe('UTC milliseconds');
const queryTimeMs = z.coerce.number().int().min(0).max(8_640_000_000_000).describe('UTC milliseconds');
export const cameraId = z.string().regex(/^c[a-z0-9]{12}$/, 'not a camera id');
export const eventId = z.string().regex(/^e[a-z0-9]{12}$/, 'not an event id');
export const exportId = z.string().regex(/^x[a-z0-9]{12}$/, 'not an export id');
export const streamName = z.enum(['main', 'sub']);
export const recordMode = z.enum(['continuous', 'events', 'off']);
// eslint-disable-next-line no-control-regex -- refusing control characters is the purpose
const oneLineOfText = /^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/u;
/** Text a person typed: trimmed, one line, 1..80 characters. Control and bidirectional override characters are refused. */
export const displayName = z
  .string()
  .trim()
  .min(1, 'give it a name')
  .max(80, 'a name has at most 80 characters')
  .regex(oneLineOfText, 'a name is one line without control characters');

const fraction = z.number().min(0).max(1);
export const box = z.object({ x: fraction, y: fraction, w: fraction, h: fraction });
export const polygon = z
  .array(z.tuple([fraction, fraction]))
  .min(3)
  .max(64);
export const eventLabel = z.enum(eventLabels);
const shapeId = z.string().regex(/^[a-z0-9-]{1,32}$/);

export const detectSettings = z.object({
  enabled: z.boolean(),
  labels: z.array(eventLabel).max(eventLabels.length),
  thresholds: z.partialRecord(eventLabel, fraction),
  minArea: fraction,
  cooldownS: z.number().min(0).max(3600),
  masks: z.array(z.object({ id: shapeId, name: displayName, polygon })).max(32),
  zones: z.array(z.object({ id: shapeId, name: displayName, polygon, labels: z.array(eventLabel) })).max(32),
  zonesRequired: z.boolean(),
  invert: z.boolean(),
  source: z
    .enum(['hub', 'camera', 'both'])
    .describe('Who looks: the hub, the camera itself (nothing is decoded here), or both'),
});

export const videoInfo = z.object({
  codec: z.enum(['h264', 'h265']),
  codecString: z.string(),
  width: z.number(),
  height: z.number(),
  fps: z.number().nullable(),
  bitsPerSecond: z.number().nullable(),
  keyframeIntervalMs: z.number().nullable(),
});
export const audioInfo = z.object({ codec: z.string(), sampleRate: z.number(), channels: z.number() });

export const streamStatus = z.object({
  stream: streamName,
  state: z.enum(['connecting', 'streaming', 'retrying', 'refused', 'stopped']),
  sinceMs: timeMs,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  retryAtMs: timeMs.nullable(),
  video: videoInfo.nullable(),
  audio: audioInfo.nullable(),
  recording: z.boolean(),
});

/** What a camera can do beyond streaming, as remembered from the last time it was asked. */
export const cameraOnvif = z.object({
  make: z.string(),
  model: z.string(),
  firmware: z.string(),
  mainProfile: z.string().nullable(),
  subProfile: z.string().nullable(),
  ptz: z.boolean(),
  imaging: z.boolean(),
  talk: z.boolean(),
  signals: z.array(z.enum(cameraSignals)),
  askedMs: timeMs,
});

export const camera = z.object({
  id: cameraId,
  name: z.string(),
  url: z.string().describe('Without user name and password'),
  subUrl: z.string().nullable(),
  username: z.string().nullable(),
  hasPassword: z.boolean(),
  onvifUrl: z.string().nullable().describe('The ONVIF device service; null for a camera known by its streams alone'),
  onvif: cameraOnvif.nullable().describe('What it offered when it was last asked'),
  room: z.string().nullable(),
  record: recordMode,
  audio: z.boolean(),
  indoor: z.boolean(),
  detect: detectSettings,
  demo: z.boolean(),
  position: z.number().int(),
  createdMs: timeMs,
  streams: z.array(streamStatus),
  /** The one word a person sees. */
  state: z.enum(['live', 'connecting', 'offline', 'wrong_password', 'off']),
  motion: z.boolean(),
});
export type Camera = z.infer<typeof camera>;

const cameraAddress = z.string().trim().min(1, 'type the address of the camera').max(2048);
const credential = z.string().max(256);
export const newCamera = z.object({
  name: displayName,
  url: cameraAddress
    .optional()
    .describe(
      'rtsp://, rtsps:// or http(s):// (MJPEG); user:password@ is taken out and sealed. May be left out with onvifUrl, or be the ONVIF device service itself: the streams are then chosen by what the camera offers',
    ),
  subUrl: cameraAddress.nullable().optional(),
  onvifUrl: cameraAddress.nullable().optional().describe('The ONVIF device service, or the host alone'),
  room: displayName.nullable().optional(),
  username: credential.nullable().optional(),
  password: credential.nullable().optional(),
  record: recordMode.default('continuous'),
  audio: z.boolean().default(true),
  indoor: z.boolean().default(false),
  detect: detectSettings.partial().optional(),
});
export const cameraPatch = z
  .object({
    name: displayName,
    url: cameraAddress,
    subUrl: cameraAddress.nullable(),
    onvifUrl: cameraAddress.nullable(),
    room: displayName.nullable(),
    username: credential.nullable(),
    password: credential.nullable(),
    record: recordMode,
    audio: z.boolean(),
    indoor: z.boolean(),
    detect: detectSettings.partial(),
    position: z.number().int().min(0).max(10_000),
  })
  .partial();
export const cameraList = z.object({ cameras: z.array(camera) });

export const rangeQuery = z.object({ from: queryTimeMs, to: queryTimeMs });
export const recordingsQuery = z.object({
  cameraId: cameraId.optional().describe('All cameras when left out'),
  from: queryTimeMs,
  to: queryTimeMs,
});
export const span = z.object({ cameraId, stream: streamName, startMs: timeMs, endMs: timeMs, bytes: z.number() });
export const gap = z.object({ cameraId, startMs: timeMs, endMs: timeMs, reason: z.enum([...gapReasons, 'unknown']) });
export const recordings = z.object({ spans: z.array(span), gaps: z.array(gap) });

export const event = z.object({
  id: eventId,
  cameraId,
  label: eventLabel,
  subLabel: z.enum(objectLabels).nullable(),
  score: z.number(),
  startMs: timeMs,
  endMs: timeMs.nullable(),
  box,
  zones: z.array(z.string()).describe('Names of the zones touched'),
  source: z.enum(['object', 'motion', 'camera']),
  what: z.string().nullable().describe("The camera's own words for what it reported, e.g. the name of a rule or input"),
  snapshotUrl: z.string(),
  thumbUrl: z.string(),
  reviewed: z.boolean(),
});
export type Event = z.infer<typeof event>;
export const eventsQuery = z.object({
  from: queryTimeMs.optional(),
  to: queryTimeMs.optional(),
  cameraId: cameraId.optional(),
  label: eventLabel.optional(),
  reviewed: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(64).optional(),
});
export const eventList = z.object({
  events: z.array(event),
  nextCursor: z.string().nullable(),
  unreviewed: z.number(),
});
export const eventPatch = z.object({ reviewed: z.boolean() });
export const bulkReview = z.object({ ids: z.array(eventId).min(1).max(500), reviewed: z.boolean() });

export const newExport = z.object({ cameraId, from: timeMs, to: timeMs, format: z.enum(['mp4']).default('mp4') });
export const exportJob = z.object({
  id: exportId,
  cameraId,
  from: timeMs,
  to: timeMs,
  format: z.enum(['mp4']),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  progress: fraction,
  bytes: z.number().nullable(),
  createdMs: timeMs,
  error: z.string().nullable(),
  fileUrl: z.string().nullable(),
});
export const exportList = z.object({ exports: z.array(exportJob) });

export const settings = z.object({
  retentionDays: z.number().min(0.04).max(3650),
  /** Recordings, previews and pictures together. */
  maxBytes: z
    .number()
    .int()
    .min(100_000_000)
    .nullable()
    .describe('null: as much as the disk allows, keeping minFreeBytes'),
  minFreeBytes: z.number().int().min(0),
  preRollS: z.number().min(0).max(30),
  postRollS: z.number().min(1).max(300),
  theme: z.enum(['system', 'dark', 'light']),
});
export type Settings = z.infer<typeof settings>;
export const settingsPatch = settings.partial();

export const storage = z.object({
  recordingsDir: z.string(),
  usedBytes: z.number(),
  freeBytes: z.number(),
  diskBytes: z.number(),
  limitBytes: z.number().nullable(),
  oldestMs: timeMs.nullable(),
  /** At the present rate, or null before there is one. */
  daysUntilFull: z.number().nullable(),
  cameras: z.array(z.object({ cameraId, name: z.string(), bytes: z.number(), bytesPerDay: z.number().nullable() })),
  writable: z.boolean(),
  problem: z.string().nullable(),
});

export const detectorStatus = z.object({
  state: z.enum(['starting', 'ok', 'slow', 'absent', 'off']),
  engine: z.enum(['native', 'wasm']).nullable(),
  model: z.string().nullable(),
  meanMs: z.number().nullable(),
  message: z.string().nullable(),
  models: z.array(z.object({ name: z.string(), bytes: z.number(), active: z.boolean(), builtIn: z.boolean() })),
});
export const modelRequest = z.object({ name: z.string().min(1).max(200) });
export const selfTest = z.object({
  name: z.string(),
  family: z.string(),
  engine: z.enum(['native', 'wasm']),
  meanMs: z.number(),
  detections: z.array(z.object({ label: z.string(), score: z.number(), box })),
  /** A JPEG data URL of the test picture with the boxes drawn in. */
  picture: z.string().nullable(),
  passed: z.boolean(),
  message: z.string(),
});

export const health = z.object({
  status: z.enum(['ok', 'degraded', 'failing']),
  checks: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['ok', 'degraded', 'failing']),
      message: z.string(),
    }),
  ),
  version: z.string(),
  uptimeMs: z.number(),
  nowMs: timeMs,
});
export type Health = z.infer<typeof health>;

export const session = z.object({ token: z.string().max(200) });
export const sessionState = z.object({ signedIn: z.boolean(), demo: z.boolean(), version: z.string() });
export const ok = z.object({ ok: z.literal(true) });
export const apiError = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() }),
});

/** What `WS /api/live-events` sends. */
export const liveEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('camera'), camera }),
  z.object({ type: z.literal('camera-removed'), cameraId }),
  z.object({ type: z.literal('motion'), cameraId, active: z.boolean(), timeMs }),
  z.object({ type: z.literal('event'), event }),
  z.object({
    type: z.literal('events-reviewed'),
    ids: z.array(eventId),
    reviewed: z.boolean(),
    unreviewed: z.number(),
  }),
  z.object({ type: z.literal('recording'), cameraId, endMs: timeMs }),
  z.object({ type: z.literal('export'), job: exportJob }),
  z.object({ type: z.literal('health'), health }),
  z.object({ type: z.literal('settings'), settings }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;

/** Text frames of `WS /api/cameras/:id/live?stream=main|sub`; binary frames are what to append to the source buffer. */
export const liveControl = z.discriminatedUnion('type', [
  /** The next binary frame is the init section. Again when the parameters change: start a new source buffer (or changeType). */
  z.object({
    type: z.literal('init'),
    mime: z.string(),
    width: z.number(),
    height: z.number(),
    epochMs: z.number().describe('UTC ms of media time 0'),
    stream: streamName,
  }),
  /** No picture at present; the connection stays and revives by itself. */
  z.object({ type: z.literal('state'), state: z.string(), message: z.string().nullable() }),
]);
export type LiveControl = z.infer<typeof liveControl>;
