/**
 * The one-address rule. A camera names addresses all the time: of its services, streams, pictures, subscriptions, redirects.
 * Whatever it names, the host is the one the person typed or adopted; so nothing a camera says can point Porchlight (or a
 * password) at another machine, at the hub itself or at link-local addresses, unless the person typed those. Pure.
 */
import { HubError } from '#core/base/errors.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';
import { readUrl, readUrlAt, zonedLike } from './zone.ts';

export type AddressKind = 'service' | 'rtsp' | 'http';

/** Where the camera is, as the person says. */
export interface Base {
  scheme: 'http' | 'https';
  /** Lower case, IPv6 without brackets. */
  host: string;
  port: number;
  /** Path and query of the device service. */
  path: string;
}

const defaultPath = '/onvif/device_service';
const defaultPorts = { http: 80, https: 443, rtsp: 554, rtsps: 322 } as const;
const maxLength = 2048;

/** What was typed or found: an http or https address, or a bare host. Throws HubError `unsupported_source`. */
export function readBase(typed: string): Base {
  const text = typed.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${bracketed(text)}`;
  const { scheme, host, port, url } = parseCameraUrl(whole);
  if (scheme !== 'http' && scheme !== 'https') {
    throw new HubError(
      'unsupported_source',
      'An ONVIF address begins with http:// or https://, for example http://192.168.1.20/onvif/device_service.',
    );
  }
  const path = pathOf(url);
  return { scheme, host, port, path: path === '' || path === '/' ? defaultPath : path };
}

export function originOf(base: Base): string {
  const port = base.port === defaultPorts[base.scheme] ? '' : `:${base.port}`;
  return `${base.scheme}://${inUrl(base.host)}${port}`;
}

export function deviceUrl(base: Base): string {
  return originOf(base) + base.path;
}

/**
 * `address` as the rule allows it, or null when it may not be used. `ownPort`: the port the camera names for its own
 * device service, null before it did. Behind a port forward that is not the typed one: then the typed one stands for it.
 */
export function atCamera(address: string, kind: AddressKind, base: Base, ownPort: number | null = null): string | null {
  const text = address.trim();
  if (text === '' || text.length > maxLength) return null;
  return kind === 'rtsp' ? streamAt(text, base) : webAt(text, kind, base, ownPort);
}

/** The port in an address that the camera named for its device service; null when there is none to learn from. */
export function namedPort(address: string): number | null {
  return takeApart(address.trim())?.port ?? null;
}

/** Where a redirect leads, or null when it leaves the host, falls from TLS to plain, or is no address. */
export function redirectAt(location: string, from: string): string | null {
  const to = location.length > maxLength ? null : readUrlAt(location, from);
  if (to === null) return null;
  const now = readUrl(from).url;
  const fits = to.protocol === now.protocol || (now.protocol === 'http:' && to.protocol === 'https:');
  if (!fits || to.hostname !== now.hostname) return null;
  to.username = '';
  to.password = '';
  to.hash = '';
  return zonedLike(to, from);
}

function streamAt(text: string, base: Base): string | null {
  // Some cameras write the scheme twice.
  const parts = takeApart(text.replace(/^(rtsps?:\/\/)(?:rtsps?:\/\/)+/i, '$1'));
  if (parts === null || (parts.scheme !== 'rtsp' && parts.scheme !== 'rtsps')) return null;
  const port = parts.port === defaultPorts[parts.scheme] ? '' : `:${parts.port}`;
  return `${parts.scheme}://${inUrl(base.host)}${port}${parts.path}`;
}

function webAt(text: string, kind: AddressKind, base: Base, ownPort: number | null): string | null {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) && !text.startsWith('//')) {
    // eslint-disable-next-line no-control-regex -- what no address contains
    if (/[\u0000-\u0020\u007f\\]/.test(text)) return null;
    const url = readUrlAt(text, deviceUrl(base));
    return url === null ? null : zonedLike(withoutHash(url), deviceUrl(base));
  }
  const parts = takeApart(text.startsWith('//') ? `${base.scheme}:${text}` : text);
  if (parts === null || (parts.scheme !== 'http' && parts.scheme !== 'https')) return null;
  const port = parts.scheme !== base.scheme || parts.port === ownPort ? base.port : parts.port;
  const path = parts.path === '' && kind === 'service' ? base.path : parts.path;
  return originOf({ ...base, port }) + path;
}

/** Same host by construction: the text has no scheme and does not begin with two slashes. */
function withoutHash(url: URL): URL {
  url.hash = '';
  return url;
}

function takeApart(text: string): { scheme: keyof typeof defaultPorts; port: number; path: string } | null {
  try {
    const { scheme, port, url } = parseCameraUrl(text);
    return { scheme, port, path: pathOf(url) };
  } catch (error) {
    if (error instanceof HubError) return null;
    throw error;
  }
}

function pathOf(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host.replace('%', '%25')}]` : host;
}

/** A bare IPv6 address as people copy it. */
function bracketed(text: string): string {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) ? `[${text}]` : text;
}
