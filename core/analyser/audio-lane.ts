/** One stream's G.711 audio: from the recorder, through the transcoder, back to the recorder as AAC. A fault costs sound, never video. */
import { errorText } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { BusReply, BusUnit } from '#core/domain/worker-protocol.ts';
import { AudioTranscoder } from '#core/media/codec/audio-transcoder.ts';
import { readUnits } from './bus-units.ts';
import type { MediaBus } from './media-bus.ts';

export class AudioLane {
  /** Why there is no sound, or null. */
  error: string | null = null;
  readonly #bus: MediaBus;
  readonly #cameraId: CameraId;
  readonly #stream: StreamName;
  readonly #end: () => void;
  #transcoder: AudioTranscoder | null = null;

  constructor(bus: MediaBus, cameraId: CameraId, stream: StreamName) {
    this.#bus = bus;
    this.#cameraId = cameraId;
    this.#stream = stream;
    this.#end = bus.subscribe({ t: 'sub-audio', cameraId, stream }, (reply, body) => {
      try {
        this.#heard(reply, body);
      } catch (error) {
        this.error = errorText(error);
      }
    });
  }

  stop(): void {
    this.#end();
    this.#transcoder?.close();
    this.#transcoder = null;
  }

  #heard(reply: BusReply, body: Buffer): void {
    if (reply.t === 'audio-config') {
      this.#transcoder?.close();
      this.#transcoder = null;
      const { codec, sampleRate, channels } = reply.audio;
      if (codec !== 'pcmu' && codec !== 'pcma') return;
      this.#transcoder = new AudioTranscoder(codec, sampleRate, channels);
      this.error = null;
    } else if (reply.t === 'audio') this.#transcode(reply.units, body);
    else if (reply.t === 'gone') {
      this.#transcoder?.close();
      this.#transcoder = null;
    }
  }

  #transcode(units: readonly BusUnit[], body: Buffer): void {
    const transcoder = this.#transcoder;
    if (!transcoder) return;
    const frames = readUnits(units, body).flatMap((unit) => transcoder.transcode(unit));
    if (frames.length === 0) return;
    this.#bus.send(
      {
        t: 'push-audio',
        cameraId: this.#cameraId,
        stream: this.#stream,
        sampleRate: transcoder.sampleRate,
        channels: transcoder.channels,
        asc: transcoder.config.toString('base64'),
        units: frames.map(({ data, pts90k, timeMs, samples }) => ({ size: data.length, pts90k, timeMs, samples })),
      },
      frames.map(({ data }) => data),
    );
  }
}
