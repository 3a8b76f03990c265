/**
 * Tries a model on a picture of which is known what it shows. Passing means: it runs, answers with finite numbers, finds at
 * least one of the things that are there, and does not see things everywhere. It does not mean that the model is good.
 */
import { systemClock, type Clock } from '#core/base/clock.ts';
import type { Detection } from '#core/domain/detection.ts';
import { intersectionOverUnion } from '#core/domain/geometry.ts';
import type { SelfTestResult } from '#core/domain/worker-protocol.ts';
import type { Detector } from './detector.ts';
import type { RgbImage } from './families/family.ts';
import { groupOf, type Group } from './tracking/groups.ts';

export interface TestPicture extends RgbImage {
  shown: readonly Pick<Detection, 'label' | 'box'>[];
}

const runs = 5;
const minScore = 0.25;
const sameBox = 0.4;
/** More boxes than this on nothing, and the model sees ghosts. */
const mostGhosts = 5;
/** Above this, five pictures per second of one camera are too much for this machine. */
const slowMs = 200;

const words: Partial<Record<Group, string>> = {
  person: 'the person',
  vehicle: 'the car',
  animal: 'the animal',
  bicycle: 'the bicycle',
};

/** Throws what the model throws: a model that fails has not passed. */
export async function selfTest(
  detector: Pick<Detector, 'detect' | 'info' | 'engine'>,
  picture: TestPicture,
  clock: Clock = systemClock,
): Promise<Omit<SelfTestResult, 'jpeg'>> {
  // The first run of a size is slower: it is what the engine prepares itself in.
  let detections = await detector.detect(picture, minScore);
  const startMs = clock.monoMs();
  for (let n = 0; n < runs; n++) detections = await detector.detect(picture, minScore);
  const meanMs = (clock.monoMs() - startMs) / runs;
  const found = picture.shown.filter((thing) => detections.some((one) => fits(one, thing)));
  const missed = picture.shown.filter((thing) => !found.includes(thing));
  const ghosts = detections.filter((one) => !picture.shown.some((thing) => fits(one, thing))).length;
  const passed = found.length > 0 && ghosts <= mostGhosts;
  const { info, engine } = detector;
  return {
    name: info.name,
    family: info.family,
    engine,
    meanMs,
    detections,
    passed,
    message: sentence(found.map(wordOf), missed.map(wordOf), ghosts, meanMs),
  };
}

function fits(detection: Detection, thing: Pick<Detection, 'label' | 'box'>): boolean {
  return (
    groupOf(detection.label) === groupOf(thing.label) && intersectionOverUnion(detection.box, thing.box) >= sameBox
  );
}

function wordOf({ label }: Pick<Detection, 'label'>): string {
  return words[groupOf(label)] ?? label;
}

function sentence(found: string[], missed: string[], ghosts: number, meanMs: number): string {
  const parts: string[] = [];
  if (found.length === 0) parts.push(`It runs, but does not find ${missed.join(' or ')} in the test picture.`);
  else {
    const but = missed.length > 0 ? `, but not ${missed.join(' or ')}` : '';
    parts.push(`It finds ${found.join(' and ')} in the test picture${but}.`);
  }
  if (ghosts > 0) parts.push(`It also reports ${ghosts === 1 ? 'a thing' : `${ghosts} things`} where nothing is.`);
  parts.push(
    `One look takes ${Math.round(meanMs)} ms on this machine${meanMs > slowMs ? ', which is too slow for several cameras' : ''}.`,
  );
  parts.push('The picture is a drawing: watch the first days of real events, too.');
  return parts.join(' ');
}
