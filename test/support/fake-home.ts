/** A made-up home for the fake hub: cameras in every state, two days of events, storage that fills. Same every time but for the clock. */
import type { Camera, Event as HubEvent, Health, Settings } from '#core/api/schemas.ts';
import { defaultDetectSettings, type EventLabel } from '#core/domain/detection.ts';
import { ableCamera } from './fake-onvif.ts';
import { figureBox, type Figure, type Place } from './drawn-pictures.ts';

export interface FakeHome {
  cameras: Camera[];
  events: HubEvent[];
  settings: Settings;
  health: Health;
  /** What the pictures of a camera show. */
  placeOf: Map<string, Place>;
}

const idOf = (kind: 'c' | 'e', number: number): string => `${kind}${String(number).padStart(12, '0')}`;
export const cameraIdOf = (number: number): string => idOf('c', number);
export const eventIdOf = (number: number): string => idOf('e', number);

const video = {
  codec: 'h264' as const,
  codecString: 'avc1.640028',
  width: 2560,
  height: 1440,
  fps: 20,
  bitsPerSecond: 4_100_000,
  keyframeIntervalMs: 2000,
};

function cameraOf(number: number, name: string, state: Camera['state'], nowMs: number): Camera {
  const live = state === 'live';
  const reason =
    state === 'offline'
      ? {
          code: 'camera_silent',
          message: `Camera '${name}' did not answer within 10 s. Check its power and its cable.`,
        }
      : state === 'wrong_password'
        ? {
            code: 'camera_wrong_password',
            message: `Camera '${name}' refused the password (RTSP 401). Check the camera's user.`,
          }
        : null;
  const streamState = live
    ? 'streaming'
    : state === 'wrong_password'
      ? 'refused'
      : state === 'offline'
        ? 'retrying'
        : 'connecting';
  return {
    id: cameraIdOf(number),
    name,
    url: `rtsp://192.0.2.${String(10 + number)}/stream1`,
    subUrl: `rtsp://192.0.2.${String(10 + number)}/stream2`,
    username: 'viewer',
    hasPassword: true,
    onvifUrl: null,
    onvif: null,
    room: null,
    record: number === 3 ? 'events' : 'continuous',
    audio: true,
    indoor: false,
    detect:
      number === 2
        ? {
            ...defaultDetectSettings,
            labels: ['person', 'vehicle', 'animal'],
            masks: [
              {
                id: 'mask-street',
                name: 'Street',
                polygon: [
                  [0, 0.4],
                  [0.33, 0.4],
                  [0.2, 0.62],
                  [0, 0.7],
                ],
              },
            ],
            zones: [
              {
                id: 'zone-drive',
                name: 'Driveway',
                labels: ['vehicle', 'person'],
                polygon: [
                  [0.34, 0.58],
                  [0.7, 0.58],
                  [0.95, 0.98],
                  [0.14, 0.98],
                ],
              },
            ],
          }
        : { ...defaultDetectSettings, masks: [], zones: [] },
    demo: false,
    position: number,
    createdMs: nowMs - 90 * 86_400_000,
    streams: (['main', 'sub'] as const).map((stream) => ({
      stream,
      state: streamState,
      sinceMs: nowMs - (live ? 7_400_000 : 2_880_000),
      error: reason,
      retryAtMs: state === 'offline' ? nowMs + 20_000 : null,
      video: live ? (stream === 'main' ? video : { ...video, width: 640, height: 360, bitsPerSecond: 480_000 }) : null,
      audio: live && stream === 'main' ? { codec: 'aac', sampleRate: 16_000, channels: 1 } : null,
      recording: live && stream === 'main' && number !== 3,
    })),
    state,
    motion: false,
  };
}

