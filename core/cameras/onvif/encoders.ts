/**
 * The camera's video encoders: what they are set to, what they may be set to, and setting them (Media2 where offered,
 * because only it knows H.265, else Media1). Invariant: after a change the camera is read again; what is returned is what
 * it really took.
 */
import { HubError } from '#core/base/errors.ts';
import type { EncoderChange, EncoderState } from '#core/domain/onvif.ts';
import {
  changesFor,
  encoderXml,
  readEncoder,
  readOptions,
  type CodecOptions,
  type Media,
  type Wanted,
} from './encoder-model.ts';
import { isRefusal, optional } from './optional.ts';
import type { OnvifConnection, XmlElement } from './soap-port.ts';
import { at, childrenOf, escapeXml, textAt } from './tree.ts';

const words = {
  media1: { prefix: 'trt', namespace: 'http://www.onvif.org/ver10/media/wsdl' },
  media2: { prefix: 'tr2', namespace: 'http://www.onvif.org/ver20/media/wsdl' },
} as const;
const mostEncoders = 32;

async function ask(connection: OnvifConnection, media: Media, operation: string, inner = ''): Promise<XmlElement> {
  const { prefix, namespace } = words[media];
  const body = `<${prefix}:${operation}>${inner}</${prefix}:${operation}>`;
  return await connection.call({ to: media, action: `${namespace}/${operation}`, body });
}

interface Encoders {
  media: Media;
  configurations: XmlElement[];
}

/** Throws `not_offered`. */
async function readConfigurations(connection: OnvifConnection, cameraName: string): Promise<Encoders> {
  let failure: unknown = null;
  for (const media of ['media2', 'media1'] as const) {
    if (!connection.has(media)) continue;
    try {
      const answer = await ask(connection, media, 'GetVideoEncoderConfigurations');
      const configurations = childrenOf(answer, 'Configurations').slice(0, mostEncoders);
      if (configurations.length > 0) return { media, configurations };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      failure ??= error;
    }
  }
  // Its own reason (a user without rights, say) helps more than ours.
  if (failure !== null) throw failure as Error;
  throw new HubError('not_offered', `Camera '${cameraName}' does not tell its stream settings over ONVIF.`);
}

/** Names of the profiles by the token of the encoder they use. */
async function profilesByEncoder(connection: OnvifConnection, media: Media): Promise<Map<string, string[]>> {
  const inner = media === 'media2' ? '<tr2:Type>VideoEncoder</tr2:Type>' : '';
  const path = media === 'media2' ? ['Configurations', 'VideoEncoder'] : ['VideoEncoderConfiguration'];
  const names = new Map<string, string[]>();
  for (const profile of childrenOf(await optional(ask(connection, media, 'GetProfiles', inner)), 'Profiles')) {
    const token = at(profile, ...path)?.attributes['token'];
    const name = textAt(profile, 'Name') ?? profile.attributes['token'];
    if (token !== undefined && name !== undefined) names.set(token, [...(names.get(token) ?? []), name.slice(0, 256)]);
  }
  return names;
}

async function optionsOf(connection: OnvifConnection, media: Media, token: string): Promise<CodecOptions[]> {
  const { prefix } = words[media];
  const inner = `<${prefix}:ConfigurationToken>${escapeXml(token)}</${prefix}:ConfigurationToken>`;
  return readOptions(await optional(ask(connection, media, 'GetVideoEncoderConfigurationOptions', inner)), media);
}

async function stateOf(
  connection: OnvifConnection,
  media: Media,
  configuration: XmlElement,
  names: Map<string, string[]>,
): Promise<EncoderState | null> {
  const read = readEncoder(configuration, media);
  if (!read) return null;
  const options = await optionsOf(connection, media, read.token);
  const own = options.find(({ codec }) => codec === read.codec);
  return {
    ...read,
    profiles: names.get(read.token) ?? [],
    options: {
      codecs: [...new Set(options.map(({ codec }) => codec))],
      sizes: own?.sizes ?? [],
      fps: own?.fps ?? null,
      bitsPerSecond: own?.bitsPerSecond ?? null,
      keyframeEvery: own?.keyframeEvery ?? null,
    },
  };
}

export async function readEncoders(connection: OnvifConnection, cameraName: string): Promise<EncoderState[]> {
  const { media, configurations } = await readConfigurations(connection, cameraName);
  const names = await profilesByEncoder(connection, media);
  const states: EncoderState[] = [];
  for (const configuration of configurations) {
    const state = await stateOf(connection, media, configuration, names);
    if (state) states.push(state);
  }
  return states;
}

/**
 * Numbers are brought to the nearest that the camera allows; a size or codec it does not name is refused. Throws
 * `not_found` (encoder), `bad_request`, `not_offered`.
 */
export async function changeEncoder(
  connection: OnvifConnection,
  { token, ...wanted }: EncoderChange,
  cameraName: string,
): Promise<EncoderState> {
  const { media, configurations } = await readConfigurations(connection, cameraName);
  const configuration = pick(configurations, token, cameraName);
  const options = await optionsOf(connection, media, token);
  const codec = wanted.codec ?? readEncoder(configuration, media)?.codec;
  const own = options.find((each) => each.codec === codec) ?? null;
  check(wanted, configuration, media, own, cameraName);
  const { changes, without, missing } = changesFor(configuration, media, wanted, own);
  if (missing.length > 0)
    throw new HubError(
      'not_offered',
      `Camera '${cameraName}' does not let ${missing.join(' and ')} be set over ONVIF.`,
    );
  if (changes.size > 0) {
    const force = media === 'media1' ? '<trt:ForcePersistence>true</trt:ForcePersistence>' : '';
    const inner = `${encoderXml(configuration, media, changes, without)}${force}`;
    await ask(connection, media, 'SetVideoEncoderConfiguration', inner);
  }
  const after = await readConfigurations(connection, cameraName);
  const names = await profilesByEncoder(connection, after.media);
  const state = await stateOf(connection, after.media, pick(after.configurations, token, cameraName), names);
  if (!state) throw new HubError('not_found', `Camera '${cameraName}' has no such encoder any more.`);
  return state;
}

function pick(configurations: readonly XmlElement[], token: string, cameraName: string): XmlElement {
  const found = configurations.find(({ attributes }) => attributes['token'] === token);
  if (!found) throw new HubError('not_found', `Camera '${cameraName}' has no such encoder any more.`);
  return found;
}

function check(
  wanted: Wanted,
  configuration: XmlElement,
  media: Media,
  options: CodecOptions | null,
  cameraName: string,
): void {
  if (wanted.codec !== undefined && !options)
    throw new HubError('bad_request', `Camera '${cameraName}' does not offer ${wanted.codec} for this stream.`);
  const now = readEncoder(configuration, media);
  const width = wanted.width ?? now?.width;
  const height = wanted.height ?? now?.height;
  const sized = wanted.width !== undefined || wanted.height !== undefined || wanted.codec !== undefined;
  if (!sized || !options || options.sizes.length === 0) return;
  if (!options.sizes.some((size) => size.width === width && size.height === height)) {
    const offered = options.sizes
      .slice(0, 8)
      .map((size) => `${size.width}×${size.height}`)
      .join(', ');
    const message = `Camera '${cameraName}' does not offer ${width ?? '?'}×${height ?? '?'} for this stream. It offers ${offered}.`;
    throw new HubError('bad_request', message);
  }
}
