/**
 * Media units made of numbers instead of pictures: each unit's bytes carry its number, so that a test can say which of
 * them arrived where. Also a pull that a test drives by hand.
 */
import type {
  AudioConfig,
  AudioUnit,
  MediaUnit,
  Pull,
  PullSink,
  PullStats,
  PullTarget,
  StreamError,
  VideoConfig,
  VideoUnit,
} from '#core/domain/media.ts';

export const testVideo: VideoConfig = {
  codec: 'h264',
  codecString: 'avc1.64001f',
  width: 1280,
  height: 720,
  parameterSets: [
    Buffer.from('6764001facd9405005bb016a02020280000003008000001e478c18cb', 'hex'),
    Buffer.from('68ebe3cb22c0', 'hex'),
  ],
};

export const otherVideo: VideoConfig = { ...testVideo, codecString: 'avc1.640028', width: 1920, height: 1080 };

export const testAac: AudioConfig = {
  codec: 'aac',
  codecString: 'mp4a.40.2',
  sampleRate: 16_000,
  channels: 1,
  config: Buffer.from('1408', 'hex'),
};

export const testG711: AudioConfig = {
  codec: 'pcmu',
  codecString: '',
  sampleRate: 8_000,
  channels: 1,
  config: new Uint8Array(),
};

const marker = 0xfeed0001;

function numbered(number: number, bytes: number): Buffer {
  const data = Buffer.alloc(bytes);
  data.writeUInt32BE(bytes - 4, 0);
  data.writeUInt32BE(marker, 4);
  data.writeUInt32BE(number, 8);
  return data;
}

/** The numbers of all numbered units in some bytes, in the order they stand there. */
export function numbersIn(bytes: Uint8Array): number[] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const needle = Buffer.alloc(4);
  needle.writeUInt32BE(marker, 0);
  const out: number[] = [];
  for (let at = data.indexOf(needle); at >= 0; at = data.indexOf(needle, at + 4)) out.push(data.readUInt32BE(at + 4));
  return out;
}

export interface SyntheticOptions {
  fps?: number;
  gop?: number;
  /** 90 kHz ticks of the first picture. */
  firstTicks?: number;
  startMs?: number;
  /** Bytes of each picture. */
  bytes?: number;
  /** Every second picture but the keyframe's neighbours is shown after the next, as with B-frames. */
  reordered?: boolean;
}

/** Pictures of a steady camera. */
export class SyntheticCamera {
  readonly fps: number;
  readonly #gop: number;
  readonly #firstTicks: number;
  readonly #bytes: number;
  readonly #reordered: boolean;
  startMs: number;
  next = 0;

  constructor(options: SyntheticOptions = {}) {
    this.fps = options.fps ?? 25;
    this.#gop = options.gop ?? 50;
    this.#firstTicks = options.firstTicks ?? 0;
    this.startMs = options.startMs ?? Date.UTC(2026, 0, 1);
    this.#bytes = options.bytes ?? 100;
    this.#reordered = options.reordered ?? false;
  }

  picture(change: Partial<VideoUnit> = {}): VideoUnit {
    const number = this.next++;
    const tick = 90_000 / this.fps;
    const place = number % this.#gop;
    // I P B P B …: the decoder gets each P before the B that is shown first.
    const shift = this.#reordered ? (place === 0 ? 1 : place % 2 === 1 ? 2 : 0) : 0;
    const dts = this.#firstTicks + number * tick;
    return {
      kind: 'video',
      pts90k: dts + shift * tick,
      dts90k: dts,
      timeMs: this.startMs + (number * 1000) / this.fps,
      key: place === 0,
      data: numbered(number, this.#bytes),
      damaged: false,
      ...change,
    };
  }
}

/** Sound in step with a camera that began at the same ticks. 1024 samples a frame. */
export class SyntheticSound {
  readonly #firstTicks: number;
  readonly #rate: number;
  readonly #startMs: number;
  next = 0;

  constructor(options: { firstTicks?: number; rate?: number; startMs?: number } = {}) {
    this.#firstTicks = options.firstTicks ?? 0;
    this.#rate = options.rate ?? 16_000;
    this.#startMs = options.startMs ?? Date.UTC(2026, 0, 1);
  }

  /** Ticks of the next frame. */
  get ticks(): number {
    return this.#firstTicks + (this.next * 1024 * 90_000) / this.#rate;
  }

  frame(): AudioUnit {
    const pts90k = this.ticks;
    const number = this.next++;
    return {
      kind: 'audio',
      pts90k,
      timeMs: this.#startMs + (number * 1024 * 1000) / this.#rate,
      samples: 1024,
      data: numbered(1_000_000 + number, 40),
    };
  }
}

/** Pictures and sound in the order a camera sends them: each sound frame when it is over. */
export function* interleaved(camera: SyntheticCamera, sound: SyntheticSound, pictures: number): Generator<MediaUnit> {
  for (let i = 0; i < pictures; i++) {
    const picture = camera.picture();
    while (sound.ticks + 5_760 <= picture.dts90k) yield sound.frame();
    yield picture;
  }
}

export class FakePull implements Pull {
  immediate = false;
  stopped = false;
  readonly target: PullTarget;
  readonly sink: PullSink;

  constructor(target: PullTarget, sink: PullSink) {
    this.target = target;
    this.sink = sink;
  }

  setImmediate(immediate: boolean): void {
    this.immediate = immediate;
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  stats(): PullStats {
    return { bytes: 1, packets: 1, lostPackets: 0, resyncs: 0, droppedUnits: 0, cameraClockOffsetMs: null };
  }

  begin(video = testVideo, audio: AudioConfig | null = null): this {
    this.sink.onConfig({ video, audio });
    return this;
  }

  end(code: StreamError['code'], message = 'The camera is gone.'): void {
    this.sink.onEnd({ code, message });
  }
}
