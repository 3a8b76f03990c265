/** Mono AAC frames to samples -1..1, by libav's decoder, without removing any delay. */
import { Codec, CodecContext, Frame, Packet, Rational, avChannelLayoutDefault } from 'node-av/lib';
import { AV_CODEC_ID_AAC } from 'node-av/constants';

export function decodeAac(config: Buffer, sampleRate: number, frames: readonly Buffer[]): Float32Array {
  const codec = Codec.findDecoder(AV_CODEC_ID_AAC)!;
  const context = new CodecContext();
  context.allocContext3(codec);
  context.extraData = config;
  context.sampleRate = sampleRate;
  context.channelLayout = avChannelLayoutDefault(1);
  context.pktTimebase = new Rational(1, sampleRate);
  if (context.open2Sync(codec, null) < 0) throw new Error('no AAC decoder');
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  const out = new Float32Array(frames.length * 1024);
  let at = 0;
  for (const data of frames) {
    packet.data = data;
    context.sendPacketSync(packet);
    packet.unref();
    while (context.receiveFrameSync(frame) >= 0) {
      const plane = Buffer.from(frame.data![0]!);
      out.set(new Float32Array(plane.buffer, plane.byteOffset, frame.nbSamples), at);
      at += frame.nbSamples;
      frame.unref();
    }
  }
  frame.free();
  packet.free();
  context.freeContext();
  return out.subarray(0, at);
}
