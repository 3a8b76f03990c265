/** A media bus with chosen streams instead of a recorder: what an analyser or a compat process sees of one. */
import { BusServer, type BusConnection } from '#core/base/local-bus.ts';
import type { AudioConfig } from '#core/domain/media.ts';
import type { BusReply, BusRequest, BusVideoConfig } from '#core/domain/worker-protocol.ts';
import type { TestUnit, TestVideo } from './test-video.ts';

export type Received = { header: BusRequest; body: Buffer };

export class FakeRecorderBus {
  readonly received: Received[] = [];
  readonly #server: BusServer<BusRequest, BusReply>;
  readonly #units = new Map<string, { connection: BusConnection<BusRequest, BusReply>; id: number }>();
  readonly #audio = new Map<string, { connection: BusConnection<BusRequest, BusReply>; id: number }>();
  readonly #videos = new Map<string, TestVideo>();

  constructor() {
    this.#server = new BusServer((connection) => {
      connection.onMessage = (header, body) => {
        this.received.push({ header, body });
        this.#heard(connection, header);
      };
    });
  }

  get path(): string {
    return this.#server.path;
  }

  get token(): string {
    return this.#server.token;
  }

  async listen(): Promise<void> {
    await this.#server.listen();
  }

  close(): void {
    this.#server.close();
  }

  /** `key`: `<camera>/<stream>`. */
  setVideo(key: string, video: TestVideo): void {
    this.#videos.set(key, video);
  }

  watched(key: string): boolean {
    return this.#units.has(key);
  }

  listened(key: string): boolean {
    return this.#audio.has(key);
  }

  sendUnits(key: string, units: readonly TestUnit[]): void {
    const to = this.#units.get(key);
    if (!to) throw new Error(`nobody watches ${key}`);
    to.connection.send(
      { t: 'units', id: to.id, units: units.map(busUnit) },
      units.map(({ data }) => data),
    );
  }

  sendAudio(key: string, audio: AudioConfig, units: readonly { pts90k: number; timeMs: number; data: Buffer }[]): void {
    const to = this.#audio.get(key);
    if (!to) throw new Error(`nobody listens to ${key}`);
    const { codec, codecString, sampleRate, channels } = audio;
    to.connection.send({
      t: 'audio-config',
      id: to.id,
      audio: { codec, codecString, sampleRate, channels, config: '' },
    });
    to.connection.send(
      {
        t: 'audio',
        id: to.id,
        units: units.map(({ data, pts90k, timeMs }) => ({
          kind: 'audio',
          size: data.length,
          pts90k,
          dts90k: pts90k,
          timeMs,
          key: true,
          samples: data.length,
        })),
      },
      units.map(({ data }) => data),
    );
  }

  #heard(connection: BusConnection<BusRequest, BusReply>, request: BusRequest): void {
    if (!('cameraId' in request)) return;
    const key = `${request.cameraId}/${request.stream}`;
    const video = this.#videos.get(key);
    if (request.t === 'sub-audio') this.#audio.set(key, { connection, id: request.id });
    if (request.t === 'sub-units') {
      this.#units.set(key, { connection, id: request.id });
      if (video)
        connection.send({ t: 'units-config', id: request.id, video: busVideo(video) }, video.config.parameterSets);
    }
    if (request.t === 'get-gop') {
      const from = video ? video.units.findLastIndex((unit) => unit.key) : -1;
      if (!video || from < 0) {
        connection.send({ t: 'gone', id: request.id });
        return;
      }
      const units = video.units.slice(from);
      connection.send({ t: 'gop', id: request.id, video: busVideo(video), units: units.map(busUnit) }, [
        ...video.config.parameterSets,
        ...units.map(({ data }) => data),
      ]);
    }
  }
}

function busVideo({ config }: TestVideo): BusVideoConfig {
  const { codec, codecString, width, height, parameterSets } = config;
  return { codec, codecString, width, height, parameterSetSizes: parameterSets.map((set) => set.length) };
}

const busUnit = (unit: TestUnit) => ({
  kind: 'video' as const,
  size: unit.data.length,
  pts90k: unit.pts90k,
  dts90k: unit.pts90k,
  timeMs: unit.timeMs,
  key: unit.key,
  samples: 0,
});
