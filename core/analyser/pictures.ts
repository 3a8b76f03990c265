/**
 * Pictures on request: the latest of a stream, a recorded one, one keyframe. Each answer is a JPEG or a reason.
 * Invariant: one request at a time and at most 32 waiting: a page full of tiles can't starve the analysis.
 */
import type { Clock } from '#core/base/clock.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { BusVideoConfig } from '#core/domain/worker-protocol.ts';
import type { AnalyserToHub, HubToAnalyser } from '#core/domain/worker-protocol.ts';
import type { Picture } from '#core/media/codec/picture.ts';
import { segmentPicture } from '#core/media/codec/segment-picture.ts';
import { VideoDecoder, type DecodableUnit } from '#core/media/codec/video-decoder.ts';
import { readUnits, readVideoConfig } from './bus-units.ts';
import type { CameraPipeline } from './camera-pipeline.ts';
import type { MediaBus } from './media-bus.ts';

type Request = Extract<HubToAnalyser, { type: 'snapshot' | 'frame' | 'picture' }>;

const maxWaiting = 32;
/** A picture that the analysis has decoded is fresh enough for a tile. */
const freshMs = 2_000;
/** Above this many pixels in a group of pictures only its keyframe is decoded: about 0.5 s of work. */
const maxGopPixels = 400_000_000;

export interface PicturesInit {
  bus: MediaBus;
  clock: Clock;
  /** The camera's pipeline if it decodes this stream, or any stream when `stream` is null. */
  pipeline: (cameraId: string, stream: string | null) => CameraPipeline | null;
  answer: (message: Extract<AnalyserToHub, { type: 'snapshot' | 'jpeg' }>) => void;
}

export class Pictures {
  readonly #init: PicturesInit;
  readonly #waiting: Request[] = [];
  #running = false;

  constructor(init: PicturesInit) {
    this.#init = init;
  }

  ask(request: Request): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#refuse(request, 'Too many pictures were asked for at once. Try again.');
      return;
    }
    this.#waiting.push(request);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let request = this.#waiting.shift(); request; request = this.#waiting.shift()) {
      try {
        const picture = await this.#picture(request);
        try {
          const jpeg = picture.jpeg(request.width === null ? {} : { width: request.width });
          const type = request.type === 'snapshot' ? 'snapshot' : 'jpeg';
          this.#init.answer({ type, requestId: request.requestId, jpeg, timeMs: picture.timeMs, error: null });
        } finally {
          picture.release();
        }
      } catch (error) {
        this.#refuse(request, errorText(error));
      }
    }
    this.#running = false;
  }

  #refuse(request: Request, error: string): void {
    const type = request.type === 'snapshot' ? 'snapshot' : 'jpeg';
    this.#init.answer({ type, requestId: request.requestId, jpeg: null, timeMs: 0, error });
  }

  async #picture(request: Request): Promise<Picture> {
    switch (request.type) {
      case 'frame':
        return await segmentPicture(request.path, request.offsetMs);
      case 'picture':
        return lastPicture(request.video, [{ timeMs: 0, key: true, data: request.unit }]);
      case 'snapshot':
        return await this.#latest(request);
    }
  }

  async #latest(request: Extract<Request, { type: 'snapshot' }>): Promise<Picture> {
    const { cameraId, stream, width } = request;
    const decoding = this.#init.pipeline(cameraId, width === null ? stream : null);
    const decoded = decoding?.latest(width ?? 0, freshMs);
    if (decoded) return decoded;
    const answer = await this.#init.bus.question({ t: 'get-gop', cameraId, stream });
    if (answer?.reply.t !== 'gop') throw new HubError('unavailable', 'There is no picture from this camera yet.');
    const { video, units } = answer.reply;
    const { config, end } = readVideoConfig(video, answer.body);
    const gop = readUnits(units, answer.body, end).filter((unit) => unit.kind === 'video');
    return lastPicture(config, worthDecoding(video, gop));
  }
}

function worthDecoding<T extends DecodableUnit>(video: BusVideoConfig, gop: T[]): T[] {
  return gop.length * video.width * video.height > maxGopPixels ? gop.slice(0, 1) : gop;
}

/** The last picture of a group that begins with a keyframe; the caller releases it. Throws `unavailable` if none comes out. */
function lastPicture(config: ConstructorParameters<typeof VideoDecoder>[0], units: readonly DecodableUnit[]): Picture {
  const decoder = new VideoDecoder(config);
  const kept: Picture[] = [];
  const keep = (pictures: Picture[]): void => {
    kept.push(...pictures);
    while (kept.length > 1) kept.shift()?.release();
  };
  try {
    for (const unit of units) keep(decoder.decode(unit));
    keep(decoder.flush());
  } finally {
    decoder.close();
  }
  const last = kept[0];
  if (!last) throw new HubError('unavailable', 'The picture could not be decoded.');
  return last;
}
