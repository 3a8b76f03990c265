/** The PTZ service, version 2.0, over the simulated head. */
import { serviceCapabilities } from './capabilities.ts';
import { profileOf, range, yes, type Call, type Handler, type Service } from './call.ts';
import { ptzConfiguration, ptzSpaces } from './media-parts.ts';
import {
  attributeNumber,
  child,
  durationMs,
  invalidArgument,
  isTrue,
  nothing,
  SoapFault,
  textOf,
  xml,
  type Markup,
} from './soap.ts';
import type { Position } from './ptz-head.ts';
import { cameraMs } from './world.ts';

const defaultTimeoutMs = 5_000;
const maxTimeoutMs = 60_000;
const maxPresets = 32;

const plane = (name: string, uri: string): Markup => {
  const inside = xml`<tt:URI>${uri}</tt:URI><tt:XRange>${range(-1, 1)}</tt:XRange><tt:YRange>${range(-1, 1)}</tt:YRange>`;
  return xml`<tt:${name}>${inside}</tt:${name}>`;
};
const line = (name: string, uri: string, min: number): Markup =>
  xml`<tt:${name}><tt:URI>${uri}</tt:URI><tt:XRange>${range(min, 1)}</tt:XRange></tt:${name}>`;

const spaces = xml`${[
  plane('AbsolutePanTiltPositionSpace', ptzSpaces.position),
  line('AbsoluteZoomPositionSpace', ptzSpaces.zoomPosition, 0),
  plane('RelativePanTiltTranslationSpace', ptzSpaces.translation),
  plane('RelativePanTiltTranslationSpace', ptzSpaces.view),
  line('RelativeZoomTranslationSpace', ptzSpaces.zoomTranslation, -1),
  plane('ContinuousPanTiltVelocitySpace', ptzSpaces.velocity),
  line('ContinuousZoomVelocitySpace', ptzSpaces.zoomVelocity, -1),
  line('PanTiltSpeedSpace', ptzSpaces.speed, 0),
  line('ZoomSpeedSpace', ptzSpaces.zoomSpeed, 0),
]}`;

const nodeInside = xml`<tt:Name>Head</tt:Name><tt:SupportedPTZSpaces>${spaces}</tt:SupportedPTZSpaces>
  <tt:MaximumNumberOfPresets>${maxPresets}</tt:MaximumNumberOfPresets><tt:HomeSupported>${yes(true)}</tt:HomeSupported>`;

/** tt:PTZVector, or what of it is there; `limit` for values that are refused beyond it. */
function vector(call: Call, name: string, limit: number): Partial<Position> & { space: string } {
  const element = child(call.body, `tptz:${name}`);
  const panTilt = child(element, 'tt:PanTilt');
  const zoom = child(element, 'tt:Zoom');
  const part = (value: number | undefined): number => {
    if (value === undefined || Math.abs(value) > limit)
      throw invalidArgument('InvalidPosition', `${name} is out of range`);
    return value;
  };
  if (!panTilt && !zoom) throw invalidArgument('InvalidTranslation', `${name} names nothing`);
  return {
    ...(panTilt ? { pan: part(attributeNumber(panTilt, 'x')), tilt: part(attributeNumber(panTilt, 'y')) } : {}),
    ...(zoom ? { zoom: part(attributeNumber(zoom, 'x')) } : {}),
    space: panTilt?.attributes.get('space') ?? '',
  };
}

function speedOf(call: Call): number {
  const speed = child(call.body, 'tptz:Speed');
  return attributeNumber(child(speed, 'tt:PanTilt') ?? child(speed, 'tt:Zoom'), 'x') ?? 1;
}

/** A move through a profile that has no head, or none at all, is refused. */
function moved(call: Call): void {
  profileOf(call, textOf(call.body, 'tptz:ProfileToken'));
  call.world.moves++;
}

const continuousMove: Handler = (call) => {
  const velocity = vector(call, 'Velocity', 1);
  moved(call);
  const asked = textOf(call.body, 'tptz:Timeout');
  const timeoutMs = asked === undefined ? defaultTimeoutMs : durationMs(asked);
  if (timeoutMs === undefined || timeoutMs > maxTimeoutMs)
    throw invalidArgument('TimeoutNotSupported', 'That timeout is not supported');
  call.world.head.go(velocity, timeoutMs);
  return nothing;
};

const relativeMove: Handler = (call) => {
  const by = vector(call, 'Translation', 2);
  moved(call);
  if (by.space === ptzSpaces.view) {
    call.world.head.goInView(by.pan ?? 0, by.tilt ?? 0);
    if (by.zoom !== undefined) call.world.head.goBy({ zoom: by.zoom });
  } else if (by.space === '' || by.space === ptzSpaces.translation) call.world.head.goBy(by, speedOf(call));
  else throw new SoapFault('Sender', ['ter:InvalidArgVal', 'ter:SpaceNotSupported'], 'That space is not supported');
  return nothing;
};

const absoluteMove: Handler = (call) => {
  const to = vector(call, 'Position', 1);
  moved(call);
  call.world.head.goTo(to, speedOf(call));
  return nothing;
};

