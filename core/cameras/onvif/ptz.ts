/**
 * Moving a camera (PTZ service, version 20). Invariants: a continuous move always ends (camera's time limit, and our own
 * stop); a stop that was asked for is the last word, also over a move still under way; a rename never moves a preset.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { HubError } from '#core/base/errors.ts';
import type { PtzCommand, PtzPreset, PtzState, PtzVector } from '#core/domain/onvif.ts';
import type { CallContext } from './call-desk.ts';
import type { DeadMan } from './dead-man.ts';
import { isRefusal, optional } from './optional.ts';
import { positionXml, readPosition, scaled, translationXml, velocityXml } from './ptz-spaces.ts';
import { ask, ptzUnit, type PtzUnit } from './ptz-unit.ts';
import type { OnvifConnection, XmlElement } from './soap-port.ts';
import { at, child, childrenOf, decimal, escapeXml, textAt } from './tree.ts';

export { readPtzAbilities } from './ptz-unit.ts';

const mostPresets = 512;
const settleMs = { every: 250, first: 600, most: 6_000, blind: 3_000 };

const profileXml = (unit: PtzUnit): string => `<tptz:ProfileToken>${escapeXml(unit.profile)}</tptz:ProfileToken>`;
const presetXml = (token: string): string => `<tptz:PresetToken>${escapeXml(token)}</tptz:PresetToken>`;

/** What one command needs. */
interface Job {
  connection: OnvifConnection;
  unit: PtzUnit;
  deadMan: DeadMan;
  context: CallContext;
  /** For the dead man: one camera may have several heads. */
  head: string;
}

export async function readPtzState(
  connection: OnvifConnection,
  profile: string | null,
  context: CallContext,
): Promise<PtzState> {
  const unit = await ptzUnit(connection, context.lasting, profile, context.target.cameraName);
  const status = await optional(readStatus(connection, unit));
  const presets = await optional(readPresets(connection, unit));
  return {
    abilities: unit.abilities,
    position: status?.position ?? null,
    moving: status?.moving ?? null,
    presets: (presets ?? []).map(({ token, name }) => ({ token, name })),
  };
}

export async function movePtz(
  connection: OnvifConnection,
  input: { profile: string | null; command: PtzCommand },
  context: CallContext,
  deadMan: DeadMan,
): Promise<object> {
  const { command } = input;
  const unit = await ptzUnit(connection, context.lasting, input.profile, context.target.cameraName);
  const job: Job = { connection, unit, deadMan, context, head: `${context.camera} ${unit.profile}` };
  const still = (vector: PtzVector): boolean => vector.pan === 0 && vector.tilt === 0 && vector.zoom === 0;
  switch (command.action) {
    case 'move':
      await (still(command.velocity) ? stop(job) : move(job, command.velocity, command.timeoutMs));
      break;
    case 'stop':
      await stop(job);
      break;
    case 'relative':
      if (!still(command.by)) await relative(job, translationXml(unit.spaces.relative, command.by));
      break;
    case 'absolute':
      await absolute(job, command.to);
      break;
    case 'centre':
      await centre(job, command.x, command.y);
      break;
    case 'home':
      await taken(job, 'GotoHomePosition', '');
      break;
    case 'set_home':
      await ask(connection, 'SetHomePosition', profileXml(unit));
      break;
    case 'goto_preset':
      await taken(job, 'GotoPreset', presetXml(command.preset));
      break;
    case 'save_preset':
      await ask(connection, 'SetPreset', `${profileXml(unit)}${setPreset(command.name, command.preset)}`);
      break;
    case 'rename_preset':
      await renamePreset(job, command.preset, command.name);
      break;
    case 'delete_preset':
      await ask(connection, 'RemovePreset', `${profileXml(unit)}${presetXml(command.preset)}`);
      break;
  }
  return {};
}

