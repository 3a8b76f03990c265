/** An event as the contract shows it. */
import type { Event } from '#core/api/schemas.ts';
import type { EventRecord } from '#core/domain/records.ts';

export function eventView(event: EventRecord): Event {
  const { id, cameraId, label, subLabel, score, startMs, endMs, box, zones, source, reviewed } = event;
  return {
    id,
    cameraId,
    label,
    subLabel,
    score,
    startMs,
    endMs,
    box,
    zones,
    source,
    what: event.what ?? null,
    // The picture may be replaced by a better one: its time in the address lets a page keep the old one no longer than that.
    snapshotUrl: `/api/events/${id}/snapshot.jpg?v=${event.snapshotMs}`,
    thumbUrl: `/api/events/${id}/thumb.jpg?v=${event.snapshotMs}`,
    reviewed,
  };
}
