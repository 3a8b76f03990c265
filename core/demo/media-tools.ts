/** Ports to what encodes and writes media. core/media implements them; core/workers/demo-maker.ts joins the two. */
import type { AudioConfig, VideoConfig } from '#core/domain/media.ts';

export interface VideoEncoder {
  /** SPS, PPS. */
  readonly parameterSets: Buffer[];
  /** I420 in, finished pictures out (maybe some calls later), NAL units with 4-byte lengths. */
  encode(i420: Buffer): { key: boolean; data: Buffer }[];
  finish(): { key: boolean; data: Buffer }[];
}

export interface MediaTools {
  videoEncoder(options: {
    width: number;
    height: number;
    fps: number;
    gopPictures: number;
    crf: number;
    maxBitsPerSecond: number;
  }): VideoEncoder;
  /** Raw AAC-LC frames of 1024 samples, the first being the encoder's priming. */
  aac(samples: Float32Array, sampleRate: number, bitsPerSecond: number): { config: Buffer; frames: Buffer[] };
  /** quality: 2 (fine) to 31 (coarse). */
  jpeg(i420: Buffer, width: number, height: number, quality: number): Buffer;
  initSection(video: VideoConfig, audio: AudioConfig | null): Buffer;
  /** moof and mdat head; the samples follow. */
  fragmentHead(
    sequence: number,
    video: {
      decodeTime: number;
      durations: readonly number[];
      sizesBytes: readonly number[];
      compositionOffsets: readonly number[];
      key: boolean;
    },
    audio: { decodeTime: number; durations: readonly number[]; sizesBytes: readonly number[] } | null,
  ): Buffer;
}
