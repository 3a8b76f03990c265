/**
 * Takes the sound out of a live fragmented MP4, on boxes alone. A muted tile then costs no audio decoding, is not held back by
 * the audio buffer, and does not stop when the camera's sound does. Pure; anything unexpected is passed through unchanged.
 * Boxes: ISO/IEC 14496-12.
 */

interface Box {
  type: string;
  start: number;
  body: number;
  end: number;
}

function* boxes(bytes: Uint8Array, start: number, end: number): Generator<Box> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; at + 8 <= end;) {
    let size = view.getUint32(at);
    let body = at + 8;
    if (size === 1 && at + 16 <= end) {
      size = Number(view.getBigUint64(at + 8));
      body = at + 16;
    } else if (size === 0) size = end - at;
    if (size < body - at || at + size > end) return;
    yield { type: String.fromCharCode(...bytes.subarray(at + 4, at + 8)), start: at, body, end: at + size };
    at += size;
  }
}

function find(bytes: Uint8Array, start: number, end: number, path: readonly string[]): Box | null {
  const [first, ...rest] = path;
  for (const box of boxes(bytes, start, end)) {
    if (box.type === first) return rest.length === 0 ? box : find(bytes, box.body, box.end, rest);
  }
  return null;
}

const uint32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);

/** The track id of a `trak`: tkhd is version 0 or 1. */
function trackIdOf(bytes: Uint8Array, trak: Box): number | null {
  const tkhd = find(bytes, trak.body, trak.end, ['tkhd']);
  if (!tkhd) return null;
  return uint32(bytes, tkhd.body + (bytes[tkhd.body] === 1 ? 20 : 12));
}

function isSound(bytes: Uint8Array, trak: Box): boolean {
  const hdlr = find(bytes, trak.body, trak.end, ['mdia', 'hdlr']);
  return hdlr !== null && String.fromCharCode(...bytes.subarray(hdlr.body + 8, hdlr.body + 12)) === 'soun';
}

export interface SilentInit {
  init: Uint8Array;
  /** Track ids that were taken out. */
  removed: ReadonlySet<number>;
}

/** An init section without its sound tracks (trak and trex). */
export function withoutSound(init: Uint8Array): SilentInit {
  const moov = find(init, 0, init.length, ['moov']);
  if (!moov) return { init, removed: new Set() };
  const sound = [...boxes(init, moov.body, moov.end)].filter((box) => box.type === 'trak' && isSound(init, box));
  const removed = new Set(sound.map((trak) => trackIdOf(init, trak)).filter((id) => id !== null));
  const mvex = find(init, moov.body, moov.end, ['mvex']);
  const trexes = mvex
    ? [...boxes(init, mvex.body, mvex.end)].filter(
        (box) => box.type === 'trex' && removed.has(uint32(init, box.body + 4)),
      )
    : [];
  const cuts = [...sound, ...trexes].sort((a, b) => a.start - b.start);
  if (cuts.length === 0) return { init, removed };
  const out = init.slice();
  shrink(out, moov, total(cuts));
  if (mvex) shrink(out, mvex, total(trexes));
  return { init: cutOut(out, cuts), removed };
}

const total = (list: readonly Box[]): number => list.reduce((sum, box) => sum + box.end - box.start, 0);

function shrink(bytes: Uint8Array, box: Box, by: number): void {
  new DataView(bytes.buffer, bytes.byteOffset + box.start, 4).setUint32(0, box.end - box.start - by);
}

function cutOut(bytes: Uint8Array, cuts: readonly Box[]): Uint8Array {
  const out = new Uint8Array(bytes.length - total(cuts));
  let to = 0;
  let from = 0;
  for (const cut of cuts) {
    out.set(bytes.subarray(from, cut.start), to);
    to += cut.start - from;
    from = cut.end;
  }
  out.set(bytes.subarray(from), to);
  return out;
}

/**
 * A fragment without the track runs of removed tracks; null when nothing else is in it. The media data stays as it is: offsets
 * count from the start of the moof (default-base-is-moof), so those that remain are moved by what was cut before them.
 */
export function fragmentWithout(fragment: Uint8Array, removed: ReadonlySet<number>): Uint8Array | null {
  if (removed.size === 0) return fragment;
  const moof = find(fragment, 0, fragment.length, ['moof']);
  if (!moof) return fragment;
  const trafs = [...boxes(fragment, moof.body, moof.end)].filter((box) => box.type === 'traf');
  const cuts = trafs.filter((traf) => removed.has(trafTrack(fragment, traf)));
  if (cuts.length === 0) return fragment;
  if (cuts.length === trafs.length) return null;
  const by = total(cuts);
  const out = fragment.slice();
  shrink(out, moof, by);
  for (const traf of trafs) {
    if (!cuts.includes(traf)) moveRuns(out, traf, -by);
  }
  return cutOut(out, cuts);
}

function trafTrack(bytes: Uint8Array, traf: Box): number {
  const tfhd = find(bytes, traf.body, traf.end, ['tfhd']);
  return tfhd ? uint32(bytes, tfhd.body + 4) : -1;
}

function moveRuns(bytes: Uint8Array, traf: Box, by: number): void {
  for (const box of boxes(bytes, traf.body, traf.end)) {
    const hasOffset = box.type === 'trun' && ((bytes[box.body + 3] ?? 0) & 1) === 1;
    if (!hasOffset) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + box.body + 8, 4);
    view.setInt32(0, view.getInt32(0) + by);
  }
}

/** `video/mp4; codecs="avc1.640028,mp4a.40.2"` without the sound codecs. */
export function mimeWithoutSound(mime: string): string {
  return mime.replace(/codecs="([^"]*)"/, (_, codecs: string) => {
    const video = codecs.split(',').filter((codec) => !/^\s*(mp4a|opus|ulaw|alaw|ac-3|ec-3|flac)/i.test(codec));
    return `codecs="${video.join(',')}"`;
  });
}

/** Whether a MIME type names a sound codec. */
export const hasSound = (mime: string): boolean => mimeWithoutSound(mime) !== mime;
