/**
 * HTTP with one camera, over TCP or TLS: whole small answers, never streams.
 * Invariants: an exchange with all its redirects ends by one deadline and holds at most `maxBytes`; a redirect is followed at
 * most twice and on the same host only; nothing is unpacked; a connection serves one request. TLS certificates are not
 * checked, since cameras sign their own (docs/design/rtsp.md).
 */
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { redirectAt } from './address.ts';
import { answerTooLarge, leadsElsewhere, noAnswer, socketFailure } from './http-failure.ts';
import { readUrl } from './zone.ts';

const maxRedirects = 2;
const maxHeaderBytes = 16 * 1024;

export interface HttpRequest {
  url: string;
  method: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** For the whole exchange, redirects and body included. */
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal | undefined;
  /** For messages: `Camera 'Porch'`. */
  title: string;
  /** The Authorization header's value for this hop, or null. `uri` is path and query. */
  authorise?: (method: string, uri: string) => string | null;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** All values of WWW-Authenticate. */
  challenges: string[];
  body: Buffer;
  /** Where the answer came from, after redirects. */
  url: string;
}

/** Throws HubError, or the signal's reason when it aborts. Any status is an answer, but for redirects. */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const endMs = performance.now() + request.timeoutMs;
  let url = request.url;
  for (let hops = 0; ; hops++) {
    request.signal?.throwIfAborted();
    const answer = await exchangeOnce({ ...request, url, timeoutMs: Math.max(1, endMs - performance.now()) });
    const location = answer.headers.location;
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
    const next = redirectAt(location, url);
    if (next === null || hops >= maxRedirects) throw leadsElsewhere(request.title, location);
    url = next;
  }
}

function exchangeOnce(request: HttpRequest): Promise<HttpAnswer> {
  const { url, host } = readUrl(request.url);
  const tls = url.protocol === 'https:';
  const place = { title: request.title, where: url.host, host, tls };
  const authorization = request.authorise?.(request.method, url.pathname + url.search) ?? null;
  const { signal, body, maxBytes } = request;
  return new Promise((resolve, reject) => {
    let connected = false;
    let settled = false;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (done: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      done();
      sent.destroy();
    };
    const fail = (error: unknown): void => {
      settle(() => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an abort's reason is the caller's
        reject(error);
      });
    };
    const onAbort = (): void => {
      fail(signal?.reason);
    };
    const timer = setTimeout(() => {
      fail(noAnswer(place, connected));
    }, request.timeoutMs);
    const sent = (tls ? https : http).request({
      protocol: url.protocol,
      host,
      port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      method: request.method,
      agent: false,
      maxHeaderSize: maxHeaderBytes,
      // Cameras' web servers are written by hand: a bare LF, a space too many, both lengths at once.
      insecureHTTPParser: true,
      ...(tls ? { rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) } : {}),
      headers: {
        Host: url.host,
        'User-Agent': 'Porchlight',
        'Accept-Encoding': 'identity',
        Connection: 'close',
        ...request.headers,
        ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
        ...(authorization === null ? {} : { Authorization: authorization }),
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    sent.on('socket', (socket) => {
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    sent.on('error', (error) => {
      fail(socketFailure(place, error, connected));
    });
    sent.on('upgrade', () => {
      fail(socketFailure(place, null, true));
    });
    sent.on('response', (response) => {
      const answered = (): void => {
        settle(() => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            challenges: headerValues(response, 'www-authenticate'),
            body: Buffer.concat(chunks),
            url: request.url,
          });
        });
      };
      const length = Number(response.headers['content-length'] ?? NaN);
      if (length > maxBytes) {
        fail(answerTooLarge(place, maxBytes));
        return;
      }
      const endless = Number.isNaN(length) && response.headers['transfer-encoding'] === undefined;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) {
          fail(answerTooLarge(place, maxBytes));
          return;
        }
        chunks.push(chunk);
        // Without a length the end is the connection's end, which some cameras forget.
        if (endless && chunk.includes('Envelope>')) {
          const tail = Buffer.concat(chunks.slice(-2)).subarray(-64).toString('latin1').trimEnd();
          if (tail.endsWith('Envelope>') && !/<[\w:-]*Envelope>$/.test(tail)) answered();
        }
      });
      response.on('end', answered);
      // A length that promises too much, then the end: what came may be whole all the same.
      response.on('error', (error) => {
        if (bytes > 0) answered();
        else fail(socketFailure(place, error, connected));
      });
    });
    sent.end(body);
  });
}

function headerValues(response: http.IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) {
    if (response.rawHeaders[i]?.toLowerCase() === name) values.push(response.rawHeaders[i + 1] ?? '');
  }
  return values;
}
