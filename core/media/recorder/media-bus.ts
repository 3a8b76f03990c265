/**
 * The media bus: serves live fragments, units and GOPs to the hub and the analysers, and takes what the compat process
 * and the audio transcoders push. Invariant: a client's mistake costs that client its connection, nothing else.
 */
import type { Clock } from '#core/base/clock.ts';
import { BusServer } from '#core/base/local-bus.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { AudioConfig, StreamName } from '#core/domain/media.ts';
import type { BusReply, BusRequest } from '#core/domain/worker-protocol.ts';
import {
  fromBusAudio,
  fromBusUnits,
  fromBusVideo,
  fromPushedAudio,
  toBusUnit,
  toBusVideo,
  type MediaBusConnection,
} from './bus-media.ts';
import { StreamOutlets } from './outlets.ts';
import type { RecordedStream } from './recorded-stream.ts';
import { pin } from './unit-memory.ts';

export type StreamKey = `${CameraId}/${StreamName}`;

export function streamKey(cameraId: CameraId, stream: StreamName): StreamKey {
  return `${cameraId}/${stream}`;
}

interface Subscription {
  key: StreamKey;
  outlets: StreamOutlets;
}

const maxSubscriptionsPerClient = 1_000;

export class MediaBus {
  readonly #server: BusServer<BusRequest, BusReply>;
  readonly #outlets = new Map<StreamKey, StreamOutlets>();
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #streamOf: (key: StreamKey) => RecordedStream | undefined;

  constructor(env: { clock: Clock; log: Logger }, streamOf: (key: StreamKey) => RecordedStream | undefined) {
    this.#clock = env.clock;
    this.#log = env.log;
    this.#streamOf = streamOf;
    this.#server = new BusServer<BusRequest, BusReply>((connection, role) => {
      this.#admit(connection, role);
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

  /** Of this stream, made when they are not there yet. */
  outletsOf(key: StreamKey): StreamOutlets {
    const known = this.#outlets.get(key);
    if (known) return known;
    const made = new StreamOutlets(this.#clock);
    this.#outlets.set(key, made);
    return made;
  }

  /** Forgets outlets that nobody uses. */
  sweep(): void {
    for (const [key, outlets] of this.#outlets) if (outlets.unused) this.#outlets.delete(key);
  }

  #admit(connection: MediaBusConnection, role: string): void {
    const subscriptions = new Map<number, Subscription>();
    const pushed = new Set<StreamKey>();
    connection.onMessage = (request, body) => {
      try {
        this.#handle(connection, role, subscriptions, pushed, request, body);
      } catch (error) {
        this.#log.warn({ err: error, role, request: request.t }, 'a media bus client broke the protocol');
        connection.close();
      }
    };
    connection.onClose = () => {
      for (const { outlets } of subscriptions.values()) outlets.remove(connection, null);
      subscriptions.clear();
      for (const key of pushed) {
        const message = 'The process that reads this camera ended; it is started again.';
        this.#streamOf(key)?.pushEnd({ code: 'camera_closed', message });
      }
    };
  }

  #handle(
    connection: MediaBusConnection,
    role: string,
    subscriptions: Map<number, Subscription>,
    pushed: Set<StreamKey>,
    request: BusRequest,
    body: Buffer,
  ): void {
    switch (request.t) {
      case 'hello':
        return;
      case 'unsub': {
        subscriptions.get(request.id)?.outlets.remove(connection, request.id);
        subscriptions.delete(request.id);
        return;
      }
      case 'set-batch':
        subscriptions.get(request.id)?.outlets.units.setBatch(connection, request.id, request.batchMs);
        return;
      case 'get-gop':
        this.#sendGop(connection, request.id, streamKey(request.cameraId, request.stream));
        return;
      case 'sub-live':
      case 'sub-units':
      case 'sub-audio': {
        const key = streamKey(request.cameraId, request.stream);
        if (subscriptions.has(request.id) || subscriptions.size >= maxSubscriptionsPerClient) {
          throw new RangeError('subscription id in use, or too many subscriptions');
        }
        const outlets = this.outletsOf(key);
        subscriptions.set(request.id, { key, outlets });
        if (request.t === 'sub-live') outlets.addViewer(connection, request.id);
        else if (request.t === 'sub-units') outlets.addUnits(connection, request.id, request.batchMs);
        else outlets.addAudio(connection, request.id);
        return;
      }
      case 'push-audio': {
        const config: AudioConfig = {
          codec: 'aac',
          codecString: 'mp4a.40.2',
          sampleRate: request.sampleRate,
          channels: request.channels,
          config: Buffer.from(request.asc, 'base64'),
        };
        this.#streamOf(streamKey(request.cameraId, request.stream))?.pushAudio(
          config,
          fromPushedAudio(request.units, body),
        );
        return;
      }
      case 'push-config':
      case 'push-units':
      case 'push-end': {
        if (role !== 'compat') throw new RangeError('only the compat process may push a stream');
        const key = streamKey(request.cameraId, request.stream);
        const stream = this.#streamOf(key);
        if (request.t === 'push-config') {
          pushed.add(key);
          stream?.pushConfig(fromBusVideo(request.video, body), request.audio && fromBusAudio(request.audio));
        } else if (request.t === 'push-units') stream?.pushUnits(fromBusUnits(request.units, body));
        else {
          pushed.delete(key);
          stream?.pushEnd(request.error);
        }
        return;
      }
      default:
        throw new RangeError('unknown request');
    }
  }

  #sendGop(connection: MediaBusConnection, id: number, key: StreamKey): void {
    const gop = this.#outlets.get(key)?.lastGop();
    if (!gop) {
      connection.send({ t: 'gone', id });
      return;
    }
    const units = gop.units.filter((unit) => unit.kind === 'video');
    for (const unit of units) pin(unit);
    connection.send({ t: 'gop', id, video: toBusVideo(gop.video), units: units.map(toBusUnit) }, [
      ...gop.video.parameterSets,
      ...units.map((unit) => unit.data),
    ]);
  }
}
