/** What is seen, and the settings that decide what becomes an event. Pure types and defaults. */
import type { Box, Polygon } from './geometry.ts';
import type { CameraId, EventId } from './ids.ts';

export const objectLabels = [
  'person',
  'bicycle',
  'car',
  'motorcycle',
  'bus',
  'truck',
  'bird',
  'cat',
  'dog',
  'horse',
  'sheep',
  'cow',
  'bear',
] as const;
export type ObjectLabel = (typeof objectLabels)[number];

/** The groups a household thinks in. An event carries one; the fine label is in `subLabel`. */
export const eventLabels = [
  'person',
  'vehicle',
  'animal',
  'bicycle',
  'motion',
  // Told by cameras themselves:
  'line_crossing',
  'input',
  'tamper',
] as const;
export type EventLabel = (typeof eventLabels)[number];

export interface Detection {
  label: ObjectLabel;
  /** 0..1 */
  score: number;
  box: Box;
}

export interface Zone {
  id: string;
  name: string;
  polygon: Polygon;
  /** Labels that count here; empty means all. */
  labels: EventLabel[];
}

export interface DetectSettings {
  enabled: boolean;
  /** Events are made for these labels; `motion` makes events of motion alone. */
  labels: EventLabel[];
  /** Least score per label, 0..1; a label without one uses `defaultThreshold`. */
  thresholds: Partial<Record<EventLabel, number>>;
  /** Objects smaller than this share of the picture are ignored, 0..1. */
  minArea: number;
  /** No second event of the same label within this many seconds of the last one's end in the same place. */
  cooldownS: number;
  /** Inside a mask nothing is seen. */
  masks: { id: string; name: string; polygon: Polygon }[];
  /** When there are zones that name required labels, an event needs to touch one of them if `zonesRequired`. */
  zones: Zone[];
  zonesRequired: boolean;
  /** Thermal white-hot cameras: invert the picture before detection. */
  invert: boolean;
  /** Who looks. 'camera': its own events only, nothing of it is decoded here. */
  source: 'hub' | 'camera' | 'both';
}

export const defaultThreshold = 0.25;

export const defaultDetectSettings: DetectSettings = {
  enabled: true,
  labels: ['person', 'vehicle', 'animal'],
  thresholds: {},
  minArea: 0.0005,
  cooldownS: 10,
  masks: [],
  zones: [],
  zonesRequired: false,
  invert: false,
  source: 'hub',
};

/** An event as it grows. Sent whole at each change, so that the receiver needs no history. */
export interface EventState {
  id: EventId;
  cameraId: CameraId;
  label: EventLabel;
  subLabel: ObjectLabel | null;
  /** Best score so far. */
  score: number;
  startMs: number;
  /** null while it goes on. */
  endMs: number | null;
  /** Where the object was in the best picture. */
  box: Box;
  zones: string[];
  stationary: boolean;
  /** When the best picture was taken. */
  snapshotMs: number;
  /** 'object': the detector saw it. 'motion': motion alone, e.g. because the detector is absent. 'camera': it said so itself. */
  source: 'object' | 'motion' | 'camera';
  /** 'camera' only: the camera's own words, e.g. the name of a rule. */
  what?: string | null;
}
