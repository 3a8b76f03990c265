/**
 * Tries an address before it becomes a camera: a stream is measured; a device is asked over ONVIF, then looked at as a picture
 * address, then at the stream paths of the big makers. Invariants: a refused password ends it at once; it is over within 20 s
 * or when its asker went away; nothing of it stays.
 */
import type { z } from 'zod';
import type { probeRequest, probeResult } from '#core/api/onvif-schemas.ts';
import { errorText, HubError, type ErrorCode } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import type { PullTarget, VideoConfig } from '#core/domain/media.ts';
import type { OnvifAddress } from '#core/domain/onvif-address.ts';
import type { OnvifDescription } from '#core/domain/onvif.ts';
import { credentialsFor, type Credentials, type Kept } from './kept-password.ts';
import { streamsOf, usualPorts, type OnvifFinder, type OpenPorts } from './onvif-finder.ts';
import { readProbeAddress } from './probe-address.ts';
import { adviceFor, type Offer } from './rtsp-advice.ts';

export interface GuessTarget extends Credentials {
  host: string;
  port: number;
}

interface Init {
  finder: Pick<OnvifFinder, 'describe'>;
  openPorts: OpenPorts;
  /** What is kept for a camera of this home, or null. */
  kept: (cameraId: string) => Kept | null;
  measure: (target: Omit<PullTarget, 'cameraId'>, signal: AbortSignal) => Promise<Offer>;
  /** Tries the stream paths of the big makers; null: none is right. Throws `camera_wrong_password` at the first refusal. */
  guess: (target: GuessTarget, signal: AbortSignal) => Promise<{ main: string; sub: string | null } | null>;
  /** Whether an http address gives pictures (motion JPEG, or one JPEG). Throws `camera_wrong_password`. */
  givesPictures: (target: Credentials & { url: string }, signal: AbortSignal) => Promise<boolean>;
  picture: (video: VideoConfig, unit: Uint8Array, width: number) => Promise<Buffer>;
  logger: Logger;
  /** In all. */
  longestMs?: number;
}

type Result = z.input<typeof probeResult>;
/** The fields that a measured stream fills. */
type Measured = Pick<Result, 'video' | 'audio' | 'firstPictureMs' | 'picture' | 'advice'>;

const unmeasured: Measured = { audio: null, picture: null, advice: [] };
const pictureWidth = 640;
/** Probes hold a connection each: a page that asks in a loop must not open hundreds. */
const mostAtOnce = 4;
const rtspPorts = [554, 8554];
/** These end it: trying the address in yet another way would not help, or would cost another try at the password. */
const final = new Set<ErrorCode>([
  'camera_wrong_password',
  'camera_certificate',
  'camera_clock',
  'camera_host_not_found',
  'camera_too_many_connections',
  'too_many',
  'unavailable',
  'internal',
]);

/** A description that was read does not make up for these. */
const mustNotPass = new Set<ErrorCode>(['camera_wrong_password', 'camera_certificate']);

/** What guessing fails with where no RTSP is spoken. */
const notRtsp = new Set<ErrorCode>([
  'camera_not_rtsp',
  'camera_closed',
  'camera_silent',
  'camera_refused_connection',
  'camera_bad_description',
]);

export class Prober {
  readonly #init: Init;
  #running = 0;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Throws `unsupported_source`, `too_many` and every `camera_…` code. */
  async probe(request: z.output<typeof probeRequest>, asker: AbortSignal): Promise<Result> {
    const typed = readProbeAddress(request.url, request.username ?? null, request.password ?? null);
    if (this.#running >= mostAtOnce)
      throw new HubError('too_many', 'Several addresses are being tried already. Wait for them.');
    const kept = request.cameraId === undefined ? null : this.#init.kept(request.cameraId);
    const late = AbortSignal.timeout(this.#init.longestMs ?? 20_000);
    const signal = AbortSignal.any([asker, late]);
    this.#running++;
    try {
      if (typed.kind === 'device') {
        const user = credentialsFor(typed.device.host, typed.device, kept);
        return await this.#device(typed.device, typed.rtspPort, user, signal);
      }
      const { stream } = typed;
      return await this.#stream(stream.url, null, credentialsFor(stream.host, stream, kept), signal);
    } catch (error) {
      if (late.aborted && !asker.aborted && !isCause(error))
        throw tooSlow(typed.kind === 'device' ? typed.device.host : typed.stream.host, error);
      throw error;
    } finally {
      this.#running--;
    }
  }

  async #stream(main: string, sub: string | null, user: Credentials, signal: AbortSignal): Promise<Result> {
    const measured = await this.#measured(main, sub !== null, user, signal);
    return { kind: 'rtsp', onvif: null, main, sub, url: main, ...measured };
  }

  async #device(address: OnvifAddress, rtspPort: boolean, user: Credentials, signal: AbortSignal): Promise<Result> {
    let failure: HubError | null = null;
    if (!rtspPort) {
      try {
        return await this.#described(await this.#init.finder.describe(address, user, signal), user, signal);
      } catch (error) {
        if (!(error instanceof HubError) || signal.aborted || final.has(error.code)) throw error;
        failure = error;
      }
    }
    if (address.hasPath && failure?.code === 'camera_not_onvif') {
      const { url } = address;
      if (await this.#init.givesPictures({ url, ...user }, signal))
        return { kind: 'mjpeg', onvif: null, main: url, sub: null, url, ...unmeasured, advice: [pictureAdvice] };
    }
    const listens = rtspPort ? [address.port] : await this.#rtspPorts(address.host, signal);
    const notOnvif = failure?.code === 'camera_not_onvif';
    // The port that was typed may be the stream's, whatever its number.
    const ports = rtspPort ? [address.port] : [...(notOnvif && !address.bare ? [address.port] : []), ...listens];
    const found = await this.#guessed(address.host, ports, user, signal);
    if (found) return await this.#stream(found.main, found.sub, user, signal);
    throw await this.#why(address, failure, listens, signal);
  }

  async #described(description: OnvifDescription, user: Credentials, signal: AbortSignal): Promise<Result> {
    const { main, sub } = streamsOf(description);
    if (main === null)
      throw new HubError(
        'camera_no_video',
        `The camera (${description.info.make} ${description.info.model}) answers over ONVIF but names no video stream. Switch a stream on in its settings, or type the stream's own address (rtsp://…).`,
      );
    const problems = [...description.problems];
    let measured = unmeasured;
    // The password is for the address that was typed, whatever the description says.
    if (parseCameraUrl(main).host === parseCameraUrl(description.url).host) {
      try {
        measured = await this.#measured(main, sub !== null, user, signal);
      } catch (error) {
        if (!(error instanceof HubError) || mustNotPass.has(error.code)) throw error;
        problems.push(`Its main stream could not be measured: ${error.message}`);
      }
    }
    return { kind: 'onvif', onvif: { ...description, problems }, main, sub, url: main, ...measured };
  }

