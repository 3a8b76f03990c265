/** Takes the binary body of media bus messages apart. Invariant: sizes that go past the body end the list; views, not copies. */
import type { VideoConfig } from '#core/domain/media.ts';
import type { BusUnit, BusVideoConfig } from '#core/domain/worker-protocol.ts';

export interface ReceivedUnit extends BusUnit {
  data: Buffer;
}

/** Parameter sets at the start of `body`, and where they end. */
export function readVideoConfig(video: BusVideoConfig, body: Buffer): { config: VideoConfig; end: number } {
  const parameterSets: Buffer[] = [];
  let at = 0;
  for (const size of video.parameterSetSizes) {
    if (!Number.isInteger(size) || size < 0 || at + size > body.length) break;
    parameterSets.push(Buffer.from(body.subarray(at, at + size)));
    at += size;
  }
  const { codec, codecString, width, height } = video;
  return { config: { codec, codecString, width, height, parameterSets }, end: at };
}

export function readUnits(units: readonly BusUnit[], body: Buffer, from = 0): ReceivedUnit[] {
  const out: ReceivedUnit[] = [];
  let at = from;
  for (const unit of units) {
    if (!Number.isInteger(unit.size) || unit.size < 0 || at + unit.size > body.length) break;
    out.push({ ...unit, data: body.subarray(at, at + unit.size) });
    at += unit.size;
  }
  return out;
}
