/**
 * Answers of the device and media services in the styles of several makers: gSOAP with many prefixes, a default namespace,
 * SOAP 1.1, CRLF and BOM, pretty-printed, undeclared prefixes. Written by hand after what such cameras are known to send.
 */
const soap12 = 'http://www.w3.org/2003/05/soap-envelope';
const soap11 = 'http://schemas.xmlsoap.org/soap/envelope/';

export interface Style {
  name: string;
  wrap: (inner: string) => string;
}

const gsoapPrefixes =
  'xmlns:SOAP-ENC="http://www.w3.org/2003/05/soap-encoding" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:wsa5="http://www.w3.org/2005/08/addressing" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:ter="http://www.onvif.org/ver10/error"';

/** `inner` is written with the usual prefixes (tds, trt, tr2, tt, tev, ter); each style makes of it what such a maker sends. */
export const styles: readonly Style[] = [
  {
    name: 'gSOAP with all prefixes',
    wrap: (inner) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="${soap12}" ${gsoapPrefixes}><SOAP-ENV:Header></SOAP-ENV:Header><SOAP-ENV:Body>${inner}</SOAP-ENV:Body></SOAP-ENV:Envelope>\n`,
  },
  {
    name: 'short prefixes, CRLF, BOM',
    wrap: (inner) =>
      `\ufeff<?xml version="1.0" encoding="utf-8" ?>\r\n<s:Envelope xmlns:s="${soap12}"\r\n ${gsoapPrefixes}>\r\n<s:Body>\r\n${inner.replaceAll('><', '>\r\n<')}\r\n</s:Body>\r\n</s:Envelope>\r\n`,
  },
  {
    name: 'SOAP 1.1',
    wrap: (inner) =>
      `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="${soap11}" ${gsoapPrefixes}><soapenv:Body>${inner}</soapenv:Body></soapenv:Envelope>`,
  },
  {
    name: 'other prefixes, pretty-printed',
    wrap: (inner) => {
      const renamed = inner
        .replaceAll(/(<\/?)t(ds|rt|r2|ev):/g, '$1ns$2:')
        .replaceAll(/(<\/?)tt:/g, '$1onvif:')
        .replaceAll('><', '>\n\t<');
      return `\n\n<env:Envelope xmlns:env="${soap12}" xmlns:onvif="http://www.onvif.org/ver10/schema" xmlns:nsds="http://www.onvif.org/ver10/device/wsdl" xmlns:nsrt="http://www.onvif.org/ver10/media/wsdl" xmlns:nsr2="http://www.onvif.org/ver20/media/wsdl" xmlns:nsev="http://www.onvif.org/ver10/events/wsdl">\n<env:Body>\n\t${renamed}\n</env:Body></env:Envelope>\0`;
    },
  },
  {
    name: 'prefixes that are declared nowhere, wrong encoding declared',
    wrap: (inner) =>
      `<?xml version="1.0" encoding="utf-16"?><SOAP-ENV:Envelope><SOAP-ENV:Body>${inner}</SOAP-ENV:Body></SOAP-ENV:Envelope>`,
  },
  {
    name: 'no prefixes at all',
    wrap: (inner) =>
      `<Envelope xmlns="${soap12}"><Body>${inner.replaceAll(/(<\/?)\w+:/g, '$1')}</Body></Envelope>\n\n<!-- served in 3 ms -->`,
  },
];

export const gsoap = styles[0] as Style;

export function systemTime(ms: number, type = 'NTP'): string {
  const at = new Date(ms);
  return (
    `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>${type}</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone>` +
    `<tt:UTCDateTime><tt:Time><tt:Hour>${at.getUTCHours()}</tt:Hour><tt:Minute>${at.getUTCMinutes()}</tt:Minute><tt:Second>${at.getUTCSeconds()}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${at.getUTCFullYear()}</tt:Year><tt:Month>${at.getUTCMonth() + 1}</tt:Month><tt:Day>${at.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`
  );
}

const namespaces = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
} as const;

/** `origin`: what the camera believes to be its own. */
export function services(origin: string, names: readonly (keyof typeof namespaces)[]): string {
  const each = names.map(
    (name) =>
      `<tds:Service><tds:Namespace>${namespaces[name]}</tds:Namespace><tds:XAddr>${origin}/onvif/${name}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`,
  );
  return `<tds:GetServicesResponse>${each.join('')}</tds:GetServicesResponse>`;
}

export const capabilities = (origin: string): string =>
  `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device><tt:XAddr>${origin}/onvif/device_service</tt:XAddr></tt:Device><tt:Media><tt:XAddr>${origin}/onvif/media</tt:XAddr><tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`;

export const deviceInformation =
  '<tds:GetDeviceInformationResponse><tds:Manufacturer>Brightcam</tds:Manufacturer><tds:Model>BC-2 &amp; friends</tds:Model><tds:FirmwareVersion>V5.4.5 build 170124</tds:FirmwareVersion><tds:SerialNumber>0012345</tds:SerialNumber><tds:HardwareId>88</tds:HardwareId></tds:GetDeviceInformationResponse>';

export interface ProfileShape {
  token: string;
  codec: string;
  width: number;
  height: number;
  source?: string;
  ptz?: boolean;
}

export function profiles1(shapes: readonly ProfileShape[]): string {
  const each = shapes.map(
    ({ token, codec, width, height, source = 'VideoSource_1', ptz = false }) =>
      `<trt:Profiles fixed="true" token="${token}"><tt:Name>name of ${token}</tt:Name>` +
      `<tt:VideoSourceConfiguration token="vsc"><tt:Name>v</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>${source}</tt:SourceToken><tt:Bounds height="1080" width="1920" y="0" x="0"/></tt:VideoSourceConfiguration>` +
      `<tt:VideoEncoderConfiguration token="enc-${token}"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${codec}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:Quality>3</tt:Quality><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>50</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264><tt:SessionTimeout>PT5S</tt:SessionTimeout></tt:VideoEncoderConfiguration>` +
      `<tt:AudioEncoderConfiguration token="a"><tt:Name>a</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>G711</tt:Encoding><tt:Bitrate>64</tt:Bitrate><tt:SampleRate>8</tt:SampleRate></tt:AudioEncoderConfiguration>` +
      `${ptz ? '<tt:PTZConfiguration token="ptz"><tt:NodeToken>node</tt:NodeToken></tt:PTZConfiguration>' : ''}</trt:Profiles>`,
  );
  return `<trt:GetProfilesResponse>${each.join('')}</trt:GetProfilesResponse>`;
}

export function profiles2(shapes: readonly ProfileShape[]): string {
  const each = shapes.map(
    ({ token, codec, width, height, source = 'VideoSource_1', ptz = false }) =>
      `<tr2:Profiles token="${token}" fixed="true"><tr2:Name>name of ${token}</tr2:Name><tr2:Configurations>` +
      `<tr2:VideoSource token="vsc"><tt:Name>v</tt:Name><tt:SourceToken>${source}</tt:SourceToken></tr2:VideoSource>` +
      `<tr2:VideoEncoder token="enc-${token}" GovLength="60" Profile="Main"><tt:Name>e</tt:Name><tt:Encoding>${codec}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>20.0</tt:FrameRateLimit><tt:BitrateLimit>3072</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality></tr2:VideoEncoder>` +
      `<tr2:AudioEncoder token="a"><tt:Encoding>MP4A-LATM</tt:Encoding><tt:Bitrate>32</tt:Bitrate><tt:SampleRate>16</tt:SampleRate></tr2:AudioEncoder>` +
      `${ptz ? '<tr2:PTZ token="ptz"><tt:NodeToken>node</tt:NodeToken></tr2:PTZ>' : ''}</tr2:Configurations></tr2:Profiles>`,
  );
  return `<tr2:GetProfilesResponse>${each.join('')}</tr2:GetProfilesResponse>`;
}

export const streamUri1 = (uri: string): string =>
  `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${uri}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>`;
export const streamUri2 = (uri: string): string =>
  `<tr2:GetStreamUriResponse><tr2:Uri>${uri}</tr2:Uri></tr2:GetStreamUriResponse>`;

export const fault12 = (code: string, subcode: string, reason: string): string =>
  `<SOAP-ENV:Fault xmlns:SOAP-ENV="${soap12}" xmlns:ter="http://www.onvif.org/ver10/error"><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:${code}</SOAP-ENV:Value><SOAP-ENV:Subcode><SOAP-ENV:Value>${subcode}</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">${reason}</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>`;
export const fault11 = (code: string, reason: string): string =>
  `<soapenv:Fault xmlns:soapenv="${soap11}"><faultcode>${code}</faultcode><faultstring>${reason}</faultstring><detail/></soapenv:Fault>`;

/** What cameras say no with, and what it means. */
export const faults: readonly { xml: string; means: 'refused' | 'expired' | 'not_offered' | 'other' }[] = [
  { xml: fault12('Sender', 'ter:NotAuthorized', 'Sender not Authorized'), means: 'refused' },
  {
    xml: fault12('Sender', 'wsse:FailedAuthentication', 'The security token could not be authenticated'),
    means: 'refused',
  },
  {
    xml: `<s:Fault xmlns:s="${soap12}"><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:InvalidArgVal</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>`,
    means: 'refused',
  },
  { xml: fault11('soapenv:Client', 'Authority failure'), means: 'refused' },
  { xml: fault11('SOAP-ENV:Client.NotAuthorized', 'x'), means: 'refused' },
  { xml: fault12('Sender', 'wsse:MessageExpired', 'The message has expired'), means: 'expired' },
  { xml: fault12('Receiver', 'ter:ActionNotSupported', 'Optional Action Not Implemented'), means: 'not_offered' },
  {
    xml: fault11(
      'SOAP-ENV:Client',
      "Method 'tds:GetServices' not implemented: method name or namespace not recognized",
    ),
    means: 'not_offered',
  },
  { xml: fault12('Sender', 'ter:InvalidArgVal', 'No such profile'), means: 'other' },
  { xml: fault12('Sender', 'ter:NoProfile', 'not authorized reading is not what this is about'), means: 'other' },
  { xml: '<Fault/>', means: 'other' },
];
