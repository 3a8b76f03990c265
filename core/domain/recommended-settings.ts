/**
 * What to change at a camera so that recording, live view and seeking do well: from what its encoders are set to, within
 * what they may be set to. Pure; it proposes, a person decides.
 */
import type { EncoderChange, EncoderState, OnvifDescription } from './onvif.ts';

export interface Recommendation {
  encoder: string;
  /** The profiles' names, for people. */
  profile: string;
  setting: 'codec' | 'fps' | 'bitsPerSecond' | 'keyframeEvery' | 'size';
  from: string;
  to: string;
  why: string;
}
export interface RecommendedSettings {
  list: Recommendation[];
  /** The same as changes, one per encoder. */
  changes: EncoderChange[];
}

type Range = { min: number; max: number } | null;
interface Wanted {
  setting: Recommendation['setting'];
  change: Omit<EncoderChange, 'token'>;
  from: string;
  to: string;
  why: string;
}

const keyframeS = 2;
/** A keyframe interval up to this is left alone: it is no worse. */
const keyframeFineS = 2.5;
const mostMainFps = 30;
const subFps = { least: 10, most: 15 };
const mostSubBits = 1_000_000;

/** Encoders that record and are analysed come first; others of the camera are left as they are. */
export function recommendedSettings(
  encoders: readonly EncoderState[],
  { profiles, chosen }: Pick<OnvifDescription, 'profiles' | 'chosen'>,
): RecommendedSettings {
  const encoderOf = (token: string | null): EncoderState | undefined => {
    const wanted = profiles.find((profile) => profile.token === token)?.video?.encoder;
    return encoders.find((encoder) => encoder.token === wanted);
  };
  const main = encoderOf(chosen.main);
  const sub = encoderOf(chosen.sub);
  const result: RecommendedSettings = { list: [], changes: [] };
  if (main) add(result, main, mainWanted(main));
  // One encoder for both streams: it is the one that records.
  if (sub && sub.token !== main?.token) add(result, sub, subWanted(sub));
  return result;
}

function add(result: RecommendedSettings, encoder: EncoderState, wanted: Wanted[]): void {
  if (wanted.length === 0) return;
  const profile = encoder.profiles.join(', ') || encoder.name;
  for (const { setting, from, to, why } of wanted)
    result.list.push({ encoder: encoder.token, profile, setting, from, to, why });
  result.changes.push(Object.assign({ token: encoder.token }, ...wanted.map(({ change }) => change)) as EncoderChange);
}

function mainWanted(encoder: EncoderState): Wanted[] {
  const codec = codecWanted(encoder, ['h264', 'h265']);
  const fps = fpsWanted(encoder, { least: null, most: mostMainFps }, 'More pictures cost disk space and show no more.');
  return [...codec, ...fps.wanted, ...keyframesWanted(encoder, fps.fps)];
}

function subWanted(encoder: EncoderState): Wanted[] {
  const codec = codecWanted(encoder, ['h264']);
  const fps = fpsWanted(
    encoder,
    subFps,
    'Motion and objects are found in this stream: 10 to 15 pictures per second are enough and not too few.',
  );
  const bits = encoder.bitsPerSecond;
  const to = within(mostSubBits, encoder.options.bitsPerSecond);
  const rate: Wanted[] =
    bits !== null && bits > mostSubBits * 1.05 && to !== null && to < bits
      ? [
          {
            setting: 'bitsPerSecond',
            change: { bitsPerSecond: to },
            from: bitRate(bits),
            to: bitRate(to),
            why: 'The small stream is only analysed and shown small; the network has better uses.',
          },
        ]
      : [];
  return [...codec, ...fps.wanted, ...rate, ...keyframesWanted(encoder, fps.fps)];
}

/** Recording takes H.264 and H.265 as they are; what needs converting costs CPU all day. */
function codecWanted(encoder: EncoderState, fine: EncoderState['codec'][]): Wanted[] {
  if (fine.includes(encoder.codec) || !encoder.options.codecs.includes('h264')) return [];
  const why =
    encoder.codec === 'h265'
      ? 'Every browser shows H.264, and looking at it costs less.'
      : 'It is recorded as it is, without converting, and takes a fraction of the space.';
  return [{ setting: 'codec', change: { codec: 'h264' }, from: codecName(encoder.codec), to: 'H.264', why }];
}

function fpsWanted(
  { fps, options }: EncoderState,
  limits: { least: number | null; most: number },
  why: string,
): { fps: number | null; wanted: Wanted[] } {
  if (fps === null) return { fps, wanted: [] };
  const aim = fps > limits.most ? limits.most : limits.least !== null && fps < limits.least ? limits.least : fps;
  const to = aim === fps ? null : within(aim, options.fps);
  // A camera that can't go far enough is set as far as it goes, never the wrong way.
  if (to === null || to === fps || Math.abs(to - aim) >= Math.abs(fps - aim)) return { fps, wanted: [] };
  const says = (n: number): string => `${round(n)} pictures per second`;
  return { fps: to, wanted: [{ setting: 'fps', change: { fps: to }, from: says(fps), to: says(to), why }] };
}

/** Counted in pictures: a changed picture rate changes it, too. */
function keyframesWanted({ keyframeEvery, fps: before, options }: EncoderState, fps: number | null): Wanted[] {
  if (keyframeEvery === null || fps === null || fps <= 0) return [];
  if (keyframeEvery / fps <= keyframeFineS) return [];
  const to = within(Math.max(1, Math.round(fps * keyframeS)), options.keyframeEvery);
  if (to === null || to >= keyframeEvery) return [];
  return [
    {
      setting: 'keyframeEvery',
      change: { keyframeEvery: to },
      from: `every ${round(keyframeEvery / (before ?? fps))} s (${keyframeEvery} pictures)`,
      to: `every ${round(to / fps)} s (${to} pictures)`,
      why: 'Live view starts and seeking lands at a keyframe: the nearer they are, the faster both go.',
    },
  ];
}

/** The nearest value that the camera takes; null where it does not say what it takes. */
function within(value: number, range: Range): number | null {
  return range === null || range.max < range.min ? null : Math.min(range.max, Math.max(range.min, value));
}

function codecName(codec: EncoderState['codec']): string {
  return { h264: 'H.264', h265: 'H.265', mjpeg: 'motion JPEG', mpeg4: 'MPEG-4', other: 'another codec' }[codec];
}

function bitRate(bits: number): string {
  return bits >= 1_000_000 ? `${round(bits / 1_000_000)} Mbit/s` : `${Math.round(bits / 1_000)} kbit/s`;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
