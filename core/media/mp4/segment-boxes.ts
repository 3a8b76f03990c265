/**
 * Reads the boxes of init sections and fragments from memory. Input may be torn, mutated or hostile: every function
 * returns null (or a shorter list) for what it can't read, never throws, and does work bounded by the bytes it was given.
 */
import { readUInt64 } from './box.ts';

export interface Track {
  id: number;
  kind: 'video' | 'audio' | 'other';
  timescale: number;
  /** RFC 6381, or null if the sample entry is unknown. */
  codec: string | null;
  width: number;
  height: number;
  defaultDuration: number;
  defaultFlags: number;
}

export interface TrackFragment {
  trackId: number;
  /** In the track's timescale. */
  decodeTime: number;
  duration: number;
  samples: number;
  sampleBytes: number;
  /** The first sample is a sync sample. */
  key: boolean;
}

interface Span {
  type: string;
  /** First byte after the header. */
  start: number;
  end: number;
}

const maxChildren = 256;
const maxSamples = 100_000;

/** Type and whole size of the box at `at`; null if no sane header stands there. A box that runs to the file's end (size 0) is not accepted. */
export function boxAt(data: Buffer, at: number): { type: string; sizeBytes: number; headerBytes: number } | null {
  if (at + 8 > data.length) return null;
  const type = data.toString('latin1', at + 4, at + 8);
  if (!/^[A-Za-z0-9 ]{4}$/.test(type)) return null;
  const short = data.readUInt32BE(at);
  if (short !== 1) return short >= 8 ? { type, sizeBytes: short, headerBytes: 8 } : null;
  if (at + 16 > data.length) return null;
  const long = readUInt64(data, at + 8);
  return long >= 16 && long <= Number.MAX_SAFE_INTEGER ? { type, sizeBytes: long, headerBytes: 16 } : null;
}

function children(data: Buffer, start: number, end: number): Span[] {
  const out: Span[] = [];
  let at = start;
  while (at + 8 <= end && out.length < maxChildren) {
    const head = boxAt(data, at);
    if (!head || at + head.sizeBytes > end) break;
    out.push({ type: head.type, start: at + head.headerBytes, end: at + head.sizeBytes });
    at += head.sizeBytes;
  }
  return out;
}

function child(data: Buffer, parent: Span | undefined, type: string): Span | undefined {
  return parent && children(data, parent.start, parent.end).find((span) => span.type === type);
}

const has = (span: Span, bytes: number): boolean => span.start + bytes <= span.end;

/** @param data The whole init section. Null if there is no moov with a video track. */
export function readInit(data: Buffer): Track[] | null {
  const moov = children(data, 0, data.length).find((span) => span.type === 'moov');
  if (!moov) return null;
  const tracks: Track[] = [];
  const boxes = children(data, moov.start, moov.end);
  for (const span of boxes) {
    const track = span.type === 'trak' ? readTrack(data, span) : null;
    if (track) tracks.push(track);
  }
  for (const span of boxes.filter((each) => each.type === 'mvex')) {
    for (const trex of children(data, span.start, span.end)) {
      if (trex.type !== 'trex' || !has(trex, 24)) continue;
      const track = tracks.find((each) => each.id === data.readUInt32BE(trex.start + 4));
      if (!track) continue;
      track.defaultDuration = data.readUInt32BE(trex.start + 12);
      track.defaultFlags = data.readUInt32BE(trex.start + 20);
    }
  }
  return tracks.some((track) => track.kind === 'video') ? tracks : null;
}