const stop: Handler = (call) => {
  moved(call);
  const panTilt = textOf(call.body, 'tptz:PanTilt');
  const zoom = textOf(call.body, 'tptz:Zoom');
  const both = panTilt === undefined && zoom === undefined;
  call.world.head.stop(both || isTrue(panTilt), both || isTrue(zoom));
  return nothing;
};

const position = ({ pan, tilt, zoom }: Position): Markup =>
  xml`<tt:PanTilt x="${pan}" y="${tilt}" space="${ptzSpaces.position}"/><tt:Zoom x="${zoom}" space="${ptzSpaces.zoomPosition}"/>`;

const getStatus: Handler = (call) => {
  const { head } = call.world;
  profileOf(call, textOf(call.body, 'tptz:ProfileToken'));
  const { panTilt, zoom } = head.moving();
  const word = (goes: boolean): string => (goes ? 'MOVING' : 'IDLE');
  return xml`<tptz:PTZStatus><tt:Position>${position(head.position())}</tt:Position>
    <tt:MoveStatus><tt:PanTilt>${word(panTilt)}</tt:PanTilt><tt:Zoom>${word(zoom)}</tt:Zoom></tt:MoveStatus>
    <tt:UtcTime>${new Date(cameraMs(call.world)).toISOString()}</tt:UtcTime></tptz:PTZStatus>`;
};

/** Throws ter:NoToken. */
function presetOf(call: Call): { token: string; name: string; position: Position } {
  const token = textOf(call.body, 'tptz:PresetToken') ?? '';
  const preset = call.world.presets.get(token);
  if (!preset) throw invalidArgument('NoToken', `There is no preset ${token}`);
  return { token, ...preset };
}

const setPreset: Handler = (call) => {
  const { presets, head } = call.world;
  profileOf(call, textOf(call.body, 'tptz:ProfileToken'));
  const old = textOf(call.body, 'tptz:PresetToken');
  if (old !== undefined && !presets.has(old)) throw invalidArgument('NoToken', `There is no preset ${old}`);
  if (old === undefined && presets.size >= maxPresets)
    throw new SoapFault('Receiver', ['ter:Action', 'ter:TooManyPresets'], 'There are too many presets');
  let number = 1;
  while (presets.has(`preset_${number}`)) number++;
  const token = old ?? `preset_${number}`;
  const name = textOf(call.body, 'tptz:PresetName') ?? presets.get(token)?.name ?? `Preset ${number}`;
  if (name.length > 64) throw invalidArgument('InvalidPresetName', 'That name is too long');
  presets.set(token, { name, position: head.position() });
  return xml`<tptz:PresetToken>${token}</tptz:PresetToken>`;
};

export const ptz: Service = {
  GetServiceCapabilities: ({ world }) => serviceCapabilities('ptz', world),
  GetNodes: () => xml`<tptz:PTZNode token="ptz_node" FixedHomePosition="false">${nodeInside}</tptz:PTZNode>`,
  GetNode: ({ body }) => {
    if (textOf(body, 'tptz:NodeToken') !== 'ptz_node') throw invalidArgument('NoEntity', 'There is no such node');
    return xml`<tptz:PTZNode token="ptz_node" FixedHomePosition="false">${nodeInside}</tptz:PTZNode>`;
  },
  GetConfigurations: () => xml`<tptz:PTZConfiguration token="ptz_config">${ptzConfiguration}</tptz:PTZConfiguration>`,
  GetCompatibleConfigurations: () =>
    xml`<tptz:PTZConfiguration token="ptz_config">${ptzConfiguration}</tptz:PTZConfiguration>`,
  GetConfiguration: () => xml`<tptz:PTZConfiguration token="ptz_config">${ptzConfiguration}</tptz:PTZConfiguration>`,
  GetConfigurationOptions: () =>
    xml`<tptz:PTZConfigurationOptions><tt:Spaces>${spaces}</tt:Spaces><tt:PTZTimeout><tt:Min>PT0.1S</tt:Min><tt:Max>PT60S</tt:Max></tt:PTZTimeout></tptz:PTZConfigurationOptions>`,
  ContinuousMove: continuousMove,
  RelativeMove: relativeMove,
  AbsoluteMove: absoluteMove,
  Stop: stop,
  GetStatus: getStatus,
  GetPresets: ({ world }) =>
    xml`${[...world.presets].map(
      ([token, preset]) =>
        xml`<tptz:Preset token="${token}"><tt:Name>${preset.name}</tt:Name><tt:PTZPosition>${position(preset.position)}</tt:PTZPosition></tptz:Preset>`,
    )}`,
  SetPreset: setPreset,
  RemovePreset: (call) => {
    call.world.presets.delete(presetOf(call).token);
    return nothing;
  },
  GotoPreset: (call) => {
    const preset = presetOf(call);
    moved(call);
    call.world.head.goTo(preset.position, speedOf(call));
    return nothing;
  },
  GotoHomePosition: (call) => {
    moved(call);
    call.world.head.goTo(call.world.head.home, speedOf(call));
    return nothing;
  },
  SetHomePosition: (call) => {
    profileOf(call, textOf(call.body, 'tptz:ProfileToken'));
    call.world.head.home = call.world.head.position();
    return nothing;
  },
};
