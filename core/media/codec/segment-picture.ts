/**
 * The exact recorded picture at a time inside a segment file: read to the time, decode from the keyframe before it.
 * Segments are about 10 s, so they are read from the start; libav can't seek in fragmented files without an index.
 * Invariant: reads the one file it is given, never another (protocol whitelist), and a bounded part of it.
 */
import { Codec, CodecContext, Dictionary, FormatContext, Frame, InputFormat, Packet, Rational } from 'node-av/lib';
import { AV_NOPTS_VALUE, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import { isNothing, libavText } from './libav.ts';
import { Picture } from './picture.ts';

const maxGopPackets = 2_000;
const maxGopBytes = 128 * 1024 * 1024;
const milliseconds = new Rational(1, 1000);

/** The picture that a player shows `offsetMs` after the file's start; the caller releases it. Throws `not_found` if there is none. */
export async function segmentPicture(path: string, offsetMs: number): Promise<Picture> {
  const format = new FormatContext();
  format.allocContext();
  const gop: Packet[] = [];
  try {
    const opened = await format.openInput(
      path,
      InputFormat.findInputFormat('mov'),
      Dictionary.fromObject({ protocol_whitelist: 'file' }),
    );
    if (opened < 0) throw new HubError('not_found', `The recording can't be opened: ${libavText(opened)}.`);
    const stream = format.streams.find((candidate) => candidate.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
    if (!stream) throw new HubError('not_found', 'The recording has no video.');
    await collectGop(format, stream.index, stream.timeBase, offsetMs, gop);
    if (gop.length === 0) throw new HubError('not_found', 'The recording has no picture at this time.');
    const context = new CodecContext();
    try {
      const codec = Codec.findDecoder(stream.codecpar.codecId);
      if (!codec) throw new HubError('unavailable', 'The recording is in a format that can not be decoded.');
      context.allocContext3(codec);
      context.parametersToContext(stream.codecpar);
      context.pktTimebase = milliseconds;
      context.threadCount = 1;
      const code = context.open2Sync(codec, null);
      if (code < 0) throw new HubError('not_found', `The recording can't be decoded: ${libavText(code)}.`);
      return decodeUpTo(context, gop, offsetMs);
    } finally {
      context.freeContext();
    }
  } finally {
    for (const packet of gop) packet.free();
    await format.closeInput();
  }
}

/** Packets from the last keyframe at or before the time up to the time, in file order, times in ms. */
async function collectGop(
  format: FormatContext,
  index: number,
  timeBase: Rational,
  offsetMs: number,
  gop: Packet[],
): Promise<void> {
  let bytes = 0;
  let firstPts: bigint | null = null;
  const packet = new Packet();
  packet.alloc();
  try {
    while ((await format.readFrame(packet)) >= 0) {
      if (packet.streamIndex === index) {
        packet.rescaleTs(timeBase, milliseconds);
        // Time 0 is the first picture; libav moves all times of a file with B-frames so that none is below decoding time.
        firstPts ??= packet.pts;
        packet.pts -= firstPts;
        packet.dts -= firstPts;
        const dts = Number(packet.dts);
        // Pictures are stored in decoding order: once decoding time is past, nothing that follows is shown earlier.
        if (gop.length > 0 && dts > offsetMs + 1) break;
        if (packet.isKeyframe && Number(packet.pts) <= offsetMs + 1) {
          for (const old of gop.splice(0)) old.free();
          bytes = 0;
        }
        if (gop.length > 0 || packet.isKeyframe) {
          const own = packet.clone();
          if (own) gop.push(own);
          bytes += packet.size;
        }
        if (gop.length >= maxGopPackets || bytes > maxGopBytes) break;
      }
      packet.unref();
    }
  } finally {
    packet.free();
  }
}

/** The last picture at or before the time, or the first one there is. */
function decodeUpTo(context: CodecContext, gop: readonly Packet[], offsetMs: number): Picture {
  let best: Frame | null = null;
  let bestMs = -Infinity;
  let frame = new Frame();
  frame.alloc();
  for (const packet of [...gop, null]) {
    const sent = context.sendPacketSync(packet);
    if (sent < 0 && !isNothing(sent)) continue;
    while (context.receiveFrameSync(frame) >= 0) {
      const timeMs = frame.pts === AV_NOPTS_VALUE ? 0 : Number(frame.pts);
      // Half a millisecond of rounding on each side.
      const fits = timeMs <= offsetMs + 1 ? timeMs >= bestMs : best === null;
      if (fits) {
        const spare: Frame = best ?? new Frame();
        if (best) spare.unref();
        else spare.alloc();
        best = frame;
        bestMs = timeMs <= offsetMs + 1 ? timeMs : -Infinity;
        frame = spare;
      } else frame.unref();
    }
  }
  frame.free();
  if (!best) throw new HubError('not_found', 'The recording can not be decoded at this time.');
  return new Picture(best, Math.max(0, bestMs));
}
