/** A past for the player's tests: two cameras, six hours of recording with gaps, events of every label. */
import type { Camera, Event as HubEvent } from '#core/api/schemas.ts';
import type { FakePast } from './fake-player-hub.ts';

const minute = 60_000;
export const porch = 'cporch0000000';
export const drive = 'cdrive0000000';

function camera(id: string, name: string, position: number): Camera {
  const video = {
    codec: 'h264' as const,
    codecString: 'avc1.640028',
    width: 1280,
    height: 720,
    fps: 15,
    bitsPerSecond: 2e6,
    keyframeIntervalMs: 2000,
  };
  const stream = {
    state: 'streaming' as const,
    sinceMs: 1,
    error: null,
    retryAtMs: null,
    video,
    audio: null,
    recording: true,
  };
  return {
    id,
    name,
    url: 'rtsp://192.0.2.10/main',
    subUrl: null,
    username: null,
    hasPassword: false,
    onvifUrl: null,
    onvif: null,
    room: null,
    record: 'continuous',
    audio: true,
    indoor: false,
    detect: {
      enabled: true,
      labels: [],
      thresholds: {},
      minArea: 0,
      cooldownS: 10,
      masks: [],
      zones: [],
      zonesRequired: false,
      invert: false,
      source: 'hub',
    },
    demo: false,
    position,
    createdMs: 1,
    streams: [
      { stream: 'main', ...stream },
      { stream: 'sub', ...stream },
    ],
    state: 'live',
    motion: false,
  };
}

function event(n: number, label: HubEvent['label'], startMs: number, lengthMs: number): HubEvent {
  const id = `e${String(n).padStart(12, '0')}`;
  const picture = `/api/events/${id}/thumb.jpg`;
  return {
    id,
    cameraId: porch,
    label,
    subLabel: label === 'vehicle' ? 'car' : label === 'animal' ? 'cat' : null,
    score: 0.8,
    startMs,
    endMs: startMs + lengthMs,
    box: { x: 0.1, y: 0.1, w: 0.2, h: 0.4 },
    zones: [],
    source: label === 'motion' ? 'motion' : 'object',
    snapshotUrl: picture,
    thumbUrl: picture,
    what: null,
    reviewed: false,
  };
}

/** Ends at `nowMs` and goes on. Whole minutes, so that tests can name moments. */
export function fakePast(nowMs: number): FakePast & { firstMs: number; gapMs: number; personMs: number } {
  const start = Math.floor(nowMs / minute) * minute - 6 * 60 * minute;
  const offline = { startMs: start + 5 * 60 * minute + 20 * minute, endMs: start + 5 * 60 * minute + 26 * minute };
  const off = { startMs: start + 2 * 60 * minute, endMs: start + 2 * 60 * minute + 45 * minute };
  const personMs = start + 5 * 60 * minute + 40 * minute;
  return {
    cameras: [camera(porch, 'Front porch', 0), camera(drive, 'Drive', 1)],
    stretches: [
      { startMs: start, endMs: off.startMs },
      { startMs: off.endMs, endMs: offline.startMs },
      { startMs: offline.endMs, endMs: nowMs + 60 * minute },
    ],
    gaps: [
      { cameraId: porch, ...off, reason: 'recording_off' },
      { cameraId: porch, ...offline, reason: 'camera_offline' },
    ],
    events: [
      event(1, 'person', personMs, 25_000),
      event(2, 'vehicle', personMs + 4 * minute, 40_000),
      event(3, 'motion', personMs - 9 * minute, 90_000),
      event(4, 'animal', personMs - 30 * minute, 30_000),
      event(5, 'bicycle', personMs - 45 * minute, 12_000),
      event(6, 'motion', personMs + 12 * minute, 30_000),
      event(7, 'person', personMs - 46 * minute, 60_000),
      event(8, 'person', personMs + 7 * minute, 8000),
      event(9, 'person', start + 70 * minute, 50_000),
    ],
    firstMs: start,
    gapMs: offline.startMs + 3 * minute,
    personMs,
  };
}
