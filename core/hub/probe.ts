/** Tries an address before it becomes a camera, and turns what it offers into advice. */
import type { z } from 'zod';
import type { probeRequest, probeResult } from '#core/api/onvif-schemas.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { parseCameraUrl, type CameraUrl } from '#core/domain/camera-url.ts';
import type { AudioConfig, PullTarget, VideoConfig } from '#core/domain/media.ts';

/** What a measured stream offers; core/media/rtsp finds it out. */
export interface Offer {
  video: VideoConfig;
  audio: AudioConfig | null;
  firstPictureMs: number;
  fps: number | null;
  bitsPerSecond: number;
  keyframeIntervalMs: number | null;
  keyframe: Uint8Array;
}

interface Init {
  /** What is kept for a camera of this home, or null. */
  kept: (cameraId: string) => { url: string; username: string | null; password: string | null } | null;
  measure: (target: Omit<PullTarget, 'cameraId'>) => Promise<Offer>;
  picture: (video: VideoConfig, unit: Uint8Array, width: number) => Promise<Buffer>;
  logger: Logger;
}

const pictureWidth = 640;
/** Probes hold a connection each: a page that asks in a loop must not open hundreds. */
const mostAtOnce = 4;

export class Prober {
  readonly #init: Init;
  #running = 0;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Throws `unsupported_source`, `too_many` and every `camera_…` code. */
  async probe(request: z.output<typeof probeRequest>): Promise<z.input<typeof probeResult>> {
    const address = parseCameraUrl(request.url, request.username ?? null, request.password ?? null);
    if (address.scheme === 'http' || address.scheme === 'https')
      throw new HubError(
        'camera_unsupported_codec',
        'An http address is taken as motion JPEG and can be added as it is; it can not be measured beforehand.',
      );
    if (this.#running >= mostAtOnce)
      throw new HubError('too_many', 'Several addresses are being tried already. Wait for them.');
    this.#running++;
    try {
      const { url } = address;
      const { username, password } = this.#credentials(address, request.cameraId);
      const offer = await this.#init.measure({ cameraName: address.host, url, username, password, audio: true });
      return {
        kind: 'rtsp',
        onvif: null,
        main: url,
        sub: null,
        url,
        video: {
          codec: offer.video.codec,
          codecString: offer.video.codecString,
          width: offer.video.width,
          height: offer.video.height,
          fps: offer.fps,
          bitsPerSecond: offer.bitsPerSecond,
          keyframeIntervalMs: offer.keyframeIntervalMs,
        },
        audio: offer.audio
          ? { codec: offer.audio.codec, sampleRate: offer.audio.sampleRate, channels: offer.audio.channels }
          : null,
        firstPictureMs: offer.firstPictureMs,
        picture: await this.#picture(offer),
        advice: adviceFor(offer),
      };
    } finally {
      this.#running--;
    }
  }

  /** The password kept for a camera goes to that camera's host alone, whatever address is being tried. */
  #credentials(typed: CameraUrl, cameraId: string | undefined): { username: string | null; password: string | null } {
    const { username, password } = typed;
    if (password !== null || cameraId === undefined) return { username, password };
    const kept = this.#init.kept(cameraId);
    if (!kept || parseCameraUrl(kept.url).host !== typed.host) return { username, password };
    if (username !== null && username !== kept.username) return { username, password };
    return { username: kept.username, password: kept.password };
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
}

/** What a person could change at the camera, most useful first. */
export function adviceFor(offer: Omit<Offer, 'keyframe'>): string[] {
  const { video, audio, fps, bitsPerSecond, keyframeIntervalMs } = offer;
  const advice: string[] = [];
  if (keyframeIntervalMs !== null && keyframeIntervalMs > 4_500)
    advice.push(
      `A whole picture comes only every ${Math.round(keyframeIntervalMs / 1_000)} s. Set the keyframe (I-frame) interval to 2 s: live view then starts at once and less is lost after a fault.`,
    );
  else if (keyframeIntervalMs === null)
    advice.push(
      'No second keyframe came while it was tried. If live view is slow to start, set the keyframe interval to 2 s.',
    );
  if (video.codec === 'h265')
    advice.push(
      'This is H.265. Not every browser shows it; if yours does not, set the camera or its sub stream to H.264.',
    );
  if (video.width * video.height > 1_000_000)
    advice.push(
      'Add the small sub stream of the camera as well: motion and objects are found in it for a fraction of the work.',
    );
  if (fps !== null && fps > 30.5)
    advice.push(`${Math.round(fps)} pictures per second is more than surveillance needs; 15 halve the disk space.`);
  if (bitsPerSecond > 12_000_000)
    advice.push(
      `It sends ${(bitsPerSecond / 1_000_000).toFixed(0)} Mbit/s, about ${Math.round((bitsPerSecond * 86_400) / 8e9)} GB a day. A lower bit rate keeps more days.`,
    );
  if (audio?.codec === 'pcmu' || audio?.codec === 'pcma')
    advice.push(
      'The sound is G.711, which is converted to AAC here. If the camera offers AAC, that sounds better and costs nothing.',
    );
  return advice;
}
