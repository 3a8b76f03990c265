/**
 * RTSP messages as text (RFC 2326 sections 4-7, 12): tolerant reading, strict writing.
 * Invariant: nothing that is written can carry a line end that the caller did not put between headers.
 */
export interface RtspHeaders {
  /** First value, or null. Names in lower case. */
  get(name: string): string | null;
  /** All values of a header that was repeated. */
  all(name: string): string[];
}

export interface RtspResponse {
  kind: 'response';
  protocol: 'RTSP' | 'HTTP';
  status: number;
  reason: string;
  headers: RtspHeaders;
  body: Buffer;
}

/** What a server asks of us; rare. */
export interface RtspServerRequest {
  kind: 'request';
  method: string;
  headers: RtspHeaders;
}

class HeaderList implements RtspHeaders {
  readonly #entries: [string, string][] = [];

  add(name: string, value: string): void {
    this.#entries.push([name.toLowerCase(), value]);
  }

  get(name: string): string | null {
    return this.#entries.find(([key]) => key === name)?.[1] ?? null;
  }

  all(name: string): string[] {
    return this.#entries.filter(([key]) => key === name).map(([, value]) => value);
  }
}

/** Null when the first line is neither a status nor a request. Lines without a colon and spaces around names are ignored. */
export function parseMessage(head: string, body: Buffer): RtspResponse | RtspServerRequest | null {
  const lines = head.split(/\r?\n/);
  const first = lines[0]?.trim() ?? '';
  const headers = new HeaderList();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.add(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const status = /^(RTSP|HTTP)\/\d(?:\.\d)?\s+(\d{3})\s*(.*)$/.exec(first);
  if (status) {
    const protocol = status[1] === 'HTTP' ? 'HTTP' : 'RTSP';
    return { kind: 'response', protocol, status: Number(status[2]), reason: status[3] ?? '', headers, body };
  }
  const request = /^([A-Z_]+)\s+\S+/.exec(first);
  return request ? { kind: 'request', method: request[1] ?? '', headers } : null;
}

/** Writes a request without a body. Throws on line ends inside a part: they would forge a header. */
export function formatRequest(method: string, url: string, headers: Record<string, string>): string {
  const lines = [`${method} ${url} RTSP/1.0`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  for (const line of lines) if (/[\r\n\0]/.test(line)) throw new Error('A line end inside an RTSP header.');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** `Session: 1234;timeout=60` → id and timeout in seconds (null when the camera names none or nonsense). */
export function parseSession(value: string): { id: string; timeoutSeconds: number | null } {
  const id = value.split(';')[0]?.trim() ?? '';
  const timeout = Number(/;\s*timeout\s*=\s*"?(\d{1,6})/i.exec(value)?.[1] ?? NaN);
  return { id, timeoutSeconds: timeout > 0 ? timeout : null };
}

export interface TransportAnswer {
  /** The channel of RTP; RTCP is the next. Null when the camera names none: then it uses what was asked for. */
  channel: number | null;
  ssrc: number | null;
}

/** `Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1A2B3C4D`. */
export function parseTransport(value: string): TransportAnswer {
  const channel = Number(/interleaved\s*=\s*"?(\d{1,3})/i.exec(value)?.[1] ?? NaN);
  const ssrc = /ssrc\s*=\s*"?\s*([0-9a-f]{1,8})\b/i.exec(value)?.[1];
  return {
    channel: channel <= 255 ? channel : null,
    ssrc: ssrc === undefined ? null : Number.parseInt(ssrc, 16),
  };
}

/**
 * `RTP-Info: url=rtsp://…/track1;seq=102;rtptime=9,url=…`: the number of a track's first packet; null when the camera does
 * not say. The track is the one whose control address the url ends with.
 */
export function firstSequence(rtpInfo: string | null, control: string | null): number | null {
  const entries = (rtpInfo ?? '').slice(0, 4_096).split(/,(?=\s*url\s*=)/i);
  const ours = entries.filter((entry) => /url\s*=\s*"?([^;"\s]*)/i.exec(entry)?.[1]?.endsWith(control ?? '') ?? false);
  const sequence = Number(/;\s*seq\s*=\s*(\d{1,5})/i.exec(ours.length === 1 ? (ours[0] ?? '') : '')?.[1] ?? NaN);
  return sequence <= 65_535 ? sequence : null;
}

/**
 * The URL a `a=control:` attribute means. Not RFC 3986 resolution: cameras expect what live555 and FFmpeg send, the
 * base with the relative part appended. Mends schemeless and doubled bases.
 */
export function controlUrl(base: string, control: string | null): string {
  const fixedBase = mendUrl(base, base);
  if (control === null || control === '' || control === '*') return fixedBase;
  if (/^rtsps?:\/\//i.test(control)) return mendUrl(control, fixedBase);
  if (control.startsWith('/')) {
    const origin = /^rtsps?:\/\/[^/?#]+/i.exec(fixedBase)?.[0];
    // An absolute path that repeats the base's own is meant from the root; other leading slashes are plain separators.
    if (origin && fixedBase.slice(origin.length).split('/')[1] === control.split('/')[1]) return origin + control;
    return fixedBase.replace(/\/$/, '') + control;
  }
  return fixedBase.endsWith('/') ? fixedBase + control : `${fixedBase}/${control}`;
}

/** The base for control URLs: Content-Base, else Content-Location, else the request's URL. */
export function baseUrl(response: RtspResponse, requestUrl: string): string {
  const base = response.headers.get('content-base') ?? response.headers.get('content-location');
  return base ? mendUrl(base, requestUrl) : requestUrl;
}

function mendUrl(url: string, fallback: string): string {
  const text = url.replace(/[\s\0]+/g, '').replace(/^(?:rtsps?:\/\/)+(?=rtsps?:\/\/)/i, '');
  if (/^rtsps?:\/\/[^/]/i.test(text)) return text;
  const origin = /^rtsps?:\/\/[^/?#]+/i.exec(fallback)?.[0];
  if (origin === undefined) return fallback;
  if (text.startsWith('/') && !text.startsWith('//')) return origin + text;
  // `192.168.1.5:554/stream/`: the scheme is missing.
  if (/^[\w.-]+(:\d+)?\/?/.test(text) && text !== '')
    return `${/^rtsps?:\/\//i.exec(fallback)?.[0] ?? 'rtsp://'}${text}`;
  return fallback;
}
