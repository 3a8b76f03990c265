/**
 * Makers of cameras, as data: what is known of real programs (gSOAP firmware, boards for a few coins, Media2 only cameras,
 * doorbells at port 2020, two lenses in one house), each with the manners that trip clients up.
 */
import type { Maker, OddDevice, Question, Reply } from './odd-onvif-device.ts';
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

const information = (make: string, model: string): El =>
  x(
    'tds:GetDeviceInformationResponse',
    x('tds:Manufacturer', make),
    x('tds:Model', model),
    x('tds:FirmwareVersion', 'V5.5.0 build 170725'),
    x('tds:SerialNumber', ''),
    x('tds:HardwareId', '88'),
  );

/** `places`: prefix of a service's namespace, and its address. */
const services = (places: Record<string, string>): El =>
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

interface Video {
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

const profile2 = (video: Video): El =>
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

const media1 = (device: OddDevice, profiles: readonly Video[], host = '192.168.1.10'): Answers => ({
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

// ---------------------------------------------------------------- makers

const range = (name: string, min: number, max: number): El =>
  x(`tt:${name}`, x('tt:Min', String(min)), x('tt:Max', String(max)));
/** Three hundred places that nobody named, as the factory left them. */
const presets = Array.from({ length: 300 }, (_, index) => x('tptz:Preset', { token: String(index + 1) }, x('tt:Name')));
const degrees = 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/SphericalPositionSpaceDegrees';

/** Firmware on gSOAP: tokens only, its clock eight years behind though it says NTP; a dome that knows positions alone. */
export const gsoap: Maker = {
  path: '/onvif/device_service',
  dress: { version: '1.2', prefixes: { s: 'SOAP-ENV', wsa: 'wsa5' }, many: true },
  faultStatus: 400,
  guard: 'wsse',
  open: ['GetSystemDateAndTime'],
  clockMs: -8 * 365 * 86_400_000,
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs(), { type: 'NTP', zone: 'GMT+25:99' }),
    GetServices: services({
      tds: `http://192.168.1.64/onvif/device_service`,
      // The newer media service stands first; it has no stream for us.
      tr2: `http://192.168.1.64/onvif/Media2`,
      trt: `http://192.168.1.64/onvif/Media`,
      tptz: `http://192.168.1.64/onvif/PTZ`,
      timg: `http://192.168.1.64/onvif/Imaging`,
    }),
    GetDeviceInformation: information('HIK', 'DS-2DE4A425'),
    ...media1(device, [
      { token: 'main', codec: 'H264', ptz: true },
      { token: 'sub', codec: 'H264', width: 640, height: 360, ptz: true },
    ]),
    GetNode: x(
      'tptz:GetNodeResponse',
      x(
        'tptz:PTZNode',
        { token: 'node0' },
        x(
          'tt:SupportedPTZSpaces',
          x('tt:AbsolutePanTiltPositionSpace', x('tt:URI', degrees), range('XRange', 0, 360), range('YRange', -15, 90)),
        ),
        x('tt:MaximumNumberOfPresets', '300'),
        x('tt:HomeSupported', 'false'),
      ),
    ),
    GetPresets: x('tptz:GetPresetsResponse', presets),
    GetStatus: x(
      'tptz:GetStatusResponse',
      x('tptz:PTZStatus', x('tt:Position', x('tt:PanTilt', { x: '180', y: '37.5', space: degrees }))),
    ),
    AbsoluteMove: x('tptz:AbsoluteMoveResponse'),
    GotoPreset: x('tptz:GotoPresetResponse'),
    GetOptions: x(
      'timg:GetOptionsResponse',
      x(
        'timg:ImagingOptions',
        x('tt:IrCutFilterModes', 'ON'),
        x('tt:IrCutFilterModes', 'AUTO'),
        range('Sharpness', 0, 100),
      ),
    ),
    GetImagingSettings: x('timg:GetImagingSettingsResponse', x('timg:ImagingSettings', x('tt:Sharpness', '50'))),
  }),
};

