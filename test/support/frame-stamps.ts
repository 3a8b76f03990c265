/**
 * Reads the stamps that the virtual camera (and the rig) puts into every picture out of any bytes that hold H.264: access
 * units, MP4 files. Numbers are of pictures since 1970; a whole recording has each number between first and last once.
 */
export interface FrameStamp {
  frame: number;
  timeMs: number;
}

export function frameStamps(bytes: Uint8Array): FrameStamp[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return [...text.matchAll(/RIG-FRAME-STAMP!k=(\d+);t=([\d.]+);/g)].map((match) => ({
    frame: Number(match[1]),
    timeMs: Number(match[2]) * 1000,
  }));
}

/** What is wrong with a sequence of stamps that should be whole: missing and doubled pictures. */
export function auditStamps(stamps: readonly FrameStamp[]): { missing: number; doubled: number } {
  let missing = 0;
  const seen = new Set<number>();
  for (const { frame } of stamps) seen.add(frame);
  const sorted = [...seen].sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) missing += sorted[i]! - sorted[i - 1]! - 1;
  return { missing, doubled: stamps.length - seen.size };
}
