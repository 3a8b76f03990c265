/**
 * Answers to a WS-Discovery probe as makers write them: prefixes, editions of the standard, order, spaces and mistakes. Each
 * takes the id of the question. Also the seeds for the mutation of replies.
 */
import type { FoundDevice } from '#core/domain/onvif.ts';

export interface CorpusReply {
  name: string;
  /** IP address that answers. */
  from: string;
  reply: (messageId: string) => string;
  /** What is made of it; null: not a camera. */
  device: Partial<FoundDevice> | null;
}

const soap12 = 'http://www.w3.org/2003/05/soap-envelope';
const wsa = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const wsd = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';

interface Parts {
  endpoint?: string;
  types?: string;
  scopes?: string;
  addresses?: string;
}

/** The usual shape, with everything in it. */
export function probeMatchReply(id: string, parts: Parts): string {
  const { endpoint = 'urn:uuid:11111111-2222-3333-4444-555555555555', types = 'dn:NetworkVideoTransmitter' } = parts;
  return `<?xml version="1.0" encoding="utf-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="${soap12}" xmlns:wsa="${wsa}" xmlns:d="${wsd}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">
<SOAP-ENV:Header><wsa:MessageID>urn:uuid:0a1b</wsa:MessageID><wsa:RelatesTo>${id}</wsa:RelatesTo><wsa:To>${wsa}/role/anonymous</wsa:To><wsa:Action>${wsd}/ProbeMatches</wsa:Action></SOAP-ENV:Header>
<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>${endpoint}</wsa:Address></wsa:EndpointReference><d:Types>${types}</d:Types><d:Scopes>${parts.scopes ?? ''}</d:Scopes><d:XAddrs>${parts.addresses ?? ''}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

const onvif = 'onvif://www.onvif.org';

export const makers: CorpusReply[] = [
  {
    name: 'Hikvision: two addresses, IPv4 and IPv6',
    from: '192.168.1.64',
    reply: (id) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="${soap12}" xmlns:wsadis="${wsa}" xmlns:d="${wsd}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><env:Header><wsadis:MessageID>urn:uuid:cd7e0000-67d3-11b3-82a6-3c1bf8a1d7b4</wsadis:MessageID>\n<wsadis:RelatesTo>${id}</wsadis:RelatesTo>\n<wsadis:To>${wsa}/role/anonymous</wsadis:To>\n<d:AppSequence InstanceId="1700000000" MessageNumber="86"/>\n</env:Header>\n<env:Body><d:ProbeMatches><d:ProbeMatch><wsadis:EndpointReference><wsadis:Address>urn:uuid:cd7e0000-67d3-11b3-82a6-3c1bf8a1d7b4</wsadis:Address>\n</wsadis:EndpointReference>\n<d:Types>dn:NetworkVideoTransmitter</d:Types>\n<d:Scopes>${onvif}/type/video_encoder ${onvif}/Profile/Streaming ${onvif}/MAC/3c:1b:f8:a1:d7:b4 ${onvif}/hardware/DS-2CD2143G2-IU ${onvif}/name/HIKVISION%20DS-2CD2143G2-IU ${onvif}/Profile/T ${onvif}/location/city/hangzhou</d:Scopes>\n<d:XAddrs>http://192.168.1.64/onvif/device_service http://[fe80::3e1b:f8ff:fea1:d7b4]/onvif/device_service</d:XAddrs>\n<d:MetadataVersion>10</d:MetadataVersion>\n</d:ProbeMatch>\n</d:ProbeMatches>\n</env:Body>\n</env:Envelope>`,
    device: {
      endpoint: 'urn:uuid:cd7e0000-67d3-11b3-82a6-3c1bf8a1d7b4',
      url: 'http://192.168.1.64/onvif/device_service',
      name: 'HIKVISION DS-2CD2143G2-IU',
      make: 'Hikvision',
      model: 'DS-2CD2143G2-IU',
      location: 'hangzhou',
    },
  },
  {
    name: 'Dahua: two types, uuid without urn',
    from: '192.168.1.108',
    reply: (id) =>
      probeMatchReply(id.replace('urn:', ''), {
        endpoint: 'uuid:5f5a69c2-e0ae-504f-829b-fb3bf8a4d1aa',
        types: 'dn:NetworkVideoTransmitter tds:Device',
        scopes: `${onvif}/location/country/china ${onvif}/name/Dahua ${onvif}/hardware/IPC-HDW2831T ${onvif}/Profile/Streaming ${onvif}/type/Network_Video_Transmitter ${onvif}/extension/unique_identifier/1 ${onvif}/Profile/G ${onvif}/Profile/T`,
        addresses: 'http://192.168.1.108/onvif/device_service',
      }),
    device: { make: 'Dahua', model: 'IPC-HDW2831T', name: 'Dahua', location: 'china' },
  },
  {
    name: 'Axis: https as well, a link-local address, location in words',
    from: '10.0.0.90',
    reply: (id) =>
      probeMatchReply(id, {
        types: 'dn:NetworkVideoTransmitter',
        scopes: `${onvif}/type/video_encoder ${onvif}/hardware/M3115-LVE ${onvif}/name/AXIS%20M3115-LVE ${onvif}/location/Caf%C3%A9%20%2F%20Hof ${onvif}/Profile/Streaming`,
        addresses:
          'https://10.0.0.90/onvif/device_service http://169.254.17.4/onvif/device_service http://10.0.0.90/onvif/device_service',
      }),
    device: { url: 'http://10.0.0.90/onvif/device_service', make: 'Axis', location: 'Café / Hof' },
  },
  {
    name: 'TP-Link Tapo: port 2020, default namespace, single quotes',
    from: '192.168.0.31',
    reply: (id) =>
      `<?xml version='1.0'?><Envelope xmlns='${soap12}'><Header><RelatesTo xmlns='${wsa}'>${id}</RelatesTo></Header><Body><ProbeMatches xmlns='${wsd}'><ProbeMatch><XAddrs>http://192.168.0.31:2020/onvif/device_service</XAddrs><Scopes MatchBy='x'>${onvif}/name/TP-IPC ${onvif}/hardware/MODEL ${onvif}/Profile/Streaming ${onvif}/location/Hong%20Kong</Scopes><Types>tdn:NetworkVideoTransmitter</Types><EndpointReference xmlns='${wsa}'><Address>uuid:3fa1fe68-b915-4053-a3e1-c006c3000000</Address></EndpointReference></ProbeMatch></ProbeMatches></Body></Envelope>`,
    device: { url: 'http://192.168.0.31:2020/onvif/device_service', make: 'TP-Link', model: 'MODEL' },
  },
  {
    name: 'Reolink: port 8000, spaces and line breaks in lists',
    from: '192.168.1.7',
    reply: (id) =>
      probeMatchReply(` ${id}\n`, {
        endpoint: '\n  urn:uuid:2419d68a-2dd2-21b2-a205-ec71db5fbdb1  ',
        scopes: `\n   ${onvif}/type/video_encoder\n   ${onvif}/name/IPC-BO\n   ${onvif}/hardware/RLC-810A\n`,
        addresses: '\n  http://192.168.1.7:8000/onvif/device_service\n',
      }),
    device: {
      endpoint: 'urn:uuid:2419d68a-2dd2-21b2-a205-ec71db5fbdb1',
      url: 'http://192.168.1.7:8000/onvif/device_service',
      make: 'Reolink',
    },
  },
  {
    name: 'an XM board: another device path, wrong encoding declaration, bytes after the end',
    from: '192.168.1.10',
    reply: (id) =>
      `\ufeff${probeMatchReply(id, {
        scopes: `${onvif}/type/NetworkVideoTransmitter ${onvif}/name/H264 ${onvif}/hardware/XM%20530`,
        addresses: 'http://192.168.1.10:8899/onvif/device_service',
      }).replace('utf-8', 'GB2312')}\0\0`,
    device: { url: 'http://192.168.1.10:8899/onvif/device_service', model: 'XM 530' },
  },
  {
    name: 'WS-Discovery 1.1 with SOAP 1.2 and other namespaces',
    from: 'fd12::20',
    reply: (id) =>
      probeMatchReply(id, {
        types: 'a:NetworkVideoTransmitter b:Device',
        scopes: `${onvif}/name/Yard ${onvif}/manufacturer/Hanwha%20Vision`,
        addresses: 'http://[FD12:0:0::20]:80/onvif/device_service',
      })
        .replaceAll(wsd, 'http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01')
        .replaceAll(wsa, 'http://www.w3.org/2005/08/addressing'),
    device: { url: 'http://[fd12::20]:80/onvif/device_service', make: 'Hanwha Vision', name: 'Yard' },
  },
  {
    name: 'a recorder, which speaks for its cameras',
    from: '192.168.1.200',
    reply: (id) =>
      probeMatchReply(id, {
        types: 'tds:Device dn:NetworkVideoStorage',
        scopes: `${onvif}/Profile/Streaming ${onvif}/Profile/G ${onvif}/name/NVR`,
        addresses: 'http://192.168.1.200/onvif/device_service',
      }),
    device: { name: 'NVR' },
  },
];