  async #measured(url: string, hasSub: boolean, user: Credentials, signal: AbortSignal): Promise<Measured> {
    const { host } = parseCameraUrl(url);
    const { username, password, pins } = user;
    const offer = await this.#init.measure({ cameraName: host, url, username, password, audio: true, pins }, signal);
    const { video, audio, fps, bitsPerSecond, keyframeIntervalMs, firstPictureMs } = offer;
    const { codec, codecString, width, height } = video;
    return {
      video: { codec, codecString, width, height, fps, bitsPerSecond, keyframeIntervalMs },
      audio: audio && { codec: audio.codec, sampleRate: audio.sampleRate, channels: audio.channels },
      firstPictureMs,
      picture: await this.#picture(offer),
      advice: adviceFor(offer, hasSub),
    };
  }

  async #picture({ video, keyframe }: Offer): Promise<string | null> {
    try {
      const jpeg = await this.#init.picture(video, keyframe, pictureWidth);
      return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
    } catch (error) {
      this.#init.logger.info({ error: errorText(error) }, 'no picture of the address that was tried');
      return null;
    }
  }

  /** One port after the other, as long as the answers are those of something else than a camera. */
  async #guessed(
    host: string,
    ports: readonly number[],
    user: Credentials,
    signal: AbortSignal,
  ): Promise<{ main: string; sub: string | null } | null> {
    for (const port of ports) {
      try {
        const found = await this.#init.guess({ host, port, ...user }, signal);
        if (found) return found;
      } catch (error) {
        if (signal.aborted || !(error instanceof HubError) || !notRtsp.has(error.code)) throw error;
      }
    }
    return null;
  }

  async #rtspPorts(host: string, signal: AbortSignal): Promise<number[]> {
    return (await this.#init.openPorts(host, rtspPorts, signal)).open;
  }

  /** The most telling cause, with the next step. */
  async #why(
    address: OnvifAddress,
    failure: HubError | null,
    listens: readonly number[],
    signal: AbortSignal,
  ): Promise<HubError> {
    const { host, port, bare } = address;
    if (listens.length > 0)
      return new HubError(
        'camera_path_not_found',
        `${host} streams, but at none of the paths that the big makers use. Look up the path of its stream and type it, for example rtsp://${host}:${String(listens[0] ?? 554)}/stream1.`,
      );
    if (failure?.code === 'camera_not_onvif')
      return new HubError(
        'camera_not_onvif',
        `Something answers at ${host}, but it is no camera that Porchlight understands: no ONVIF and no RTSP. Is it the camera's address? If it is, switch ONVIF or RTSP on in its settings.`,
        { cause: failure },
      );
    const wrongPort = failure?.code === 'camera_refused_connection' || failure?.code === 'camera_silent';
    if (!bare && failure && wrongPort) {
      const { open } = await this.#init.openPorts(host, usualPorts, signal);
      if (open.length > 0)
        return new HubError(
          failure.code,
          `Port ${port} of ${host} does not answer, but port ${open.join(' and port ')} does. Try ${host} without a port.`,
          { cause: failure },
        );
    }
    return failure ?? new HubError('camera_silent', `Nothing answers at ${host}.`);
  }
}

const pictureAdvice =
  'This is motion JPEG: it is converted to H.264 here, which costs CPU all day. If the camera offers an RTSP stream, use that.';

function isCause(error: unknown): boolean {
  return error instanceof HubError && error.code !== 'unavailable' && error.code !== 'camera_silent';
}

function tooSlow(host: string, cause: unknown): HubError {
  return new HubError(
    'camera_silent',
    `${host} did not answer within 20 s. Check that it is switched on and reachable, or type its full address.`,
    { cause },
  );
}
