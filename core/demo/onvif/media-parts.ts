/** Configurations that both media services tell, with the types' own element order (tt: schema). */
import { range, type Call } from './call.ts';
import { nothing, xml, type Markup } from './soap.ts';
import type { Encoder, Profile, World } from './world.ts';

export const ptzSpaces = {
  position: 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/PositionGenericSpace',
  zoomPosition: 'http://www.onvif.org/ver10/tptz/ZoomSpaces/PositionGenericSpace',
  translation: 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationGenericSpace',
  view: 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov',
  zoomTranslation: 'http://www.onvif.org/ver10/tptz/ZoomSpaces/TranslationGenericSpace',
  velocity: 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/VelocityGenericSpace',
  zoomVelocity: 'http://www.onvif.org/ver10/tptz/ZoomSpaces/VelocityGenericSpace',
  speed: 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/GenericSpeedSpace',
  zoomSpeed: 'http://www.onvif.org/ver10/tptz/ZoomSpaces/ZoomGenericSpeedSpace',
};

export const multicast = xml`<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>
  <tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>`;

export const resolution = ({ width, height }: { width: number; height: number }): Markup =>
  xml`<tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height>`;

/** Inside of tt:VideoSourceConfiguration. */
export function videoSourceConfiguration(world: World): Markup {
  const widest = world.profiles[0]?.encoder.sizes[0] ?? { width: 0, height: 0 };
  return xml`<tt:Name>Video source</tt:Name><tt:UseCount>${world.profiles.length}</tt:UseCount><tt:SourceToken>video_source</tt:SourceToken>
    <tt:Bounds x="0" y="0" width="${widest.width}" height="${widest.height}"/>`;
}

export const audioSourceConfiguration = xml`<tt:Name>Microphone</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>audio_source</tt:SourceToken>`;
export const audioOutputConfiguration = xml`<tt:Name>Loudspeaker</tt:Name><tt:UseCount>2</tt:UseCount><tt:OutputToken>audio_output</tt:OutputToken>
  <tt:SendPrimacy>www.onvif.org/ver20/HalfDuplex/Server</tt:SendPrimacy><tt:OutputLevel>80</tt:OutputLevel>`;
export const audioDecoderConfiguration = xml`<tt:Name>Loudspeaker decoder</tt:Name><tt:UseCount>2</tt:UseCount>`;

/** Inside of Media1's tt:VideoEncoderConfiguration. Its schema has no word for H.265; cameras say H264 there. */
export function videoEncoder1(encoder: Encoder): Markup {
  return xml`<tt:Name>${encoder.name}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>
    <tt:Resolution>${resolution(encoder)}</tt:Resolution><tt:Quality>${encoder.quality}</tt:Quality>
    <tt:RateControl><tt:FrameRateLimit>${encoder.fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>
    <tt:BitrateLimit>${encoder.kbps}</tt:BitrateLimit></tt:RateControl>
    <tt:H264><tt:GovLength>${encoder.gov}</tt:GovLength><tt:H264Profile>High</tt:H264Profile></tt:H264>
    ${multicast}<tt:SessionTimeout>PT60S</tt:SessionTimeout>`;
}

/** Inside of Media2's tt:VideoEncoder2Configuration; GovLength and Profile are attributes of the element. */
export function videoEncoder2(encoder: Encoder): Markup {
  return xml`<tt:Name>${encoder.name}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${encoder.codec}</tt:Encoding>
    <tt:Resolution>${resolution(encoder)}</tt:Resolution><tt:RateControl ConstantBitRate="false">
    <tt:FrameRateLimit>${encoder.fps}</tt:FrameRateLimit><tt:BitrateLimit>${encoder.kbps}</tt:BitrateLimit></tt:RateControl>
    ${multicast}<tt:Quality>${encoder.quality}</tt:Quality>`;
}

/** Inside of tt:AudioEncoderConfiguration (Media1). */
export function audioEncoder1(world: World): Markup {
  const aac = world.audio === 'aac';
  return xml`<tt:Name>Audio encoder</tt:Name><tt:UseCount>2</tt:UseCount><tt:Encoding>${aac ? 'AAC' : 'G711'}</tt:Encoding>
    <tt:Bitrate>${aac ? 24 : 64}</tt:Bitrate><tt:SampleRate>${aac ? 16 : 8}</tt:SampleRate>${multicast}<tt:SessionTimeout>PT60S</tt:SessionTimeout>`;
}

/** Inside of tt:AudioEncoder2Configuration (Media2): MIME names, and Multicast before Bitrate. */
export function audioEncoder2(world: World): Markup {
  const aac = world.audio === 'aac';
  return xml`<tt:Name>Audio encoder</tt:Name><tt:UseCount>2</tt:UseCount><tt:Encoding>${aac ? 'MP4A-LATM' : 'PCMU'}</tt:Encoding>
    ${multicast}<tt:Bitrate>${aac ? 24 : 64}</tt:Bitrate><tt:SampleRate>${aac ? 16 : 8}</tt:SampleRate>`;
}

/** Inside of tt:PTZConfiguration. The schema has "Pant" in one name; it is no slip here. */
export const ptzConfiguration = xml`<tt:Name>PTZ</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>ptz_node</tt:NodeToken>
  <tt:DefaultAbsolutePantTiltPositionSpace>${ptzSpaces.position}</tt:DefaultAbsolutePantTiltPositionSpace>
  <tt:DefaultAbsoluteZoomPositionSpace>${ptzSpaces.zoomPosition}</tt:DefaultAbsoluteZoomPositionSpace>
  <tt:DefaultRelativePanTiltTranslationSpace>${ptzSpaces.translation}</tt:DefaultRelativePanTiltTranslationSpace>
  <tt:DefaultRelativeZoomTranslationSpace>${ptzSpaces.zoomTranslation}</tt:DefaultRelativeZoomTranslationSpace>
  <tt:DefaultContinuousPanTiltVelocitySpace>${ptzSpaces.velocity}</tt:DefaultContinuousPanTiltVelocitySpace>
  <tt:DefaultContinuousZoomVelocitySpace>${ptzSpaces.zoomVelocity}</tt:DefaultContinuousZoomVelocitySpace>
  <tt:DefaultPTZSpeed><tt:PanTilt x="1" y="1" space="${ptzSpaces.speed}"/><tt:Zoom x="1" space="${ptzSpaces.zoomSpeed}"/></tt:DefaultPTZSpeed>
  <tt:DefaultPTZTimeout>PT5S</tt:DefaultPTZTimeout>
  <tt:PanTiltLimits><tt:Range><tt:URI>${ptzSpaces.position}</tt:URI><tt:XRange>${range(-1, 1)}</tt:XRange><tt:YRange>${range(-1, 1)}</tt:YRange></tt:Range></tt:PanTiltLimits>
  <tt:ZoomLimits><tt:Range><tt:URI>${ptzSpaces.zoomPosition}</tt:URI><tt:XRange>${range(0, 1)}</tt:XRange></tt:Range></tt:ZoomLimits>`;

/** The profiles that a call means: the one named, or all. */
export function profilesOf(call: Call, token: string | undefined): readonly Profile[] {
  return token === undefined ? call.world.profiles : call.world.profiles.filter((one) => one.token === token);
}

export const when = (condition: boolean, markup: Markup): Markup => (condition ? markup : nothing);