export const mistakes: CorpusReply[] = [
  {
    name: 'names an address behind a router: the host is the one that answered',
    from: '192.168.1.50',
    reply: (id) => probeMatchReply(id, { addresses: 'http://10.9.9.9:8085/onvif/device_service?x=1' }),
    device: { url: 'http://192.168.1.50:8085/onvif/device_service?x=1', address: '192.168.1.50' },
  },
  {
    name: 'names loopback',
    from: '192.168.1.50',
    reply: (id) => probeMatchReply(id, { addresses: 'http://127.0.0.1/onvif/device_service' }),
    device: { url: 'http://192.168.1.50/onvif/device_service' },
  },
  {
    name: 'names somebody else, with user and password',
    from: '192.168.1.50',
    reply: (id) => probeMatchReply(id, { addresses: 'http://admin:secret@evil.example:80/onvif/device_service' }),
    device: { url: 'http://192.168.1.50:80/onvif/device_service' },
  },
  {
    name: 'names no address at all',
    from: '192.168.1.50',
    reply: (id) => probeMatchReply(id, {}),
    device: { url: 'http://192.168.1.50/onvif/device_service' },
  },
  {
    name: 'names ports and schemes that do not exist',
    from: '192.168.1.50',
    reply: (id) =>
      probeMatchReply(id, {
        addresses:
          'http://192.168.1.50:0/a http://192.168.1.50:99999/b ftp://192.168.1.50/c javascript:alert(1) http:// x',
      }),
    device: { url: 'http://192.168.1.50/onvif/device_service' },
  },
  {
    name: 'offers https only',
    from: '192.168.1.50',
    reply: (id) => probeMatchReply(id, { addresses: 'https://192.168.1.50:8443/onvif/device_service' }),
    device: { url: 'https://192.168.1.50:8443/onvif/device_service' },
  },
  {
    name: 'has only a link-local IPv6 address: the zone is kept',
    from: 'fe80::1234%eth0',
    reply: (id) => probeMatchReply(id, { addresses: 'http://[fe80::1234]:8080/onvif/device_service' }),
    device: { url: 'http://[fe80::1234%25eth0]:8080/onvif/device_service', address: 'fe80::1234%eth0' },
  },
  {
    name: 'puts markup, direction signs and bad escapes into its name',
    from: '192.168.1.50',
    reply: (id) =>
      probeMatchReply(id, {
        scopes: `${onvif}/name/%3Cb%3E%E2%80%AEevil%00%0D%0A%ZZ%FF ${onvif}/location/${'x'.repeat(300)}`,
      }),
    device: { name: '<b> evil %ZZ%FF', location: `${'x'.repeat(63)}…` },
  },
  {
    name: 'has no endpoint address: the service stands for it',
    from: '192.168.1.50',
    reply: (id) => probeMatchReply(id, { endpoint: '', addresses: 'http://192.168.1.50/onvif/device_service' }),
    device: { endpoint: 'http://192.168.1.50/onvif/device_service' },
  },
];

