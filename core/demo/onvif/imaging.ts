/** The imaging service, version 2.0: the picture's settings, the infrared filter and the focus. */
import { serviceCapabilities } from './capabilities.ts';
import { range, type Call, type Handler, type Service } from './call.ts';
import { child, invalidArgument, nothing, numberOf, textOf, xml } from './soap.ts';
import type { Imaging } from './world.ts';

/** As some cameras count; others use 0..255 or 0..1. */
const settingRange = [0, 100] as const;

function checkSource(call: Call): void {
  const token = textOf(call.body, 'timg:VideoSourceToken');
  if (token !== 'video_source') throw invalidArgument('NoSource', `There is no video source ${token ?? ''}`);
}

const getSettings: Handler = (call) => {
  checkSource(call);
  const now = call.world.imaging;
  return xml`<timg:ImagingSettings><tt:Brightness>${now.brightness}</tt:Brightness><tt:ColorSaturation>${now.saturation}</tt:ColorSaturation>
    <tt:Contrast>${now.contrast}</tt:Contrast><tt:Focus><tt:AutoFocusMode>${now.autoFocus ? 'AUTO' : 'MANUAL'}</tt:AutoFocusMode>
    <tt:DefaultSpeed>1</tt:DefaultSpeed></tt:Focus><tt:IrCutFilter>${now.irCut}</tt:IrCutFilter><tt:Sharpness>${now.sharpness}</tt:Sharpness></timg:ImagingSettings>`;
};

const setSettings: Handler = (call) => {
  checkSource(call);
  const wanted = child(call.body, 'timg:ImagingSettings');
  const refuse = (): never => {
    throw invalidArgument('SettingsInvalid', 'A setting is out of its range');
  };
  const next: Partial<Imaging> = {};
  const [min, max] = settingRange;
  for (const [key, name] of [
    ['brightness', 'Brightness'],
    ['saturation', 'ColorSaturation'],
    ['contrast', 'Contrast'],
    ['sharpness', 'Sharpness'],
  ] as const) {
    const value = numberOf(wanted, `tt:${name}`);
    if (value === undefined) continue;
    if (value < min || value > max) refuse();
    next[key] = value;
  }
  const irCut = textOf(wanted, 'tt:IrCutFilter');
  if (irCut === 'ON' || irCut === 'OFF' || irCut === 'AUTO') next.irCut = irCut;
  else if (irCut !== undefined) refuse();
  const mode = textOf(wanted, 'tt:Focus', 'tt:AutoFocusMode');
  if (mode === 'AUTO' || mode === 'MANUAL') next.autoFocus = mode === 'AUTO';
  else if (mode !== undefined) refuse();
  Object.assign(call.world.imaging, next);
  return nothing;
};

const getOptions: Handler = (call) => {
  checkSource(call);
  const span = range(...settingRange);
  return xml`<timg:ImagingOptions><tt:Brightness>${span}</tt:Brightness><tt:ColorSaturation>${span}</tt:ColorSaturation>
    <tt:Contrast>${span}</tt:Contrast><tt:Focus><tt:AutoFocusModes>AUTO</tt:AutoFocusModes><tt:AutoFocusModes>MANUAL</tt:AutoFocusModes>
    <tt:DefaultSpeed>${range(0, 1)}</tt:DefaultSpeed></tt:Focus><tt:IrCutFilterModes>ON</tt:IrCutFilterModes>
    <tt:IrCutFilterModes>OFF</tt:IrCutFilterModes><tt:IrCutFilterModes>AUTO</tt:IrCutFilterModes><tt:Sharpness>${span}</tt:Sharpness></timg:ImagingOptions>`;
};

const move: Handler = (call) => {
  checkSource(call);
  const { focus, autoFocus } = call.world.imaging;
  if (autoFocus) throw invalidArgument('SettingsInvalid', 'The focus is set to automatic');
  const wanted = child(call.body, 'timg:Focus');
  const speed = numberOf(wanted, 'tt:Continuous', 'tt:Speed');
  const by = numberOf(wanted, 'tt:Relative', 'tt:Distance');
  const to = numberOf(wanted, 'tt:Absolute', 'tt:Position');
  if (speed !== undefined) focus.go({ zoom: speed }, 60_000);
  else if (by !== undefined) focus.goBy({ zoom: by });
  else if (to !== undefined) focus.goTo({ zoom: to });
  else throw invalidArgument('SettingsInvalid', 'The move names nothing');
  return nothing;
};

export const imaging: Service = {
  GetServiceCapabilities: ({ world }) => serviceCapabilities('imaging', world),
  GetImagingSettings: getSettings,
  SetImagingSettings: setSettings,
  GetOptions: getOptions,
  GetMoveOptions: (call) => {
    checkSource(call);
    const one = range(0, 1);
    const both = range(-1, 1);
    return xml`<timg:MoveOptions><tt:Absolute><tt:Position>${one}</tt:Position><tt:Speed>${one}</tt:Speed></tt:Absolute>
      <tt:Relative><tt:Distance>${both}</tt:Distance><tt:Speed>${one}</tt:Speed></tt:Relative>
      <tt:Continuous><tt:Speed>${both}</tt:Speed></tt:Continuous></timg:MoveOptions>`;
  },
  Move: move,
  Stop: (call) => {
    checkSource(call);
    call.world.imaging.focus.stop(false, true);
    return nothing;
  },
  GetStatus: (call) => {
    checkSource(call);
    const { focus } = call.world.imaging;
    const moves = focus.moving().zoom;
    return xml`<timg:Status><tt:FocusStatus20><tt:Position>${focus.position().zoom}</tt:Position><tt:MoveStatus>${moves ? 'MOVING' : 'IDLE'}</tt:MoveStatus></tt:FocusStatus20></timg:Status>`;
  },
};
