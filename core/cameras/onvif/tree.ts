/**
 * Reading the small trees that a connection gives back, and writing the bodies that go out. Elements are found by local
 * name: makers disagree on prefixes, and many on namespaces. Invariant: nothing here throws on what a camera sent; what is
 * missing or no number is null, and lists and texts are bounded.
 */
import type { XmlElement } from './soap-port.ts';

/** More of one kind than any camera has; the rest of a list is not read. */
const mostChildren = 1_024;

/** The first child of this local name. */
export function child(element: XmlElement | null, name: string): XmlElement | null {
  return element?.children.find((inner) => inner.name === name) ?? null;
}

/** All children of this local name, at most 1,024. */
export function childrenOf(element: XmlElement | null, name: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (const inner of element?.children ?? []) {
    if (inner.name === name) found.push(inner);
    if (found.length >= mostChildren) break;
  }
  return found;
}

/** Follows local names inwards, the first child of each name: `at(answer, 'Configuration', 'Name')`. */
export function at(element: XmlElement | null, ...path: readonly string[]): XmlElement | null {
  let here = element;
  for (const name of path) here = child(here, name);
  return here;
}

/** Text at a path, or null where the element is missing or empty. */
export function textAt(element: XmlElement | null, ...path: readonly string[]): string | null {
  const text = at(element, ...path)?.text;
  return text === undefined || text === '' ? null : text;
}

/** A finite number, or null: cameras send `NaN`, `INF`, `25fps` and nothing at all. */
export function asNumber(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.length > 64) return null;
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) ? finite(Number(text)) : null;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function numberAt(element: XmlElement | null, ...path: readonly string[]): number | null {
  return asNumber(at(element, ...path)?.text);
}

/** xs:boolean in any case, also `yes` and `on`; null for anything else. */
export function asBoolean(text: string | null | undefined): boolean | null {
  const word = text?.trim().toLowerCase();
  if (word === 'true' || word === '1' || word === 'yes' || word === 'on') return true;
  if (word === 'false' || word === '0' || word === 'no' || word === 'off') return false;
  return null;
}

/** The `Min` and `Max` inside; null where one is missing or they are the wrong way round. */
export function rangeIn(element: XmlElement | null): { min: number; max: number } | null {
  const min = numberAt(element, 'Min');
  const max = numberAt(element, 'Max');
  return min === null || max === null || max < min ? null : { min, max };
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** For text and attribute values. Characters that XML 1.0 can't carry are left out. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

/** A number as SOAP wants it: no exponent, at most six places. */
export function decimal(value: number): string {
  return String(Number(value.toFixed(6)));
}
