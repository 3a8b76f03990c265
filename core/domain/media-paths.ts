/**
 * Where files lie, derived from ids and times alone: no path ever comes from outside or from the database.
 * Invariant: what is returned is relative, has forward slashes and no `..`, whatever was passed in.
 */
import { idPattern, type CameraId, type EventId, type ExportId } from './ids.ts';
import type { StreamName } from './media.ts';

/** The UTC day a time falls on: `yyyy-mm-dd`. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function checked(id: string): string {
  if (!idPattern.test(id)) throw new RangeError('not an id');
  return id;
}

/** `<camera>/<stream>/<yyyy-mm-dd>/<start-ms>.mp4`, relative to the recordings folder. */
export function segmentPath(cameraId: CameraId, stream: StreamName, startMs: number): string {
  if (!Number.isSafeInteger(startMs) || startMs < 0) throw new RangeError('not a start time');
  return `${checked(cameraId)}/${stream === 'main' ? 'main' : 'sub'}/${dayOf(startMs)}/${startMs}.mp4`;
}

/** The hour a preview pack holds: its start in UTC ms. */
export function hourStart(timeMs: number): number {
  return Math.floor(timeMs / 3_600_000) * 3_600_000;
}

/** `<camera>/previews/<yyyy-mm-dd>/<hour-start-ms>.pack`, relative to the recordings folder. */
export function previewPackPath(cameraId: CameraId, timeMs: number): string {
  const hourMs = hourStart(timeMs);
  return `${checked(cameraId)}/previews/${dayOf(hourMs)}/${hourMs}.pack`;
}

/** `<yyyy-mm-dd>/<event>.jpg` or `-thumb.jpg`, relative to the snapshots folder. The day is that of the event's start. */
export function snapshotPath(eventId: EventId, startMs: number, thumb = false): string {
  return `${dayOf(startMs)}/${checked(eventId)}${thumb ? '-thumb' : ''}.jpg`;
}

/** `<export>.mp4`, relative to the clips folder. */
export function exportPath(id: ExportId): string {
  return `${checked(id)}.mp4`;
}
