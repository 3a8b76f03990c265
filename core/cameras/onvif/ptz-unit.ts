/**
 * What moves through one profile: its PTZ configuration, node, spaces and abilities (PTZ service, version 20). Invariant:
 * read once per connection, then kept; a camera that describes itself badly still moves in the generic spaces.
 */
import { HubError } from '#core/base/errors.ts';
import type { PtzAbilities } from '#core/domain/onvif.ts';
import { isRefusal, optional } from './optional.ts';
import { readSpaces, type PtzSpaces, type Range } from './ptz-spaces.ts';
import type { OnvifConnection, XmlElement } from './soap-port.ts';
import { asBoolean, asNumber, at, child, childrenOf, escapeXml, textAt } from './tree.ts';

export const ptzNamespace = 'http://www.onvif.org/ver20/ptz/wsdl';

export interface PtzUnit {
  profile: string;
  abilities: PtzAbilities;
  spaces: PtzSpaces;
  /** How long a move may be asked to last; null where the camera does not say. */
  timeoutS: Range | null;
  /** The camera refused a move with a time limit: it is asked without, and stopped by us. */
  refusesTimeout: boolean;
}

const mostPresets = 512;
/** A joystick at full pan and tilt, should the camera name no space at all. */
const anySpaces: PtzSpaces = {
  velocity: { panTilt: { uri: null, x: { min: -1, max: 1 }, y: { min: -1, max: 1 } }, zoom: null },
  relative: { panTilt: null, zoom: null },
  absolute: { panTilt: null, zoom: null },
  fieldOfView: null,
};

export async function ask(connection: OnvifConnection, operation: string, inner: string): Promise<XmlElement> {
  const body = `<tptz:${operation}>${inner}</tptz:${operation}>`;
  return await connection.call({ to: 'ptz', action: `${ptzNamespace}/${operation}`, body });
}

const profileQuestions = {
  media2: {
    action: 'http://www.onvif.org/ver20/media/wsdl/GetProfiles',
    body: '<tr2:GetProfiles><tr2:Type>PTZ</tr2:Type></tr2:GetProfiles>',
    path: ['Configurations', 'PTZ'],
  },
  media1: {
    action: 'http://www.onvif.org/ver10/media/wsdl/GetProfiles',
    body: '<trt:GetProfiles/>',
    path: ['PTZConfiguration'],
  },
} as const;

interface Found {
  profile: string;
  configuration: XmlElement;
}

/** The profile with its PTZ configuration. `wanted` null: the first that has one. Throws what the camera answered where it answered nothing of use. */
async function findProfile(connection: OnvifConnection, wanted: string | null): Promise<Found | null> {
  const fits = (profile: XmlElement): boolean => wanted === null || profile.attributes['token'] === wanted;
  const pick = (profiles: readonly XmlElement[], ...path: string[]): Found | null => {
    for (const profile of profiles) {
      const configuration = at(profile, ...path);
      const token = profile.attributes['token'];
      if (configuration && token !== undefined && fits(profile)) return { profile: token, configuration };
    }
    return null;
  };
  let failure: unknown = null;
  let answered = false;
  for (const media of ['media2', 'media1'] as const) {
    if (!connection.has(media)) continue;
    const { path, ...question } = profileQuestions[media];
    try {
      const found = pick(childrenOf(await connection.call({ to: media, ...question }), 'Profiles'), ...path);
      if (found) return found;
      answered = true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      failure ??= error;
    }
  }
  // What it said (a user without rights, say) helps more than that there is no PTZ.
  if (!answered && failure !== null) throw failure as Error;
  return null;
}

