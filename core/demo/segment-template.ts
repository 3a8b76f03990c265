/**
 * Segment files as the recorder writes them, cut out of a clip once and then linked to wherever the past needs them.
 * Media time 0 is the first picture, so that one file serves every start time.
 */
import type { AudioConfig, VideoConfig } from '#core/domain/media.ts';
import type { SegmentKeyframe } from '#core/domain/worker-protocol.ts';
import type { Clip } from './clip.ts';
import type { MediaTools } from './media-tools.ts';

/** The facts of a segment that do not depend on when it is said to have been recorded. */
export interface SegmentTemplate {
  durationMs: number;
  bytes: number;
  initBytes: number;
  frames: number;
  keyframes: SegmentKeyframe[];
  videoCodec: string;
  audioCodec: string | null;
  width: number;
  height: number;
}

const fragmentMs = 500;

/** Pictures [from, to) of a clip; `from` must be a keyframe. */
export function segmentOf(
  clip: Clip,
  from: number,
  to: number,
  tools: MediaTools,
): { file: Buffer; facts: SegmentTemplate } {
  const sps = clip.parameterSets[0] ?? Buffer.alloc(4);
  const video: VideoConfig = {
    codec: 'h264',
    codecString: `avc1.${sps.toString('hex', 1, 4)}`,
    width: clip.width,
    height: clip.height,
    parameterSets: clip.parameterSets,
  };
  const audio: AudioConfig | null = clip.aac && {
    codec: 'aac',
    codecString: 'mp4a.40.2',
    sampleRate: clip.aac.sampleRate,
    channels: 1,
    config: clip.aac.config,
  };
  const init = tools.initSection(video, audio);
  const parts: Buffer[] = [init];
  const keyframes: SegmentKeyframe[] = [];
  const ticks = 90_000 / clip.fps;
  let offset = init.length;
  let sequence = 0;
  const rate = clip.aac?.sampleRate ?? 0;
  const startSample = (from / clip.fps) * rate;
  let sound = Math.ceil(startSample / 1024);
  for (let at = from; at < to;) {
    let end = at + 1;
    while (end < to && ((end - at) * 1000) / clip.fps < fragmentMs && clip.pictures[end]?.key !== true) end++;
    const pictures = clip.pictures.slice(at, end);
    const frames: Buffer[] = [];
    const soundStart = sound * 1024 - startSample;
    for (; clip.aac && sound < clip.aac.frames.length && sound * 1024 < (end / clip.fps) * rate; sound++) {
      const frame = clip.aac.frames[sound];
      if (frame) frames.push(frame);
    }
    const head = tools.fragmentHead(
      ++sequence,
      {
        decodeTime: (at - from) * ticks,
        durations: pictures.map(() => ticks),
        sizesBytes: pictures.map((picture) => picture.data.length),
        compositionOffsets: pictures.map(() => 0),
        key: pictures[0]?.key ?? false,
      },
      frames.length === 0
        ? null
        : {
            decodeTime: Math.round(soundStart),
            durations: frames.map(() => 1024),
            sizesBytes: frames.map((frame) => frame.length),
          },
    );
    if (pictures[0]?.key) keyframes.push({ offset, timeMs: Math.round(((at - from) * 1000) / clip.fps) });
    const fragment = [head, ...pictures.map((picture) => picture.data), ...frames];
    for (const part of fragment) offset += part.length;
    parts.push(...fragment);
    at = end;
  }
  return {
    file: Buffer.concat(parts),
    facts: {
      durationMs: Math.round(((to - from) * 1000) / clip.fps),
      bytes: offset,
      initBytes: init.length,
      frames: to - from,
      keyframes,
      videoCodec: video.codecString,
      audioCodec: audio?.codecString ?? null,
      width: clip.width,
      height: clip.height,
    },
  };
}