const pattern: [EventLabel, number, string[]][] = [
  ['person', 1, []],
  ['vehicle', 2, ['Driveway']],
  ['person', 2, ['Driveway']],
  ['animal', 3, []],
  ['person', 1, []],
  ['motion', 3, []],
  ['vehicle', 2, ['Driveway']],
  ['person', 4, ['Gate', 'Path']],
];
const fine: Partial<Record<EventLabel, HubEvent['subLabel'][]>> = { vehicle: ['car', 'truck'], animal: ['dog', 'cat'] };

function eventOf(index: number, nowMs: number, reviewed: boolean): HubEvent {
  const [label, camera, zones] = pattern[index % pattern.length]!;
  const figure = figureOf(label);
  // Uneven steps: a home has busy and quiet hours.
  const startMs = nowMs - 6 * 60_000 - index * 41 * 60_000 - ((index * 7919) % 23) * 60_000;
  const id = eventIdOf(index);
  return {
    id,
    cameraId: cameraIdOf(camera),
    label,
    subLabel: fine[label]?.[index % 2] ?? (label === 'person' ? 'person' : null),
    score: 0.62 + ((index * 37) % 35) / 100,
    startMs,
    endMs: index === 0 ? null : startMs + 6_000 + ((index * 131) % 70) * 1000,
    box: figureBox[figure],
    zones,
    source: label === 'motion' ? 'motion' : 'object',
    snapshotUrl: `/api/events/${id}/snapshot.jpg`,
    thumbUrl: `/api/events/${id}/thumb.jpg`,
    what: null,
    reviewed,
  };
}

export const figureOf = (label: EventLabel): Figure =>
  label === 'person' || label === 'vehicle' || label === 'animal' ? label : 'none';

export interface HomeOptions {
  cameras?: 'four' | 'none' | 'demo';
  unreviewed?: number;
  reviewed?: number;
  /** Put into every name a person can choose. */
  hostileName?: string;
  health?: Health['status'];
  /** The second camera moves, can be set, cared for and spoken through. */
  able?: boolean;
}

export function fakeHome({
  cameras = 'four',
  unreviewed = 34,
  reviewed = 60,
  hostileName,
  health = 'ok',
  able = false,
}: HomeOptions = {}): FakeHome {
  const nowMs = Date.now();
  const all = [
    cameraOf(1, 'Front door', 'live', nowMs),
    cameraOf(2, 'Driveway', 'live', nowMs),
    cameraOf(3, 'Garden', 'live', nowMs),
    cameraOf(4, 'Back gate', 'offline', nowMs),
  ];
  if (able) Object.assign(all[1]!, ableCamera());
  const chosen =
    cameras === 'none'
      ? []
      : cameras === 'demo'
        ? all.slice(0, 1).map((camera) => ({ ...camera, name: 'Demo porch', demo: true }))
        : all;
  const events =
    cameras === 'none'
      ? []
      : Array.from({ length: unreviewed + reviewed }, (_, index) => eventOf(index, nowMs, index >= unreviewed));
  if (hostileName !== undefined) {
    for (const camera of chosen) camera.name = hostileName;
    for (const event of events) event.zones = [hostileName];
  }
  return {
    cameras: chosen,
    events,
    settings: { retentionDays: 14, maxBytes: 1.2e12, minFreeBytes: 20e9, preRollS: 5, postRollS: 10, theme: 'system' },
    health: {
      status: health,
      checks: [
        { name: 'database', status: 'ok', message: 'In order.' },
        { name: 'worker recorder', status: 'ok', message: 'Running.' },
        {
          name: `camera ${cameraIdOf(4)}`,
          status: health === 'ok' ? 'ok' : health,
          message:
            health === 'ok' ? 'Live and recording.' : 'Did not answer within 10 s. Check its power and its cable.',
        },
        { name: 'detector', status: 'ok', message: 'Running.' },
        { name: 'disk', status: 'ok', message: '604 GB free.' },
      ],
      version: '0.1.0',
      uptimeMs: 7_500_000,
      nowMs,
    },
    placeOf: new Map<string, Place>(
      (['door', 'drive', 'garden', 'gate'] as const).map((place, index) => [cameraIdOf(index + 1), place]),
    ),
  };
}
