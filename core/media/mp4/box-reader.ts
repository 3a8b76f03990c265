/**
 * Looks into segment files: what is in them, how far they are whole, and cuts torn tails. Reads box headers and moofs
 * only, never media. Invariant: whatever the file holds, the outcome is a scan or a SegmentError, in bounded memory.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { errorText } from '#core/base/errors.ts';
import { boxAt, readFragment, readInit, type Track } from './segment-boxes.ts';

export type SegmentErrorReason = 'missing' | 'unreadable' | 'not_a_segment';

/** A file that can't be used as a segment. `not_a_segment`: its bytes are not a fragmented MP4 with video. */
export class SegmentError extends Error {
  readonly reason: SegmentErrorReason;

  constructor(reason: SegmentErrorReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SegmentError';
    this.reason = reason;
  }
}

export interface ScannedFragment {
  /** Byte offset of the moof. */
  offset: number;
  /** moof and mdat together. */
  sizeBytes: number;
  /** Decode time of the first picture (of the first sound where there is no picture), from the start of the file. */
  decodeMs: number;
  /** Of the pictures in it; 0 if there are none. */
  durationMs: number;
  /** Starts with a keyframe. */
  key: boolean;
  /** Pictures. */
  frames: number;
}

export interface SegmentScan {
  /** ftyp + moov. */
  initBytes: number;
  fragments: ScannedFragment[];
  /** From the start of the file to the end of the last picture. */
  durationMs: number;
  frames: number;
  /** Track ids and timescales, as `patchDecodeTimes` needs them. */
  tracks: Track[];
  videoCodec: string | null;
  audioCodec: string | null;
  width: number;
  height: number;
  /** The file is whole up to here: end of the last complete moof + mdat, or of the init section. */
  validBytes: number;
  fileBytes: number;
}

const maxInitBytes = 1024 * 1024;
const maxMoofBytes = 1024 * 1024;
const maxFragments = 100_000;
const windowBytes = 8192;

/** Throws SegmentError. A torn tail is not an error: compare `validBytes` with `fileBytes`. */
export async function scanSegment(path: string): Promise<SegmentScan> {
  return await withFile(path, 'r', scanHandle);
}

/** Cuts what stands after the last complete fragment and syncs the file. Returns the scan of what is left. Throws SegmentError. */
export async function repairSegment(path: string): Promise<SegmentScan> {
  return await withFile(path, 'r+', async (file) => {
    const scan = await scanHandle(file);
    if (scan.validBytes < scan.fileBytes) {
      await file.truncate(scan.validBytes);
      await file.sync();
    }
    return { ...scan, fileBytes: scan.validBytes };
  });
}

/** Opens, runs, closes; every failure of the file system comes out as a SegmentError. */
export async function withFile<T>(path: string, flags: 'r' | 'r+', use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SegmentError(missing ? 'missing' : 'unreadable', `Can't open ${path}: ${errorText(error)}`, {
      cause: error,
    });
  }
  try {
    return await use(file);
  } catch (error) {
    if (error instanceof SegmentError)
      throw new SegmentError(error.reason, `${path}: ${error.message}`, { cause: error });
    throw new SegmentError('unreadable', `Can't read ${path}: ${errorText(error)}`, { cause: error });
  } finally {
    await file.close();
  }
}