/** HTTP digest alone, for everything; a token in the message is a bad request. Chunks in small pieces. */
export const digestOnly: Maker = {
  path: '/onvif/services',
  dress: { version: '1.2', prefixes: { s: 'env' } },
  guard: 'digest',
  open: [],
  tokenStatus: 400,
  send: 'chunked',
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs()),
    GetServices: services({ trt: `http://127.0.0.1:${device.port}/onvif/services`, tev: '/onvif/events' }),
    GetDeviceInformation: information('Bosch', 'Dinion'),
    ...media1(device, [
      { token: 'main', codec: 'H264' },
      { token: 'sub', codec: 'H264', width: 640, height: 360 },
    ]),
  }),
};

/** The same, but the clock and the services are open: the first challenge comes late, and not to a message with a token. */
export const digestLate: Maker = { ...digestOnly, open: ['GetSystemDateAndTime', 'GetServices'] };

/** A board for a few coins: no GetServices, SOAP 1.1, addresses of nowhere, local time, the connection's end for a length. */
export const board: Maker = {
  path: '/onvif/device_service',
  dress: { version: '1.1', prefixes: { s: 'SOAP-ENV', tt: 'ns1', tds: 'ns2', trt: 'ns3' }, after: '\r\n\0\0' },
  faultStatus: 500,
  guard: 'wsse',
  open: ['GetSystemDateAndTime', 'GetCapabilities'],
  send: 'until-close',
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs(), { local: true, type: 'MANUAL', zone: '' }),
    GetCapabilities: x(
      'tds:GetCapabilitiesResponse',
      x(
        'tds:Capabilities',
        x('tt:Device', x('tt:XAddr', 'http://0.0.0.0:8899/onvif/device_service')),
        x('tt:Media', x('tt:XAddr', 'http://0.0.0.0:8899/onvif/Media')),
        x('tt:Events', x('tt:XAddr', `http://localhost:${device.port}/onvif/Events`)),
      ),
    ),
    GetDeviceInformation: information('H264', 'HI3518E'),
    ...media1(
      device,
      [
        { token: '000', name: '', codec: 'H264' },
        { token: '001', codec: 'H264', width: 704, height: 576 },
      ],
      '0.0.0.0',
    ),
  }),
};

/** Media2 alone, H.265, relative addresses; the XML is as odd as it may be. */
export const modern: Maker = {
  path: '/onvif/device_service',
  dress: {
    version: '1.2',
    bare: true,
    backwards: true,
    noise: true,
    before: '\ufeff<?xml version="1.0" encoding="UTF-16" ?>\r\n<!-- made by hand -->\r\n',
    between: '\r\n\t',
    header: x('wsa:Action', 'anything'),
  },
  faultStatus: 500,
  guard: 'wsse',
  send: 'chunked',
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs()),
    GetServices: services({ tds: '/onvif/device_service', tr2: 'media2_service', timg: '/onvif/imaging' }),
    GetDeviceInformation: information('Hanwha', 'XNV'),
    [`${uris['tr2']} GetProfiles`]: x(
      'tr2:GetProfilesResponse',
      [
        { token: 'sub', codec: 'H264', width: 640, height: 360 },
        { token: 'main', codec: 'H265', width: 3840, height: 2160 },
      ].map(profile2),
    ),
    [`${uris['tr2']} GetStreamUri`]: ({ message }) =>
      x('tr2:GetStreamUriResponse', x('tr2:Uri', `${device.rtsp}/${said(message, 'ProfileToken')}`)),
    [`${uris['tr2']} GetSnapshotUri`]: x('tr2:GetSnapshotUriResponse', x('tr2:Uri', '/cgi-bin/snap.cgi?ch=1')),
  }),
};

/** A page in HTML for a refused password, without a word on how to ask. */
export const htmlDoor: Maker = { ...modern, dress: { version: '1.2' }, guard: 'html' };
/** HTTP 200 with a fault of SOAP 1.1 for a refused password. */
export const politeDoor: Maker = { ...modern, dress: { version: '1.1' }, faultStatus: 200 };

