/**
 * Every call of the API in one table: the server registers from it, OpenAPI is generated from it, the renderer's client and
 * the tests are typed by it. A route that is not here does not exist.
 */
import { z } from 'zod';
import * as o from './onvif-schemas.ts';
import * as s from './schemas.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  summary: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** What a 200/201 answer holds; a string is a content type whose body is bytes. */
  answer: z.ZodType | string;
  status?: 201 | 202;
  /** With `Accept: application/x-ndjson`: one such line each, as it comes. */
  lines?: z.ZodType;
  /** Answered without a session (the only three are session, sign-in and nothing else that tells about the home). */
  open?: true;
  webSocket?: true;
}

const cameraParams = z.object({ id: s.cameraId });
const eventParams = z.object({ id: s.eventId });
const exportParams = z.object({ id: s.exportId });
const recordingParams = z.object({ cameraId: s.cameraId });
const atQuery = z.object({
  at: z.coerce.number().int().min(0),
  width: z.coerce.number().int().min(16).max(4096).optional(),
});

export const routes = {
  health: { method: 'GET', path: '/api/health', summary: 'Hub, workers, detector, disk', answer: s.health },
  getSession: { method: 'GET', path: '/api/session', summary: 'Am I signed in', answer: s.sessionState, open: true },
  signIn: {
    method: 'POST',
    path: '/api/session',
    summary: 'Trade the token for a session cookie',
    body: s.session,
    answer: s.sessionState,
    open: true,
  },
  signOut: { method: 'DELETE', path: '/api/session', summary: 'End this session', answer: s.ok },

  listCameras: { method: 'GET', path: '/api/cameras', summary: 'All cameras with their state', answer: s.cameraList },
  addCamera: {
    method: 'POST',
    path: '/api/cameras',
    summary: 'Add a camera',
    body: s.newCamera,
    answer: s.camera,
    status: 201,
  },
  probeCamera: {
    method: 'POST',
    path: '/api/cameras/probe',
    summary: 'Try an address and say what it offers',
    body: o.probeRequest,
    answer: o.probeResult,
  },
  getCamera: { method: 'GET', path: '/api/cameras/:id', summary: 'One camera', params: cameraParams, answer: s.camera },
  changeCamera: {
    method: 'PATCH',
    path: '/api/cameras/:id',
    summary: 'Change a camera',
    params: cameraParams,
    body: s.cameraPatch,
    answer: s.camera,
  },
  removeCamera: {
    method: 'DELETE',
    path: '/api/cameras/:id',
    summary: 'Remove a camera with its recordings',
    params: cameraParams,
    answer: s.ok,
  },
  retryCamera: {
    method: 'POST',
    path: '/api/cameras/:id/retry',
    summary: 'Try to connect again now',
    params: cameraParams,
    answer: s.camera,
  },
  trustCamera: {
    method: 'POST',
    path: '/api/cameras/:id/trust',
    summary: 'Forget the certificates that were kept, so that the next ones are trusted',
    params: cameraParams,
    answer: s.camera,
  },
  cameraSnapshot: {
    method: 'GET',
    path: '/api/cameras/:id/snapshot.jpg',
    summary: 'Latest picture',
    params: cameraParams,
    query: z.object({ stream: s.streamName.optional(), width: z.coerce.number().int().min(16).max(4096).optional() }),
    answer: 'image/jpeg',
  },
  cameraLive: {
    method: 'GET',
    path: '/api/cameras/:id/live',
    summary: 'Live fragmented MP4 for Media Source Extensions',
    params: cameraParams,
    query: z.object({ stream: s.streamName.optional() }),
    answer: s.liveControl,
    webSocket: true,
  },

  discoverCameras: {
    method: 'POST',
    path: '/api/cameras/discover',
    summary: 'Look for ONVIF cameras; nothing is added by it',
    body: o.discoverRequest,
    answer: o.discoverResult,
    lines: o.discoverLine,
  },
  addDraft: {
    method: 'POST',
    path: '/api/cameras/drafts',
    summary: 'Show a camera live before it is added',
    body: o.newDraft,
    answer: o.draft,
    status: 201,
  },
  removeDraft: {
    method: 'DELETE',
    path: '/api/cameras/drafts/:id',
    summary: 'End the preview of a camera that is being added',
    params: cameraParams,
    answer: s.ok,
  },
  ptzState: {
    method: 'GET',
    path: '/api/cameras/:id/ptz',
    summary: 'Where it looks, presets, patrol',
    params: cameraParams,
    answer: o.ptzState,
  },
  ptz: {
    method: 'POST',
    path: '/api/cameras/:id/ptz',
    summary: 'Move, stop, presets',
    params: cameraParams,
    body: o.ptzCommand,
    answer: s.ok,
  },
  changePtz: {
    method: 'PATCH',
    path: '/api/cameras/:id/ptz',
    summary: 'Patrol and return home',
    params: cameraParams,
    body: o.ptzSettings.partial(),
    answer: o.ptzSettings,
  },
  imaging: {
    method: 'GET',
    path: '/api/cameras/:id/imaging',
    summary: 'Brightness, infrared filter, focus',
    params: cameraParams,
    answer: o.imagingState,
  },
  changeImaging: {
    method: 'PATCH',
    path: '/api/cameras/:id/imaging',
    summary: 'Change brightness, infrared filter, focus',
    params: cameraParams,
    body: o.imagingChange,
    answer: o.imagingState,
  },
  care: {
    method: 'GET',
    path: '/api/cameras/:id/care',
    summary: "The camera's firmware, clock and encoders, and what should change",
    params: cameraParams,
    answer: o.care,
  },
  setCameraClock: {
    method: 'POST',
    path: '/api/cameras/:id/care/clock',
    summary: "Set the camera's clock",
    params: cameraParams,
    answer: o.onvifClock,
  },
  rebootCamera: {
    method: 'POST',
    path: '/api/cameras/:id/care/reboot',
    summary: 'Restart the camera',
    params: cameraParams,
    answer: o.rebootAnswer,
  },
  changeEncoder: {
    method: 'PATCH',
    path: '/api/cameras/:id/care/encoders',
    summary: 'Change how the camera encodes a stream',
    params: cameraParams,
    body: o.encoderChange,
    answer: o.encoderState,
  },
  applyRecommended: {
    method: 'POST',
    path: '/api/cameras/:id/care/recommended',
    summary: 'Apply the recommended settings that care lists',
    params: cameraParams,
    answer: o.care,
  },
  changeRelay: {
    method: 'POST',
    path: '/api/cameras/:id/relays/:token',
    summary: 'Switch an output of the camera',
    params: cameraParams.extend({ token: z.string().min(1).max(256) }),
    body: o.relayChange,
    answer: s.ok,
  },
  cameraTalk: {
    method: 'GET',
    path: '/api/cameras/:id/talk',
    summary: 'Speak through the camera',
    params: cameraParams,
    answer: o.talkControl,
    webSocket: true,
  },

  recordings: {
    method: 'GET',
    path: '/api/recordings',
    summary: 'Covered spans and gaps',
    query: s.recordingsQuery,
    answer: s.recordings,
  },
  playlist: {
    method: 'GET',
    path: '/api/recordings/:cameraId/playlist.m3u8',
    summary: 'HLS over any span',
    params: recordingParams,
    query: s.rangeQuery.extend({ stream: s.streamName.optional() }),
    answer: 'application/vnd.apple.mpegurl',
  },
  segmentInit: {
    method: 'GET',
    path: '/api/recordings/:cameraId/:stream/:startMs/init.mp4',
    summary: 'Init section of a segment',
    params: recordingParams.extend({ stream: s.streamName, startMs: z.coerce.number().int() }),
    answer: 'video/mp4',
  },
  segmentMedia: {
    method: 'GET',
    path: '/api/recordings/:cameraId/:stream/:startMs/media.m4s',
    summary: 'Fragments of a segment, decode times moved so that media time 0 is `epoch`',
    params: recordingParams.extend({ stream: s.streamName, startMs: z.coerce.number().int() }),
    query: z.object({
      epoch: z.coerce.number().int(),
      from: z.coerce.number().int().optional(),
      to: z.coerce.number().int().optional(),
    }),
    answer: 'video/mp4',
  },
  preview: {
    method: 'GET',
    path: '/api/recordings/:cameraId/preview.jpg',
    summary: 'The small picture nearest to a time',
    params: recordingParams,
    query: atQuery,
    answer: 'image/jpeg',
  },
  frame: {
    method: 'GET',
    path: '/api/recordings/:cameraId/frame.jpg',
    summary: 'The exact recorded picture at a time, full size',
    params: recordingParams,
    query: atQuery,
    answer: 'image/jpeg',
  },

  listEvents: {
    method: 'GET',
    path: '/api/events',
    summary: 'Events, newest first',
    query: s.eventsQuery,
    answer: s.eventList,
  },
  getEvent: { method: 'GET', path: '/api/events/:id', summary: 'One event', params: eventParams, answer: s.event },
  changeEvent: {
    method: 'PATCH',
    path: '/api/events/:id',
    summary: 'Mark as reviewed or not',
    params: eventParams,
    body: s.eventPatch,
    answer: s.event,
  },
  reviewEvents: {
    method: 'POST',
    path: '/api/events/review',
    summary: 'Mark many as reviewed or not',
    body: s.bulkReview,
    answer: s.ok,
  },
  eventSnapshot: {
    method: 'GET',
    path: '/api/events/:id/snapshot.jpg',
    summary: 'The best picture',
    params: eventParams,
    answer: 'image/jpeg',
  },
  eventThumb: {
    method: 'GET',
    path: '/api/events/:id/thumb.jpg',
    summary: 'The object, cropped',
    params: eventParams,
    answer: 'image/jpeg',
  },
  liveEvents: {
    method: 'GET',
    path: '/api/live-events',
    summary: 'What changes, as it changes',
    answer: s.liveEvent,
    webSocket: true,
  },

  addExport: {
    method: 'POST',
    path: '/api/exports',
    summary: 'Export a span to a file',
    body: s.newExport,
    answer: s.exportJob,
    status: 202,
  },
  listExports: { method: 'GET', path: '/api/exports', summary: 'All exports, newest first', answer: s.exportList },
  getExport: {
    method: 'GET',
    path: '/api/exports/:id',
    summary: 'One export',
    params: exportParams,
    answer: s.exportJob,
  },
  removeExport: {
    method: 'DELETE',
    path: '/api/exports/:id',
    summary: 'Cancel or delete an export',
    params: exportParams,
    answer: s.ok,
  },
  exportFile: {
    method: 'GET',
    path: '/api/exports/:id/file',
    summary: 'Download it',
    params: exportParams,
    answer: 'video/mp4',
  },

  getSettings: { method: 'GET', path: '/api/settings', summary: 'Settings', answer: s.settings },
  changeSettings: {
    method: 'PATCH',
    path: '/api/settings',
    summary: 'Change settings',
    body: s.settingsPatch,
    answer: s.settings,
  },
  storage: { method: 'GET', path: '/api/storage', summary: 'What is used and what is left', answer: s.storage },
  detector: { method: 'GET', path: '/api/detector', summary: 'Detector and models', answer: s.detectorStatus },
  testModel: {
    method: 'POST',
    path: '/api/detector/self-test',
    summary: 'Try a model on a test picture',
    body: s.modelRequest,
    answer: s.selfTest,
  },
  useModel: {
    method: 'POST',
    path: '/api/detector/model',
    summary: 'Use a model (after its self-test passed)',
    body: s.modelRequest,
    answer: s.detectorStatus,
  },
  addDemo: {
    method: 'POST',
    path: '/api/demo',
    summary: 'Add the demo camera with two days of recordings',
    answer: s.ok,
    status: 202,
  },
  removeDemo: { method: 'DELETE', path: '/api/demo', summary: 'Remove everything of the demo', answer: s.ok },
  metrics: { method: 'GET', path: '/api/metrics', summary: 'Prometheus text', answer: 'text/plain; version=0.0.4' },
  openapi: {
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This contract',
    answer: z.record(z.string(), z.unknown()),
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
export type AnswerOf<N extends RouteName> = (typeof routes)[N]['answer'] extends z.ZodType
  ? z.infer<(typeof routes)[N]['answer']>
  : Buffer;
