/** The device service (ONVIF Core, chapter 8): who it is, what it offers, its clock, its relays. Element order is the schema's. */
import { profileCount, serviceCapabilities } from './capabilities.ts';
import { serviceUrl, yes, type Call, type Handler, type Service } from './call.ts';
import {
  child,
  invalidArgument,
  isTrue,
  namespaces,
  nothing,
  numberOf,
  SoapFault,
  textOf,
  xml,
  type Markup,
  type Prefix,
} from './soap.ts';
import { cameraMs, serviceNames, type ServiceName } from './world.ts';

/** How long a reboot takes. */
const rebootMs = 3_000;

export const prefixOf: Record<ServiceName, Prefix> = {
  device: 'tds',
  media1: 'trt',
  media2: 'tr2',
  ptz: 'tptz',
  imaging: 'timg',
  events: 'tev',
  deviceio: 'tmd',
};

function dateTime(date: Date): Markup {
  return xml`<tt:Time><tt:Hour>${date.getUTCHours()}</tt:Hour><tt:Minute>${date.getUTCMinutes()}</tt:Minute>
    <tt:Second>${date.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${date.getUTCFullYear()}</tt:Year>
    <tt:Month>${date.getUTCMonth() + 1}</tt:Month><tt:Day>${date.getUTCDate()}</tt:Day></tt:Date>`;
}

const getSystemDateAndTime: Handler = ({ world }) => {
  const now = new Date(cameraMs(world));
  return xml`<tds:SystemDateAndTime><tt:DateTimeType>${world.dateTimeType}</tt:DateTimeType>
    <tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>${world.timeZone}</tt:TZ></tt:TimeZone>
    <tt:UTCDateTime>${dateTime(now)}</tt:UTCDateTime><tt:LocalDateTime>${dateTime(now)}</tt:LocalDateTime>
    </tds:SystemDateAndTime>`;
};

const setSystemDateAndTime: Handler = ({ world, body }) => {
  const type = textOf(body, 'tds:DateTimeType');
  if (type !== 'Manual' && type !== 'NTP') throw invalidArgument('InvalidDateTime', 'DateTimeType is Manual or NTP');
  const zone = textOf(body, 'tds:TimeZone', 'tt:TZ');
  const utc = child(body, 'tds:UTCDateTime');
  if (type === 'Manual') {
    if (!utc) throw invalidArgument('InvalidDateTime', 'UTCDateTime is missing');
    const part = (...path: string[]): number => numberOf(utc, ...path) ?? Number.NaN;
    const ms = Date.UTC(
      part('tt:Date', 'tt:Year'),
      part('tt:Date', 'tt:Month') - 1,
      part('tt:Date', 'tt:Day'),
      part('tt:Time', 'tt:Hour'),
      part('tt:Time', 'tt:Minute'),
      part('tt:Time', 'tt:Second'),
    );
    if (Number.isNaN(ms)) throw invalidArgument('InvalidDateTime', 'UTCDateTime is not whole');
    world.clockOffsetMs = ms - world.clock.nowMs();
  } else world.clockOffsetMs = 0;
  if (zone !== undefined) world.timeZone = zone;
  world.dateTimeType = type;
  return nothing;
};

const getDeviceInformation: Handler = ({ world: { identity } }) =>
  xml`<tds:Manufacturer>${identity.make}</tds:Manufacturer><tds:Model>${identity.model}</tds:Model>
    <tds:FirmwareVersion>${identity.firmware}</tds:FirmwareVersion><tds:SerialNumber>${identity.serial}</tds:SerialNumber>
    <tds:HardwareId>${identity.hardware}</tds:HardwareId>`;

const getServices: Handler = (call) => {
  const withCapabilities = isTrue(textOf(call.body, 'tds:IncludeCapability'));
  return xml`${serviceNames
    .filter((name) => !call.world.without.has(name))
    .map((name) => {
      const capabilities = withCapabilities
        ? xml`<tds:Capabilities>${serviceCapabilities(name, call.world)}</tds:Capabilities>`
        : nothing;
      return xml`<tds:Service><tds:Namespace>${namespaces[prefixOf[name]]}</tds:Namespace>
        <tds:XAddr>${serviceUrl(call, name)}</tds:XAddr>${capabilities}
        <tds:Version><tt:Major>${name === 'media2' ? 20 : 2}</tt:Major><tt:Minor>6</tt:Minor></tds:Version></tds:Service>`;
    })}`;
};

