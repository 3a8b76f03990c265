/**
 * The media profiles of a camera and where their streams and still pictures are (Media service ver10, Media2 ver20).
 * Invariants: at most 32 profiles, two questions at a time; a profile that both services name is told once, from Media2;
 * no address leaves here that the one-address rule did not allow.
 */
import type { OnvifAudio, OnvifProfile, OnvifVideo } from '#core/domain/onvif.ts';
import type { Attempts } from './attempts.ts';
import type { OnvifConnection, XmlElement } from './soap-port.ts';
import { at, child, childrenOf, escapeXml, numberAt, asNumber, textAt } from './tree.ts';

const mostProfiles = 32;
const atATime = 2;
const media1 = 'http://www.onvif.org/ver10/media/wsdl';
const media2 = 'http://www.onvif.org/ver20/media/wsdl';

/** Never throws but for what ends the whole attempt (a refused password, a cancelled call). */
export async function readProfiles(connection: OnvifConnection, attempts: Attempts): Promise<OnvifProfile[]> {
  const newer = connection.has('media2') ? await profilesOf2(connection, attempts, connection.has('media1')) : [];
  const older = connection.has('media1') ? await profilesOf1(connection, attempts, newer.length > 0) : [];
  const names = new Set(newer.map((profile) => profile.token));
  const all = [...newer, ...older.filter((profile) => !names.has(profile.token))];
  if (all.length > mostProfiles) attempts.note(`It names ${all.length} profiles; the first ${mostProfiles} are used.`);
  const profiles = all.slice(0, mostProfiles);
  const queue = [...profiles];
  const work = async (): Promise<void> => {
    for (;;) {
      const profile = queue.shift();
      if (profile === undefined) return;
      const both = names.has(profile.token) && older.some((other) => other.token === profile.token);
      profile.streamUrl = await streamOf(connection, attempts, profile, both);
      profile.snapshotUrl = await snapshotOf(connection, attempts, profile);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return profiles;
}

async function profilesOf1(
  connection: OnvifConnection,
  attempts: Attempts,
  optional: boolean,
): Promise<OnvifProfile[]> {
  const request = { to: 'media1', action: `${media1}/GetProfiles`, body: '<trt:GetProfiles/>' } as const;
  const answer = await (optional
    ? attempts.perhaps(() => connection.call(request))
    : attempts.expect('Its profiles', () => connection.call(request)));
  return childrenOf(answer, 'Profiles').flatMap((element) => {
    const encoder = child(element, 'VideoEncoderConfiguration');
    const sound = child(element, 'AudioEncoderConfiguration');
    return profileOf(element, 'media1', {
      source: textAt(element, 'VideoSourceConfiguration', 'SourceToken'),
      video: encoder && videoOf(encoder),
      audio: sound && audioOf(sound),
      ptz: child(element, 'PTZConfiguration') !== null,
    });
  });
}

/** `optional`: the older service is there to answer in its place. */
async function profilesOf2(
  connection: OnvifConnection,
  attempts: Attempts,
  optional: boolean,
): Promise<OnvifProfile[]> {
  const ask = (types: string): Promise<XmlElement> =>
    connection.call({
      to: 'media2',
      action: `${media2}/GetProfiles`,
      body: `<tr2:GetProfiles>${types}</tr2:GetProfiles>`,
    });
  const each = ['VideoSource', 'VideoEncoder', 'AudioEncoder', 'PTZ'].map((type) => `<tr2:Type>${type}</tr2:Type>`);
  const answer =
    (await attempts.perhaps(() => ask('<tr2:Type>All</tr2:Type>'))) ??
    (await (optional
      ? attempts.perhaps(() => ask(each.join('')))
      : attempts.expect('Its profiles (Media2)', () => ask(each.join('')))));
  return childrenOf(answer, 'Profiles').flatMap((element) => {
    const inside = child(element, 'Configurations');
    const encoder = child(inside, 'VideoEncoder');
    const sound = child(inside, 'AudioEncoder');
    return profileOf(element, 'media2', {
      source: textAt(inside, 'VideoSource', 'SourceToken'),
      video: encoder && videoOf(encoder),
      audio: sound && audioOf(sound),
      ptz: child(inside, 'PTZ') !== null,
    });
  });
}

function profileOf(
  element: XmlElement,
  service: OnvifProfile['service'],
  rest: Pick<OnvifProfile, 'video' | 'audio' | 'ptz'> & { source: string | null },
): OnvifProfile[] {
  const token = element.attributes['token'];
  if (token === undefined || token === '' || token.length > 256) return [];
  const name = (textAt(element, 'Name') ?? token).slice(0, 128);
  const source = rest.source ?? '';
  return [{ token, name, service, ...rest, source, streamUrl: null, snapshotUrl: null }];
}

function videoOf(element: XmlElement): OnvifVideo {
  const count = (value: number | null, most: number): number | null =>
    value !== null && value > 0 && value <= most ? value : null;
  const governed =
    asNumber(element.attributes['GovLength']) ??
    numberAt(element, 'H264', 'GovLength') ??
    numberAt(element, 'H265', 'GovLength') ??
    numberAt(element, 'MPEG4', 'GovLength');
  return {
    codec: videoCodec(textAt(element, 'Encoding') ?? ''),
    width: Math.round(count(numberAt(element, 'Resolution', 'Width'), 32_768) ?? 0),
    height: Math.round(count(numberAt(element, 'Resolution', 'Height'), 32_768) ?? 0),
    fps: count(numberAt(element, 'RateControl', 'FrameRateLimit'), 240),
    bitsPerSecond: kilo(numberAt(element, 'RateControl', 'BitrateLimit'), 1_000_000),
    keyframeEvery: count(governed, 100_000),
    encoder: (element.attributes['token'] ?? '').slice(0, 256),
  };
}

function audioOf(element: XmlElement): OnvifAudio {
  return {
    codec: audioCodec(textAt(element, 'Encoding') ?? ''),
    sampleRate: kilo(numberAt(element, 'SampleRate'), 1_000),
    bitsPerSecond: kilo(numberAt(element, 'Bitrate'), 2_000),
  };
}

/** The schema says thousands; some cameras say ones. `most`: the largest number that can mean thousands. */
function kilo(value: number | null, most: number): number | null {
  if (value === null || value <= 0 || value > 1e9) return null;
  return Math.round(value > most ? value : value * 1000);
}

function videoCodec(encoding: string): OnvifVideo['codec'] {
  const plain = encoding.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (/^(H264|AVC)/.test(plain)) return 'h264';
  if (/^(H265|HEVC)/.test(plain)) return 'h265';
  if (/^(M?JPEG)/.test(plain)) return 'mjpeg';
  return /^(MPEG4|MPV4)/.test(plain) ? 'mpeg4' : 'other';
}

function audioCodec(encoding: string): OnvifAudio['codec'] {
  const plain = encoding.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (/^(AAC|MP4A|MPEG4GENERIC)/.test(plain)) return 'aac';
  if (/^(G711|PCMU)/.test(plain)) return 'pcmu';
  if (plain.startsWith('G726')) return 'g726';
  return plain.startsWith('OPUS') ? 'opus' : 'other';
}

const token1 = (profile: OnvifProfile): string => `<trt:ProfileToken>${escapeXml(profile.token)}</trt:ProfileToken>`;
const token2 = (profile: OnvifProfile): string => `<tr2:ProfileToken>${escapeXml(profile.token)}</tr2:ProfileToken>`;

/** `both`: the older service knows this profile as well and may answer where the newer one does not. */
async function streamOf(
  connection: OnvifConnection,
  attempts: Attempts,
  profile: OnvifProfile,
  both: boolean,
): Promise<string | null> {
  const setup =
    '<trt:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport><tt:Protocol>RTSP</tt:Protocol></tt:Transport></trt:StreamSetup>';
  const older = (): Promise<XmlElement> =>
    connection.call({
      to: 'media1',
      action: `${media1}/GetStreamUri`,
      body: `<trt:GetStreamUri>${setup}${token1(profile)}</trt:GetStreamUri>`,
    });
  const newer = (protocol: string) => (): Promise<XmlElement> =>
    connection.call({
      to: 'media2',
      action: `${media2}/GetStreamUri`,
      body: `<tr2:GetStreamUri><tr2:Protocol>${protocol}</tr2:Protocol>${token2(profile)}</tr2:GetStreamUri>`,
    });
  const ways = profile.service === 'media1' ? [older] : [newer('RTSP'), newer('RtspUnicast'), ...(both ? [older] : [])];
  let named: string | null = null;
  for (const [index, way] of ways.entries()) {
    const last = index === ways.length - 1;
    const answer = await (last && named === null
      ? attempts.expect(`The stream address of '${profile.name}'`, way)
      : attempts.perhaps(way));
    const address = addressIn(answer);
    const url = address === null ? null : connection.allowed(address, 'rtsp');
    if (url !== null) return url;
    named ??= address;
  }
  if (named !== null) attempts.note(`The stream address of '${profile.name}' is none that Porchlight can use.`);
  return null;
}

async function snapshotOf(
  connection: OnvifConnection,
  attempts: Attempts,
  profile: OnvifProfile,
): Promise<string | null> {
  const answer = await attempts.perhaps(() =>
    profile.service === 'media1'
      ? connection.call({
          to: 'media1',
          action: `${media1}/GetSnapshotUri`,
          body: `<trt:GetSnapshotUri>${token1(profile)}</trt:GetSnapshotUri>`,
        })
      : connection.call({
          to: 'media2',
          action: `${media2}/GetSnapshotUri`,
          body: `<tr2:GetSnapshotUri>${token2(profile)}</tr2:GetSnapshotUri>`,
        }),
  );
  const address = addressIn(answer);
  return address === null ? null : connection.allowed(address, 'http');
}

/** Media says MediaUri/Uri, Media2 says Uri; some cameras answer one in the way of the other. */
function addressIn(answer: XmlElement | null): string | null {
  return textAt(answer, 'MediaUri', 'Uri') ?? textAt(answer, 'Uri') ?? at(answer, 'MediaUri')?.text.trim() ?? null;
}
