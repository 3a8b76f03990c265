/** A recorded segment on disk, made of test units with the project's own writer: fragments of half a second. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AudioConfig } from '#core/domain/media.ts';
import { fragmentHead } from '#core/media/mp4/fragment.ts';
import { buildInitSection } from '#core/media/mp4/init-section.ts';
import type { TestVideo } from './test-video.ts';

export interface TestSound {
  config: AudioConfig;
  /** Raw frames of 1024 samples. */
  frames: Buffer[];
}

/** `from`, `to`: picture numbers; the first must be a keyframe. Returns the segment's length in ms. */
export function writeTestSegment(path: string, video: TestVideo, from: number, to: number, sound?: TestSound): number {
  const units = video.units.slice(from, to);
  const ticks = 90_000 / video.fps;
  const parts: Uint8Array[] = [buildInitSection(video.config, sound?.config ?? null)];
  let sequence = 0;
  let soundAt = 0;
  const perFragment = Math.max(1, Math.floor(video.fps / 2));
  for (let at = 0; at < units.length;) {
    const next = units.findIndex((unit, n) => n > at && unit.key);
    const end = Math.min(at + perFragment, next < 0 ? units.length : next, units.length);
    const run = units.slice(at, end);
    const untilSample = sound ? Math.floor((end / video.fps) * sound.config.sampleRate) : 0;
    const soundFrames = sound?.frames.slice(soundAt, Math.floor(untilSample / 1024)) ?? [];
    parts.push(
      fragmentHead(
        ++sequence,
        {
          decodeTime: at * ticks,
          durations: run.map(() => ticks),
          sizesBytes: run.map(({ data }) => data.length),
          compositionOffsets: run.map(() => 0),
          key: run[0]!.key,
        },
        soundFrames.length > 0
          ? {
              decodeTime: soundAt * 1024,
              durations: soundFrames.map(() => 1024),
              sizesBytes: soundFrames.map((frame) => frame.length),
            }
          : null,
      ),
      ...run.map(({ data }) => data),
      ...soundFrames,
    );
    soundAt += soundFrames.length;
    at = end;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat(parts));
  return (units.length * 1000) / video.fps;
}
