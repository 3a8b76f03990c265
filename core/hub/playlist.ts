/**
 * HLS over any span, built from the index (RFC 8216, fragmented MP4). Each segment file is offered in pieces of whole GOPs of
 * about 3 s, so that a seek fetches little. Media time 0 is the start of the first piece; wall-clock time is in PROGRAM-DATE-TIME.
 */
import type { SegmentRecord } from '#core/domain/records.ts';

const pieceMs = 3_000;
/** A hole or an overlap larger than this starts a new run of media time in the player. */
const jumpMs = 200;

interface Piece {
  startMs: number;
  endMs: number;
}

/** `segments` by start, the open one included; `fromMs` < `toMs`. Addresses are relative to the playlist's own. */
export function buildPlaylist(segments: readonly SegmentRecord[], fromMs: number, toMs: number): string {
  const lines: string[] = [];
  let longestMs = 1_000;
  let epoch: number | null = null;
  let before: { segment: SegmentRecord; endMs: number } | null = null;
  for (const segment of segments) {
    const pieces = piecesOf(segment).filter((piece) => piece.startMs < toMs && piece.endMs > fromMs);
    for (const piece of pieces) {
      epoch ??= piece.startMs;
      const newInit: boolean = before?.segment !== segment;
      const jumped: boolean = before !== null && Math.abs(piece.startMs - before.endMs) > jumpMs;
      const changed: boolean = before !== null && newInit && !sameMedia(before.segment, segment);
      if (jumped || changed) lines.push('#EXT-X-DISCONTINUITY');
      const path = `${segment.stream}/${segment.startMs}`;
      // Equal parameters do not promise equal init sections: each file brings its own.
      if (newInit) lines.push(`#EXT-X-MAP:URI="${path}/init.mp4"`);
      if (newInit || jumped) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(piece.startMs).toISOString()}`);
      const lengthMs = piece.endMs - piece.startMs;
      longestMs = Math.max(longestMs, lengthMs);
      lines.push(`#EXTINF:${(lengthMs / 1_000).toFixed(3)},`);
      lines.push(`${path}/media.m4s?epoch=${epoch}&from=${piece.startMs}&to=${piece.endMs}`);
      before = { segment, endMs: piece.endMs };
    }
  }
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.ceil(longestMs / 1_000)}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-MEDIA-SEQUENCE:0',
    ...lines,
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/** Whole GOPs put together until `pieceMs` is reached. */
function piecesOf(segment: SegmentRecord): Piece[] {
  const ends = [
    ...segment.keyframes.slice(1).map((key) => Math.round(segment.startMs + key.timeMs)),
    Math.round(segment.endMs),
  ];
  const pieces: Piece[] = [];
  let startMs = segment.startMs;
  for (const [index, endMs] of ends.entries()) {
    if (endMs - startMs < pieceMs && index < ends.length - 1) continue;
    if (endMs > startMs) pieces.push({ startMs, endMs });
    startMs = endMs;
  }
  return pieces;
}

function sameMedia(a: SegmentRecord, b: SegmentRecord): boolean {
  return a.videoCodec === b.videoCodec && a.audioCodec === b.audioCodec && a.width === b.width && a.height === b.height;
}