const getCapabilities: Handler = (call) => {
  const asked = call.body.children.filter((one) => one.name === 'Category').map((one) => one.text);
  const wants = (category: string, service: ServiceName): boolean =>
    !call.world.without.has(service) && (asked.length === 0 || asked.includes('All') || asked.includes(category));
  const { world } = call;
  const device = xml`<tt:Device><tt:XAddr>${serviceUrl(call, 'device')}</tt:XAddr>
    <tt:Network><tt:IPFilter>false</tt:IPFilter><tt:ZeroConfiguration>false</tt:ZeroConfiguration>
    <tt:IPVersion6>false</tt:IPVersion6><tt:DynDNS>false</tt:DynDNS></tt:Network>
    <tt:System><tt:DiscoveryResolve>true</tt:DiscoveryResolve><tt:DiscoveryBye>true</tt:DiscoveryBye>
    <tt:RemoteDiscovery>false</tt:RemoteDiscovery><tt:SystemBackup>false</tt:SystemBackup>
    <tt:SystemLogging>false</tt:SystemLogging><tt:FirmwareUpgrade>false</tt:FirmwareUpgrade>
    <tt:SupportedVersions><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tt:SupportedVersions></tt:System>
    <tt:IO><tt:InputConnectors>${world.inputs.length}</tt:InputConnectors><tt:RelayOutputs>${world.relays.length}</tt:RelayOutputs></tt:IO>
    <tt:Security><tt:TLS1.1>false</tt:TLS1.1><tt:TLS1.2>false</tt:TLS1.2>
    <tt:OnboardKeyGeneration>false</tt:OnboardKeyGeneration><tt:AccessPolicyConfig>false</tt:AccessPolicyConfig>
    <tt:X.509Token>false</tt:X.509Token><tt:SAMLToken>false</tt:SAMLToken><tt:KerberosToken>false</tt:KerberosToken>
    <tt:RELToken>false</tt:RELToken></tt:Security></tt:Device>`;
  const events = xml`<tt:Events><tt:XAddr>${serviceUrl(call, 'events')}</tt:XAddr>
    <tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport>
    <tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>`;
  const media = xml`<tt:Media><tt:XAddr>${serviceUrl(call, 'media1')}</tt:XAddr><tt:StreamingCapabilities>
    <tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP>
    </tt:StreamingCapabilities><tt:Extension><tt:ProfileCapabilities><tt:MaximumNumberOfProfiles>${profileCount}</tt:MaximumNumberOfProfiles>
    </tt:ProfileCapabilities></tt:Extension></tt:Media>`;
  const io = xml`<tt:Extension><tt:DeviceIO><tt:XAddr>${serviceUrl(call, 'deviceio')}</tt:XAddr><tt:VideoSources>1</tt:VideoSources>
    <tt:VideoOutputs>0</tt:VideoOutputs><tt:AudioSources>${world.audio === 'none' ? 0 : 1}</tt:AudioSources>
    <tt:AudioOutputs>${world.talk ? 1 : 0}</tt:AudioOutputs><tt:RelayOutputs>${world.relays.length}</tt:RelayOutputs></tt:DeviceIO></tt:Extension>`;
  return xml`<tds:Capabilities>${wants('Device', 'device') ? device : nothing}${wants('Events', 'events') ? events : nothing}
    ${wants('Imaging', 'imaging') ? xml`<tt:Imaging><tt:XAddr>${serviceUrl(call, 'imaging')}</tt:XAddr></tt:Imaging>` : nothing}
    ${wants('Media', 'media1') ? media : nothing}
    ${wants('PTZ', 'ptz') ? xml`<tt:PTZ><tt:XAddr>${serviceUrl(call, 'ptz')}</tt:XAddr></tt:PTZ>` : nothing}
    ${wants('All', 'deviceio') ? io : nothing}</tds:Capabilities>`;
};

/** Scopes as discovery and GetScopes tell them. */
export function scopesOf({ identity, without }: Pick<Call['world'], 'identity' | 'without'>): string[] {
  const at = 'onvif://www.onvif.org';
  return [
    `${at}/type/video_encoder`,
    `${at}/type/Network_Video_Transmitter`,
    ...(without.has('ptz') ? [] : [`${at}/type/ptz`]),
    `${at}/Profile/Streaming`,
    ...(without.has('media2') ? [] : [`${at}/Profile/T`]),
    `${at}/hardware/${encodeURIComponent(identity.model)}`,
    `${at}/name/${encodeURIComponent(identity.name)}`,
    `${at}/location/${encodeURIComponent(identity.location)}`,
  ];
}

