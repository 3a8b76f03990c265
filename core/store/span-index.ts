/**
 * Keeps `spans` true while segments come and go. Definition: a camera's segments of one stream, in order of start, belong to
 * the same span while each starts no later than `joinMs` after the latest end so far.
 * Every call belongs in the transaction of the segment change. Cost: neighbours only, because a segment is at most 15 minutes.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { SegmentKey } from '#core/domain/records.ts';

/** A hole shorter than this is a rotation, not a gap. */
export const joinMs = 1_000;
/** The CHECK on segments. */
export const maxSegmentMs = 900_000;

interface SpanRow {
  start_ms: number;
  end_ms: number;
  bytes: number;
  segments: number;
}
interface SegmentRow {
  start_ms: number;
  end_ms: number;
  bytes: number;
}

export class SpanIndex {
  readonly #touching: Statement<[string, string, number], SpanRow>;
  readonly #holding: Statement<[string, string, number], SpanRow>;
  readonly #drop: Statement<[string, string, number]>;
  readonly #add: Statement<[string, string, number, number, number, number]>;
  readonly #segments: Statement<[string, string, number, number], SegmentRow>;
  readonly #sums: Statement<[string, string, number, number], { bytes: number | null; segments: number }>;

  constructor(db: Database) {
    this.#touching = db.prepare(
      'SELECT start_ms, end_ms, bytes, segments FROM spans WHERE camera_id = ? AND stream = ? AND start_ms <= ? ORDER BY start_ms DESC',
    );
    this.#holding = db.prepare(
      'SELECT start_ms, end_ms, bytes, segments FROM spans WHERE camera_id = ? AND stream = ? AND start_ms <= ? ORDER BY start_ms DESC LIMIT 1',
    );
    this.#drop = db.prepare('DELETE FROM spans WHERE camera_id = ? AND stream = ? AND start_ms = ?');
    this.#add = db.prepare(
      'INSERT INTO spans (camera_id, stream, start_ms, end_ms, bytes, segments) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#segments = db.prepare(
      'SELECT start_ms, end_ms, bytes FROM segments WHERE camera_id = ? AND stream = ? AND start_ms >= ? AND start_ms <= ? ORDER BY start_ms',
    );
    this.#sums = db.prepare(
      'SELECT SUM(bytes) AS bytes, COUNT(*) AS segments FROM segments WHERE camera_id = ? AND stream = ? AND start_ms >= ? AND start_ms < ?',
    );
  }

  /** A segment was inserted. */
  added(key: SegmentKey, endMs: number, bytes: number): void {
    const { cameraId, stream } = key;
    const merged: SpanRow = { start_ms: key.startMs, end_ms: endMs, bytes, segments: 1 };
    // better-sqlite3 allows no write while a query is being walked.
    const absorbed: number[] = [];
    // Spans are disjoint, so walking back from the last one that starts early enough meets every one that touches.
    for (const span of this.#touching.iterate(cameraId, stream, endMs + joinMs)) {
      if (span.end_ms < key.startMs - joinMs) break;
      merged.start_ms = Math.min(merged.start_ms, span.start_ms);
      merged.end_ms = Math.max(merged.end_ms, span.end_ms);
      merged.bytes += span.bytes;
      merged.segments += span.segments;
      absorbed.push(span.start_ms);
    }
    for (const start of absorbed) this.#drop.run(cameraId, stream, start);
    this.#add.run(cameraId, stream, merged.start_ms, merged.end_ms, merged.bytes, merged.segments);
  }

  /** A segment was deleted. */
  removed(key: SegmentKey, endMs: number, bytes: number): void {
    const { cameraId, stream, startMs } = key;
    const span = this.#holding.get(cameraId, stream, startMs);
    if (!span) throw new Error(`no span holds segment ${startMs} of ${cameraId}/${stream}`);
    this.#drop.run(cameraId, stream, span.start_ms);
    if (span.segments === 1) return;

    const near = this.#segments.all(cameraId, stream, startMs - maxSegmentMs - joinMs, endMs + joinMs);
    const before = near.filter((row) => row.start_ms < startMs && row.start_ms >= span.start_ms);
    const after = near.filter((row) => row.start_ms > startMs && row.start_ms <= span.end_ms);
    const lastEnd = this.#lastEnd(cameraId, stream, span);

    // Only a segment that starts within the deleted one's reach can lose its connection to what is before it.
    const starts: number[] = [];
    let reach = -Infinity;
    if (before.length > 0) {
      starts.push(span.start_ms);
      reach = before.reduce((max, row) => Math.max(max, row.end_ms), -Infinity);
    }
    const ends: number[] = [];
    for (const row of after) {
      if (row.start_ms > reach + joinMs) {
        if (starts.length > 0) ends.push(reach);
        starts.push(row.start_ms);
      }
      reach = Math.max(reach, row.end_ms);
    }
    ends.push(lastEnd);
    this.#write(cameraId, stream, span, bytes, starts, ends);
  }

  /** Splits what is left of `span` at `starts`; sums are counted for all parts but the last, which is the difference. */
  #write(cameraId: string, stream: string, span: SpanRow, bytes: number, starts: number[], ends: number[]): void {
    let restBytes = span.bytes - bytes;
    let restSegments = span.segments - 1;
    for (const [index, start] of starts.entries()) {
      const next = starts[index + 1];
      const end = ends[index] ?? start;
      if (next === undefined) {
        this.#add.run(cameraId, stream, start, end, restBytes, restSegments);
        break;
      }
      const sums = this.#sums.get(cameraId, stream, start, next);
      this.#add.run(cameraId, stream, start, end, sums?.bytes ?? 0, sums?.segments ?? 0);
      restBytes -= sums?.bytes ?? 0;
      restSegments -= sums?.segments ?? 0;
    }
  }

  #lastEnd(cameraId: string, stream: string, span: SpanRow): number {
    let end = span.start_ms;
    for (const row of this.#segments.iterate(cameraId, stream, span.end_ms - maxSegmentMs, span.end_ms))
      end = Math.max(end, row.end_ms);
    return end;
  }
}
