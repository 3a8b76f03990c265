/** GetServiceCapabilities of every service, which GetServices repeats. */
import { yes } from './call.ts';
import { nothing, xml, type Markup } from './soap.ts';
import type { ServiceName, World } from './world.ts';

export const profileCount = 2;

/** `<prefix:Capabilities>`, whole. */
export function serviceCapabilities(service: ServiceName, world: World): Markup {
  const inputs = world.inputs.length;
  const relays = world.relays.length;
  switch (service) {
    case 'device':
      return xml`<tds:Capabilities><tds:Network IPFilter="false" ZeroConfiguration="false" IPVersion6="false" DynDNS="false" NTP="1"/>
        <tds:Security TLS1.1="false" TLS1.2="false" UsernameToken="true" HttpDigest="true"/>
        <tds:System DiscoveryResolve="true" DiscoveryBye="true" RemoteDiscovery="false" SystemBackup="false" SystemLogging="false" FirmwareUpgrade="false"/></tds:Capabilities>`;
    case 'media1':
      return xml`<trt:Capabilities SnapshotUri="true" Rotation="false" VideoSourceMode="false" OSD="false">
        <trt:ProfileCapabilities MaximumNumberOfProfiles="${profileCount}"/>
        <trt:StreamingCapabilities RTPMulticast="false" RTP_TCP="true" RTP_RTSP_TCP="true" NonAggregateControl="false" NoRTSPStreaming="false"/></trt:Capabilities>`;
    case 'media2':
      return xml`<tr2:Capabilities SnapshotUri="true" Rotation="false" VideoSourceMode="false" OSD="false" Mask="false">
        <tr2:ProfileCapabilities MaximumNumberOfProfiles="${profileCount}" ConfigurationsSupported="VideoSource VideoEncoder AudioSource AudioEncoder PTZ"/>
        <tr2:StreamingCapabilities RTSPStreaming="true" RTPMulticast="false" RTP_RTSP_TCP="true" NonAggregateControl="false"/></tr2:Capabilities>`;
    case 'ptz':
      return xml`<tptz:Capabilities EFlip="false" Reverse="false" GetCompatibleConfigurations="true" MoveStatus="true" StatusPosition="true"/>`;
    case 'imaging':
      return xml`<timg:Capabilities ImageStabilization="false" Presets="false"/>`;
    case 'events':
      return xml`<tev:Capabilities WSSubscriptionPolicySupport="false" WSPullPointSupport="${yes(!world.events.faults.noPullPoint)}" WSPausableSubscriptionManagerInterfaceSupport="false" MaxNotificationProducers="8" MaxPullPoints="16" PersistentNotificationStorage="false"/>`;
    case 'deviceio':
      return xml`<tmd:Capabilities VideoSources="1" VideoOutputs="0" AudioSources="${world.audio === 'none' ? 0 : 1}" AudioOutputs="${world.talk ? 1 : 0}" RelayOutputs="${relays}" DigitalInputs="${inputs}" SerialPorts="0"/>`;
    default:
      return nothing;
  }
}
