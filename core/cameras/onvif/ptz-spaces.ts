/**
 * The coordinate spaces of a PTZ node (PTZ specification, "Predefined PTZ spaces"), and the way between them and our own
 * numbers: -1..1, zoom positions 0..1. Invariant: what goes to the camera lies within the range it named.
 */
import type { PtzVector } from '#core/domain/onvif.ts';
import type { XmlElement } from './soap-port.ts';
import { asNumber, at, childrenOf, decimal, escapeXml, rangeIn, textAt } from './tree.ts';

export interface Range {
  min: number;
  max: number;
}
export interface Space {
  /** Null: none was named, so none is sent. */
  uri: string | null;
  x: Range;
  /** Null for zoom. */
  y: Range | null;
}
export interface Axes {
  panTilt: Space | null;
  zoom: Space | null;
}
export interface PtzSpaces {
  velocity: Axes;
  relative: Axes;
  absolute: Axes;
  /** Relative, in fractions of the picture from its centre. */
  fieldOfView: Space | null;
}

const unit: Range = { min: -1, max: 1 };
const zoomUnit: Range = { min: 0, max: 1 };
const isGeneric = (uri: string | null): boolean => uri !== null && /Generic/i.test(uri);
const isFieldOfView = (uri: string | null): boolean => uri !== null && /TranslationSpaceFov/i.test(uri);

/** A range of one number is a mistake of the camera's, unless it is 0: this axis does not move. */
function readSpace(element: XmlElement, flat: boolean): Space | null {
  const x = rangeIn(at(element, 'XRange'));
  const y = flat ? null : rangeIn(at(element, 'YRange'));
  // Endless ranges (degrees) can't be scaled to; the generic space stands beside them.
  if (!x || (!flat && !y)) return null;
  const widen = (range: Range): Range =>
    range.max > range.min || range.max === 0 ? range : flat && /Position/.test(element.name) ? zoomUnit : unit;
  return { uri: textAt(element, 'URI')?.replaceAll(/\s+/g, '') ?? null, x: widen(x), y: y && widen(y) };
}

/** The generic space if there is one: its meaning is the same on all cameras. */
function choose(spaces: XmlElement | null, name: string, standard: string | null): Space | null {
  const flat = name.includes('Zoom');
  const found = childrenOf(spaces, name)
    .map((element) => readSpace(element, flat))
    .filter((space): space is Space => space !== null && !isFieldOfView(space.uri));
  const chosen = found.find(({ uri: named }) => isGeneric(named)) ?? found.find(({ uri: named }) => named === standard);
  const space = chosen ?? found[0] ?? (isGeneric(standard) ? { uri: standard, x: unit, y: flat ? null : unit } : null);
  if (!space) return null;
  // Cameras that know one space only may refuse its name; where it is what they use anyway it is not said.
  const implied = space.uri === standard || (standard === null && isGeneric(space.uri));
  return implied ? { ...space, uri: null } : space;
}

/** `spaces`: the node's SupportedPTZSpaces or the options' Spaces. `configuration`: the profile's PTZ configuration. */
export function readSpaces(spaces: XmlElement | null, configuration: XmlElement | null): PtzSpaces {
  const standard = (...names: string[]): string | null => {
    for (const name of names) {
      const named = textAt(configuration, name)?.replaceAll(/\s+/g, '');
      if (named !== undefined) return named;
    }
    return null;
  };
  const relativeStandard = standard('DefaultRelativePanTiltTranslationSpace');
  const fields = childrenOf(spaces, 'RelativePanTiltTranslationSpace')
    .map((element) => readSpace(element, false))
    .filter((space): space is Space => space !== null && isFieldOfView(space.uri));
  return {
    velocity: {
      panTilt: choose(
        spaces,
        'ContinuousPanTiltVelocitySpace',
        standard('DefaultContinuousPanTiltVelocitySpace', 'DefaultContinuousPantTiltVelocitySpace'),
      ),
      zoom: choose(spaces, 'ContinuousZoomVelocitySpace', standard('DefaultContinuousZoomVelocitySpace')),
    },
    relative: {
      panTilt: choose(spaces, 'RelativePanTiltTranslationSpace', relativeStandard),
      zoom: choose(spaces, 'RelativeZoomTranslationSpace', standard('DefaultRelativeZoomTranslationSpace')),
    },
    absolute: {
      panTilt: choose(
        spaces,
        'AbsolutePanTiltPositionSpace',
        // The schema itself misspells it.
        standard('DefaultAbsolutePantTiltPositionSpace', 'DefaultAbsolutePanTiltPositionSpace'),
      ),
      zoom: choose(spaces, 'AbsoluteZoomPositionSpace', standard('DefaultAbsoluteZoomPositionSpace')),
    },
    fieldOfView: fields[0] ?? null,
  };
}

