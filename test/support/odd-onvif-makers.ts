/**
 * Makers of cameras, as data: what is known of real programs (gSOAP firmware, boards for a few coins, Media2 only cameras,
 * two lenses in one house), each with the manners that trip clients up.
 */
import { information, media1, profile2, range, said, services, streams, timeOf } from './odd-onvif-answers.ts';
import type { Maker } from './odd-onvif-device.ts';
import { uris, x } from './odd-xml.ts';

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