function readTrack(data: Buffer, trak: Span): Track | null {
  const header = child(data, trak, 'tkhd');
  const media = child(data, trak, 'mdia');
  const mediaHeader = child(data, media, 'mdhd');
  const handler = child(data, media, 'hdlr');
  const table = child(data, child(data, media, 'minf'), 'stbl');
  const entries = child(data, table, 'stsd');
  if (!header || !mediaHeader || !handler || !entries || !has(header, 24) || !has(handler, 12)) return null;
  const longHeader = data[header.start] === 1;
  const longMedia = data[mediaHeader.start] === 1;
  if (!has(mediaHeader, longMedia ? 24 : 16)) return null;
  const timescale = data.readUInt32BE(mediaHeader.start + (longMedia ? 20 : 12));
  const name = data.toString('latin1', handler.start + 8, handler.start + 12);
  const entry = children(data, entries.start + 8, entries.end)[0];
  if (timescale === 0 || !entry) return null;
  const kind = name === 'vide' ? 'video' : name === 'soun' ? 'audio' : 'other';
  const sized = kind === 'video' && has(entry, 78);
  return {
    id: data.readUInt32BE(header.start + (longHeader ? 20 : 12)),
    kind,
    timescale,
    codec: codecOf(data, entry),
    width: sized ? data.readUInt16BE(entry.start + 24) : 0,
    height: sized ? data.readUInt16BE(entry.start + 26) : 0,
    defaultDuration: 0,
    defaultFlags: 0,
  };
}

function codecOf(data: Buffer, entry: Span): string | null {
  const config = (type: string, entryBytes: number): Span | undefined =>
    children(data, entry.start + entryBytes, entry.end).find((span) => span.type === type);
  if (entry.type === 'avc1' || entry.type === 'avc3') {
    const avc = config('avcC', 78);
    return avc && has(avc, 4) ? `${entry.type}.${data.toString('hex', avc.start + 1, avc.start + 4)}` : null;
  }
  if (entry.type === 'hvc1' || entry.type === 'hev1') {
    const hevc = config('hvcC', 78);
    return hevc && has(hevc, 13) ? hevcCodec(entry.type, data.subarray(hevc.start, hevc.start + 13)) : null;
  }
  if (entry.type === 'Opus') return 'opus';
  if (entry.type !== 'mp4a') return null;
  const esds = config('esds', 28);
  return esds ? aacCodec(data.subarray(esds.start + 4, esds.end)) : null;
}

