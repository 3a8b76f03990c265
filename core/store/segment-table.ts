/**
 * Segments, spans and gaps. Invariant: spans always describe exactly the segments that are there, because both change in
 * one transaction (span-index.ts).
 */
import type { Database } from 'better-sqlite3';
import type { CameraId } from '#core/domain/ids.ts';
import type { GapReason, StreamName } from '#core/domain/media.ts';
import type { GapRecord, SegmentKey, SegmentRecord, SegmentWriter, Span } from '#core/domain/records.ts';
import { decodeKeyframes, encodeKeyframes } from './keyframe-blob.ts';
import { maxSegmentMs, SpanIndex } from './span-index.ts';

interface Row {
  camera_id: string;
  stream: StreamName;
  start_ms: number;
  end_ms: number;
  bytes: number;
  init_bytes: number;
  frames: number;
  video_codec: string;
  audio_codec: string | null;
  width: number;
  height: number;
  keyframes: Buffer;
  damaged: number;
}
interface SpanRow {
  start_ms: number;
  end_ms: number;
  bytes: number;
}

export function segmentTable(db: Database): SegmentWriter {
  const spans = new SpanIndex(db);
  const one = db.prepare<[string, string, number], Row>(
    'SELECT * FROM segments WHERE camera_id = ? AND stream = ? AND start_ms = ?',
  );
  const range = db.prepare<[string, string, number, number, number], Row>(
    'SELECT * FROM segments WHERE camera_id = ? AND stream = ? AND start_ms >= ? AND start_ms < ? AND end_ms > ? ORDER BY start_ms',
  );
  // Spans are disjoint: the only one that starts before the range and may reach into it is the last such.
  const spanRange = db.prepare<{ camera: string; stream: string; from: number; to: number }, SpanRow>(`
    SELECT start_ms, end_ms, bytes FROM spans
    WHERE camera_id = :camera AND stream = :stream AND start_ms < :to AND end_ms > :from
      AND start_ms >= COALESCE((SELECT MAX(start_ms) FROM spans WHERE camera_id = :camera AND stream = :stream AND start_ms <= :from), 0)
    ORDER BY start_ms`);
  const insert = db.prepare(`
    INSERT INTO segments VALUES (:cameraId, :stream, :startMs, :endMs, :bytes, :initBytes, :frames, :videoCodec, :audioCodec,
      :width, :height, :keyframes, :damaged)`);
  const remove = db.prepare('DELETE FROM segments WHERE camera_id = ? AND stream = ? AND start_ms = ?');
  const known = db.prepare<[string], { id: string }>('SELECT id FROM cameras WHERE id = ?');
  const oldest = db.prepare<[number], Pick<Row, 'camera_id' | 'stream' | 'start_ms' | 'end_ms' | 'bytes'>>(
    'SELECT camera_id, stream, start_ms, end_ms, bytes FROM segments ORDER BY start_ms LIMIT ?',
  );
  const starts = db
    .prepare<[string, string, number, number], number>(
      'SELECT start_ms FROM segments WHERE camera_id = ? AND stream = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms',
    )
    .pluck();
  const bytes = db.prepare<[], { camera_id: string; bytes: number; start_ms: number; end_ms: number }>(
    'SELECT camera_id, SUM(bytes) AS bytes, MIN(start_ms) AS start_ms, MAX(end_ms) AS end_ms FROM spans GROUP BY camera_id',
  );
  const lastEnd = db
    .prepare<[string, string], number | null>('SELECT MAX(end_ms) FROM spans WHERE camera_id = ? AND stream = ?')
    .pluck();
  const firstStart = db.prepare<[string], number | null>('SELECT MIN(start_ms) FROM spans WHERE camera_id = ?').pluck();
  const count = db.prepare<[], number | null>('SELECT SUM(segments) FROM spans').pluck();
  const gaps = db.prepare<[string, number, number], Omit<GapRecord, 'cameraId'>>(
    'SELECT stream, start_ms AS startMs, end_ms AS endMs, reason FROM gaps WHERE camera_id = ? AND start_ms < ? AND end_ms > ? ORDER BY start_ms',
  );
  const putGap = db.prepare<[string, string, number, number, GapReason]>(
    'INSERT INTO gaps (camera_id, stream, start_ms, end_ms, reason) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET end_ms = MAX(end_ms, excluded.end_ms)',
  );
  const dropGaps = db.prepare('DELETE FROM gaps WHERE end_ms < ?');
  const dropAll = ['segments', 'spans', 'gaps'].map((table) => db.prepare(`DELETE FROM ${table} WHERE camera_id = ?`));

  const removeOne = (key: SegmentKey): void => {
    const row = one.get(key.cameraId, key.stream, key.startMs);
    if (!row) return;
    remove.run(key.cameraId, key.stream, key.startMs);
    spans.removed(key, row.end_ms, row.bytes);
  };
  const insertAll = db.transaction((segments: readonly SegmentRecord[]) => {
    for (const segment of segments) {
      if (!known.get(segment.cameraId)) continue;
      removeOne(segment);
      // A person's clock may move the end before the start; a row that says so would poison every sum.
      const endMs = Math.min(Math.max(Math.round(segment.endMs), segment.startMs), segment.startMs + maxSegmentMs);
      insert.run({
        ...segment,
        endMs,
        keyframes: encodeKeyframes(segment.keyframes),
        damaged: segment.damaged ? 1 : 0,
      });
      spans.added(segment, endMs, segment.bytes);
    }
  });
  const removeAll = db.transaction((keys: readonly SegmentKey[]) => {
    for (const key of keys) removeOne(key);
  });
  const removeCamera = db.transaction((id: CameraId) => {
    for (const statement of dropAll) statement.run(id);
  });

  return {
    get(key) {
      const row = one.get(key.cameraId, key.stream, key.startMs);
      return row ? toSegment(row) : null;
    },
    list: (id, stream, fromMs, toMs) => range.all(id, stream, fromMs - maxSegmentMs, toMs, fromMs).map(toSegment),
    spans: (cameraId, stream, from, to) =>
      spanRange
        .all({ camera: cameraId, stream, from, to })
        .map((row): Span => ({ cameraId, stream, startMs: row.start_ms, endMs: row.end_ms, bytes: row.bytes })),
    gaps: (cameraId, fromMs, toMs) => gaps.all(cameraId, toMs, fromMs).map((row) => ({ cameraId, ...row })),
    oldest: (limit) =>
      oldest.all(limit).map((row) => ({
        key: { cameraId: row.camera_id as CameraId, stream: row.stream, startMs: row.start_ms },
        endMs: row.end_ms,
        bytes: row.bytes,
      })),
    starts: (id, stream, fromMs, toMs) => starts.all(id, stream, fromMs, toMs),
    bytesByCamera: () =>
      bytes.all().map((row) => ({
        cameraId: row.camera_id as CameraId,
        bytes: row.bytes,
        startMs: row.start_ms,
        endMs: row.end_ms,
      })),
    lastEndMs: (id, stream) => lastEnd.get(id, stream) ?? null,
    firstStartMs: (id) => firstStart.get(id) ?? null,
    count: () => count.get() ?? 0,
    insert: (segments) => insertAll(segments),
    remove: (keys) => removeAll(keys),
    removeCamera: (id) => removeCamera(id),
    addGap(gap) {
      const startMs = Math.floor(gap.startMs);
      const endMs = Math.ceil(gap.endMs);
      if (endMs > startMs && known.get(gap.cameraId)) putGap.run(gap.cameraId, gap.stream, startMs, endMs, gap.reason);
    },
    pruneGaps(beforeMs) {
      dropGaps.run(beforeMs);
    },
  };
}

function toSegment(row: Row): SegmentRecord {
  return {
    cameraId: row.camera_id as CameraId,
    stream: row.stream,
    startMs: row.start_ms,
    endMs: row.end_ms,
    bytes: row.bytes,
    initBytes: row.init_bytes,
    frames: row.frames,
    videoCodec: row.video_codec,
    audioCodec: row.audio_codec,
    width: row.width,
    height: row.height,
    keyframes: decodeKeyframes(row.keyframes),
    damaged: row.damaged === 1,
  };
}