/** Null where the camera has no PTZ service or the profile does not move. */
export async function readPtzUnit(connection: OnvifConnection, profile: string | null): Promise<PtzUnit | null> {
  if (!connection.has('ptz')) return null;
  const found = await findProfile(connection, profile);
  if (!found) return null;
  const { configuration } = found;
  const node = await readNode(connection, textAt(configuration, 'NodeToken'));
  const token = configuration.attributes['token'];
  const options =
    token === undefined
      ? null
      : await optional(
          ask(
            connection,
            'GetConfigurationOptions',
            `<tptz:ConfigurationToken>${escapeXml(token)}</tptz:ConfigurationToken>`,
          ),
        );
  const allowed = child(options, 'PTZConfigurationOptions');
  const named = [at(allowed, 'Spaces'), at(node, 'SupportedPTZSpaces')].find(
    (each) => (each?.children.length ?? 0) > 0,
  );
  const read = readSpaces(named ?? null, configuration);
  const { velocity, relative, absolute } = read;
  const silent = [velocity, relative, absolute].every(({ panTilt, zoom }) => !panTilt && !zoom);
  const spaces = silent ? anySpaces : read;
  return {
    profile: found.profile,
    spaces,
    timeoutS: readTimeout(at(allowed, 'PTZTimeout')),
    refusesTimeout: false,
    abilities: abilitiesOf(found.profile, spaces, node),
  };
}

function abilitiesOf(profile: string, spaces: PtzSpaces, node: XmlElement | null): PtzAbilities {
  const { velocity, relative, absolute, fieldOfView } = spaces;
  const presets = asNumber(textAt(node, 'MaximumNumberOfPresets')) ?? 0;
  return {
    profile,
    continuous: velocity.panTilt !== null || velocity.zoom !== null,
    relative: relative.panTilt !== null || relative.zoom !== null,
    absolute: absolute.panTilt !== null || absolute.zoom !== null,
    centre: fieldOfView !== null,
    zoom: velocity.zoom !== null || relative.zoom !== null || absolute.zoom !== null,
    home: asBoolean(textAt(node, 'HomeSupported')) ?? false,
    presets: Math.min(Math.max(Math.round(presets), 0), mostPresets),
  };
}

/** Some cameras answer GetNode wrongly and GetNodes rightly, and the other way round. */
async function readNode(connection: OnvifConnection, token: string | null): Promise<XmlElement | null> {
  if (token !== null) {
    const inner = `<tptz:NodeToken>${escapeXml(token)}</tptz:NodeToken>`;
    const node = child(await optional(ask(connection, 'GetNode', inner)), 'PTZNode');
    if (node) return node;
  }
  const nodes = childrenOf(await optional(ask(connection, 'GetNodes', '')), 'PTZNode');
  return nodes.find((node) => node.attributes['token'] === token) ?? nodes[0] ?? null;
}

/** xs:duration of hours, minutes and seconds. */
function readTimeout(element: XmlElement | null): Range | null {
  const seconds = (name: string): number | null => {
    const parts = /^P(?:\d+D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(textAt(element, name) ?? '');
    return parts && Number(parts[1] ?? 0) * 3_600 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0);
  };
  const [min, max] = [seconds('Min'), seconds('Max')];
  return min === null || max === null || max < min || max === 0 ? null : { min, max };
}

/**
 * What the profile can be asked to do, for describing a camera; null where it does not move. Throws what a connection
 * throws, but not for what the camera leaves unanswered.
 */
export async function readPtzAbilities(
  connection: OnvifConnection,
  profile: string | null,
): Promise<PtzAbilities | null> {
  return (await readPtzUnit(connection, profile))?.abilities ?? null;
}

/** What a camera said badly in a bad moment must not stay so as long as somebody looks at it. */
const keptForMs = 300_000;
const units = new WeakMap<OnvifConnection, Map<string | null, { unit: PtzUnit; untilMs: number }>>();

/** The unit, kept with the connection `lasting`. Throws `not_offered`. */
export async function ptzUnit(
  connection: OnvifConnection,
  lasting: OnvifConnection,
  profile: string | null,
  cameraName: string,
): Promise<PtzUnit> {
  const known = units.get(lasting) ?? new Map<string | null, { unit: PtzUnit; untilMs: number }>();
  units.set(lasting, known);
  // A stop often names no profile: whatever is known of the camera is better than asking first.
  const kept = known.get(profile) ?? (profile === null ? known.values().next().value : undefined);
  if (kept && kept.untilMs > performance.now()) return kept.unit;
  const unit = await readPtzUnit(connection, profile);
  if (!unit)
    throw new HubError(
      'not_offered',
      `Camera '${cameraName}' can't be moved over ONVIF: it names no PTZ in its profiles.`,
    );
  known.set(profile, { unit, untilMs: performance.now() + keptForMs });
  return unit;
}
