/** One keyframe as a JPEG: what a camera's snapshot address answers. For child processes only. */
import { HubError } from '#core/base/errors.ts';
import { VideoDecoder } from './video-decoder.ts';

/** `data`: the keyframe's NAL units with 4-byte lengths. Throws `unavailable` for what is no keyframe. */
export function jpegOfKeyframe(source: {
  codec: 'h264' | 'h265';
  parameterSets: readonly Buffer[];
  data: Uint8Array;
}): Buffer {
  const decoder = new VideoDecoder({ codec: source.codec, parameterSets: [...source.parameterSets] });
  try {
    const pictures = [...decoder.decode({ timeMs: 0, key: true, data: source.data }), ...decoder.flush()];
    const [first] = pictures;
    try {
      if (!first) throw new HubError('unavailable', 'There is no picture to show.');
      return first.jpeg({ quality: 80 });
    } finally {
      for (const picture of pictures) picture.release();
    }
  } finally {
    decoder.close();
  }
}
