/** The virtual camera's session description (RFC 8866, 6184, 3640) and its status texts. */
import type { Clip } from './clip.ts';

export type AudioKind = 'aac' | 'pcmu' | 'none';

export const reasons: Record<number, string> = {
  200: 'OK',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  453: 'Not Enough Bandwidth',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  503: 'Service Unavailable',
};

/** `clip` gives the pictures, `soundClip` the sound (both streams carry the main clip's). */
export function describe(clip: Clip, soundClip: Clip, audio: AudioKind): string {
  const profile = clip.parameterSets[0]?.toString('hex', 1, 4).toUpperCase() ?? '';
  const sets = clip.parameterSets.map((set) => set.toString('base64')).join(',');
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=Porchlight virtual camera',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    'm=video 0 RTP/AVP 96',
    'a=rtpmap:96 H264/90000',
    `a=fmtp:96 packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sets}`,
    `a=framerate:${clip.fps}`,
    'a=control:trackID=0',
  ];
  if (audio === 'aac' && soundClip.aac) {
    lines.push(
      'm=audio 0 RTP/AVP 97',
      `a=rtpmap:97 mpeg4-generic/${soundClip.aac.sampleRate}/1`,
      'a=fmtp:97 streamtype=5;profile-level-id=15;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;' +
        `config=${soundClip.aac.config.toString('hex')}`,
      'a=control:trackID=1',
    );
  }
  if (audio === 'pcmu') lines.push('m=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=control:trackID=1');
  return `${lines.join('\r\n')}\r\n`;
}
