/** Sends what a pull delivers over the media bus to the recorder. What the recorder does not take is dropped up to the next keyframe. */
import type { BusConnection } from '#core/base/local-bus.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { AudioConfig, MediaUnit, PullSink, StreamError, StreamName, VideoConfig } from '#core/domain/media.ts';
import type { BusReply, BusRequest } from '#core/domain/worker-protocol.ts';

export class BusSink implements PullSink {
  dropped = 0;
  readonly #bus: BusConnection<BusReply, BusRequest>;
  readonly #cameraId: CameraId;
  readonly #stream: StreamName;
  #needsKey = false;

  constructor(bus: BusConnection<BusReply, BusRequest>, cameraId: CameraId, stream: StreamName) {
    this.#bus = bus;
    this.#cameraId = cameraId;
    this.#stream = stream;
  }

  onConfig({ video, audio }: { video: VideoConfig; audio: AudioConfig | null }): void {
    const { codec, codecString, width, height, parameterSets } = video;
    this.#send(
      {
        t: 'push-config',
        ...this.#place(),
        video: { codec, codecString, width, height, parameterSetSizes: parameterSets.map((set) => set.length) },
        audio: audio && {
          codec: audio.codec,
          codecString: audio.codecString,
          sampleRate: audio.sampleRate,
          channels: audio.channels,
          config: Buffer.from(audio.config).toString('base64'),
        },
      },
      parameterSets,
    );
  }

  onUnit(unit: MediaUnit): void {
    const video = unit.kind === 'video';
    if (video && this.#needsKey && !unit.key) {
      this.dropped++;
      return;
    }
    const { kind, pts90k, timeMs, data } = unit;
    const sent = this.#send(
      {
        t: 'push-units',
        ...this.#place(),
        units: [
          {
            kind,
            size: data.length,
            pts90k,
            dts90k: video ? unit.dts90k : pts90k,
            timeMs,
            key: video ? unit.key : true,
            samples: video ? 0 : unit.samples,
          },
        ],
      },
      [data],
    );
    if (!sent) this.dropped++;
    if (video) this.#needsKey = !sent;
  }

  onEnd(error: StreamError): void {
    this.#send({ t: 'push-end', ...this.#place(), error }, []);
  }

  #place(): { cameraId: CameraId; stream: StreamName } {
    return { cameraId: this.#cameraId, stream: this.#stream };
  }

  #send(message: BusRequest, body: readonly Uint8Array[]): boolean {
    return this.#bus.send(message, body);
  }
}
