/** The password kept for a camera goes to that camera's hosts alone, whatever address is being tried. */
import { parseCameraUrl } from '#core/domain/camera-url.ts';

export interface Credentials {
  username: string | null;
  password: string | null;
}
/** What is kept for a camera of this home: all its addresses, and its user. */
export interface Kept extends Credentials {
  urls: string[];
}

/** What to try an address with: what was typed, or what is kept where the address is the camera's own. */
export function credentialsFor(host: string, typed: Credentials, kept: Kept | null): Credentials {
  const { username, password } = typed;
  if (password !== null || kept === null) return { username, password };
  if (!kept.urls.some((url) => parseCameraUrl(url).host === host)) return { username, password };
  if (username !== null && username !== kept.username) return { username, password };
  return { username: kept.username, password: kept.password };
}
