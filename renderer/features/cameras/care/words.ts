/** What the care of a camera says: drift, watch states, encoders. Pure. */
import type { Care, Encoder } from '../../../client/onvif.ts';
import { counted, number } from '../../../ui/format.ts';

/** Nobody sees a second, and the way to the camera takes a part of it. */
const exactMs = 1500;

export function driftWords({ cameraMs, offsetMs }: Care['clock']): string {
  if (cameraMs === null) return 'The camera does not tell its time.';
  if (Math.abs(offsetMs) < exactMs) return 'The camera’s clock is right.';
  return `The camera’s clock is ${spanWords(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}.`;
}

function spanWords(ms: number): string {
  const units: [number, string][] = [
    [365.25 * 86_400_000, 'year'],
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1000, 'second'],
  ];
  for (const [length, word] of units) {
    if (ms >= length * 0.95) return counted(Math.round(ms / length), word);
  }
  return counted(1, 'second');
}

export const codecWords: Record<Encoder['codec'], string> = {
  h264: 'H.264',
  h265: 'H.265',
  mjpeg: 'MJPEG',
  mpeg4: 'MPEG-4',
  other: 'Another codec',
};

export function bitrateWords(bitsPerSecond: number | null): string {
  if (bitsPerSecond === null) return 'not said';
  return bitsPerSecond >= 1e6 ? `${number(bitsPerSecond / 1e6)} Mbit/s` : `${number(bitsPerSecond / 1e3)} kbit/s`;
}

/** "every 2 s (40 pictures)" */
export function keyframeWords(every: number | null, fps: number | null): string {
  if (every === null) return 'not said';
  const pictures = counted(every, 'picture');
  return fps === null || fps <= 0 ? `every ${pictures}` : `every ${number(every / fps)} s (${pictures})`;
}

export const watchWords: Record<
  NonNullable<Care['watch']>['state'],
  { word: string; tone: 'good' | 'wait' | 'bad' | 'off' }
> = {
  connecting: { word: 'Asking for them…', tone: 'wait' },
  watching: { word: 'Coming in', tone: 'good' },
  retrying: { word: 'Lost; trying again', tone: 'bad' },
  refused: { word: 'Refused by the camera', tone: 'bad' },
  unsupported: { word: 'Not offered by this camera', tone: 'off' },
};
