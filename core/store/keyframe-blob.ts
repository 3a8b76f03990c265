/**
 * A segment's keyframes as a compact blob: per keyframe two unsigned LEB128 varints, the byte offset and the time in tenths
 * of a millisecond, each as the difference from the one before. Arithmetic on doubles: offsets may pass 2^31.
 */
import type { SegmentKeyframe } from '#core/domain/worker-protocol.ts';

export function encodeKeyframes(keyframes: readonly SegmentKeyframe[]): Buffer {
  const out: number[] = [];
  let offset = 0;
  let tenths = 0;
  for (const keyframe of keyframes) {
    const nextTenths = Math.round(keyframe.timeMs * 10);
    if (keyframe.offset < offset || nextTenths < tenths || !Number.isSafeInteger(nextTenths))
      throw new RangeError('keyframes must ascend');
    pushVarint(out, keyframe.offset - offset);
    pushVarint(out, nextTenths - tenths);
    offset = keyframe.offset;
    tenths = nextTenths;
  }
  return Buffer.from(out);
}

export function decodeKeyframes(blob: Uint8Array): SegmentKeyframe[] {
  const keyframes: SegmentKeyframe[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = blob[at++];
      if (byte === undefined) throw new RangeError('keyframe blob is cut short');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  let offset = 0;
  let tenths = 0;
  while (at < blob.length) {
    offset += next();
    tenths += next();
    keyframes.push({ offset, timeMs: tenths / 10 });
  }
  return keyframes;
}

function pushVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}