export const notCameras: CorpusReply[] = [
  {
    name: 'a printer',
    from: '192.168.1.30',
    reply: (id) =>
      probeMatchReply(id, {
        types: 'wsdp:Device wprt:PrintDeviceType wscn:ScanDeviceType',
        addresses: 'http://192.168.1.30:5357/0a1b2c',
      }),
    device: null,
  },
  {
    name: 'a Windows computer',
    from: '192.168.1.31',
    reply: (id) =>
      probeMatchReply(id, {
        types: 'wsdp:Device pub:Computer',
        scopes: 'ldap:///ou=x',
        addresses: 'http://192.168.1.31:5357/uuid/',
      }),
    device: null,
  },
  {
    name: 'a network drive without types',
    from: '192.168.1.32',
    reply: (id) => probeMatchReply(id, { types: '', addresses: 'http://192.168.1.32:5357/' }),
    device: null,
  },
  {
    name: 'an ONVIF door controller',
    from: '192.168.1.33',
    reply: (id) =>
      probeMatchReply(id, {
        types: 'tds:Device',
        scopes: `${onvif}/Profile/A ${onvif}/Profile/C ${onvif}/name/Door`,
        addresses: 'http://192.168.1.33/onvif/device_service',
      }),
    device: null,
  },
  {
    name: 'an ONVIF display',
    from: '192.168.1.34',
    reply: (id) =>
      probeMatchReply(id, {
        types: 'dn:NetworkVideoDisplay',
        scopes: `${onvif}/name/Wall`,
        addresses: 'http://192.168.1.34/',
      }),
    device: null,
  },
];