/** Two lenses, a profile without a picture, one with metadata alone, a sub stream in JPEG. */
export const twoLenses: Maker = {
  path: '/onvif/device_service',
  dress: { version: '1.2', prefixes: { tt: 'onvif' } },
  guard: 'none',
  send: 'plain',
  answers: (device) => ({
    GetSystemDateAndTime: x(
      'tds:GetSystemDateAndTimeResponse',
      x('tds:SystemDateAndTime', x('tt:DateTimeType', 'NTP')),
    ),
    GetServices: services({ trt: 'http://10.0.0.2/onvif/media', tptz: 'http://10.0.0.2/onvif/ptz' }),
    GetDeviceInformation: information('Reolink', 'Duo'),
    ...media1(device, [
      { token: 'empty', codec: null },
      { token: 'wide_jpeg', codec: 'JPEG', width: 640, height: 360 },
      { token: 'wide_sub', codec: 'H264', width: 640, height: 360 },
      { token: 'wide', codec: 'H264', width: 2560, height: 1440 },
      { token: 'tele', codec: 'H264', width: 3840, height: 2160, source: 'src1', ptz: true },
    ]),
    GetNodes: x('tptz:GetNodesResponse', x('tptz:PTZNode', { token: 'node0' }, x('tt:SupportedPTZSpaces'))),
    ContinuousMove: x('tptz:ContinuousMoveResponse'),
    Stop: x('tptz:StopResponse'),
  }),
};

const notice = (topic: string, operation: string, source: Record<string, string>, data: Record<string, string>): El => {
  const items = (name: string, values: Record<string, string>): El =>
    x(
      `tt:${name}`,
      Object.entries(values).map(([Name, Value]) => x('tt:SimpleItem', { Value, Name })),
    );
  return x(
    'wsnt:NotificationMessage',
    x('wsnt:Topic', { Dialect: 'http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet' }, topic),
    x('wsnt:ProducerReference', x('wsa:Address', 'uri://1d3a/ProducerReference')),
    x(
      'wsnt:Message',
      x(
        'tt:Message',
        { UtcTime: new Date().toISOString(), PropertyOperation: operation },
        items('Source', source),
        items('Data', data),
      ),
    ),
  );
};
export const people = (operation: string, on: boolean): El =>
  notice(
    'tns1:RuleEngine/PeopleDetector/People',
    operation,
    { VideoSource: 'src0', Rule: 'MyPeopleDetector' },
    { IsPeople: String(on) },
  );
export const motion = (operation: string, on: boolean): El =>
  notice(
    'tns1:RuleEngine/CellMotionDetector/Motion',
    operation,
    { Rule: 'MyMotionDetectorRule' },
    { IsMotion: String(on) },
  );

const inAMinute = (device: OddDevice): El[] => [
  x('wsnt:CurrentTime', new Date(device.nowMs()).toISOString()),
  x('wsnt:TerminationTime', new Date(device.nowMs() + 60_000).toISOString()),
];
const streams = [
  { token: 'main', codec: 'H264' },
  { token: 'sub', codec: 'H264', width: 640, height: 360 },
];

/** A doorbell: subscriptions at another port with parameters that must come back, pulls that return at once. */
export const doorbell: Maker = {
  path: '/onvif/service',
  dress: { version: '1.2', prefixes: { s: 'SOAP-ENV', tt: 'tns', wsnt: 'n', tev: 'e', tns1: 'tt' } },
  guard: 'wsse',
  faultStatus: 400,
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs()),
    GetServices: services({
      tds: 'http://192.168.1.60:2020/onvif/service',
      trt: 'http://192.168.1.60:2020/onvif/service',
      tev: 'http://192.168.1.60:2020/onvif/service',
    }),
    GetDeviceInformation: information('tp-link', 'Tapo C210'),
    ...media1(device, streams),
    CreatePullPointSubscription: x(
      'tev:CreatePullPointSubscriptionResponse',
      x(
        'tev:SubscriptionReference',
        x('wsa:Address', `http://192.168.1.60:${device.otherPort}/event-1024_1024`),
        x('wsa:ReferenceParameters', x('maker:SubscriptionId', { 'xml:lang': 'en' }, '77')),
      ),
      inAMinute(device),
    ),
    PullMessages: (question) => pulled(device, question),
    Renew: x('wsnt:RenewResponse', inAMinute(device)),
    Unsubscribe: x('wsnt:UnsubscribeResponse'),
  }),
};

