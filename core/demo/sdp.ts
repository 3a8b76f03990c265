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
  551: 'Option not supported',
};

function videoLines({ codec = 'h264', parameterSets }: Clip): string[] {
  const sets = parameterSets.map((set) => set.toString('base64'));
  if (codec === 'h265') {
    const [vps = '', sps = '', pps = ''] = sets;
    return ['a=rtpmap:96 H265/90000', `a=fmtp:96 sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`];
  }
  const profile = parameterSets[0]?.toString('hex', 1, 4).toUpperCase() ?? '';
  const format = `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sets.join(',')}`;
  return ['a=rtpmap:96 H264/90000', `a=fmtp:96 ${format}`];
}

/** Answers to DESCRIBE that describe nothing. */
export function garbage(form: 'noise' | 'no_media' | 'huge'): string {
  const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
  if (form === 'no_media') return `${head.join('\r\n')}\r\n`;
  if (form === 'huge')
    return `${[...head, ...Array.from({ length: 200_000 }, (_, i) => `a=x-${i}:${'y'.repeat(30)}`)].join('\r\n')}\r\n`;
  return Array.from(
    { length: 40 },
    (_, i) => `${String.fromCharCode(33 + ((i * 37) % 90))}=\u0001\u007f${'<>'.repeat(i)}\r\nm=video x y z`,
  ).join('\n');
}

/**
 * `clip` gives the pictures, `soundClip` the sound (both streams carry the main clip's). `talk`: the backchannel too (ONVIF
 * Streaming 5.3: the client sends what is marked sendonly).
 */
export function describe(clip: Clip, soundClip: Clip, audio: AudioKind, talk: boolean): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=Porchlight virtual camera',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    'm=video 0 RTP/AVP 96',
    ...videoLines(clip),
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
  if (talk) lines.push('m=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=sendonly', 'a=control:trackID=2');
  return `${lines.join('\r\n')}\r\n`;
}
