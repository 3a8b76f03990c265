/** The password kept for a camera goes to that camera's hosts alone, whatever address is being tried. */
import { parseCameraUrl } from '#core/domain/camera-url.ts';

export interface Credentials {
  username: string | null;
  password: string | null;
  /** Certificates that the address must show (host:port → fingerprint), where it is one of a camera of this home. */
  pins?: Readonly<Record<string, string>> | undefined;
}
/** What is kept for a camera of this home: all its addresses, and its user. */
export interface Kept extends Credentials {
  urls: string[];
}

/** What to try an address with: what was typed, or what is kept where the address is the camera's own. */
export function credentialsFor(host: string, typed: Credentials, kept: Kept | null): Credentials {
  const { username, password } = typed;
  if (!kept?.urls.some((url) => parseCameraUrl(url).host === host)) return { username, password };
  const { pins } = kept;
  if (password !== null || (username !== null && username !== kept.username)) return { username, password, pins };
  return { username: kept.username, password: kept.password, pins };
}
