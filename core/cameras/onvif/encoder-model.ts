/**
 * A video encoder's configuration as a camera wrote it, read and written again with changes. Invariant: what is written
 * holds exactly the elements and attributes that were read, in the schema's order; none is made up.
 */
import type { EncoderChange, EncoderState, OnvifVideo } from '#core/domain/onvif.ts';
import type { XmlElement } from './soap-port.ts';
import { asNumber, at, childrenOf, decimal, escapeXml, numberAt, rangeIn, textAt } from './tree.ts';

export type Media = 'media1' | 'media2';
type Range = { min: number; max: number };
type Codec = OnvifVideo['codec'];

/** What one codec may be set to. */
export interface CodecOptions {
  codec: Codec;
  /** As the camera spells it. */
  encoding: string;
  sizes: { width: number; height: number }[];
  fps: Range | null;
  /** Where only these are possible. */
  fpsSteps: number[];
  bitsPerSecond: Range | null;
  keyframeEvery: Range | null;
  /** The codec's own profile, for a change of codec. */
  profile: string | null;
}

const mostSizes = 128;

export function codecOf(encoding: string | null): Codec {
  const word = (encoding ?? '').toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  if (word === 'H264' || word === 'AVC') return 'h264';
  if (word === 'H265' || word === 'HEVC') return 'h265';
  if (word === 'JPEG' || word === 'MJPEG') return 'mjpeg';
  return word.startsWith('MPEG4') || word === 'MPV4ES' ? 'mpeg4' : 'other';
}

const whole = (value: number | null): number | null => (value !== null && value > 0 ? value : null);

export function readEncoder(element: XmlElement, media: Media): Omit<EncoderState, 'profiles' | 'options'> | null {
  const token = element.attributes['token'];
  const [width, height] = [numberAt(element, 'Resolution', 'Width'), numberAt(element, 'Resolution', 'Height')];
  if (token === undefined || token === '') return null;
  const limit = whole(numberAt(element, 'RateControl', 'FrameRateLimit'));
  const every = whole(numberAt(element, 'RateControl', 'EncodingInterval')) ?? 1;
  const kilobits = whole(numberAt(element, 'RateControl', 'BitrateLimit'));
  const gov =
    media === 'media2'
      ? asNumber(element.attributes['GovLength'])
      : (numberAt(element, 'H264', 'GovLength') ?? numberAt(element, 'MPEG4', 'GovLength'));
  return {
    token,
    name: (textAt(element, 'Name') ?? token).slice(0, 256),
    codec: codecOf(textAt(element, 'Encoding')),
    width: width ?? 0,
    height: height ?? 0,
    fps: limit === null ? null : limit / every,
    bitsPerSecond: kilobits === null ? null : Math.round(kilobits * 1_000),
    keyframeEvery: whole(gov),
  };
}

// ---------------------------------------------------------------- options

function readSizes(element: XmlElement): CodecOptions['sizes'] {
  const sizes = new Map<string, { width: number; height: number }>();
  for (const each of childrenOf(element, 'ResolutionsAvailable').slice(0, mostSizes)) {
    const [width, height] = [whole(numberAt(each, 'Width')), whole(numberAt(each, 'Height'))];
    if (width !== null && height !== null) sizes.set(`${width}x${height}`, { width, height });
  }
  return [...sizes.values()].sort((a, b) => b.width * b.height - a.width * a.height);
}

const numbersIn = (text: string | undefined): number[] =>
  (text ?? '')
    .slice(0, 1_024)
    .split(/[\s,]+/)
    .map(asNumber)
    .filter((value): value is number => value !== null && value > 0);

const spread = (values: readonly number[]): Range | null =>
  values.length === 0 ? null : { min: Math.min(...values), max: Math.max(...values) };

const bits = (range: Range | null): Range | null =>
  range && { min: Math.round(range.min * 1_000), max: Math.round(range.max * 1_000) };

/** `answer`: of GetVideoEncoderConfigurationOptions. */
export function readOptions(answer: XmlElement | null, media: Media): CodecOptions[] {
  return media === 'media2' ? readOptions2(answer) : readOptions1(answer);
}

function readOptions2(answer: XmlElement | null): CodecOptions[] {
  return childrenOf(answer, 'Options')
    .slice(0, 16)
    .map((element) => {
      const encoding = textAt(element, 'Encoding') ?? '';
      const fpsSteps = numbersIn(element.attributes['FrameRatesSupported']);
      return {
        codec: codecOf(encoding),
        encoding,
        sizes: readSizes(element),
        fps: spread(fpsSteps),
        fpsSteps,
        bitsPerSecond: bits(rangeIn(at(element, 'BitrateRange'))),
        keyframeEvery: spread(numbersIn(element.attributes['GovLengthRange'])),
        profile: element.attributes['ProfilesSupported']?.trim().split(/\s+/)[0] ?? null,
      };
    });
}

function readOptions1(answer: XmlElement | null): CodecOptions[] {
  const options = at(answer, 'Options');
  return ['H264', 'MPEG4', 'JPEG'].flatMap((encoding) => {
    // The extension repeats the element with the bitrate added; some cameras send only one of them.
    const both = [at(options, encoding), at(options, 'Extension', encoding)].filter((each) => each !== null);
    const pick = <T>(read: (element: XmlElement) => T | null): T | null =>
      both.map(read).find((value) => value !== null) ?? null;
    const sizes = pick((element) => (readSizes(element).length > 0 ? readSizes(element) : null));
    if (!sizes) return [];
    const range = (name: string): Range | null => pick((element) => rangeIn(at(element, name)));
    return {
      codec: codecOf(encoding),
      encoding,
      sizes,
      fps: range('FrameRateRange'),
      fpsSteps: [],
      bitsPerSecond: bits(range('BitrateRange')),
      keyframeEvery: range('GovLengthRange'),
      profile: pick((element) => textAt(element, 'H264ProfilesSupported')),
    };
  });
}

