/** What SetVideoEncoderConfiguration of either media service may change: checked against the options, kept, told back. */
import { invalidArgument } from './soap.ts';
import type { Encoder, World } from './world.ts';

export interface EncoderWish {
  codec: string | undefined;
  width: number | undefined;
  height: number | undefined;
  fps: number | undefined;
  kbps: number | undefined;
  gov: number | undefined;
  quality: number | undefined;
}

/** Throws ter:NoConfig. */
export function encoderOf(world: World, token: string | undefined): Encoder {
  const encoder = world.profiles.find((profile) => profile.encoder.token === token)?.encoder;
  if (!encoder) throw invalidArgument('NoConfig', `There is no video encoder ${token ?? ''}`);
  return encoder;
}

/** Throws ter:ConfigModify and changes nothing unless all of it is within the options. */
export function changeEncoder(encoder: Encoder, wish: EncoderWish): void {
  const refuse = (what: string): never => {
    throw invalidArgument('ConfigModify', `${what} is not among the options`);
  };
  const within = (value: number | undefined, [min, max]: readonly [number, number], what: string): void => {
    if (value !== undefined && !(value >= min && value <= max)) refuse(what);
  };
  if (wish.codec !== undefined && wish.codec !== encoder.codec) refuse(`The encoding ${wish.codec}`);
  const { width = encoder.width, height = encoder.height } = wish;
  if (!encoder.sizes.some((size) => size.width === width && size.height === height)) refuse('The resolution');
  within(wish.fps, encoder.fpsRange, 'The frame rate');
  within(wish.kbps, encoder.kbpsRange, 'The bit rate');
  within(wish.gov, encoder.govRange, 'The keyframe distance');
  Object.assign(encoder, {
    width,
    height,
    fps: wish.fps ?? encoder.fps,
    kbps: wish.kbps ?? encoder.kbps,
    gov: wish.gov ?? encoder.gov,
    quality: wish.quality ?? encoder.quality,
  });
}
