/**
 * Picture settings and focus (Imaging service, version 20). Invariants: only what is to change is sent, within the range
 * the camera named; a focus that was set moving is stopped; what is returned was read back from the camera.
 */
import { HubError } from '#core/base/errors.ts';
import type { ImagingAbilities, ImagingChange, ImagingState } from '#core/domain/onvif.ts';
import type { CallContext } from './call-desk.ts';
import type { DeadMan } from './dead-man.ts';
import { optional } from './optional.ts';
import { scaled, type Range } from './ptz-spaces.ts';
import type { OnvifConnection, XmlElement } from './soap-port.ts';
import { at, child, childrenOf, decimal, escapeXml, numberAt, rangeIn, textAt } from './tree.ts';

const namespace = 'http://www.onvif.org/ver20/imaging/wsdl';
const focusMs = 300;
/** Share of the range that one step of a camera without continuous focus goes at full speed. */
const focusStep = 0.05;

/** What reading gives, with what moving the focus needs. */
interface Options {
  abilities: ImagingAbilities;
  focus: { continuous: Range | null; relative: Range | null; absolute: Range | null };
}

async function ask(connection: OnvifConnection, operation: string, source: string, inner = ''): Promise<XmlElement> {
  const token = `<timg:VideoSourceToken>${escapeXml(source)}</timg:VideoSourceToken>`;
  const body = `<timg:${operation}>${token}${inner}</timg:${operation}>`;
  return await connection.call({ to: 'imaging', action: `${namespace}/${operation}`, body });
}

/** The given source, or the camera's first. Null where it names none. */
async function findSource(connection: OnvifConnection, wanted: string | null): Promise<string | null> {
  if (wanted !== null) return wanted;
  if (connection.has('media1')) {
    const action = 'http://www.onvif.org/ver10/media/wsdl/GetVideoSources';
    const answer = await optional(connection.call({ to: 'media1', action, body: '<trt:GetVideoSources/>' }));
    const token = child(answer, 'VideoSources')?.attributes['token'];
    if (token !== undefined) return token;
  }
  if (!connection.has('media2')) return null;
  const action = 'http://www.onvif.org/ver20/media/wsdl/GetVideoSourceConfigurations';
  const body = '<tr2:GetVideoSourceConfigurations/>';
  return textAt(await optional(connection.call({ to: 'media2', action, body })), 'Configurations', 'SourceToken');
}

async function readOptions(connection: OnvifConnection, wanted: string | null): Promise<Options | null> {
  if (!connection.has('imaging')) return null;
  const source = await findSource(connection, wanted);
  if (source === null) return null;
  const options = child(await optional(ask(connection, 'GetOptions', source)), 'ImagingOptions');
  const move = child(await optional(ask(connection, 'GetMoveOptions', source)), 'MoveOptions');
  const range = (name: string): Range | null => {
    const found = rangeIn(at(options, name));
    return found && found.max > found.min ? found : null;
  };
  const focus = {
    continuous: rangeIn(at(move, 'Continuous', 'Speed')),
    relative: rangeIn(at(move, 'Relative', 'Distance')),
    absolute: rangeIn(at(move, 'Absolute', 'Position')),
  };
  const autoModes = childrenOf(at(options, 'Focus'), 'AutoFocusModes').map(({ text }) => text.toUpperCase());
  const abilities: ImagingAbilities = {
    source,
    brightness: range('Brightness'),
    contrast: range('Contrast'),
    saturation: range('ColorSaturation'),
    sharpness: range('Sharpness'),
    irCut: [...new Set(childrenOf(options, 'IrCutFilterModes').map(({ text }) => asIrCut(text)))].filter(
      (mode) => mode !== null,
    ),
    focus: {
      auto: autoModes.includes('AUTO') && autoModes.includes('MANUAL'),
      continuous: focus.continuous !== null,
      relative: focus.relative !== null,
      absolute: focus.absolute !== null,
    },
  };
  return { abilities, focus };
}

const asIrCut = (text: string | null): 'on' | 'off' | 'auto' | null => {
  const word = text?.toLowerCase();
  return word === 'on' || word === 'off' || word === 'auto' ? word : null;
};

/** What can be adjusted, for describing a camera; null where nothing can. `source` null: the first one. */
export async function readImagingAbilities(
  connection: OnvifConnection,
  source: string | null,
): Promise<ImagingAbilities | null> {
  const abilities = (await readOptions(connection, source))?.abilities;
  if (!abilities) return null;
  const { brightness, contrast, saturation, sharpness, irCut, focus } = abilities;
  const some =
    [brightness, contrast, saturation, sharpness].some((range) => range !== null) ||
    Object.values(focus).includes(true);
  return some || irCut.length > 0 ? abilities : null;
}

const keptForMs = 300_000;
const kept = new WeakMap<OnvifConnection, Map<string | null, { options: Options; untilMs: number }>>();

async function keptOptions(
  connection: OnvifConnection,
  source: string | null,
  { lasting, target }: CallContext,
): Promise<Options> {
  const known = kept.get(lasting) ?? new Map<string | null, { options: Options; untilMs: number }>();
  kept.set(lasting, known);
  const before = known.get(source);
  if (before && before.untilMs > performance.now()) return before.options;
  const options = await readOptions(connection, source);
  if (!options)
    throw new HubError('not_offered', `Camera '${target.cameraName}' does not let its picture be adjusted over ONVIF.`);
  known.set(source, { options, untilMs: performance.now() + keptForMs });
  return options;
}

