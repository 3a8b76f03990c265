/** What a person could change at a camera, from what its stream was measured to be. */
import type { AudioConfig, VideoConfig } from '#core/domain/media.ts';

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

/** Most useful first. `hasSub`: a small stream was found as well, so that nobody has to be told to add it. */
export function adviceFor(offer: Omit<Offer, 'keyframe'>, hasSub = false): string[] {
  const { video, audio, fps, bitsPerSecond, keyframeIntervalMs } = offer;
  const advice: string[] = [];
  if (keyframeIntervalMs !== null && keyframeIntervalMs > 4_500)
    advice.push(
      `A keyframe comes only every ${Math.round(keyframeIntervalMs / 1_000)} s: live start and seeking will be slow. Set the keyframe (I-frame) interval to 1-2 s.`,
    );
  else if (keyframeIntervalMs === null)
    advice.push(
      'No second keyframe came while it was tried: live start and seeking may be slow. If they are, set the keyframe (I-frame) interval to 1-2 s.',
    );
  if (video.codec === 'h265')
    advice.push(
      'This is H.265. Not every browser shows it; if yours does not, set the camera or its sub stream to H.264.',
    );
  if (!hasSub && video.width * video.height > 1_000_000)
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