export async function scanHandle(file: FileHandle): Promise<SegmentScan> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new SegmentError('not_a_segment', 'not a regular file');
  const window = new Window(file, stats.size);
  const { tracks, initBytes } = await readInitSection(window);
  const video = tracks.find((track) => track.kind === 'video');
  const audio = tracks.find((track) => track.kind === 'audio');
  const scan: SegmentScan = {
    initBytes,
    fragments: [],
    durationMs: 0,
    frames: 0,
    tracks,
    videoCodec: video?.codec ?? null,
    audioCodec: audio?.codec ?? null,
    width: video?.width ?? 0,
    height: video?.height ?? 0,
    validBytes: initBytes,
    fileBytes: stats.size,
  };
  let at = initBytes;
  while (scan.fragments.length < maxFragments) {
    const head = await window.boxAt(at);
    if (!head || at + head.sizeBytes > stats.size) break;
    if (head.type === 'mdat') break;
    if (head.type !== 'moof') {
      // styp, sidx, mfra, free: harmless, as other writers leave them.
      at += head.sizeBytes;
      scan.validBytes = at;
      continue;
    }
    if (head.sizeBytes > maxMoofBytes) break;
    const media = await window.boxAt(at + head.sizeBytes);
    const end = at + head.sizeBytes + (media?.sizeBytes ?? 0);
    if (media?.type !== 'mdat' || end > stats.size) break;
    const fragment = describe(await window.read(at, head.sizeBytes), tracks, at, end - at);
    if (!fragment) break;
    scan.fragments.push(fragment);
    scan.frames += fragment.frames;
    scan.durationMs = Math.max(scan.durationMs, fragment.frames > 0 ? fragment.decodeMs + fragment.durationMs : 0);
    at = end;
    scan.validBytes = at;
  }
  return scan;
}

async function readInitSection(window: Window): Promise<{ tracks: Track[]; initBytes: number }> {
  let at = 0;
  for (let boxes = 0; boxes < 16; boxes++) {
    const head = await window.boxAt(at);
    if (!head || (at === 0 && head.type !== 'ftyp')) break;
    if (head.type === 'mdat' || head.type === 'moof') break;
    at += head.sizeBytes;
    if (at > Math.min(window.fileBytes, maxInitBytes)) break;
    if (head.type !== 'moov') continue;
    const tracks = readInit(await window.read(0, at));
    if (!tracks) break;
    return { tracks, initBytes: at };
  }
  throw new SegmentError('not_a_segment', 'no ftyp and moov with a video track at the start');
}

function describe(moof: Buffer, tracks: readonly Track[], offset: number, sizeBytes: number): ScannedFragment | null {
  const parts = readFragment(moof, tracks);
  const first = parts?.[0];
  if (!parts || !first) return null;
  const trackOf = (id: number): Track | undefined => tracks.find((track) => track.id === id);
  let sampleBytes = 0;
  for (const part of parts) sampleBytes += part.sampleBytes;
  if (sampleBytes > sizeBytes) return null;
  const video = parts.find((part) => trackOf(part.trackId)?.kind === 'video');
  const lead = video ?? first;
  const toMs = 1000 / (trackOf(lead.trackId)?.timescale ?? 1000);
  return {
    offset,
    sizeBytes,
    decodeMs: lead.decodeTime * toMs,
    durationMs: video ? video.duration * toMs : 0,
    key: video !== undefined && video.samples > 0 && video.key,
    frames: video?.samples ?? 0,
  };
}

/** Reads a few kilobytes at a time, so that a header and the moof behind it cost one read. */
class Window {
  readonly fileBytes: number;
  readonly #file: FileHandle;
  #data = Buffer.alloc(0);
  #at = 0;

  constructor(file: FileHandle, fileBytes: number) {
    this.#file = file;
    this.fileBytes = fileBytes;
  }

  async boxAt(at: number): Promise<ReturnType<typeof boxAt>> {
    if (at + 8 > this.fileBytes) return null;
    return boxAt(await this.read(at, Math.min(16, this.fileBytes - at)), 0);
  }

  /** May return less than was asked for if the file shrank meanwhile. */
  async read(at: number, length: number): Promise<Buffer> {
    if (at < this.#at || at + length > this.#at + this.#data.length) {
      const data = Buffer.allocUnsafe(Math.max(length, windowBytes));
      const { bytesRead } = await this.#file.read(data, 0, data.length, at);
      this.#data = data.subarray(0, bytesRead);
      this.#at = at;
    }
    return this.#data.subarray(at - this.#at, at - this.#at + length);
  }
}