const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, i) => `<!ENTITY ${'bcdefghij'[i]!} "${`&${'abcdefghi'[i]!};`.repeat(10)}">`).join('')}]>`;

/** No reply at all, whoever sends it. */
export const noReplies: { name: string; text: (messageId: string) => string }[] = [
  { name: 'nothing', text: () => '' },
  { name: 'no XML', text: () => 'HTTP/1.1 200 OK\r\n\r\n' },
  { name: 'cut in the middle of a tag', text: (id) => probeMatchReply(id, {}).slice(0, 900) },
  { name: 'a Hello', text: (id) => probeMatchReply(id, {}).replaceAll('ProbeMatches', 'Hello') },
  { name: 'no RelatesTo', text: (id) => probeMatchReply(id, {}).replaceAll('RelatesTo', 'RelatedTo') },
  {
    name: 'entities that multiply',
    text: (id) => bomb + probeMatchReply(id, { scopes: '&j;' }).replace(/^<\?xml.*\n/, ''),
  },
  {
    name: 'an entity that reads a file',
    text: (id) =>
      `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${probeMatchReply(id, { scopes: '&a;' }).replace(/^<\?xml.*\n/, '')}`,
  },
  { name: 'a thousand levels', text: () => '<a>'.repeat(10_000) },
  {
    name: 'a thousand attributes',
    text: () => `<a ${Array.from({ length: 5_000 }, (_, i) => `b${i}="1"`).join(' ')}/>`,
  },
];

/** For mutation: every reply above, as it would answer one question. */
export const probeMatchSeeds: string[] = [
  ...[...makers, ...mistakes, ...notCameras].map(({ reply }) => reply('urn:uuid:00000000-0000-4000-8000-000000000000')),
  ...noReplies.map(({ text }) => text('urn:uuid:00000000-0000-4000-8000-000000000000')),
];