const getScopes: Handler = ({ world }) =>
  xml`${scopesOf(world).map(
    (scope) =>
      xml`<tds:Scopes><tt:ScopeDef>${/\/(name|location)\//.test(scope) ? 'Configurable' : 'Fixed'}</tt:ScopeDef><tt:ScopeItem>${scope}</tt:ScopeItem></tds:Scopes>`,
  )}`;

const getNetworkInterfaces: Handler = ({ world, reach }) =>
  xml`<tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name>
    <tt:HwAddress>02:00:${(world.identity.uuid.slice(-8).match(/../g) ?? []).join(':')}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>
    <tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config><tt:Manual><tt:Address>${reach.host}</tt:Address>
    <tt:PrefixLength>24</tt:PrefixLength></tt:Manual><tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4></tds:NetworkInterfaces>`;

export const relayOutputs = ({ world }: Call, prefix: 'tds' | 'tmd'): Markup => {
  const inside = xml`<tt:Properties><tt:Mode>Bistable</tt:Mode><tt:DelayTime>PT0S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties>`;
  return xml`${world.relays.map(({ token }) =>
    prefix === 'tds'
      ? xml`<tds:RelayOutputs token="${token}">${inside}</tds:RelayOutputs>`
      : xml`<tmd:RelayOutputs token="${token}">${inside}</tmd:RelayOutputs>`,
  )}`;
};

export const setRelayOutputState = ({ world, body }: Call, prefix: 'tds' | 'tmd'): Markup => {
  const token = textOf(body, `${prefix}:RelayOutputToken`);
  const state = textOf(body, `${prefix}:LogicalState`);
  const relay = world.relays.find((one) => one.token === token);
  if (!relay) throw invalidArgument('RelayToken', `There is no relay ${token ?? ''}`);
  if (state !== 'active' && state !== 'inactive') throw invalidArgument('ModeError', 'A relay is active or inactive');
  relay.active = state === 'active';
  return nothing;
};

export const device: Service = {
  GetSystemDateAndTime: getSystemDateAndTime,
  SetSystemDateAndTime: setSystemDateAndTime,
  GetDeviceInformation: getDeviceInformation,
  GetServices: getServices,
  GetCapabilities: getCapabilities,
  GetServiceCapabilities: ({ world }) => serviceCapabilities('device', world),
  GetScopes: getScopes,
  GetHostname: ({ world }) =>
    xml`<tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>${world.hostname}</tt:Name></tds:HostnameInformation>`,
  SetHostname: ({ world, body }) => {
    const name = textOf(body, 'tds:Name') ?? '';
    if (!/^[A-Za-z0-9-]{1,63}$/.test(name)) throw invalidArgument('InvalidHostname', 'That is no host name');
    world.hostname = name;
    return nothing;
  },
  GetNetworkInterfaces: getNetworkInterfaces,
  GetNetworkProtocols: ({ world, reach }) =>
    xml`<tds:NetworkProtocols><tt:Name>HTTP</tt:Name><tt:Enabled>true</tt:Enabled><tt:Port>${Number(new URL(reach.base || 'http://x').port || 80)}</tt:Port></tds:NetworkProtocols>
      <tds:NetworkProtocols><tt:Name>RTSP</tt:Name><tt:Enabled>true</tt:Enabled><tt:Port>${world.rtspPort}</tt:Port></tds:NetworkProtocols>`,
  GetNetworkDefaultGateway: ({ reach }) =>
    xml`<tds:NetworkGateway><tt:IPv4Address>${reach.host}</tt:IPv4Address></tds:NetworkGateway>`,
  GetDNS: ({ reach }) =>
    xml`<tds:DNSInformation><tt:FromDHCP>false</tt:FromDHCP><tt:DNSManual><tt:Type>IPv4</tt:Type><tt:IPv4Address>${reach.host}</tt:IPv4Address></tt:DNSManual></tds:DNSInformation>`,
  GetNTP: ({ world, reach }) =>
    xml`<tds:NTPInformation><tt:FromDHCP>${yes(false)}</tt:FromDHCP>${
      world.dateTimeType === 'NTP'
        ? xml`<tt:NTPManual><tt:Type>IPv4</tt:Type><tt:IPv4Address>${reach.host}</tt:IPv4Address></tt:NTPManual>`
        : nothing
    }</tds:NTPInformation>`,
  GetUsers: () => xml`<tds:User><tt:Username>user</tt:Username><tt:UserLevel>Administrator</tt:UserLevel></tds:User>`,
  GetRelayOutputs: (call) => relayOutputs(call, 'tds'),
  SetRelayOutputState: (call) => setRelayOutputState(call, 'tds'),
  SystemReboot: ({ world }) => {
    world.reboot(rebootMs);
    return xml`<tds:Message>Rebooting in 1 second</tds:Message>`;
  },
  SetSystemFactoryDefault: () => {
    throw new SoapFault('Receiver', ['ter:ActionNotSupported'], 'Factory defaults are not supported');
  },
};
