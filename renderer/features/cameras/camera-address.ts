/** What a person types into the address field, understood before anything is asked. Pure. */
import { parseCameraUrl } from '#core/domain/camera-url.ts';

export type TypedAddress =
  | { kind: 'empty' }
  /** Addresses of the own network, to be searched. */
  | { kind: 'range'; range: string }
  /** Ready for the probe: a bare host, or a whole address without user information, which is given apart. */
  | { kind: 'camera'; url: string; host: string; username: string | null; password: string | null }
  | { kind: 'refused'; problem: string };

const range = /^(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2}|-\d{1,3})$/;

export function readAddress(typed: string): TypedAddress {
  const text = typed.trim();
  if (text === '') return { kind: 'empty' };
  const tight = text.replace(/\s*([-/])\s*/, '$1');
  if (range.test(tight)) return { kind: 'range', range: tight };
  const bare = !/^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  try {
    const parsed = parseCameraUrl(bare ? `http://${text}` : text);
    const { host, username, password } = parsed;
    // A bare host stays bare: the hub then asks at the ports and paths that cameras use.
    const url = bare ? parsed.url.slice('http://'.length).replace(/\/$/, '') : parsed.url;
    return { kind: 'camera', url, host, username, password };
  } catch (error) {
    // The refusal is a HubError, whose class the interface does not see.
    if (error instanceof Error && error.name === 'HubError') return { kind: 'refused', problem: error.message };
    throw error;
  }
}

/** Lower case, without port; null where it can't be told. */
export function hostOf(url: string): string | null {
  const read = readAddress(url);
  return read.kind === 'camera' ? read.host : null;
}

/** The same address without encryption, or null where there is none to leave out. */
export function withoutTls(url: string): string | null {
  const match = /^(https|rtsps):\/\/([^/?#]+)(.*)$/i.exec(url.trim());
  if (!match) return null;
  const [, scheme = '', authority = '', rest = ''] = match;
  // The port was that of the encrypted service.
  return `${scheme.toLowerCase() === 'https' ? 'http' : 'rtsp'}://${authority.replace(/:\d+$/, '')}${rest}`;
}

/** Stream addresses as big makers write them, for cameras that don't speak ONVIF. */
export const streamExamples = [
  { make: 'Hikvision', path: '/Streaming/Channels/101' },
  { make: 'Dahua, Amcrest', path: '/cam/realmonitor?channel=1&subtype=0' },
  { make: 'Reolink', path: '/h264Preview_01_main' },
  { make: 'TP-Link Tapo', path: '/stream1' },
  { make: 'Axis', path: '/axis-media/media.amp' },
] as const;

export function exampleAt(typed: string, path: string): string {
  const host = hostOf(typed) ?? '192.168.1.20';
  return `rtsp://${host.includes(':') ? `[${host}]` : host}:554${path}`;
}