// ---------------------------------------------------------------- writing

/** In the order of VideoEncoderConfiguration and VideoEncoder2Configuration; what is in neither is not sent back. */
const order = {
  media1: [
    'Name',
    'UseCount',
    'Encoding',
    'Resolution',
    'Quality',
    'RateControl',
    'MPEG4',
    'H264',
    'Multicast',
    'SessionTimeout',
  ],
  media2: ['Name', 'UseCount', 'Encoding', 'Resolution', 'RateControl', 'Multicast', 'Quality'],
} as const;
const rootAttributes = {
  media1: ['token', 'GuaranteedFrameRate'],
  media2: ['token', 'GovLength', 'AnchorFrameDistance', 'Profile', 'GuaranteedFrameRate', 'Signed'],
} as const;
const maxDepth = 6;

function attributesXml(attributes: Readonly<Record<string, string>>, names: readonly string[]): string {
  return names
    .map((name) => (attributes[name] === undefined ? '' : ` ${name}="${escapeXml(attributes[name])}"`))
    .join('');
}

function elementXml(element: XmlElement, path: string, changes: ReadonlyMap<string, string>, depth: number): string {
  const inner =
    changes.get(path) ??
    (element.children.length > 0 && depth < maxDepth
      ? element.children.map((each) => elementXml(each, `${path}/${each.name}`, changes, depth + 1)).join('')
      : escapeXml(element.text));
  const attributes = attributesXml(element.attributes, ['ConstantBitRate']);
  return `<tt:${element.name}${attributes}>${inner}</tt:${element.name}>`;
}

/** `changes`: new texts by path (`RateControl/BitrateLimit`) or attribute (`@GovLength`); '' as an attribute leaves it out. */
export function encoderXml(
  element: XmlElement,
  media: Media,
  changes: ReadonlyMap<string, string>,
  without: readonly string[] = [],
): string {
  const prefix = media === 'media2' ? 'tr2' : 'trt';
  const attributes: Record<string, string> = {};
  for (const name of rootAttributes[media]) {
    const value = changes.get(`@${name}`) ?? element.attributes[name];
    if (value !== undefined && value !== '') attributes[name] = value;
  }
  const inner = order[media]
    .filter((name) => !without.includes(name))
    .map((name) => {
      const each = at(element, name);
      return each ? elementXml(each, name, changes, 1) : '';
    })
    .join('');
  return `<${prefix}:Configuration${attributesXml(attributes, rootAttributes[media])}>${inner}</${prefix}:Configuration>`;
}

export type Wanted = Omit<EncoderChange, 'token'>;

const within = (value: number, range: Range | null): number =>
  range ? Math.min(Math.max(value, range.min), range.max) : value;
const nearest = (value: number, steps: readonly number[]): number =>
  steps.reduce((best, step) => (Math.abs(step - value) < Math.abs(best - value) ? step : best), steps[0] ?? value);

/**
 * The texts to change so that the encoder becomes what is wanted, as near as the options allow. `missing`: what this
 * camera's configuration has no place for.
 */
export function changesFor(
  element: XmlElement,
  media: Media,
  wanted: Wanted,
  options: CodecOptions | null,
): { changes: Map<string, string>; without: string[]; missing: string[] } {
  const changes = new Map<string, string>();
  const missing: string[] = [];
  const without: string[] = [];
  const put = (path: string, value: number, what: string): void => {
    if (at(element, ...path.split('/'))) changes.set(path, decimal(value));
    else missing.push(what);
  };
  if (wanted.codec !== undefined && options) {
    changes.set('Encoding', escapeXml(options.encoding));
    // The old codec's own part does not fit the new one.
    if (media === 'media1') without.push(...['MPEG4', 'H264'].filter((part) => part !== options.encoding));
    else if (element.attributes['Profile'] !== undefined) changes.set('@Profile', options.profile ?? '');
  }
  if (wanted.width !== undefined) put('Resolution/Width', wanted.width, 'the size');
  if (wanted.height !== undefined) put('Resolution/Height', wanted.height, 'the size');
  if (wanted.fps !== undefined) {
    const fps = nearest(within(wanted.fps, options?.fps ?? null), options?.fpsSteps ?? []);
    put('RateControl/FrameRateLimit', media === 'media1' ? Math.max(1, Math.round(fps)) : fps, 'the frame rate');
    if (at(element, 'RateControl', 'EncodingInterval')) changes.set('RateControl/EncodingInterval', '1');
  }
  if (wanted.bitsPerSecond !== undefined) {
    const rate = within(wanted.bitsPerSecond, options?.bitsPerSecond ?? null);
    put('RateControl/BitrateLimit', Math.max(1, Math.round(rate / 1_000)), 'the bitrate');
  }
  if (wanted.keyframeEvery !== undefined) {
    const gov = Math.round(within(wanted.keyframeEvery, options?.keyframeEvery ?? null));
    const part = at(element, 'H264') && !without.includes('H264') ? 'H264' : 'MPEG4';
    if (media === 'media1') put(`${part}/GovLength`, gov, 'the keyframe interval');
    else if (element.attributes['GovLength'] !== undefined) changes.set('@GovLength', String(gov));
    else missing.push('the keyframe interval');
  }
  return { changes, without, missing: [...new Set(missing)] };
}
