/**
 * Media time of an HLS playlist against UTC, both ways. A playlist skips gaps (DISCONTINUITY), so media time is shorter than
 * wall time; each piece knows both. Pure. Media times are seconds, wall times UTC milliseconds.
 */

export interface Piece {
  /** Seconds of media time. */
  start: number;
  duration: number;
  wallMs: number;
}

interface HlsFragment {
  start: number;
  duration: number;
  programDateTime: number | null;
}

/** Pieces from the fragments that hls.js parsed. Fragments without a date are left out. */
export function piecesOf(fragments: readonly HlsFragment[]): Piece[] {
  return fragments.flatMap(({ start, duration, programDateTime }) =>
    programDateTime === null ? [] : [{ start, duration, wallMs: programDateTime }],
  );
}

function lastWhere(pieces: readonly Piece[], isBefore: (piece: Piece) => boolean): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const piece = pieces[middle];
    if (piece && isBefore(piece)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The piece that is played then; the first one before that. */
export function pieceAt(pieces: readonly Piece[], mediaS: number): Piece | null {
  const index = lastWhere(pieces, ({ start }) => start <= mediaS + 1e-4);
  return pieces[Math.max(0, index)] ?? null;
}

export function wallOf(pieces: readonly Piece[], mediaS: number): number | null {
  const piece = pieceAt(pieces, mediaS);
  return piece ? piece.wallMs + (mediaS - piece.start) * 1000 : null;
}

export interface MediaPlace {
  mediaS: number;
  /** What is really there: `wallMs` as asked, or the start of the next piece when that moment was not recorded. */
  wallMs: number;
  exact: boolean;
}

/** null: nothing at or after that moment. A hair after the end of a piece still belongs to it: pieces abut within a frame. */
export function mediaOf(pieces: readonly Piece[], wallMs: number): MediaPlace | null {
  const index = lastWhere(pieces, (piece) => piece.wallMs <= wallMs);
  const piece = pieces[index];
  if (piece && wallMs < piece.wallMs + piece.duration * 1000) {
    return { mediaS: piece.start + (wallMs - piece.wallMs) / 1000, wallMs, exact: true };
  }
  const next = pieces[index + 1];
  return next ? { mediaS: next.start, wallMs: next.wallMs, exact: false } : null;
}

/**
 * The start of the piece that holds `mediaS` if that is at most `slackMs` earlier: a keyframe, which is shown without decoding
 * what leads up to it. A click on a timeline of a day is not exact to the second anyway.
 */
export function snapped(pieces: readonly Piece[], place: MediaPlace, slackMs: number): MediaPlace {
  const piece = pieces[lastWhere(pieces, ({ start }) => start <= place.mediaS + 1e-4)];
  if (!piece || (place.mediaS - piece.start) * 1000 > slackMs) return place;
  return { mediaS: piece.start, wallMs: piece.wallMs, exact: false };
}

/** Wall times a playlist covers. */
export function coverOf(pieces: readonly Piece[]): { fromMs: number; toMs: number } | null {
  const first = pieces[0];
  const last = pieces.at(-1);
  return first && last ? { fromMs: first.wallMs, toMs: last.wallMs + last.duration * 1000 } : null;
}

export interface Window {
  fromMs: number;
  toMs: number;
}

const windowStepMs = 5 * 60_000;

/**
 * The stretch of time one playlist asks for: 10 minutes before (rounded down, so that seeks nearby share a playlist) to 25
 * minutes after. Long enough that most seeks stay inside, short enough to be built and parsed in a few milliseconds.
 */
export function windowAround(wallMs: number, nowMs: number): Window {
  const fromMs = Math.floor(wallMs / windowStepMs) * windowStepMs - 2 * windowStepMs;
  return { fromMs, toMs: Math.min(fromMs + 7 * windowStepMs, Math.max(nowMs, fromMs + windowStepMs)) };
}