function pulled(device: OddDevice, { message, port }: Question): Reply {
  if (port !== device.otherPort || said(message, 'SubscriptionId') !== '77') return { fault: 'ResourceUnknownFault' };
  return x(
    'tev:PullMessagesResponse',
    inAMinute(device).map((each) => ({ ...each, name: each.name.replace('wsnt', 'tev') })),
    device.notices.splice(0),
  );
}

/** No pull points: it calls back, and wants a point in time instead of a duration. */
export const caller: Maker = {
  ...doorbell,
  path: '/onvif/device_service',
  dress: { version: '1.2', many: true },
  guard: 'none',
  answers: (device) => ({
    ...doorbell.answers(device),
    GetServices: services({ trt: '/onvif/media', tev: '/onvif/event_service' }),
    CreatePullPointSubscription: { fault: 'ActionNotSupported', status: 500 },
    Subscribe: ({ message }) => {
      if (said(message, 'InitialTerminationTime').startsWith('P'))
        return { fault: 'UnacceptableInitialTerminationTimeFault' };
      device.consumer = said(message.slice(message.indexOf('ConsumerReference')), 'Address');
      return x(
        'wsnt:SubscribeResponse',
        x('wsnt:SubscriptionReference', x('wsa:Address', `http://10.1.1.1:${device.port}/sub/3`)),
        inAMinute(device),
      );
    },
  }),
};

export const notify = (notices: readonly El[]): El => x('wsnt:Notify', notices);

/** Whoever wrote its settings left the port out. */
export const homeless: Maker = {
  path: '/onvif/device_service',
  dress: { version: '1.2' },
  guard: 'wsse',
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs()),
    GetServices: services({ tds: 'http://:0/onvif/device_service', trt: 'http://127.0.0.1:0/onvif/media_service' }),
    GetDeviceInformation: information('none', 'none'),
    ...media1(device, streams),
  }),
};

/** Says no with a status alone or by hanging up; its ranges are of one number; attributes without quotes. */
export const curt: Maker = {
  path: '/onvif/device_service',
  dress: { version: '1.2', prefixes: { s: 'SOAP-ENV' } },
  guard: 'wsse',
  open: ['GetSystemDateAndTime', 'GetServices', 'GetCapabilities'],
  answers: (device) => ({
    GetSystemDateAndTime: () => timeOf(device.nowMs()),
    GetServices: { hangUp: true },
    GetCapabilities: x(
      'tds:GetCapabilitiesResponse',
      x(
        'tds:Capabilities',
        ['Media', 'PTZ', 'Events'].map((name) =>
          x(`tt:${name}`, x('tt:XAddr', `http://127.0.0.1:${device.port}/onvif/x`)),
        ),
      ),
    ),
    GetDeviceInformation: { status: 500 },
    ...media1(device, [{ token: 'main', codec: 'H264', ptz: true }]),
    [`${uris['trt']} GetSnapshotUri`]: { status: 404 },
    GetNode: x(
      'tptz:GetNodeResponse',
      x(
        'tptz:PTZNode',
        { token: 'node0' },
        x(
          'tt:SupportedPTZSpaces',
          x('tt:ContinuousPanTiltVelocitySpace', range('XRange', 1, 1), range('YRange', 0, 0)),
        ),
      ),
    ),
    GetPresets: { status: 500 },
    GetStatus: { status: 400 },
    ContinuousMove: x('tptz:ContinuousMoveResponse'),
    Stop: x('tptz:StopResponse'),
    GetEventProperties: {
      status: 200,
      text: device
        .write(
          x(
            'tev:GetEventPropertiesResponse',
            x('wstop:TopicSet', x('tns1:VideoSource', x('MotionAlarm', { 'wstop:topic': 'true' }))),
          ),
        )
        .replace('"true"', 'true'),
    },
    CreatePullPointSubscription: x(
      'tev:CreatePullPointSubscriptionResponse',
      x('wsa:Address', `http://127.0.0.1:${device.otherPort}/event-1`),
    ),
    PullMessages: () => x('tev:PullMessagesResponse', device.notices.splice(0)),
  }),
};

/** Takes its time for every answer. */
export const slow: Maker = { ...gsoap, guard: 'none', delayMs: 250, dress: { version: '1.2' } };
