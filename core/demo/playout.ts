/**
 * What is on air: picture k of the world is picture k mod N of a clip, where k = floor(Unix time * rate). So every viewer
 * and every recording sees the same picture at the same time, and a second start goes on where the first would be.
 * Invariant: numbers never go back, also when the host's clock is set (wall time = start + monotonic time).
 */
import type { Clock } from '#core/base/clock.ts';
import type { StreamName } from '#core/domain/media.ts';
import { splitLengthPrefixed } from './rtp-track.ts';
import type { Clip } from './clip.ts';

export interface LoadedClip {
  name: string;
  main: Clip;
  sub: Clip;
  /** The same scene in another encoding, for the fault that changes it. */
  other?: { main: Clip; sub: Clip };
}

/** Name of the scene for a slot of the loop (slot = floor(k / N)); a name that is not loaded means the first clip. */
export type Programme = (slot: number, slotStartMs: number) => string;

export interface OnAir {
  codec: 'h264' | 'h265';
  key: boolean;
  parameterSets: readonly Buffer[];
  nals: Buffer[];
}

export class Playout {
  readonly fps: number;
  readonly picturesPerClip: number;
  readonly #wallOriginMs: number;
  readonly #clock: Clock;
  readonly #programme: Programme;
  #clips: LoadedClip[];
  #codec: 'h264' | 'h265' | null = null;

  constructor(clips: LoadedClip[], programme: Programme, clock: Clock) {
    const first = clips[0];
    if (!first) throw new RangeError('A virtual camera needs a clip.');
    this.#clips = clips;
    this.#programme = programme;
    this.#clock = clock;
    this.#wallOriginMs = clock.nowMs() - clock.monoMs();
    this.fps = first.main.fps;
    this.picturesPerClip = first.main.pictures.length;
  }

  setClips(clips: LoadedClip[]): void {
    this.#clips = clips.filter((clip) => clip.main.pictures.length === this.picturesPerClip);
  }

  has(codec: 'h264' | 'h265'): boolean {
    const [first] = this.#clips;
    return first !== undefined && ((first.main.codec ?? 'h264') === codec || first.other?.main.codec === codec);
  }

  /** What is played from now on, where the clip has it; null: as it comes first. */
  setCodec(codec: 'h264' | 'h265' | null): void {
    this.#codec = codec;
  }

  /** Camera's own wall clock, UTC ms. */
  wallMs(): number {
    return this.#wallOriginMs + this.#clock.monoMs();
  }

  /** Number of the newest picture. */
  frameNow(): number {
    return Math.floor((this.wallMs() / 1000) * this.fps);
  }

  frameMs(frame: number): number {
    return (frame / this.fps) * 1000;
  }

  clip(frame: number, size: StreamName): Clip {
    const slot = Math.floor(frame / this.picturesPerClip);
    const name = this.#programme(slot, this.frameMs(slot * this.picturesPerClip));
    const clip = this.#clips.find((one) => one.name === name) ?? this.#clips[0];
    if (!clip) throw new RangeError('A virtual camera needs a clip.');
    const first = clip[size];
    if (this.#codec === null || (first.codec ?? 'h264') === this.#codec) return first;
    return clip.other?.[size] ?? first;
  }

  picture(frame: number, size: StreamName): OnAir {
    const clip = this.clip(frame, size);
    const picture = clip.pictures[frame % this.picturesPerClip];
    if (!picture) throw new RangeError(`Clip without picture ${frame % this.picturesPerClip}.`);
    return {
      codec: clip.codec ?? 'h264',
      key: picture.key,
      parameterSets: clip.parameterSets,
      nals: splitLengthPrefixed(picture.data),
    };
  }

  /** AAC frame number `index` since 1970, taken from where the clip on air is then. */
  aacFrame(index: number, sampleRate: number): Buffer | null {
    const frame = Math.floor(((index * 1024) / sampleRate) * this.fps);
    const aac = this.clip(frame, 'main').aac;
    if (!aac) return null;
    const slotStartS = (Math.floor(frame / this.picturesPerClip) * this.picturesPerClip) / this.fps;
    const within = Math.floor(((index * 1024) / sampleRate - slotStartS) * (sampleRate / 1024));
    return aac.frames[Math.max(0, Math.min(within, aac.frames.length - 1))] ?? null;
  }

  /** 20 ms of G.711, number `index` since 1970. */
  pcmuPacket(index: number): Buffer | null {
    const frame = Math.floor((index / 50) * this.fps);
    const pcmu = this.clip(frame, 'main').pcmu;
    if (!pcmu) return null;
    const packetsPerClip = Math.floor((this.picturesPerClip / this.fps) * 50);
    const at = (index % packetsPerClip) * 160;
    return at + 160 <= pcmu.length ? pcmu.subarray(at, at + 160) : Buffer.alloc(160, 0xff);
  }
}
