/** Takes media out of segment files for playback: whole fragments, moved in time so that segments line up on one timeline. */
import { readUInt64, writeUInt64 } from './box.ts';
import { scanHandle, SegmentError, withFile, type ScannedFragment } from './box-reader.ts';
import { boxAt, decodeTimeOffsets } from './segment-boxes.ts';

export interface SegmentMediaRange {
  /** Size of ftyp + moov, as the index knows it; the file's own word counts if they differ. */
  initBytes: number;
  /** Milliseconds by which each track is moved; may be fractional. */
  addMs: number;
  /** Milliseconds from the start of the segment: from the last keyframe at or before it… */
  fromMs?: number;
  /** …to the first keyframe at or after it. */
  toMs?: number;
}

/** A segment holds seconds of video; anything larger than this is not ours to load into memory. */
const maxMediaBytes = 512 * 1024 * 1024;

/**
 * The fragments of a segment without its init section. Complete GOPs only when a range is given; a torn tail is left out.
 * Empty if nothing lies in the range. Throws SegmentError.
 */
export async function readSegmentMedia(path: string, range: SegmentMediaRange): Promise<Buffer> {
  return await withFile(path, 'r', async (file) => {
    const scan = await scanHandle(file);
    const chosen = selectFragments(scan.fragments, range.fromMs, range.toMs);
    const first = chosen[0];
    const last = chosen.at(-1);
    if (!first || !last) return Buffer.alloc(0);
    const length = last.offset + last.sizeBytes - first.offset;
    if (length > maxMediaBytes) throw new SegmentError('not_a_segment', 'too large for a segment');
    const media = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.read(media, 0, length, first.offset);
    if (bytesRead < length) throw new SegmentError('unreadable', 'the file became shorter while it was read');
    patchDecodeTimes(media, new Map(scan.tracks.map((track) => [track.id, (range.addMs * track.timescale) / 1000])));
    return media;
  });
}

/** The init section of a segment. Throws SegmentError. */
export async function readSegmentInit(path: string): Promise<Buffer> {
  return await withFile(path, 'r', async (file) => {
    const { initBytes } = await scanHandle(file);
    const out = Buffer.allocUnsafe(initBytes);
    await file.read(out, 0, initBytes, 0);
    return out;
  });
}

function selectFragments(
  fragments: readonly ScannedFragment[],
  fromMs: number | undefined,
  toMs: number | undefined,
): readonly ScannedFragment[] {
  let start = 0;
  let end = fragments.length;
  fragments.forEach((fragment, index) => {
    // Half a millisecond: callers round, ticks do not.
    if (fromMs !== undefined && fragment.key && fragment.decodeMs <= fromMs + 0.5) start = index;
    if (toMs !== undefined && fragment.key && fragment.decodeMs >= toMs - 0.5) end = Math.min(end, index);
  });
  return fragments.slice(start, end);
}

/**
 * Adds to the decode times of all moofs in `media`, in place. `offsetByTrack`: ticks of each track's own timescale, by track id.
 * A 32-bit decode time that would pass 2^32 wraps, which only files of other writers can meet.
 */
export function patchDecodeTimes(media: Buffer, offsetByTrack: ReadonlyMap<number, number>): void {
  let at = 0;
  for (;;) {
    const head = boxAt(media, at);
    if (!head || at + head.sizeBytes > media.length) return;
    if (head.type === 'moof') {
      for (const time of decodeTimeOffsets(media, at, head.sizeBytes)) {
        const add = offsetByTrack.get(time.trackId) ?? 0;
        if (media[time.at] === 1) {
          const moved = Math.round(readUInt64(media, time.at + 4) + add);
          writeUInt64(media, Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, moved)), time.at + 4);
        } else {
          media.writeUInt32BE(
            Math.max(0, Math.round(media.readUInt32BE(time.at + 4) + add)) % 0x100000000,
            time.at + 4,
          );
        }
      }
    }
    at += head.sizeBytes;
  }
}
