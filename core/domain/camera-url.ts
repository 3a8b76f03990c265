/**
 * Takes a camera's address apart as people paste it: with user and password inside, raw or percent-encoded.
 * Pure. Invariants: only rtsp, rtsps, http and https pass; the returned URL holds no credentials, no control characters
 * and no fragment; where the URL standard's reading names an IP address or a dotted host, that reading holds.
 */
import { HubError } from '#core/base/errors.ts';

export type CameraScheme = 'rtsp' | 'rtsps' | 'http' | 'https';

export interface CameraUrl {
  /** `scheme://host[:port]/path?query`, without user information. */
  url: string;
  username: string | null;
  password: string | null;
  /** Lower case, without the brackets of an IPv6 address. */
  host: string;
  port: number;
  scheme: CameraScheme;
}

const defaultPorts: Record<CameraScheme, number> = { rtsp: 554, rtsps: 322, http: 80, https: 443 };
const maxLength = 2048;
const example = 'for example rtsp://192.168.1.20:554/stream1';

/** What may follow the user information: host, optional port, then path, query, fragment or nothing. */
const hostPort = /^(\[[0-9a-f:.]+(?:%25[\w.-]{1,32})?\]|[^\s/?#@:[\]\\%"<>^`{|}]+)(?::(\d{1,5}))?(?=[/?#]|$)/i;

/**
 * `username` and `password` given apart win over those in the address.
 * Throws HubError `unsupported_source` with a sentence that says what is wrong.
 */
export function parseCameraUrl(
  input: string,
  username: string | null = null,
  password: string | null = null,
): CameraUrl {
  if (typeof input !== 'string') throw refuse('The camera address must be text.');
  const text = input.trim();
  if (text === '') throw refuse(`The camera address is empty. Enter one, ${example}.`);
  if (text.length > maxLength) throw refuse('The camera address is too long.');
  if (hasControl(text)) throw refuse('The camera address contains control characters. Type it again.');
  const start = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  const scheme = start?.[1]?.toLowerCase();
  if (!start || !isScheme(scheme)) {
    throw refuse(`The camera address must begin with rtsp://, rtsps://, http:// or https://, ${example}.`);
  }
  const { userInfo, rest } = split(text.slice(start[0].length));
  const match = hostPort.exec(rest);
  if (!match) throw refuse(`The camera address names no host that Porchlight understands, ${example}.`);
  const { host, bracketed } = readHost(match[1] ?? '');
  const port = match[2] === undefined ? defaultPorts[scheme] : Number(match[2]);
  if (port < 1 || port > 65_535) throw refuse('The port in the camera address must be between 1 and 65535.');
  const user = credentials(userInfo, username, password);
  const path = readPath(rest.slice(match[0].length));
  const authority = bracketed + (match[2] === undefined ? '' : `:${port}`);
  return { url: `${scheme}://${authority}${path}`, ...user, host, port, scheme };
}

function refuse(message: string): HubError {
  return new HubError('unsupported_source', message);
}

function isScheme(text: string | undefined): text is CameraScheme {
  return text !== undefined && Object.hasOwn(defaultPorts, text);
}

function hasControl(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- exactly these are refused
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);
}

/**
 * Where the user information ends. By the standard: at the last @ before the first of / ? #. People paste passwords with
 * these characters in them, so where the standard's reading gives no plausible host, the last @ that a host follows ends it.
 */
function split(rest: string): { userInfo: string | null; rest: string } {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const standard = authority.lastIndexOf('@');
  const at = (index: number): { userInfo: string | null; rest: string } =>
    index < 0 ? { userInfo: null, rest } : { userInfo: rest.slice(0, index), rest: rest.slice(index + 1) };
  if (looksLikeHost(rest.slice(standard + 1))) return at(standard);
  const others = [...rest.matchAll(/@/g)]
    .map((match) => match.index)
    .filter((index) => index > standard && hostPort.test(rest.slice(index + 1)) && /:/.test(rest.slice(0, index)));
  const convincing = others.filter((index) => looksLikeHost(rest.slice(index + 1)));
  return at(convincing.at(-1) ?? others.at(-1) ?? standard);
}

/** Convincing on its own: an IP address, a dotted name, localhost, or a bare name that is all there is before a path. */
function looksLikeHost(rest: string): boolean {
  const host = hostPort.exec(rest)?.[1];
  if (host === undefined) return false;
  return (
    host.startsWith('[') || host.toLowerCase() === 'localhost' || /^[^.].*\.[^.]/.test(host) || !rest.includes('@')
  );
}

/** Normalised by the platform's URL parser, which also sees through `0x7f.1` and refuses what is no host. */
function readHost(text: string): { host: string; bracketed: string } {
  if (text.startsWith('-')) throw refuse(`The host in the camera address must not begin with a dash.`);
  // The URL standard knows no zones; the system needs them to reach IPv6 link-local addresses (`[fe80::1%25eth0]`).
  const zone = /^\[fe[89ab][0-9a-f:]*(%25[\w.-]{1,32})\]$/i.exec(text)?.[1] ?? '';
  const probe = `http://${text.replace(zone, '')}/`;
  if (!URL.canParse(probe)) throw refuse(`'${text.slice(0, 60)}' is not a host name or IP address, ${example}.`);
  const bracketed = new URL(probe).hostname;
  const host = bracketed.replace(/^\[|\]$/g, '');
  if (zone === '') return { host, bracketed };
  return { host: host + zone.replace('%25', '%'), bracketed: `[${host}${zone}]` };
}

function readPath(text: string): string {
  // The part after # is for browsers and other recorders; a camera never gets it.
  const path = text.replace(/#.*$/s, '');
  return path
    .replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character))
    .replace(/["<>\\^`{|}]/g, encodeURIComponent);
}

function credentials(
  userInfo: string | null,
  username: string | null,
  password: string | null,
): { username: string | null; password: string | null } {
  const colon = userInfo?.indexOf(':') ?? -1;
  const inUrl = {
    username: userInfo === null ? null : decode(colon < 0 ? userInfo : userInfo.slice(0, colon)),
    password: userInfo === null || colon < 0 ? null : decode(userInfo.slice(colon + 1)),
  };
  const given = {
    username: username === null || username === '' ? inUrl.username : username,
    password: password === null || password === '' ? inUrl.password : password,
  };
  if (given.username === '' && (given.password ?? '') === '') return { username: null, password: null };
  for (const value of [given.username, given.password]) {
    if (value !== null && (hasControl(value) || value.length > 512)) {
      throw refuse("The camera's user name or password contains characters it can't contain.");
    }
  }
  return given;
}

/** Percent-decoding that leaves alone what is not an escape: in `100%sure` the percent sign is meant. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch (error) {
      if (error instanceof URIError) return escapes;
      throw error;
    }
  });
}
