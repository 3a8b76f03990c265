/**
 * The pictures of events that cameras report by themselves: there is no analyser that took one while it looked. Invariant:
 * after `save` both files are there, of the camera or, where it gave none, a drawing that nobody takes for a camera's view.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { EventState } from '#core/domain/detection.ts';
import { snapshotPath } from '#core/domain/media-paths.ts';
import type { CameraRecord } from '#core/domain/records.ts';

/** One JPEG of now, about as wide as asked (null: as it is), or null. May reject: then there is none. */
export type TakePicture = (camera: CameraRecord, width: number | null) => Promise<Buffer | null>;

interface Init {
  snapshotsDir: string;
  take: TakePicture;
  logger: Logger;
  /** How long an event waits for its picture. */
  timeoutMs?: number;
}

const thumbWidth = 320;
const mostBytes = 8 * 1024 * 1024;
const usualTimeoutMs = 4_000;
const drawing = fileURLToPath(new URL('../../resources/no-picture.jpg', import.meta.url));

export class EventPictures {
  readonly #init: Init;
  #none: Buffer | null = null;

  constructor(init: Init) {
    this.#init = init;
  }

  /** The frame and its small version; null when the camera gave none in time. Never rejects. */
  async take(camera: CameraRecord): Promise<{ frame: Buffer; thumb: Buffer } | null> {
    const endMs = performance.now() + (this.#init.timeoutMs ?? usualTimeoutMs);
    const frame = await this.#one(camera, null, endMs);
    if (!frame) return null;
    return { frame, thumb: (await this.#one(camera, thumbWidth, endMs)) ?? frame };
  }

  /** Writes them; null writes the drawing. A disk that refuses costs the picture, not the event. */
  save(event: Pick<EventState, 'id' | 'startMs'>, pictures: { frame: Buffer; thumb: Buffer } | null): void {
    try {
      this.#none ??= readFileSync(drawing);
      this.#write(snapshotPath(event.id, event.startMs), pictures?.frame ?? this.#none);
      this.#write(snapshotPath(event.id, event.startMs, true), pictures?.thumb ?? this.#none);
    } catch (error) {
      this.#init.logger.warn({ event: event.id, error: errorText(error) }, 'the picture of an event was not written');
    }
  }

  async #one(camera: CameraRecord, width: number | null, endMs: number): Promise<Buffer | null> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), Math.max(0, endMs - performance.now()));
      });
      const jpeg = await Promise.race([this.#init.take(camera, width), late]);
      return jpeg && isJpeg(jpeg) ? jpeg : null;
    } catch (error) {
      this.#init.logger.debug({ camera: camera.id, error: errorText(error) }, 'no picture for an event');
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #write(path: string, jpeg: Buffer): void {
    const whole = join(this.#init.snapshotsDir, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(`${whole}.new`, jpeg);
    renameSync(`${whole}.new`, whole);
  }
}

function isJpeg(bytes: Buffer): boolean {
  return bytes.length > 4 && bytes.length <= mostBytes && bytes[0] === 0xff && bytes[1] === 0xd8;
}
