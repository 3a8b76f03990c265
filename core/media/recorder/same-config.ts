/** Whether two configurations need the same init section. */
import type { AudioConfig, VideoConfig } from '#core/domain/media.ts';

export function sameVideo(a: VideoConfig, b: VideoConfig): boolean {
  return (
    a.codec === b.codec &&
    a.width === b.width &&
    a.height === b.height &&
    a.parameterSets.length === b.parameterSets.length &&
    a.parameterSets.every((set, index) => Buffer.compare(set, b.parameterSets[index] ?? new Uint8Array()) === 0)
  );
}

export function sameAudio(a: AudioConfig | null, b: AudioConfig | null): boolean {
  if (!a || !b) return a === b;
  return (
    a.codec === b.codec &&
    a.sampleRate === b.sampleRate &&
    a.channels === b.channels &&
    Buffer.compare(a.config, b.config) === 0
  );
}
