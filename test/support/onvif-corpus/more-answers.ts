/** Answers about moving, pictures, events and outputs: with device-answers.ts the seeds of mutated answers. */
import {
  capabilities,
  deviceInformation,
  profiles1,
  profiles2,
  services,
  streamUri1,
  streamUri2,
  styles,
  systemTime,
} from './device-answers.ts';

const ptzNode =
  '<tptz:GetNodesResponse xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"><tptz:PTZNode token="node" FixedHomePosition="false"><tt:Name>n</tt:Name><tt:SupportedPTZSpaces><tt:AbsolutePanTiltPositionSpace><tt:URI>http://www.onvif.org/ver10/tptz/PanTiltSpaces/PositionGenericSpace</tt:URI><tt:XRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:XRange><tt:YRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:YRange></tt:AbsolutePanTiltPositionSpace><tt:RelativePanTiltTranslationSpace><tt:URI>http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov</tt:URI><tt:XRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:XRange><tt:YRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:YRange></tt:RelativePanTiltTranslationSpace><tt:ContinuousZoomVelocitySpace><tt:URI>http://www.onvif.org/ver10/tptz/ZoomSpaces/VelocityGenericSpace</tt:URI><tt:XRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:XRange></tt:ContinuousZoomVelocitySpace></tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>64</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode></tptz:GetNodesResponse>';
const imagingOptions =
  '<timg:GetOptionsResponse xmlns:timg="http://www.onvif.org/ver20/imaging/wsdl"><timg:ImagingOptions><tt:Brightness><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:Brightness><tt:IrCutFilterModes>ON</tt:IrCutFilterModes><tt:IrCutFilterModes>AUTO</tt:IrCutFilterModes><tt:Focus><tt:AutoFocusModes>AUTO</tt:AutoFocusModes></tt:Focus></timg:ImagingOptions></timg:GetOptionsResponse>';
const eventProperties =
  '<tev:GetEventPropertiesResponse><wsnt:FixedTopicSet xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2">true</wsnt:FixedTopicSet><wstop:TopicSet xmlns:wstop="http://docs.oasis-open.org/wsn/t-1" xmlns:tns1="http://www.onvif.org/ver10/topics"><tns1:RuleEngine><CellMotionDetector><Motion wstop:topic="true"><tt:MessageDescription IsProperty="true"><tt:Source><tt:SimpleItemDescription Name="VideoSourceConfigurationToken" Type="tt:ReferenceToken"/></tt:Source><tt:Data><tt:SimpleItemDescription Name="IsMotion" Type="xs:boolean"/></tt:Data></tt:MessageDescription></Motion></CellMotionDetector></tns1:RuleEngine></wstop:TopicSet></tev:GetEventPropertiesResponse>';
const notification =
  '<tev:PullMessagesResponse><tev:CurrentTime>2026-01-02T03:04:05Z</tev:CurrentTime><tev:TerminationTime>2026-01-02T03:05:05Z</tev:TerminationTime><wsnt:NotificationMessage xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:RuleEngine/CellMotionDetector/Motion</wsnt:Topic><wsnt:Message><tt:Message UtcTime="2026-01-02T03:04:05.123Z" PropertyOperation="Changed"><tt:Source><tt:SimpleItem Name="Rule" Value="MyMotionDetectorRule"/></tt:Source><tt:Data><tt:SimpleItem Name="IsMotion" Value="true"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage></tev:PullMessagesResponse>';
const relays =
  '<tds:GetRelayOutputsResponse><tds:RelayOutputs token="r0"><tt:Properties><tt:Mode>Bistable</tt:Mode><tt:DelayTime>PT0S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties></tds:RelayOutputs></tds:GetRelayOutputsResponse>';

const shapes = [
  { token: 'Profile_1', codec: 'H264', width: 1920, height: 1080, ptz: true },
  { token: 'Profile_2', codec: 'H265', width: 640, height: 360 },
];
/** Bodies, by the operation they answer. */
export const bodies: Readonly<Record<string, string>> = {
  GetSystemDateAndTime: systemTime(Date.UTC(2026, 0, 2, 3, 4, 5)),
  GetServices: services('http://192.168.1.64', ['device', 'media', 'media2', 'events']),
  GetCapabilities: capabilities('http://192.168.1.64'),
  GetDeviceInformation: deviceInformation,
  GetProfiles: profiles1(shapes),
  GetProfiles2: profiles2(shapes),
  GetStreamUri: streamUri1(
    'rtsp://192.168.1.64:554/Streaming/Channels/101?transportmode=unicast&amp;profile=Profile_1',
  ),
  GetStreamUri2: streamUri2('rtsp://192.168.1.64:554/s'),
  GetNodes: ptzNode,
  GetOptions: imagingOptions,
  GetEventProperties: eventProperties,
  PullMessages: notification,
  GetRelayOutputs: relays,
};

export const answerSeeds: string[] = styles.flatMap(({ wrap }) => Object.values(bodies).map(wrap));
