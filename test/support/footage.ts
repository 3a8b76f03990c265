/** An H.264 file as units, read by libav. */
import { FormatContext, Packet } from 'node-av/lib';
import type { TestVideo } from './test-video.ts';
import { codecStringOfH264 } from './codec-string.ts';

export function readFootage(path: string, startMs: number): TestVideo {
  const format = new FormatContext();
  format.allocContext();
  if (format.openInputSync(path, null, null) < 0) throw new Error(`can't open ${path}`);
  format.findStreamInfoSync(null);
  const stream = format.streams.find(({ codecpar }) => codecpar.width > 0)!;
  const parameterSets = setsOfAvcC(Buffer.from(stream.codecpar.extradata!));
  const { width, height } = stream.codecpar;
  const { num, den } = stream.timeBase;
  const packet = new Packet();
  packet.alloc();
  const units = [];
  while (format.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) {
      const timeMs = (Number(packet.pts) * num * 1000) / den;
      const data = Buffer.from(packet.data!);
      units.push({ timeMs: startMs + timeMs, pts90k: Math.round(timeMs * 90), key: packet.isKeyframe, data });
    }
    packet.unref();
  }
  packet.free();
  format.closeInputSync();
  const codecString = codecStringOfH264(parameterSets[0]!);
  const fps = (units.length * 1000) / (units.at(-1)!.timeMs - startMs);
  return { config: { codec: 'h264', codecString, width, height, parameterSets }, fps, units };
}

/** ISO 14496-15: SPS count at byte 5, PPS count after them; each set has a 16-bit length. */
function setsOfAvcC(avcC: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = 5;
  for (const mask of [31, 255]) {
    for (let left = avcC[at++]! & mask; left > 0; left--) {
      const length = avcC.readUInt16BE(at);
      sets.push(avcC.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return sets;
}
