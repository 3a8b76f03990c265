/** Real footage as the analyser sees it: decoded by the product's decoder, a picture about every 200 ms, loops with their cut. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChangeCheck, gridCols, gridRows } from '#core/analyser/change-check.ts';
import type { Picture } from '#core/media/codec/picture.ts';
import { VideoDecoder } from '#core/media/codec/video-decoder.ts';
import { readFootage } from './footage.ts';
import { sharedFolder } from './tools.ts';

export const clips = {
  parking: join(sharedFolder, 'footage/person-bicycle-car-detection.mp4'),
  road: join(sharedFolder, 'footage/car-detection.mp4'),
  parkingSub: join(sharedFolder, 'rig/media/sub264.mkv'),
  parkingMain: join(sharedFolder, 'rig/media/main264.mkv'),
  roadMain: join(sharedFolder, 'rig/media/car264.mkv'),
};
export const whyNoRigMedia = existsSync(clips.parkingSub) ? null : '../shared/rig/media is not here';

export interface LabelledBox {
  g: 'person' | 'vehicle' | 'bicycle' | 'any';
  /** x1, y1, x2, y2 in pixels of a picture of 768 x 432. */
  b: [number, number, number, number];
  ignore?: boolean;
}

/** By `<clip>_<seconds>`. */
export function readLabels(): Record<string, LabelledBox[]> {
  return JSON.parse(readFileSync(join(sharedFolder, 'footage/labels.json'), 'utf8')) as Record<string, LabelledBox[]>;
}

export interface PlayOptions {
  /** Shifts which pictures are looked at. */
  phaseMs?: number;
  /** Times the clip is played, with the cut that a looping camera has. */
  loops?: number;
  /** The analyser's gate: pictures in which nothing changed for 3 s are handed on once a second. */
  quietGate?: boolean;
}

const lookEveryMs = 200;

/** Pictures are released after each turn. Times begin at 0 and go on over the loops. */
export function* play(path: string, options: PlayOptions = {}): Generator<Picture> {
  const { phaseMs = 0, loops = 1, quietGate = true } = options;
  const { config, units } = readFootage(path, 0);
  const lastMs = Math.max(...units.map((unit) => unit.timeMs));
  const loopMs = lastMs + lastMs / (units.length - 1);
  const decoder = new VideoDecoder(config, { skipLoopFilter: true, lowDelay: false });
  const gate = new QuietGate();
  let dueMs = phaseMs;
  const want = (timeMs: number): boolean => {
    if (timeMs < dueMs - 10) return false;
    dueMs += lookEveryMs;
    return true;
  };
  try {
    for (let loop = 0; loop < loops; loop++)
      for (const unit of units) {
        const pictures = decoder.decode({ ...unit, timeMs: unit.timeMs + loop * loopMs }, want);
        for (const picture of pictures) {
          try {
            if (!quietGate || gate.passes(picture)) yield picture;
          } finally {
            picture.release();
          }
        }
      }
  } finally {
    decoder.close();
  }
}

/** The picture shown at a time of a clip. The caller releases it. */
export function pictureAt(path: string, seconds: number): Picture {
  const { config, units } = readFootage(path, 0);
  const decoder = new VideoDecoder(config);
  const shown: Picture[] = [];
  const keep = (pictures: Picture[]): void => {
    shown.push(...pictures);
    for (const picture of shown.splice(0, Math.max(0, shown.length - 1))) picture.release();
  };
  const want = (timeMs: number): boolean => timeMs <= seconds * 1000 + 1;
  for (const unit of units) if (unit.timeMs <= seconds * 1000 + 500) keep(decoder.decode(unit, want));
  keep(decoder.flush(want));
  decoder.close();
  const [last] = shown;
  if (!last) throw new Error(`${path} has no picture at ${seconds} s`);
  return last;
}

class QuietGate {
  readonly #check = new ChangeCheck();
  #lastChangeMs = -Infinity;
  #lastFullMs = -Infinity;

  passes(picture: Picture): boolean {
    const { timeMs } = picture;
    picture.sample(gridCols, gridRows, this.#check.samples);
    if (this.#check.changed()) this.#lastChangeMs = timeMs;
    else if (timeMs - this.#lastChangeMs > 3_000 && timeMs - this.#lastFullMs < 990) return false;
    this.#check.accept();
    this.#lastFullMs = timeMs;
    return true;
  }
}
