/** The events table. Pages go by (start, id) downwards, so that new events never shift a page that is being read. */
import type { Database } from 'better-sqlite3';
import type { EventLabel, EventState, ObjectLabel } from '#core/domain/detection.ts';
import type { CameraId, EventId } from '#core/domain/ids.ts';
import type { EventQuery, EventRecord, EventWriter } from '#core/domain/records.ts';

interface Row {
  id: string;
  camera_id: string;
  label: EventLabel;
  sub_label: ObjectLabel | null;
  score: number;
  start_ms: number;
  end_ms: number | null;
  box_x: number;
  box_y: number;
  box_w: number;
  box_h: number;
  zones: string;
  stationary: number;
  snapshot_ms: number;
  source: EventState['source'];
  reviewed: number;
  what: string | null;
}

const unit = (value: number): number => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0);

export function eventTable(db: Database): EventWriter {
  const one = db.prepare<[string], Row>('SELECT * FROM events WHERE id = ?');
  const upsert = db.prepare(`
    INSERT INTO events VALUES (:id, :cameraId, :label, :subLabel, :score, :startMs, :endMs, :x, :y, :w, :h, :zones, :stationary,
      :snapshotMs, :source, 0, :what)
    ON CONFLICT (id) DO UPDATE SET label = :label, sub_label = :subLabel, score = :score, end_ms = :endMs,
      box_x = :x, box_y = :y, box_w = :w, box_h = :h, zones = :zones, stationary = :stationary, snapshot_ms = :snapshotMs`);
  const unreviewed = db.prepare<[], number>('SELECT COUNT(*) FROM events WHERE reviewed = 0').pluck();
  const review = db.prepare('UPDATE events SET reviewed = ? WHERE id = ? AND reviewed <> ?');
  const removeCamera = db.prepare('DELETE FROM events WHERE camera_id = ?');
  const removeBefore = db.prepare<[number, number], { id: EventId; startMs: number }>(
    `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE start_ms < ? AND end_ms IS NOT NULL ORDER BY start_ms LIMIT ?)
     RETURNING id, start_ms AS startMs`,
  );
  const closeOpen = db.prepare('UPDATE events SET end_ms = MAX(start_ms, snapshot_ms) WHERE end_ms IS NULL');

  return {
    get(id) {
      const row = one.get(id);
      return row ? toEvent(row) : null;
    },
    list(query) {
      const { sql, values } = pageSql(query);
      const rows = db.prepare<unknown[], Row>(sql).all(...values);
      const events = rows.slice(0, query.limit).map(toEvent);
      const last = events.at(-1);
      return { events, nextCursor: rows.length > query.limit && last ? `${last.startMs}.${last.id}` : null };
    },
    unreviewed: () => unreviewed.get() ?? 0,
    upsert(event) {
      const startMs = Math.round(event.startMs);
      upsert.run({
        id: event.id,
        cameraId: event.cameraId,
        label: event.label,
        subLabel: event.subLabel,
        score: unit(event.score),
        startMs,
        endMs: event.endMs === null ? null : Math.max(startMs, Math.round(event.endMs)),
        x: unit(event.box.x),
        y: unit(event.box.y),
        w: unit(event.box.w),
        h: unit(event.box.h),
        zones: JSON.stringify(event.zones),
        stationary: event.stationary ? 1 : 0,
        snapshotMs: Math.round(event.snapshotMs),
        source: event.source,
        what: event.what ?? null,
      });
      const row = one.get(event.id);
      if (!row) throw new Error(`event ${event.id} is not there after it was written`);
      return toEvent(row);
    },
    review: db.transaction((ids: readonly EventId[], reviewed: boolean) => {
      const flag = reviewed ? 1 : 0;
      return ids.filter((id) => review.run(flag, id, flag).changes > 0);
    }),
    removeCamera(id) {
      removeCamera.run(id);
    },
    removeBefore: (beforeMs, limit) => removeBefore.all(beforeMs, limit),
    closeOpen() {
      closeOpen.run();
    },
  };
}

function pageSql(query: EventQuery): { sql: string; values: (string | number)[] } {
  const where: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, ...given: (string | number)[]): void => {
    where.push(condition);
    values.push(...given);
  };
  if (query.cameraId !== undefined) add('camera_id = ?', query.cameraId);
  if (query.label !== undefined) add('label = ?', query.label);
  if (query.reviewed !== undefined) add('reviewed = ?', query.reviewed ? 1 : 0);
  if (query.toMs !== undefined) add('start_ms < ?', query.toMs);
  if (query.fromMs !== undefined) add('(end_ms IS NULL OR end_ms >= ?)', query.fromMs);
  const cursor = query.cursor === undefined ? null : /^(\d{1,15})\.(e[a-z0-9]{12})$/.exec(query.cursor);
  if (cursor) add('(start_ms, id) < (?, ?)', Number(cursor[1]), cursor[2] ?? '');
  const condition = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
  values.push(query.limit + 1);
  return { sql: `SELECT * FROM events ${condition} ORDER BY start_ms DESC, id DESC LIMIT ?`, values };
}

function toEvent(row: Row): EventRecord {
  return {
    id: row.id as EventId,
    cameraId: row.camera_id as CameraId,
    label: row.label,
    subLabel: row.sub_label,
    score: row.score,
    startMs: row.start_ms,
    endMs: row.end_ms,
    box: { x: row.box_x, y: row.box_y, w: row.box_w, h: row.box_h },
    zones: JSON.parse(row.zones) as string[],
    stationary: row.stationary === 1,
    snapshotMs: row.snapshot_ms,
    source: row.source,
    what: row.what,
    reviewed: row.reviewed === 1,
  };
}