export async function readImagingState(
  connection: OnvifConnection,
  source: string | null,
  context: CallContext,
): Promise<ImagingState> {
  return await readState(connection, await keptOptions(connection, source, context));
}

async function readState(connection: OnvifConnection, { abilities }: Options): Promise<ImagingState> {
  const settings = child(await ask(connection, 'GetImagingSettings', abilities.source), 'ImagingSettings');
  const mode = textAt(settings, 'Focus', 'AutoFocusMode')?.toUpperCase();
  return {
    abilities,
    brightness: numberAt(settings, 'Brightness'),
    contrast: numberAt(settings, 'Contrast'),
    saturation: numberAt(settings, 'ColorSaturation'),
    sharpness: numberAt(settings, 'Sharpness'),
    irCut: asIrCut(textAt(settings, 'IrCutFilter')),
    autoFocus: mode === 'AUTO' ? true : mode === 'MANUAL' ? false : null,
  };
}

/** Throws `bad_request` (out of range), `not_offered`. */
export async function changeImaging(
  connection: OnvifConnection,
  { source, change }: { source: string | null; change: ImagingChange },
  context: CallContext,
  deadMan: DeadMan,
): Promise<ImagingState> {
  const options = await keptOptions(connection, source, context);
  const settings = settingsXml(change, options.abilities, context.target.cameraName);
  if (settings !== '') {
    const inner = `<timg:ImagingSettings>${settings}</timg:ImagingSettings><timg:ForcePersistence>true</timg:ForcePersistence>`;
    await ask(connection, 'SetImagingSettings', options.abilities.source, inner);
  }
  if (change.focus !== undefined) await moveFocus(connection, options, change.focus, context, deadMan);
  return await readState(connection, options);
}

/** In the order of the schema's ImagingSettings20. */
function settingsXml(change: ImagingChange, abilities: ImagingAbilities, cameraName: string): string {
  const refuse = (what: string): HubError =>
    new HubError('not_offered', `Camera '${cameraName}' does not let ${what} be set over ONVIF.`);
  const level = (element: string, what: 'brightness' | 'saturation' | 'contrast' | 'sharpness'): string => {
    const value = change[what];
    if (value === undefined) return '';
    const range = abilities[what];
    if (!range) throw refuse(`its ${what}`);
    if (value < range.min || value > range.max)
      throw new HubError(
        'bad_request',
        `The ${what} of camera '${cameraName}' goes from ${range.min} to ${range.max}.`,
      );
    return `<tt:${element}>${decimal(value)}</tt:${element}>`;
  };
  const { autoFocus, irCut } = change;
  if (autoFocus !== undefined && !abilities.focus.auto) throw refuse('its focus mode');
  if (irCut !== undefined && !abilities.irCut.includes(irCut)) throw refuse(`its infrared filter to '${irCut}'`);
  const mode = autoFocus === true ? 'AUTO' : 'MANUAL';
  return [
    level('Brightness', 'brightness'),
    level('ColorSaturation', 'saturation'),
    level('Contrast', 'contrast'),
    autoFocus === undefined ? '' : `<tt:Focus><tt:AutoFocusMode>${mode}</tt:AutoFocusMode></tt:Focus>`,
    irCut === undefined ? '' : `<tt:IrCutFilter>${irCut.toUpperCase()}</tt:IrCutFilter>`,
    level('Sharpness', 'sharpness'),
  ].join('');
}

async function moveFocus(
  connection: OnvifConnection,
  { abilities, focus }: Options,
  speed: number,
  { camera, target, lasting }: CallContext,
  deadMan: DeadMan,
): Promise<void> {
  const { source } = abilities;
  const what = `focus of ${source} at ${camera}`;
  const stop = async (over: OnvifConnection): Promise<void> => {
    await ask(over, 'Stop', source);
  };
  if (speed === 0) {
    deadMan.release(what);
    await stop(connection);
    return;
  }
  const move = (inner: string): Promise<XmlElement> =>
    ask(connection, 'Move', source, `<timg:Focus>${inner}</timg:Focus>`);
  if (focus.continuous) {
    deadMan.arm(what, focusMs, () => stop(lasting));
    const value = decimal(scaled(speed, focus.continuous));
    await move(`<tt:Continuous><tt:Speed>${value}</tt:Speed></tt:Continuous>`);
    deadMan.arm(what, focusMs, () => stop(lasting));
  } else if (focus.relative) {
    const value = decimal(scaled(speed * focusStep, focus.relative));
    await move(`<tt:Relative><tt:Distance>${value}</tt:Distance></tt:Relative>`);
  } else if (focus.absolute) {
    const status = child(await ask(connection, 'GetStatus', source), 'Status');
    const here = numberAt(status, 'FocusStatus20', 'Position') ?? numberAt(status, 'FocusStatus', 'Position');
    if (here === null) throw cantFocus(target.cameraName);
    const { min, max } = focus.absolute;
    const there = decimal(Math.min(Math.max(here + speed * focusStep * (max - min), min), max));
    await move(`<tt:Absolute><tt:Position>${there}</tt:Position></tt:Absolute>`);
  } else throw cantFocus(target.cameraName);
}

function cantFocus(cameraName: string): HubError {
  return new HubError('not_offered', `The focus of camera '${cameraName}' can't be moved over ONVIF.`);
}
