/**
 * The head of one fragment: moof and the mdat header. The samples follow it on disk or on the wire as they are, so
 * media is never copied. Invariant: a keyframe is only ever the first sample of a fragment.
 */
import { writeUInt64 } from './box.ts';
import { audioTrackId, videoTrackId } from './init-section.ts';

/** Consecutive samples of one track, in decode order. */
export interface VideoRun {
  /** 90 kHz ticks from the start of the file, not negative. */
  decodeTime: number;
  durations: readonly number[];
  sizesBytes: readonly number[];
  /** Presentation minus decode time, may be negative. */
  compositionOffsets: readonly number[];
  /** The first sample is a keyframe. */
  key: boolean;
}

export interface AudioRun {
  /** In samples from the start of the file. */
  decodeTime: number;
  durations: readonly number[];
  sizesBytes: readonly number[];
}

const syncSample = 0x02000000;
const dependentSample = 0x01010000;
const maxTicks = 0xffffffff;

/** Bytes that must stand in front of the video samples, then the audio samples. */
export function fragmentHead(sequence: number, video: VideoRun | null, audio: AudioRun | null): Buffer {
  const reordered = video?.compositionOffsets.some((offset) => offset !== 0) ?? false;
  const videoBytes = video ? 8 + 20 + 20 + 24 + video.sizesBytes.length * (reordered ? 12 : 8) : 0;
  const audioBytes = audio ? 8 + 20 + 20 + 20 + audio.sizesBytes.length * 8 : 0;
  const moofBytes = 8 + 16 + videoBytes + audioBytes;
  const out = Buffer.allocUnsafe(moofBytes + 8);
  let at = boxHead(out, 0, moofBytes, 'moof');
  at = boxHead(out, at, 16, 'mfhd');
  at = out.writeUInt32BE(0, at);
  at = out.writeUInt32BE(sequence % 0x100000000, at);
  let dataAt = moofBytes + 8;
  if (video) {
    at = trackHead(out, at, videoBytes, videoTrackId, dependentSample, video.decodeTime);
    // data offset, first sample flags, durations, sizes (and signed composition offsets: version 1)
    at = boxHead(out, at, videoBytes - 48, 'trun');
    at = out.writeUInt32BE(0x01000305 + (reordered ? 0x800 : 0), at);
    at = out.writeUInt32BE(video.sizesBytes.length, at);
    at = out.writeUInt32BE(dataAt, at);
    at = out.writeUInt32BE(video.key ? syncSample : dependentSample, at);
    for (let i = 0; i < video.sizesBytes.length; i++) {
      const size = video.sizesBytes[i] ?? 0;
      at = out.writeUInt32BE(ticks(video.durations[i]), at);
      at = out.writeUInt32BE(size, at);
      if (reordered) at = out.writeInt32BE(signedTicks(video.compositionOffsets[i]), at);
      dataAt += size;
    }
  }
  if (audio) {
    at = trackHead(out, at, audioBytes, audioTrackId, syncSample, audio.decodeTime);
    at = boxHead(out, at, audioBytes - 48, 'trun');
    at = out.writeUInt32BE(0x01000301, at);
    at = out.writeUInt32BE(audio.sizesBytes.length, at);
    at = out.writeUInt32BE(dataAt, at);
    for (let i = 0; i < audio.sizesBytes.length; i++) {
      const size = audio.sizesBytes[i] ?? 0;
      at = out.writeUInt32BE(ticks(audio.durations[i]), at);
      at = out.writeUInt32BE(size, at);
      dataAt += size;
    }
  }
  boxHead(out, at, dataAt - moofBytes, 'mdat');
  return out;
}

function boxHead(out: Buffer, at: number, size: number, type: string): number {
  out.writeUInt32BE(size, at);
  out.write(type, at + 4, 'latin1');
  return at + 8;
}

/** traf, tfhd (offsets count from the moof; default sample flags) and a 64-bit tfdt. */
function trackHead(out: Buffer, at: number, size: number, trackId: number, flags: number, decodeTime: number): number {
  at = boxHead(out, at, size, 'traf');
  at = boxHead(out, at, 20, 'tfhd');
  at = out.writeUInt32BE(0x020020, at);
  at = out.writeUInt32BE(trackId, at);
  at = out.writeUInt32BE(flags, at);
  at = boxHead(out, at, 20, 'tfdt');
  at = out.writeUInt32BE(0x01000000, at);
  return writeUInt64(out, Math.max(0, Math.round(decodeTime)), at);
}

function ticks(value: number | undefined): number {
  return Math.min(maxTicks, Math.max(0, Math.round(value ?? 0)));
}

function signedTicks(value: number | undefined): number {
  return Math.min(0x7fffffff, Math.max(-0x80000000, Math.round(value ?? 0)));
}
