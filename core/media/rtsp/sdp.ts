/**
 * Reads a camera's session description (RFC 8866) as cameras write it: missing `v=`, `o=` and `s=` lines, spaces and
 * semicolons at line ends, bare LF, absent rtpmap, odd letter case. Only what a recorder needs is kept.
 */
export interface SdpFormat {
  payloadType: number;
  /** As in rtpmap, in upper case (`H264`, `MPEG4-GENERIC`, `PCMU`); empty when the description does not say. */
  encoding: string;
  clockRate: number;
  channels: number;
  /** Keys in lower case. */
  parameters: Map<string, string>;
}

export interface SdpMedia {
  /** `video`, `audio`, `application`, … */
  type: string;
  formats: SdpFormat[];
  control: string | null;
  /** A talk-back channel: what the camera wants to receive. */
  talkback: boolean;
}

export interface SessionDescription {
  control: string | null;
  media: SdpMedia[];
  /** Directions are written from our side (ONVIF): `recvonly` is what we get, `sendonly` what we may send. */
  clientView: boolean;
}

const staticFormats: Record<number, [encoding: string, clockRate: number]> = {
  0: ['PCMU', 8000],
  3: ['GSM', 8000],
  4: ['G723', 8000],
  8: ['PCMA', 8000],
  9: ['G722', 8000],
  10: ['L16', 44100],
  11: ['L16', 44100],
  14: ['MPA', 90000],
  18: ['G729', 8000],
  26: ['JPEG', 90000],
  31: ['H261', 90000],
  32: ['MPV', 90000],
  33: ['MP2T', 90000],
  34: ['H263', 90000],
};
const maxMedia = 32;
const maxFormats = 16;

/**
 * Null when the text is no session description at all: neither a version nor a media line. `askedToTalk`: the backchannel
 * was required, so `sendonly` beside a video that is not marked so is what we may send.
 */
export function parseSdp(text: string, askedToTalk = false): SessionDescription | null {
  const session: SessionDescription = { control: null, media: [], clientView: false };
  let media: SdpMedia | null = null;
  let recognised = false;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.trim();
    if (line[1] !== '=') continue;
    const value = line.slice(2).trim();
    if (line.startsWith('v=')) recognised = true;
    else if (line.startsWith('m=')) {
      recognised = true;
      media = session.media.length < maxMedia ? parseMediaLine(value) : null;
      if (media) session.media.push(media);
    } else if (line.startsWith('a=')) readAttribute(value, session, media);
  }
  // By the RFC `sendonly` is said by the sender: without a `recvonly` beside it, it is ordinary media.
  const ours =
    session.clientView || (askedToTalk && !session.media.some((each) => each.type === 'video' && each.talkback));
  if (!ours) for (const each of session.media) each.talkback = false;
  return recognised ? session : null;
}

function parseMediaLine(value: string): SdpMedia | null {
  const words = value.split(/\s+/);
  const type = words[0]?.toLowerCase();
  if (!type) return null;
  const formats: SdpFormat[] = [];
  for (const word of words.slice(3, 3 + maxFormats)) {
    const payloadType = Number(/^\d{1,3}/.exec(word)?.[0] ?? NaN);
    if (!(payloadType <= 127)) continue;
    const known = staticFormats[payloadType];
    formats.push({
      payloadType,
      encoding: known?.[0] ?? '',
      clockRate: known?.[1] ?? (type === 'video' ? 90_000 : 8000),
      channels: payloadType === 10 ? 2 : 1,
      parameters: new Map(),
    });
  }
  return { type, formats, control: null, talkback: false };
}

function readAttribute(attribute: string, session: SessionDescription, media: SdpMedia | null): void {
  const colon = attribute.indexOf(':');
  const name = (colon < 0 ? attribute : attribute.slice(0, colon)).trim().toLowerCase();
  const value = colon < 0 ? '' : attribute.slice(colon + 1).trim();
  if (name === 'control') {
    const control = value.replace(/[;\s]+$/, '');
    if (media) media.control = control;
    else session.control = control;
    return;
  }
  if (!media) return;
  if (name === 'sendonly') media.talkback = true;
  else if (name === 'recvonly') session.clientView = true;
  else if (name === 'rtpmap') readRtpmap(value, media);
  else if (name === 'fmtp') readFmtp(value, media);
}

function formatOf(value: string, media: SdpMedia): { format: SdpFormat; rest: string } | null {
  const match = /^(\d{1,3})\s+(.*)$/.exec(value);
  if (!match) return null;
  const payloadType = Number(match[1]);
  const format = media.formats.find((each) => each.payloadType === payloadType);
  return format ? { format, rest: match[2] ?? '' } : null;
}

function readRtpmap(value: string, media: SdpMedia): void {
  const found = formatOf(value, media);
  if (!found) return;
  const [encoding, clock, channels] = found.rest.split('/').map((part) => part.trim());
  if (encoding) found.format.encoding = encoding.toUpperCase();
  const clockRate = Number.parseInt(clock ?? '', 10);
  if (clockRate >= 1000 && clockRate <= 1_000_000) found.format.clockRate = clockRate;
  const count = Number.parseInt(channels ?? '', 10);
  if (count >= 1 && count <= 8) found.format.channels = count;
}

function readFmtp(value: string, media: SdpMedia): void {
  const found = formatOf(value, media);
  if (!found) return;
  for (const part of found.rest.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0)
      found.format.parameters.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
}
