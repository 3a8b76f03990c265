/** What stands in the encoder form, checked against what the camera takes. Rates are typed in kbit/s. */
import type { Encoder, EncoderChange } from '../../../client/onvif.ts';
import { number } from '../../../ui/format.ts';

export interface EncoderDraft {
  codec: Encoder['codec'];
  /** '1920x1080' */
  size: string;
  fps: string;
  kbits: string;
  keyframeEvery: string;
}

const text = (value: number | null): string => (value === null ? '' : String(value));
export const sizeText = ({ width, height }: { width: number; height: number }): string => `${width}x${height}`;

export function encoderDraftOf(encoder: Encoder): EncoderDraft {
  return {
    codec: encoder.codec,
    size: sizeText(encoder),
    fps: text(encoder.fps),
    kbits: text(encoder.bitsPerSecond === null ? null : Math.round(encoder.bitsPerSecond / 1000)),
    keyframeEvery: text(encoder.keyframeEvery),
  };
}

interface Range {
  min: number;
  max: number;
}
export const kbitRange = (range: Range): Range => ({
  min: Math.ceil(range.min / 1000),
  max: Math.floor(range.max / 1000),
});

/** A sentence, or undefined. `whole`: no fractions. */
export function outOf(typed: string, before: string, range: Range | null, whole = true): string | undefined {
  if (range === null || typed === before) return undefined;
  const value = Number(typed);
  if (typed.trim() === '' || !Number.isFinite(value)) return 'Type a number.';
  if (whole && !Number.isInteger(value)) return 'Type a whole number.';
  if (value < range.min || value > range.max) return `From ${number(range.min)} to ${number(range.max)}.`;
  return undefined;
}

/** Only what differs; empty when nothing does. */
export function encoderChanges(encoder: Encoder, draft: EncoderDraft): Omit<EncoderChange, 'token'> {
  const before = encoderDraftOf(encoder);
  const changes: Omit<EncoderChange, 'token'> = {};
  if (draft.codec !== before.codec) changes.codec = draft.codec;
  if (draft.size !== before.size) {
    const [width, height] = draft.size.split('x').map(Number);
    if (width !== undefined && height !== undefined) Object.assign(changes, { width, height });
  }
  if (draft.fps !== before.fps) changes.fps = Number(draft.fps);
  if (draft.kbits !== before.kbits) changes.bitsPerSecond = Number(draft.kbits) * 1000;
  if (draft.keyframeEvery !== before.keyframeEvery) changes.keyframeEvery = Number(draft.keyframeEvery);
  return changes;
}