const clamp = (value: number, { min, max }: Range): number => Math.min(Math.max(value, min), max);

/** -1..1 with 0 staying 0, to a signed range. */
export function scaled(value: number, range: Range): number {
  const wanted = clamp(value, unit);
  return wanted < 0 ? clamp(-wanted * range.min, { min: range.min, max: 0 }) : clamp(wanted * range.max, range);
}

const placed = (value: number, from: Range, to: Range): number =>
  to.min + ((clamp(value, from) - from.min) / (from.max - from.min)) * (to.max - to.min);

const spaceAttribute = (uri: string | null): string => (uri === null ? '' : ` space="${escapeXml(uri)}"`);

function vectorXml(axes: Axes, x: number | null, y: number | null, zoom: number | null): string {
  const { panTilt, zoom: zoomSpace } = axes;
  let xml = '';
  if (panTilt && x !== null && y !== null)
    xml += `<tt:PanTilt x="${decimal(x)}" y="${decimal(y)}"${spaceAttribute(panTilt.uri)}/>`;
  if (zoomSpace && zoom !== null) xml += `<tt:Zoom x="${decimal(zoom)}"${spaceAttribute(zoomSpace.uri)}/>`;
  return xml;
}

/** Both axes where they are offered: what is left out of a velocity goes on as it was. */
export function velocityXml(axes: Axes, { pan, tilt, zoom }: PtzVector): string {
  const { panTilt, zoom: zoomSpace } = axes;
  return vectorXml(
    axes,
    panTilt && scaled(pan, panTilt.x),
    panTilt && scaled(tilt, panTilt.y ?? unit),
    zoomSpace && scaled(zoom, zoomSpace.x),
  );
}

/** Only the axes that move. */
export function translationXml(axes: Axes, by: PtzVector): string {
  return velocityXml(
    { panTilt: by.pan === 0 && by.tilt === 0 ? null : axes.panTilt, zoom: by.zoom === 0 ? null : axes.zoom },
    by,
  );
}

export function positionXml(axes: Axes, { pan, tilt, zoom }: PtzVector): string {
  const { panTilt, zoom: zoomSpace } = axes;
  return vectorXml(
    axes,
    panTilt && placed(pan, unit, panTilt.x),
    panTilt && placed(tilt, unit, panTilt.y ?? unit),
    zoomSpace && placed(zoom, zoomUnit, zoomSpace.x),
  );
}

/** A position the camera told, in our numbers; null where it says nothing that can be read. */
export function readPosition(element: XmlElement | null, axes: Axes): PtzVector | null {
  const x = asNumber(at(element, 'PanTilt')?.attributes['x']);
  const y = asNumber(at(element, 'PanTilt')?.attributes['y']);
  const z = asNumber(at(element, 'Zoom')?.attributes['x']);
  if ((x === null || y === null) && z === null) return null;
  const { panTilt, zoom } = axes;
  const back = (value: number | null, from: Range | null | undefined, to: Range): number =>
    value === null || (from && from.max === from.min) ? 0 : placed(value, from ?? to, to);
  return { pan: back(x, panTilt?.x, unit), tilt: back(y, panTilt?.y, unit), zoom: back(z, zoom?.x, zoomUnit) };
}
