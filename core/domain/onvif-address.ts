/**
 * Takes the address of a camera's ONVIF service apart as people type it: a host alone, host and port, or the whole address,
 * with or without user and password. Pure. Invariant: what it returns is http(s), without user information, with a path.
 */
import { HubError } from '#core/base/errors.ts';
import { parseCameraUrl } from './camera-url.ts';

export interface OnvifAddress {
  /** The device service; `/onvif/device_service` where no path was typed. */
  url: string;
  username: string | null;
  password: string | null;
  /** Lower case, without the brackets of an IPv6 address. */
  host: string;
  port: number;
  /** A host alone: nobody said which port. */
  bare: boolean;
  /** A path was typed: it may as well be a picture's or a stream's address. */
  hasPath: boolean;
}

export const deviceServicePath = '/onvif/device_service';

/** Throws HubError `unsupported_source`. */
export function readOnvifAddress(
  input: string,
  username: string | null = null,
  password: string | null = null,
): OnvifAddress {
  const text = input.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const parsed = parseCameraUrl(hasScheme ? text : `http://${bracketed(text)}`, username, password);
  if (parsed.scheme !== 'http' && parsed.scheme !== 'https')
    throw new HubError(
      'unsupported_source',
      'An ONVIF address begins with http:// or https://, or is the host alone, for example 192.168.1.20.',
    );
  const [, base = '', port, path = ''] = /^(https?:\/\/(?:\[[^\]]*\]|[^:/?]+))(:\d+)?(.*)$/.exec(parsed.url) ?? [];
  const hasPath = path !== '' && path !== '/';
  return {
    url: `${base}${port ?? ''}${hasPath ? path : deviceServicePath}`,
    username: parsed.username,
    password: parsed.password,
    host: parsed.host,
    port: parsed.port,
    bare: !hasScheme && port === undefined && !hasPath,
    hasPath,
  };
}

/** An IPv6 address is typed without brackets where no port follows. */
function bracketed(text: string): string {
  return /^[0-9a-f]*(:[0-9a-f]*){2,}$/i.test(text) ? `[${text}]` : text;
}

/** The same service at another port. */
export function atPort(address: OnvifAddress, port: number): string {
  const url = new URL(address.url);
  url.port = String(port);
  return url.href;
}
