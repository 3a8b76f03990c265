/** The answers that the devices of odd-onvif-makers.ts share, as trees; the maker's dress makes them differ on the wire. */
import type { Maker, OddDevice } from './odd-onvif-device.ts';
import { uris, x, type El } from './odd-xml.ts';

type Answers = ReturnType<Maker['answers']>;

export function timeOf(ms: number, words: { local?: boolean; type?: string; zone?: string } = {}): El {
  const time = new Date(ms);
  const dateTime = x(
    words.local === true ? 'tt:LocalDateTime' : 'tt:UTCDateTime',
    x(
      'tt:Time',
      x('tt:Hour', String(time.getUTCHours())),
      x('tt:Minute', String(time.getUTCMinutes())),
      x('tt:Second', String(time.getUTCSeconds())),
    ),
    x(
      'tt:Date',
      x('tt:Year', String(time.getUTCFullYear())),
      x('tt:Month', String(time.getUTCMonth() + 1)),
      x('tt:Day', String(time.getUTCDate())),
    ),
  );
  return x(
    'tds:GetSystemDateAndTimeResponse',
    x(
      'tds:SystemDateAndTime',
      x('tt:DateTimeType', words.type ?? 'Manual'),
      x('tt:DaylightSavings', 'true'),
      x('tt:TimeZone', x('tt:TZ', words.zone ?? 'CST-8:00:00')),
      dateTime,
    ),
  );
}

export const information = (make: string, model: string): El =>
  x(
    'tds:GetDeviceInformationResponse',
    x('tds:Manufacturer', make),
    x('tds:Model', model),
    x('tds:FirmwareVersion', 'V5.5.0 build 170725'),
    x('tds:SerialNumber', ''),
    x('tds:HardwareId', '88'),
  );

/** `places`: prefix of a service's namespace, and its address. */
export const services = (places: Record<string, string>): El =>
  x(
    'tds:GetServicesResponse',
    Object.entries(places).map(([prefix, address]) =>
      x(
        'tds:Service',
        x('tds:Namespace', uris[prefix] ?? ''),
        x('tds:XAddr', address),
        x('tds:Version', x('tt:Major', '2'), x('tt:Minor', '60')),
      ),
    ),
  );

export interface Video {
  token: string;
  name?: string;
  codec: string | null;
  width?: number;
  height?: number;
  source?: string;
  ptz?: boolean;
}

const size = ({ width = 1280, height = 720 }: Video): El =>
  x('tt:Resolution', x('tt:Width', String(width)), x('tt:Height', String(height)));

const profile1 = (video: Video): El =>
  x(
    'trt:Profiles',
    { token: video.token, fixed: 'true' },
    x('tt:Name', video.name ?? video.token),
    x(
      'tt:VideoSourceConfiguration',
      { token: 'vsc' },
      x('tt:Name', 'vsc'),
      x('tt:SourceToken', video.source ?? 'src0'),
    ),
    video.codec === null
      ? []
      : x(
          'tt:VideoEncoderConfiguration',
          { token: `enc_${video.token}` },
          x('tt:Name', 'encoder'),
          x('tt:UseCount', '1'),
          x('tt:Encoding', video.codec),
          size(video),
          x('tt:Quality', '4'),
          x(
            'tt:RateControl',
            x('tt:FrameRateLimit', '25'),
            x('tt:EncodingInterval', '1'),
            x('tt:BitrateLimit', '2048'),
          ),
          video.codec === 'H264' ? x('tt:H264', x('tt:GovLength', '50'), x('tt:H264Profile', 'Main')) : [],
        ),
    video.ptz === true ? x('tt:PTZConfiguration', { token: 'ptz0' }, x('tt:NodeToken', 'node0')) : [],
    x('tt:MetadataConfiguration', { token: 'meta' }, x('tt:Name', 'metadata')),
  );

export const profile2 = (video: Video): El =>
  x(
    'tr2:Profiles',
    { token: video.token },
    x('tr2:Name', video.name ?? video.token),
    x(
      'tr2:Configurations',
      x('tr2:VideoSource', { token: 'vsc' }, x('tt:Name', 'vsc'), x('tt:SourceToken', video.source ?? 'src0')),
      video.codec === null
        ? []
        : x(
            'tr2:VideoEncoder',
            { token: `enc_${video.token}`, GovLength: '40', Profile: 'Main' },
            x('tt:Name', 'encoder'),
            x('tt:Encoding', video.codec),
            size(video),
            x(
              'tt:RateControl',
              { ConstantBitRate: 'true' },
              x('tt:FrameRateLimit', '20'),
              x('tt:BitrateLimit', '3072'),
            ),
            x('tt:Quality', '4'),
          ),
    ),
  );

/** The text of an element in a question, whatever its prefix. */
export const said = (message: string, name: string): string =>
  new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(message)?.[1] ?? '';

export const media1 = (device: OddDevice, profiles: readonly Video[], host = '192.168.1.10'): Answers => ({
  [`${uris['trt']} GetProfiles`]: x('trt:GetProfilesResponse', profiles.map(profile1)),
  [`${uris['trt']} GetStreamUri`]: ({ message }) => ({
    ...x(
      'trt:GetStreamUriResponse',
      x(
        'trt:MediaUri',
        x('tt:Uri', `${device.rtsp.replace('127.0.0.1', host)}/${said(message, 'ProfileToken')}`),
        x('tt:InvalidAfterConnect', 'false'),
      ),
    ),
  }),
  [`${uris['trt']} GetSnapshotUri`]: x(
    'trt:GetSnapshotUriResponse',
    x('trt:MediaUri', x('tt:Uri', `http://${host}:${device.port}/snap.jpg?usr=&pwd=`)),
  ),
});

export const range = (name: string, min: number, max: number): El =>
  x(`tt:${name}`, x('tt:Min', String(min)), x('tt:Max', String(max)));
export const streams: readonly Video[] = [
  { token: 'main', codec: 'H264' },
  { token: 'sub', codec: 'H264', width: 640, height: 360 },
];
