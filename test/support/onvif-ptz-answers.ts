/** What PTZ cameras of several makers say, cut down to what matters, in their own styles. */
import type { SoapScript } from './soap-camera.ts';

const generic = 'http://www.onvif.org/ver10/tptz';
const space2d = (name: string, uri: string, min: number, max: number): string =>
  `<tt:${name}><tt:URI>${generic}/${uri}</tt:URI><tt:XRange><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:XRange>` +
  `<tt:YRange><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:YRange></tt:${name}>`;
const space1d = (name: string, uri: string, min: number, max: number): string =>
  `<tt:${name}><tt:URI>${generic}/${uri}</tt:URI><tt:XRange><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:XRange></tt:${name}>`;

const domeSpaces = [
  space2d('AbsolutePanTiltPositionSpace', 'PanTiltSpaces/PositionGenericSpace', -1, 1),
  space1d('AbsoluteZoomPositionSpace', 'ZoomSpaces/PositionGenericSpace', 0, 1),
  space2d('RelativePanTiltTranslationSpace', 'PanTiltSpaces/TranslationSpaceFov', -1, 1),
  space2d('RelativePanTiltTranslationSpace', 'PanTiltSpaces/TranslationGenericSpace', -1, 1),
  space1d('RelativeZoomTranslationSpace', 'ZoomSpaces/TranslationGenericSpace', -1, 1),
  `<tt:ContinuousPanTiltVelocitySpace><tt:URI>${generic}/PanTiltSpaces/VelocitySpaceDegrees</tt:URI><tt:XRange><tt:Min>-INF</tt:Min><tt:Max>INF</tt:Max></tt:XRange><tt:YRange><tt:Min>-INF</tt:Min><tt:Max>INF</tt:Max></tt:YRange></tt:ContinuousPanTiltVelocitySpace>`,
  space2d('ContinuousPanTiltVelocitySpace', 'PanTiltSpaces/VelocityGenericSpace', -1, 1),
  space1d('ContinuousZoomVelocitySpace', 'ZoomSpaces/VelocityGenericSpace', -1, 1),
].join('');

/** A dome as the large makers build it: everything there, profiles of Media1 and Media2, two presets. */
export const dome: SoapScript = {
  GetProfiles: ({ message }) =>
    message.includes('ver20/media/wsdl') && message.includes(':Type>')
      ? '<tr2:GetProfilesResponse><tr2:Profiles token="Profile_1"><tr2:Name>main</tr2:Name><tr2:Configurations><tr2:PTZ token="ptz_1"><tt:Name>p</tt:Name><tt:NodeToken>node_1</tt:NodeToken><tt:DefaultContinuousPanTiltVelocitySpace>http://www.onvif.org/ver10/tptz/PanTiltSpaces/VelocityGenericSpace</tt:DefaultContinuousPanTiltVelocitySpace></tr2:PTZ></tr2:Configurations></tr2:Profiles></tr2:GetProfilesResponse>'
      : '<trt:GetProfilesResponse><trt:Profiles token="other"><tt:Name>no ptz</tt:Name></trt:Profiles><trt:Profiles token="Profile_1"><tt:Name>main</tt:Name><tt:PTZConfiguration token="ptz_1"><tt:NodeToken>node_1</tt:NodeToken></tt:PTZConfiguration></trt:Profiles></trt:GetProfilesResponse>',
  GetNode: `<tptz:GetNodeResponse><tptz:PTZNode token="node_1" FixedHomePosition="false"><tt:Name>n</tt:Name><tt:SupportedPTZSpaces>${domeSpaces}</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>300</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode></tptz:GetNodeResponse>`,
  GetConfigurationOptions: `<tptz:GetConfigurationOptionsResponse><tptz:PTZConfigurationOptions><tt:Spaces>${domeSpaces}</tt:Spaces><tt:PTZTimeout><tt:Min>PT1S</tt:Min><tt:Max>PT1M</tt:Max></tt:PTZTimeout></tptz:PTZConfigurationOptions></tptz:GetConfigurationOptionsResponse>`,
  GetPresets:
    '<tptz:GetPresetsResponse><tptz:Preset token="1"><tt:Name>Gate</tt:Name><tt:PTZPosition><tt:PanTilt x="0.5" y="0"/><tt:Zoom x="0"/></tt:PTZPosition></tptz:Preset><tptz:Preset token="2"/><tptz:Preset><tt:Name>no token</tt:Name></tptz:Preset></tptz:GetPresetsResponse>',
  GetStatus:
    '<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="0.5" y="-0.25" space="http://www.onvif.org/ver10/tptz/PanTiltSpaces/PositionGenericSpace"/><tt:Zoom x="0.1"/></tt:Position><tt:MoveStatus><tt:PanTilt>IDLE</tt:PanTilt><tt:Zoom>IDLE</tt:Zoom></tt:MoveStatus></tptz:PTZStatus></tptz:GetStatusResponse>',
  ContinuousMove: '<tptz:ContinuousMoveResponse/>',
  Stop: '<tptz:StopResponse/>',
  RelativeMove: '<tptz:RelativeMoveResponse/>',
  AbsoluteMove: '<tptz:AbsoluteMoveResponse/>',
  GotoHomePosition: '<tptz:GotoHomePositionResponse/>',
  SetHomePosition: { fault: 'CannotOverwriteHome', reason: 'The home position is fixed' },
  GotoPreset: '<tptz:GotoPresetResponse/>',
  SetPreset: '<tptz:SetPresetResponse><tptz:PresetToken>3</tptz:PresetToken></tptz:SetPresetResponse>',
  RemovePreset: '<tptz:RemovePresetResponse/>',
};