/** ISO/IEC 14496-15, annex E.3. */
function hevcCodec(tag: string, config: Buffer): string {
  const profile = config.readUInt8(1);
  let flags = config.readUInt32BE(2);
  let reversed = 0;
  for (let i = 0; i < 32; i++) {
    reversed = reversed * 2 + (flags % 2);
    flags = Math.floor(flags / 2);
  }
  const constraints = [...config.subarray(6, 12)];
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  const space = ['', 'A', 'B', 'C'][profile >> 6] ?? '';
  const parts = [
    tag,
    `${space}${profile & 31}`,
    reversed.toString(16).toUpperCase(),
    `${profile & 32 ? 'H' : 'L'}${config.readUInt8(12)}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ];
  return parts.join('.');
}

/** Walks the descriptors of an esds down to the AudioSpecificConfig's object type. */
function aacCodec(esds: Buffer): string {
  let at = 0;
  for (let depth = 0; depth < 8 && at + 2 < esds.length; depth++) {
    const tag = esds[at];
    at++;
    for (let i = 0; i < 4 && at < esds.length; i++) if ((esds.readUInt8(at++) & 0x80) === 0) break;
    if (tag === 3) at += 3;
    else if (tag === 4) at += 13;
    else if (tag === 5 && at + 1 < esds.length) {
      const type = esds.readUInt8(at) >> 3;
      return `mp4a.40.${type === 31 ? 32 + ((esds.readUInt16BE(at) >> 5) & 63) : type}`;
    } else break;
  }
  return 'mp4a.40.2';
}

/** @param data One whole moof box. Null if a track fragment in it can't be read. */
export function readFragment(data: Buffer, tracks: readonly Track[]): TrackFragment[] | null {
  const moof = children(data, 0, data.length)[0];
  if (moof?.type !== 'moof') return null;
  const out: TrackFragment[] = [];
  for (const span of children(data, moof.start, moof.end)) {
    if (span.type !== 'traf') continue;
    const fragment = readTrackFragment(data, span, tracks);
    if (!fragment) return null;
    out.push(fragment);
  }
  return out;
}

function readTrackFragment(data: Buffer, traf: Span, tracks: readonly Track[]): TrackFragment | null {
  const boxes = children(data, traf.start, traf.end);
  const header = boxes.find((span) => span.type === 'tfhd');
  const time = boxes.find((span) => span.type === 'tfdt');
  if (!header || !has(header, 8) || !time || !has(time, 8)) return null;
  const longTime = data[time.start] === 1;
  if (longTime && !has(time, 12)) return null;
  const flags = data.readUInt32BE(header.start);
  const trackId = data.readUInt32BE(header.start + 4);
  const track = tracks.find((each) => each.id === trackId);
  if (!track) return null;
  let at = header.start + 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
  const optional = (bit: number, fallback: number): number => {
    if ((flags & bit) === 0 || at + 4 > header.end) return fallback;
    at += 4;
    return data.readUInt32BE(at - 4);
  };
  const duration = optional(8, track.defaultDuration);
  const size = optional(16, 0);
  const sampleFlags = optional(32, track.defaultFlags);
  const out: TrackFragment = {
    trackId,
    decodeTime: longTime ? readUInt64(data, time.start + 4) : data.readUInt32BE(time.start + 4),
    duration: 0,
    samples: 0,
    sampleBytes: 0,
    key: false,
  };
  if (out.decodeTime > Number.MAX_SAFE_INTEGER) return null;
  for (const run of boxes) {
    if (run.type === 'trun' && !addRun(data, run, { duration, size, flags: sampleFlags }, out)) return null;
  }
  return out;
}

function addRun(
  data: Buffer,
  run: Span,
  defaults: { duration: number; size: number; flags: number },
  out: TrackFragment,
): boolean {
  if (!has(run, 8)) return false;
  const flags = data.readUInt32BE(run.start);
  const count = data.readUInt32BE(run.start + 4);
  const fields = [0x100, 0x200, 0x400, 0x800].filter((bit) => (flags & bit) !== 0).length;
  let at = run.start + 8 + (flags & 1 ? 4 : 0);
  const firstFlagsAt = flags & 4 ? at : null;
  if (firstFlagsAt !== null) at += 4;
  if (count + out.samples > maxSamples || at + count * fields * 4 > run.end) return false;
  for (let i = 0; i < count; i++) {
    let duration = defaults.duration;
    let size = defaults.size;
    let sampleFlags = defaults.flags;
    if (flags & 0x100) duration = data.readUInt32BE((at += 4) - 4);
    if (flags & 0x200) size = data.readUInt32BE((at += 4) - 4);
    if (flags & 0x400) sampleFlags = data.readUInt32BE((at += 4) - 4);
    if (flags & 0x800) at += 4;
    if (i === 0 && firstFlagsAt !== null) sampleFlags = data.readUInt32BE(firstFlagsAt);
    if (out.samples === 0) out.key = (sampleFlags & 0x10000) === 0;
    out.samples++;
    out.duration += duration;
    out.sampleBytes += size;
  }
  return true;
}

/** Where the decode time of each track stands in a moof: byte offset of the tfdt's content. */
export function decodeTimeOffsets(data: Buffer, moofAt: number, moofBytes: number): { trackId: number; at: number }[] {
  const out: { trackId: number; at: number }[] = [];
  for (const span of children(data, moofAt + 8, moofAt + moofBytes)) {
    if (span.type !== 'traf') continue;
    const header = child(data, span, 'tfhd');
    const time = child(data, span, 'tfdt');
    if (!header || !time || !has(header, 8) || !has(time, data[time.start] === 1 ? 12 : 8)) continue;
    out.push({ trackId: data.readUInt32BE(header.start + 4), at: time.start });
  }
  return out;
}