const setPreset = (name: string, token: string | undefined): string =>
  `<tptz:PresetName>${escapeXml(name)}</tptz:PresetName>${token === undefined ? '' : presetXml(token)}`;

// ---------------------------------------------------------------- moving

async function move(job: Job, velocity: PtzVector, timeoutMs: number): Promise<void> {
  const { unit, deadMan, context, head } = job;
  const vector = velocityXml(unit.spaces.velocity, velocity);
  if (vector === '') throw notOffered(job, 'be moved continuously');
  const stopLater = (): Promise<void> => sendStop(context.lasting, unit);
  const ticket = deadMan.arm(head, timeoutMs, stopLater);
  try {
    await sendMove(job, vector, timeoutMs);
  } catch (error) {
    // It said no, so nothing moves. After silence nobody knows: the stop stays.
    if (isRefusal(error) && deadMan.holds(head, ticket)) deadMan.release(head);
    throw error;
  }
  if (deadMan.holds(head, ticket)) deadMan.arm(head, timeoutMs, stopLater);
  // A stop overtook this move on its way; the camera may have seen them the other way round.
  else await stopLater();
}

async function sendMove({ connection, unit }: Job, vector: string, timeoutMs: number): Promise<void> {
  // Whole seconds: many cameras read no fractions. The exact end is ours.
  const { min, max } = unit.timeoutS ?? { min: 1, max: 60 };
  const seconds = Math.max(1, Math.floor(Math.min(Math.max(Math.ceil(timeoutMs / 1_000), Math.ceil(min)), max)));
  const body = `${profileXml(unit)}<tptz:Velocity>${vector}</tptz:Velocity>`;
  if (!unit.refusesTimeout) {
    try {
      await ask(connection, 'ContinuousMove', `${body}<tptz:Timeout>PT${seconds}S</tptz:Timeout>`);
      return;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  await ask(connection, 'ContinuousMove', body);
  unit.refusesTimeout = true;
}

async function sendStop(connection: OnvifConnection, unit: PtzUnit): Promise<void> {
  const both = '<tptz:PanTilt>true</tptz:PanTilt><tptz:Zoom>true</tptz:Zoom>';
  await ask(connection, 'Stop', `${profileXml(unit)}${both}`);
}

async function stop({ connection, unit, deadMan, context, head }: Job): Promise<void> {
  const armed = deadMan.release(head);
  try {
    await sendStop(connection, unit);
  } catch (error) {
    // What we set moving must end, even when nobody asks again.
    if (armed) deadMan.arm(head, settleMs.every, () => sendStop(context.lasting, unit));
    throw error;
  }
}

/** A movement with an end of its own; it takes over from a continuous one. */
async function taken({ connection, unit, deadMan, head }: Job, operation: string, inner: string): Promise<void> {
  await ask(connection, operation, `${profileXml(unit)}${inner}`);
  deadMan.release(head);
}

async function relative(job: Job, vector: string): Promise<void> {
  if (vector === '') throw notOffered(job, 'be moved by a distance');
  await taken(job, 'RelativeMove', `<tptz:Translation>${vector}</tptz:Translation>`);
}

async function absolute(job: Job, to: PtzVector): Promise<void> {
  const vector = positionXml(job.unit.spaces.absolute, to);
  if (vector === '') throw notOffered(job, 'be moved to a position');
  await taken(job, 'AbsoluteMove', `<tptz:Position>${vector}</tptz:Position>`);
}

/** The field-of-view space: 0,0 is the middle of the picture, 1,1 its upper right corner. */
async function centre(job: Job, x: number, y: number): Promise<void> {
  const space = job.unit.spaces.fieldOfView;
  if (!space?.y || space.uri === null) throw notOffered(job, 'bring a point of the picture to its centre');
  const [right, up] = [scaled(2 * x - 1, space.x), scaled(1 - 2 * y, space.y)];
  const point = `x="${decimal(right)}" y="${decimal(up)}" space="${escapeXml(space.uri)}"`;
  await relative(job, `<tt:PanTilt ${point}/>`);
}

function notOffered({ context }: Job, what: string): HubError {
  return new HubError('not_offered', `Camera '${context.target.cameraName}' can't ${what} over ONVIF.`);
}

// ---------------------------------------------------------------- what it says

interface Status {
  position: PtzVector | null;
  moving: boolean | null;
}

async function readStatus(connection: OnvifConnection, unit: PtzUnit): Promise<Status> {
  const status = child(await ask(connection, 'GetStatus', profileXml(unit)), 'PTZStatus');
  const words = ['PanTilt', 'Zoom'].map((axis) => textAt(status, 'MoveStatus', axis)?.toUpperCase());
  const known = words.filter((word) => word === 'IDLE' || word === 'MOVING');
  return {
    position: readPosition(at(status, 'Position'), unit.spaces.absolute),
    moving: known.length === 0 ? null : known.includes('MOVING'),
  };
}

interface PlacedPreset extends PtzPreset {
  position: PtzVector | null;
}

async function readPresets(connection: OnvifConnection, unit: PtzUnit): Promise<PlacedPreset[]> {
  const answer = await ask(connection, 'GetPresets', profileXml(unit));
  const seen = new Map<string, PlacedPreset>();
  for (const preset of childrenOf(answer, 'Preset').slice(0, mostPresets)) {
    const token = presetToken(preset);
    if (token === null || seen.has(token)) continue;
    const position = readPosition(at(preset, 'PTZPosition'), unit.spaces.absolute);
    seen.set(token, { token, name: (textAt(preset, 'Name') ?? token).slice(0, 256), position });
  }
  return [...seen.values()];
}

function presetToken(preset: XmlElement): string | null {
  const token = preset.attributes['token'];
  return token === undefined || token === '' || token.length > 256 ? null : token;
}

/**
 * ONVIF knows no rename: SetPreset writes the name and the place the camera is at. So the camera goes to the preset
 * first, and the name is written only once it has arrived.
 */
async function renamePreset(job: Job, token: string, name: string): Promise<void> {
  const { connection, unit, context } = job;
  const preset = (await readPresets(connection, unit)).find((each) => each.token === token);
  if (!preset) throw new HubError('not_found', `Camera '${context.target.cameraName}' has no such preset any more.`);
  if (preset.name === name) return;
  await taken(job, 'GotoPreset', presetXml(token));
  if (!(await arrived(job, preset))) {
    const slow = `Camera '${context.target.cameraName}' took too long to reach preset '${preset.name}', so its name is unchanged.`;
    throw new HubError('camera_error', `${slow} Go to the preset, wait until it stands still and try again.`);
  }
  await ask(connection, 'SetPreset', `${profileXml(unit)}${setPreset(name, token)}`);
}

async function arrived({ connection, unit, context }: Job, preset: PlacedPreset): Promise<boolean> {
  const { signal } = context;
  let before: PtzVector | null = null;
  for (let waitedMs = 0; waitedMs < settleMs.most;) {
    const nextMs = waitedMs === 0 ? settleMs.first : settleMs.every;
    await wait(nextMs, undefined, { signal });
    waitedMs += nextMs;
    const status = await optional(readStatus(connection, unit));
    const here = status?.position ?? null;
    if (here && preset.position && status?.moving !== true && near(here, preset.position)) return true;
    if (here && before && !preset.position && status?.moving !== true && near(here, before)) return true;
    if (!here && status?.moving === false) return true;
    if (!here && status?.moving === null && waitedMs >= settleMs.blind) return true;
    if (!status && waitedMs >= settleMs.blind) return true;
    before = here;
  }
  return false;
}

const near = (a: PtzVector, b: PtzVector): boolean =>
  Math.max(Math.abs(a.pan - b.pan), Math.abs(a.tilt - b.tilt), Math.abs(a.zoom - b.zoom)) < 0.02;
