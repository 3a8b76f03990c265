/**
 * Addresses of IPv6 link-local hosts carry a zone (`http://[fe80::1%25eth0]/…`), which the system needs to reach them and the
 * URL standard does not know. So the zone is taken out before an address is read as a URL and put back afterwards. Pure.
 */
const zoned = /^(https?:\/\/\[fe[89ab][0-9a-f:]*)%25([\w.-]{1,32})(?=\])/i;

/** `host` is what to connect to, with its zone and without brackets. */
export function readUrl(text: string): { url: URL; host: string } {
  const zone = zoned.exec(text)?.[2];
  const url = new URL(text.replace(zoned, '$1'));
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { url, host: zone === undefined ? host : `${host}%${zone}` };
}

/** What `location` means when it is named at `from`; null when it is no address. */
export function readUrlAt(location: string, from: string): URL | null {
  const base = from.replace(zoned, '$1');
  return URL.canParse(location, base) ? new URL(location, base) : null;
}

/** The address with the zone of `from`, where it is at the same host. */
export function zonedLike(url: URL, from: string): string {
  const zone = zoned.exec(from)?.[2];
  const same = zone !== undefined && url.hostname === readUrl(from).url.hostname;
  return same ? url.href.replace(/^(https?:\/\/\[[0-9a-f:]+)(?=\])/i, `$1%25${zone}`) : url.href;
}
