/** Which media of a camera's description are pulled. Throws the HubError that says why there is nothing to record. */
import { clean } from '#core/base/clean-text.ts';
import { failure, type CameraPlace } from './camera-failure.ts';
import { parseSdp, type SdpFormat, type SdpMedia } from './sdp.ts';

export interface ChosenVideo {
  codec: 'h264' | 'h265';
  format: SdpFormat;
  control: string | null;
}

export interface Chosen {
  video: ChosenVideo;
  /** Sound in the order to try; a format among them may turn out not to be recordable. */
  audio: { format: SdpFormat; control: string | null }[];
  /** Of the whole session. */
  control: string | null;
}

const names: Record<string, string> = {
  JPEG: 'Motion JPEG',
  'MP4V-ES': 'MPEG-4 part 2',
  MPV: 'MPEG-1/2',
  H263: 'H.263',
  'H263-1998': 'H.263',
  H261: 'H.261',
  MP2T: 'an MPEG transport stream',
  H266: 'H.266',
};

export function chooseTracks(place: CameraPlace, description: string): Chosen {
  const sdp = parseSdp(description);
  if (sdp === null) {
    throw failure(
      place,
      'camera_bad_description',
      'describes its stream in a way that can’t be read. Check that the address is that of a video stream; a firmware update may help.',
    );
  }
  const videos = sdp.media.filter((media) => media.type === 'video' && media.formats.length > 0 && !media.talkback);
  for (const media of videos) {
    for (const format of media.formats) {
      const codec = codecOf(format);
      if (!codec) continue;
      return { video: { codec, format, control: media.control }, audio: soundOf(sdp.media), control: sdp.control };
    }
  }
  const other = videos[0]?.formats[0];
  if (other) {
    const name = names[other.encoding] ?? (other.encoding === '' ? 'an unnamed format' : clean(other.encoding));
    throw failure(
      place,
      'camera_unsupported_codec',
      `sends its video as ${name}, which can't be recorded as it is. Set the camera's video to H.264 or H.265.`,
    );
  }
  throw failure(
    place,
    'camera_no_video',
    'offers no video at this address. Check the path: it may be the address of a sound-only stream.',
  );
}

function codecOf(format: SdpFormat): 'h264' | 'h265' | null {
  if (format.encoding === 'H264') return 'h264';
  if (format.encoding === 'H265' || format.encoding === 'HEVC') return 'h265';
  // No rtpmap: the parameter sets give it away.
  if (format.encoding === '' && format.parameters.has('sprop-parameter-sets')) return 'h264';
  if (format.encoding === '' && format.parameters.has('sprop-sps')) return 'h265';
  return null;
}

function soundOf(media: SdpMedia[]): { format: SdpFormat; control: string | null }[] {
  return media
    .filter((each) => each.type === 'audio' && !each.talkback)
    .flatMap((each) => each.formats.slice(0, 1).map((format) => ({ format, control: each.control })));
}
