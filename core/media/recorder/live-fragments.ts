/**
 * Pictures and the sound between them as fragments of a live view: one at a time as they come, and what has gathered since a
 * keyframe in a few larger ones, so that a viewer who joins has few messages to read before the first picture.
 */
import type { AudioConfig, AudioUnit, MediaUnit, VideoConfig, VideoUnit } from '#core/domain/media.ts';
import { fragmentHead } from '../mp4/fragment.ts';
import { pin } from './unit-memory.ts';

/** The timeline the fragments are on: it begins anew when parameters or time jump. */
export interface Timeline {
  video: VideoConfig;
  audio: AudioConfig | null;
  firstPts: number;
  firstDts: number;
  firstTimeMs: number;
  lastDts: number;
  /** How long the picture before last was, and so most likely the last one. */
  frameTicks: number;
  sequence: number;
}

export interface CatchUp {
  /** The keyframe's own fragment is the first. */
  fragments: { first: VideoUnit; parts: Uint8Array[] }[];
  /** Sound after the last picture: it goes with the next one. */
  restOfSound: AudioUnit[];
}

/** A viewer is looked at between fragments: one who can't keep up is not sent megabytes more. */
const catchUpBytes = 256 * 1024;
/** Sound that does not follow on by more than half of one unit needs a decode time, and so a fragment, of its own. */
const soundSlackShare = 0.5;

/** One picture with the sound that came before it, as buffers. How long it lasts is guessed from the one before. */
export function pictureFragment(timeline: Timeline, unit: VideoUnit, audio: readonly AudioUnit[]): Uint8Array[] {
  return runFragment(timeline, [unit], audio);
}

/** What `units` hold, a keyframe first, on this timeline. Its `lastDts` is that of the keyframe at first, of the last picture then. */
export function catchUp(timeline: Timeline, units: readonly MediaUnit[]): CatchUp {
  const fragments: CatchUp['fragments'] = [];
  let pictures: VideoUnit[] = [];
  let sound: AudioUnit[] = [];
  let waiting: AudioUnit[] = [];
  let bytes = 0;
  const flush = (): void => {
    const [first] = pictures;
    if (!first) return;
    fragments.push({ first, parts: runFragment(timeline, pictures, sound) });
    pictures = [];
    sound = [];
    bytes = 0;
  };
  for (const unit of units) {
    if (unit.kind === 'audio') {
      waiting.push(unit);
      continue;
    }
    const whole = fragments.length === 0 || bytes >= catchUpBytes || !followsOn(timeline, sound, waiting);
    if (pictures.length > 0 && whole) flush();
    pictures.push(unit);
    sound.push(...waiting);
    waiting = [];
    bytes += unit.data.length;
  }
  flush();
  return { fragments, restOfSound: waiting };
}

function followsOn(timeline: Timeline, before: readonly AudioUnit[], next: readonly AudioUnit[]): boolean {
  const rate = timeline.audio?.sampleRate ?? 0;
  const all = [before.at(-1), ...next].filter((unit) => unit !== undefined);
  return all.every((unit, i) => {
    const previous = all[i - 1];
    if (!previous || rate === 0) return true;
    const ticks = (previous.samples * 90_000) / rate;
    return Math.abs(unit.pts90k - previous.pts90k - ticks) <= ticks * soundSlackShare;
  });
}

function runFragment(timeline: Timeline, pictures: readonly VideoUnit[], audio: readonly AudioUnit[]): Uint8Array[] {
  const decodeTime = (pictures[0]?.dts90k ?? timeline.firstDts) - timeline.firstDts;
  const durations: number[] = [];
  pictures.forEach((unit, i) => {
    pin(unit);
    const step = unit.dts90k - timeline.lastDts;
    if (step > 0 && step < 90_000) timeline.frameTicks = step;
    timeline.lastDts = unit.dts90k;
    const next = pictures[i + 1];
    durations.push(next ? next.dts90k - unit.dts90k : timeline.frameTicks);
  });
  const rate = timeline.audio?.sampleRate ?? 0;
  const placed = rate > 0 ? audio.filter((each) => each.pts90k >= timeline.firstPts) : [];
  const [firstAudio] = placed;
  const head = fragmentHead(
    ++timeline.sequence,
    {
      decodeTime,
      durations,
      sizesBytes: pictures.map((unit) => unit.data.length),
      compositionOffsets: pictures.map((unit) => unit.pts90k - unit.dts90k - (timeline.firstPts - timeline.firstDts)),
      key: pictures[0]?.key ?? false,
    },
    firstAudio
      ? {
          decodeTime: ((firstAudio.pts90k - timeline.firstPts) * rate) / 90_000,
          durations: placed.map((each) => each.samples),
          sizesBytes: placed.map((each) => each.data.length),
        }
      : null,
  );
  return [head, ...pictures.map((unit) => unit.data), ...placed.map((each) => each.data)];
}
