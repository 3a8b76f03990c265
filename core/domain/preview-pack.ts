/**
 * The pack of preview pictures of one camera and one hour: records appended while recording, read while scrubbing.
 * Record, little endian: u32 magic, u32 JPEG length, f64 UTC ms, JPEG. No file header, no index.
 * Invariant: whatever the bytes are, reading ends, stays inside the buffer and returns only whole records; a torn tail or
 * damage in the middle costs the records it touches and no others.
 */

/** 'PLPV' */
const magic = 0x56504c50;
const magicBytes = Buffer.from('PLPV', 'latin1');
export const previewHeaderBytes = 16;
/** A 240 px wide picture is about 5 KB; anything near this is not a preview. */
export const maxPreviewBytes = 256 * 1024;
/** Records read from one pack at most: an hour at one per second, twice over. */
const maxEntries = 7_200;

export interface PreviewEntry {
  /** UTC ms at which the picture was taken. */
  timeMs: number;
  /** Byte offset of the JPEG in the pack. */
  offset: number;
  /** Bytes of the JPEG. */
  length: number;
}

/** One record, to be appended by one write. Throws RangeError if the picture is empty or too large. */
export function encodePreview(timeMs: number, jpeg: Uint8Array): Buffer {
  if (jpeg.length === 0 || jpeg.length > maxPreviewBytes) throw new RangeError('preview of a size that is not allowed');
  const record = Buffer.allocUnsafe(previewHeaderBytes + jpeg.length);
  record.writeUInt32LE(magic, 0);
  record.writeUInt32LE(jpeg.length, 4);
  record.writeDoubleLE(timeMs, 8);
  record.set(jpeg, previewHeaderBytes);
  return record;
}

/** The header at `at`, or null if there is none or it makes no sense. The JPEG itself need not be in `bytes`. */
export function readPreviewHeader(bytes: Buffer, at: number): { timeMs: number; length: number } | null {
  if (at + previewHeaderBytes > bytes.length || bytes.readUInt32LE(at) !== magic) return null;
  const length = bytes.readUInt32LE(at + 4);
  const timeMs = bytes.readDoubleLE(at + 8);
  if (length === 0 || length > maxPreviewBytes || !Number.isFinite(timeMs) || timeMs < 0) return null;
  return { timeMs, length };
}

/** Whole records in file order. Damage is skipped by looking for the next record. */
export function readPreviewIndex(pack: Buffer): PreviewEntry[] {
  const entries: PreviewEntry[] = [];
  let at = 0;
  while (at >= 0 && at + previewHeaderBytes < pack.length && entries.length < maxEntries) {
    const header = readPreviewHeader(pack, at);
    if (!header) {
      at = pack.indexOf(magicBytes, at + 1);
      continue;
    }
    const offset = at + previewHeaderBytes;
    const end = offset + header.length;
    // A record cut short by a crash has the next one inside it: then it is that one that is whole.
    const whole = end <= pack.length && (end + 4 > pack.length || pack.readUInt32LE(end) === magic);
    if (whole) entries.push({ timeMs: header.timeMs, offset, length: header.length });
    at = whole ? end : pack.indexOf(magicBytes, offset);
  }
  return entries;
}

/** The JPEG of an entry; a view, not a copy. */
export function readPreview(pack: Buffer, entry: PreviewEntry): Buffer {
  return pack.subarray(entry.offset, entry.offset + entry.length);
}

/** The entry nearest to a time, or null in an empty pack. */
export function nearestPreview(entries: readonly PreviewEntry[], timeMs: number): PreviewEntry | null {
  let best: PreviewEntry | null = null;
  for (const entry of entries) {
    if (!best || Math.abs(entry.timeMs - timeMs) < Math.abs(best.timeMs - timeMs)) best = entry;
  }
  return best;
}
