/** How units and configurations travel over the media bus: facts in the JSON header, bytes back to back in the body. */
import type { AudioConfig, AudioUnit, MediaUnit, VideoConfig } from '#core/domain/media.ts';
import type { BusAudioConfig, BusReply, BusRequest, BusUnit, BusVideoConfig } from '#core/domain/worker-protocol.ts';
import type { BusConnection } from '#core/base/local-bus.ts';

export type MediaBusConnection = BusConnection<BusRequest, BusReply>;

export function toBusVideo(video: VideoConfig): BusVideoConfig {
  return {
    codec: video.codec,
    codecString: video.codecString,
    width: video.width,
    height: video.height,
    parameterSetSizes: video.parameterSets.map((set) => set.length),
  };
}

export function toBusAudio(audio: AudioConfig): BusAudioConfig {
  return {
    codec: audio.codec,
    codecString: audio.codecString,
    sampleRate: audio.sampleRate,
    channels: audio.channels,
    config: Buffer.from(audio.config).toString('base64'),
  };
}

export function toBusUnit(unit: MediaUnit): BusUnit {
  const video = unit.kind === 'video';
  return {
    kind: unit.kind,
    size: unit.data.length,
    pts90k: unit.pts90k,
    dts90k: video ? unit.dts90k : unit.pts90k,
    timeMs: unit.timeMs,
    key: video ? unit.key : true,
    samples: video ? 0 : unit.samples,
  };
}

/** Throws a RangeError if the sizes do not fit the body. The bytes are copied: the body is part of a shared read buffer. */
export function fromBusVideo(video: BusVideoConfig, body: Buffer): VideoConfig {
  return {
    codec: video.codec,
    codecString: video.codecString,
    width: video.width,
    height: video.height,
    parameterSets: split(body, video.parameterSetSizes),
  };
}

export function fromBusAudio(audio: BusAudioConfig): AudioConfig {
  return { ...audio, config: Buffer.from(audio.config, 'base64') };
}

/** Throws a RangeError if the sizes do not fit the body. */
export function fromBusUnits(units: readonly BusUnit[], body: Buffer): MediaUnit[] {
  const parts = split(
    body,
    units.map((unit) => unit.size),
  );
  return units.map((unit, index): MediaUnit => {
    const data = parts[index] ?? Buffer.alloc(0);
    const { pts90k, dts90k, timeMs, key, samples } = unit;
    return unit.kind === 'video'
      ? { kind: 'video', pts90k, dts90k, timeMs, key, data, damaged: false }
      : { kind: 'audio', pts90k, timeMs, samples, data };
  });
}

export function fromPushedAudio(
  units: readonly { size: number; pts90k: number; timeMs: number; samples: number }[],
  body: Buffer,
): AudioUnit[] {
  const parts = split(
    body,
    units.map((unit) => unit.size),
  );
  return units.map(({ pts90k, timeMs, samples }, index) => ({
    kind: 'audio',
    pts90k,
    timeMs,
    samples,
    data: parts[index] ?? Buffer.alloc(0),
  }));
}

function split(body: Buffer, sizes: readonly number[]): Buffer[] {
  let at = 0;
  return sizes.map((size) => {
    if (!Number.isSafeInteger(size) || size < 0 || at + size > body.length) throw new RangeError('sizes do not fit');
    const part = Buffer.from(body.subarray(at, at + size));
    at += size;
    return part;
  });
}
