/**
 * Reads an answer to a WS-Discovery probe: who answered, is it a camera, where is its device service. Elements are found by
 * local name, because makers disagree on prefixes and on the two editions of the standard (April 2005 and 1.1).
 * Invariants: nothing here throws on what came from the network; all of it is cut and cleaned; the address of the service is
 * always at the host that answered (docs/design/discovery.md, "one address").
 */
import type { FoundDevice } from '#core/domain/onvif.ts';
import { cleanText, makerNamedIn } from './discovery-names.ts';
import { sameHost, serviceUrl } from './discovery-address.ts';
import { at, childrenOf, textAt } from './tree.ts';
import type { XmlElement } from './soap-port.ts';
import { parseXml } from './xml.ts';

/** A reply may speak for several devices behind one host; a discovery proxy that lists more is not believed further. */
const mostMatches = 32;
const mostWords = 64;

export interface ProbeMatch {
  /** Empty when the device gave none. */
  endpoint: string;
  /** Local names of its types, e.g. `NetworkVideoTransmitter`. */
  types: string[];
  scopes: string[];
  addresses: string[];
}

export interface DiscoveryReply {
  /** The message that this answers, as `messageKey` gives it. */
  relatesTo: string;
  matches: ProbeMatch[];
}

/** Null for anything that is not an answer to a probe. */
export function readReply(input: string | Uint8Array): DiscoveryReply | null {
  const envelope = tree(input);
  if (envelope?.name !== 'Envelope') return null;
  const relatesTo = textAt(envelope, 'Header', 'RelatesTo');
  const list = at(envelope, 'Body', 'ProbeMatches');
  if (relatesTo === null || list === null) return null;
  return {
    relatesTo: messageKey(relatesTo),
    matches: childrenOf(list, 'ProbeMatch').slice(0, mostMatches).map(readMatch),
  };
}

/** Message ids are compared without their scheme and case: some cameras answer `urn:uuid:…` with `uuid:…`. */
export function messageKey(id: string): string {
  return id
    .trim()
    .slice(0, 200)
    .toLowerCase()
    .replace(/^(urn:)?uuid:/, '');
}

/**
 * The device behind a match that came from `from` (an IP address, IPv6 with its zone); null when it is no camera.
 * `own` tells the addresses of this machine: a program here may name another of them, such as 127.0.0.1.
 */
export function deviceOf(match: ProbeMatch, from: string, own: (address: string) => boolean): FoundDevice | null {
  if (!isCamera(match)) return null;
  const service = serviceUrl(match.addresses, from, own);
  const scopes = readScopes(match.scopes);
  const name = scopes.name ?? null;
  return {
    endpoint: match.endpoint === '' ? service.url : match.endpoint,
    url: service.url,
    address: service.address,
    name,
    make: scopes.make ?? makerNamedIn(`${name ?? ''} ${scopes.model ?? ''}`),
    model: scopes.model ?? null,
    location: scopes.location ?? null,
  };
}

/** True when one of the addresses that the device names is the one that answered. */
export function namesItself(match: ProbeMatch, from: string): boolean {
  return match.addresses.some((address) => sameHost(address, from));
}

function tree(input: string | Uint8Array): XmlElement | null {
  try {
    return parseXml(input);
  } catch {
    // Not XML, or more of it than a reply may have: then it is no reply. Anybody on the network can send that.
    return null;
  }
}

function readMatch(match: XmlElement): ProbeMatch {
  const words = (name: string): string[] => (textAt(match, name) ?? '').split(/\s+/, mostWords).filter((w) => w !== '');
  return {
    // An identifier: printable ASCII, and nothing that could confuse a page.
    endpoint: (textAt(match, 'EndpointReference', 'Address') ?? '').replaceAll(/[^\x21-\x7e]/g, '').slice(0, 200),
    types: words('Types').map((type) => type.slice(type.lastIndexOf(':') + 1)),
    scopes: words('Scopes').map((scope) => scope.slice(0, 512)),
    addresses: words('XAddrs'),
  };
}

/**
 * `Device` alone says nothing: printers and computers are wsdp:Device where cameras are tds:Device, and prefixes can't be
 * relied on. So a camera calls itself a video transmitter, or carries ONVIF's scopes without being something else of ONVIF
 * (a door controller, a display).
 */
function isCamera(match: ProbeMatch): boolean {
  if (match.types.includes('NetworkVideoTransmitter')) return true;
  const scopes = match.scopes.flatMap((scope) => onvifScope(scope) ?? []);
  if (scopes.length === 0) return match.types.length === 0 && match.addresses.some((a) => /\/onvif\//i.test(a));
  if (scopes.some((scope) => /^type\/(video_encoder|network_video_transmitter)/i.test(scope))) return true;
  if (match.types.some((type) => /^(NetworkVideoDisplay|NetworkVideoStorage|NetworkVideoAnalytics)$/.test(type)))
    return match.types.includes('Device') && scopes.some((scope) => /^Profile\/(Streaming|T)\b/i.test(scope));
  const profiles = scopes.filter((scope) => /^Profile\//i.test(scope));
  return profiles.length === 0 || profiles.some((profile) => /^Profile\/(Streaming|[TGMQSV])\b/i.test(profile));
}

const onvifScope = (scope: string): string | null =>
  /^onvif:\/\/(?:www\.)?onvif\.org\/+(.*)$/is.exec(scope)?.[1] ?? null;

function readScopes(all: readonly string[]): { name?: string; make?: string; model?: string; location?: string } {
  const first = (kinds: RegExp): string | undefined => values(all, kinds)[0];
  const location = values(all, /^(location)$/i)
    .map((value) => value.replace(/^(country|city|building|floor|room|site|area|zone)\//i, ''))
    .slice(0, 4)
    .join(', ');
  const found = {
    name: first(/^name$/i),
    make: first(/^(manufacturer|mfr|vendor|brand)$/i),
    model: first(/^(hardware|model)$/i),
    location: location === '' ? undefined : cleanText(location),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The decoded values of one kind of scope, without the empty ones. */
function values(scopes: readonly string[], kinds: RegExp): string[] {
  const found: string[] = [];
  for (const scope of scopes) {
    const path = onvifScope(scope);
    const slash = path?.indexOf('/') ?? -1;
    if (path === null || slash < 0 || !kinds.test(path.slice(0, slash))) continue;
    const value = cleanText(decode(path.slice(slash + 1)));
    if (value !== '') found.push(value);
  }
  return found;
}

/** Percent-decoding that leaves alone what is no escape, or no UTF-8. */
function decode(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch (error) {
      if (error instanceof URIError) return escapes;
      throw error;
    }
  });
}
