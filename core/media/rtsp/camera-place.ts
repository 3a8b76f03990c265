/** Where an rtsp:// address leads. Pure. */
import { clean } from '#core/base/clean-text.ts';
import { notRtsp, type CameraPlace } from './camera-failure.ts';

/** Throws HubError `camera_not_rtsp` for another kind of address. */
export function placeOfTarget(target: { cameraName: string; url: string }): CameraPlace {
  const title = `Camera '${clean(target.cameraName)}'`;
  const place = placeOfUrl(title, target.url);
  if (place === null) throw notRtsp({ title, host: '', port: 0, tls: false }, 'the address is not an rtsp:// address');
  return place;
}

/** Null when the address is none of RTSP. */
export function placeOfUrl(title: string, url: string): CameraPlace | null {
  // The URL standard knows no zones; the system needs them to reach IPv6 link-local addresses (`[fe80::1%25eth0]`).
  const zone = /^rtsps?:\/\/(?:[^/?#@]*@)?\[fe[89ab][0-9a-f:]*(%25[\w.-]{1,32})\]/i.exec(url)?.[1] ?? '';
  const plain = url.replace(zone, '');
  if (!/^rtsps?:\/\//i.test(plain) || !URL.canParse(plain)) return null;
  const parsed = new URL(plain);
  const tls = parsed.protocol === 'rtsps:';
  const host = parsed.hostname.replace(/^\[|\]$/g, '').toLowerCase() + zone.replace('%25', '%');
  return host === '' ? null : { title, host, port: Number(parsed.port || (tls ? 322 : 554)), tls };
}