/** A cheap swivel camera: Media1, no node, no options, no status, refuses a move with Timeout, pan and tilt only. */
export const swivel: SoapScript = {
  GetProfiles:
    '<trt:GetProfilesResponse><trt:Profiles fixed="true" token="PROFILE_000"><tt:PTZConfiguration token="PTZ"><tt:NodeToken>0</tt:NodeToken></tt:PTZConfiguration></trt:Profiles></trt:GetProfilesResponse>',
  ContinuousMove: ({ message }) =>
    message.includes('Timeout>') ? { fault: 'InvalidArgVal', reason: 'bad timeout' } : '<tptz:ContinuousMoveResponse/>',
  Stop: '<tptz:StopResponse/>',
  GetPresets: '<tptz:GetPresetsResponse/>',
};

/** One whose numbers are its own: velocities -10..10, positions in degrees 0..350, no generic space anywhere. */
export const degrees: SoapScript = {
  ...dome,
  GetProfiles: dome['GetProfiles'] ?? '',
  GetNode:
    '<tptz:GetNodeResponse><tptz:PTZNode token="node_1"><tt:SupportedPTZSpaces>' +
    '<tt:AbsolutePanTiltPositionSpace><tt:URI>urn:degrees</tt:URI><tt:XRange><tt:Min>0</tt:Min><tt:Max>350</tt:Max></tt:XRange><tt:YRange><tt:Min>-90</tt:Min><tt:Max>0</tt:Max></tt:YRange></tt:AbsolutePanTiltPositionSpace>' +
    '<tt:ContinuousPanTiltVelocitySpace><tt:URI>urn:velocity</tt:URI><tt:XRange><tt:Min>-10</tt:Min><tt:Max>20</tt:Max></tt:XRange><tt:YRange><tt:Min>-10</tt:Min><tt:Max>20</tt:Max></tt:YRange></tt:ContinuousPanTiltVelocitySpace>' +
    '</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>NaN</tt:MaximumNumberOfPresets></tptz:PTZNode></tptz:GetNodeResponse>',
  GetConfigurationOptions: { fault: 'ActionNotSupported' },
  GetStatus:
    '<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="175" y="-45"/></tt:Position></tptz:PTZStatus></tptz:GetStatusResponse>',
};
