/** Answers what was recorded: spans and gaps, playlists and media of segments, preview pictures. Joins the index with the open segments. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { previewPackPath, segmentPath } from '#core/domain/media-paths.ts';
import type { StreamName } from '#core/domain/media.ts';
import { nearestPreview, readPreview, readPreviewIndex } from '#core/domain/preview-pack.ts';
import type { CameraRecord, SegmentReader, SegmentRecord, Span } from '#core/domain/records.ts';
import { findGaps, type NamedGap } from '#core/domain/timeline.ts';
import { buildPlaylist } from './playlist.ts';
import type { SegmentFiles } from './segment-files.ts';

interface Init {
  segments: SegmentReader;
  files: SegmentFiles;
  openSegment: (cameraId: CameraId, stream: StreamName) => SegmentRecord | null;
  recordingsDir: string;
  clock: Clock;
}

/** More than a month in one playlist is a mistake and would take the player down with it. */
const longestPlaylistMs = 32 * 86_400_000;
const joinMs = 1_000;
/** How far back a preview may lie and still stand for a time. */
const previewReachMs = 120_000;
const hourMs = 3_600_000;

export class Recordings {
  readonly #init: Init;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Throws `invalid_range` unless from < to. */
  timeline(cameras: readonly CameraRecord[], from: number, to: number): { spans: Span[]; gaps: NamedGap[] } {
    checkRange(from, to);
    const spans: Span[] = [];
    const gaps: NamedGap[] = [];
    const nowMs = this.#init.clock.nowMs();
    for (const camera of cameras) {
      const main = this.#spans(camera.id, 'main', from, to);
      spans.push(...main, ...this.#spans(camera.id, 'sub', from, to));
      // What lies before the oldest footage was deleted, or never was: that is no gap.
      const firstMs = this.#init.segments.firstStartMs(camera.id) ?? main[0]?.startMs ?? camera.createdMs;
      // What was recorded last is not there yet; that is not a gap until it is missing for a while.
      const within = { startMs: Math.max(from, firstMs), endMs: Math.min(to, nowMs - 5_000) };
      if (within.endMs > within.startMs)
        gaps.push(...findGaps(camera.id, within, main, this.#init.segments.gaps(camera.id, from, to), camera.record));
    }
    return { spans, gaps };
  }

  /** Throws `invalid_range`. Empty but valid where nothing was recorded. */
  playlist(cameraId: CameraId, stream: StreamName, from: number, to: number): string {
    checkRange(from, to);
    if (to - from > longestPlaylistMs)
      throw new HubError('invalid_range', 'A playlist holds at most 32 days. Ask for a shorter span.');
    return buildPlaylist(this.segments(cameraId, stream, from, to), from, to);
  }

  /** Finished segments and the open one that overlap the span, by start. */
  segments(cameraId: CameraId, stream: StreamName, from: number, to: number): SegmentRecord[] {
    const list = this.#init.segments.list(cameraId, stream, from, to);
    const open = this.#init.openSegment(cameraId, stream);
    const isNew = open !== null && open.frames > 0 && list.every((segment) => segment.startMs !== open.startMs);
    if (isNew && open.startMs < to && open.endMs > from) list.push(open);
    return list;
  }

  /** The segment that starts then. Throws `not_found`. */
  segment(cameraId: CameraId, stream: StreamName, startMs: number): SegmentRecord {
    const open = this.#init.openSegment(cameraId, stream);
    const found = open?.startMs === startMs ? open : this.#init.segments.get({ cameraId, stream, startMs });
    if (!found) throw new HubError('not_found', 'This part of the recording is not there any more.');
    return found;
  }

  /** Where a segment's file lies. */
  pathOf(segment: Pick<SegmentRecord, 'cameraId' | 'stream' | 'startMs'>): string {
    return join(this.#init.recordingsDir, segmentPath(segment.cameraId, segment.stream, segment.startMs));
  }

  async initSection(cameraId: CameraId, stream: StreamName, startMs: number): Promise<Buffer> {
    return await this.#init.files.readInit(this.pathOf(this.segment(cameraId, stream, startMs)));
  }

  async media(
    cameraId: CameraId,
    stream: StreamName,
    startMs: number,
    range: { epoch: number; from?: number | undefined; to?: number | undefined },
  ): Promise<Buffer> {
    const segment = this.segment(cameraId, stream, startMs);
    return await this.#init.files.readMedia(this.pathOf(segment), {
      initBytes: segment.initBytes,
      addMs: startMs - range.epoch,
      ...(range.from === undefined ? {} : { fromMs: range.from - startMs }),
      ...(range.to === undefined ? {} : { toMs: range.to - startMs }),
    });
  }

  /** The segment that shows `atMs`, or the one nearest before it within a minute. Throws `not_found`. */
  segmentAt(cameraId: CameraId, atMs: number): SegmentRecord {
    const near = this.segments(cameraId, 'main', atMs - 60_000, atMs + 1_000);
    const found = near.findLast((segment) => segment.startMs <= atMs) ?? near[0];
    if (!found) throw new HubError('not_found', 'Nothing was recorded at that time.');
    return found;
  }

  /** The preview picture nearest to `atMs`, and when it was taken. Throws `not_found`. */
  async preview(cameraId: CameraId, atMs: number): Promise<{ jpeg: Buffer; timeMs: number }> {
    // Near the turn of an hour the nearest picture may lie in the next pack.
    const times = [atMs];
    if (atMs % hourMs < previewReachMs) times.push(atMs - hourMs);
    if (hourMs - (atMs % hourMs) < previewReachMs) times.push(atMs + hourMs);
    let best: { jpeg: Buffer; timeMs: number } | null = null;
    for (const timeMs of times) {
      const found = await this.#previewIn(join(this.#init.recordingsDir, previewPackPath(cameraId, timeMs)), atMs);
      if (found && (!best || Math.abs(found.timeMs - atMs) < Math.abs(best.timeMs - atMs))) best = found;
    }
    if (!best || Math.abs(best.timeMs - atMs) > previewReachMs)
      throw new HubError('not_found', 'There is no preview picture for that time.');
    return best;
  }

  async #previewIn(path: string, atMs: number): Promise<{ jpeg: Buffer; timeMs: number } | null> {
    let pack: Buffer;
    try {
      pack = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    const entry = nearestPreview(readPreviewIndex(pack), atMs);
    return entry ? { jpeg: readPreview(pack, entry), timeMs: entry.timeMs } : null;
  }

  #spans(cameraId: CameraId, stream: StreamName, from: number, to: number): Span[] {
    const spans = this.#init.segments.spans(cameraId, stream, from, to);
    const open = this.#init.openSegment(cameraId, stream);
    if (!open || open.startMs >= to || open.endMs <= from) return spans;
    const last = spans.at(-1);
    const endMs = Math.round(open.endMs);
    if (last && open.startMs <= last.endMs + joinMs) {
      spans[spans.length - 1] = { ...last, endMs: Math.max(last.endMs, endMs), bytes: last.bytes + open.bytes };
    } else {
      spans.push({ cameraId, stream, startMs: open.startMs, endMs, bytes: open.bytes });
    }
    return spans;
  }
}

function checkRange(from: number, to: number): void {
  if (from >= to)
    throw new HubError('invalid_range', 'The range is empty or reversed: "from" must lie before "to".', {
      details: { from, to },
    });
}
