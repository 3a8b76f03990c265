/**
 * HTTP with one camera, over TCP or TLS: whole small answers, never streams.
 * Invariants: an exchange with all its redirects ends by one deadline and holds at most `maxBytes`; a redirect is followed at
 * most twice and on the same host only; nothing is unpacked; a connection serves one request. Over TLS nothing is sent before
 * the certificate was looked at (trusted-socket.ts).
 */
import http from 'node:http';
import type { Socket } from 'node:net';
import type { CameraTrust } from '#core/base/camera-trust.ts';
import { HubError } from '#core/base/errors.ts';
import { redirectAt } from './address.ts';
import { answerTooLarge, leadsElsewhere, noAnswer, socketFailure } from './http-failure.ts';
import { trustedSocket } from './trusted-socket.ts';
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
  /** Which certificate must be shown. Absent: any will do. */
  trust?: CameraTrust | undefined;
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

async function exchangeOnce(request: HttpRequest): Promise<HttpAnswer> {
  const { url } = readUrl(request.url);
  if (url.protocol !== 'https:') return await exchangeOver(request, null);
  const endMs = performance.now() + request.timeoutMs;
  const socket = await secured(request);
  return await exchangeOver({ ...request, timeoutMs: Math.max(1, endMs - performance.now()) }, socket);
}

async function secured(request: HttpRequest): Promise<Socket> {
  const { url, host } = readUrl(request.url);
  const { title, trust, signal } = request;
  const late = AbortSignal.timeout(Math.ceil(request.timeoutMs));
  try {
    const port = url.port === '' ? 443 : Number(url.port);
    return await trustedSocket({ title, host, port, trust }, signal ? AbortSignal.any([signal, late]) : late);
  } catch (error) {
    signal?.throwIfAborted();
    const place = { title, where: url.host, host, tls: true };
    if (late.aborted && !(error instanceof HubError)) throw noAnswer(place, false);
    throw socketFailure(place, error instanceof Error ? error : null, false);
  }
}

/** `secured`: the connection, over TLS. */
function exchangeOver(request: HttpRequest, secured: Socket | null): Promise<HttpAnswer> {
  const { url, host } = readUrl(request.url);
  const tls = secured !== null;
  const place = { title: request.title, where: url.host, host, tls };
  const authorization = request.authorise?.(request.method, url.pathname + url.search) ?? null;
  const { signal, body, maxBytes } = request;
  return new Promise((resolve, reject) => {
    let connected = tls;
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
    const sent = http.request({
      host,
      port: url.port === '' ? 80 : Number(url.port),
      path: url.pathname + url.search,
      method: request.method,
      ...(secured === null ? { agent: false } : { createConnection: () => secured }),
      maxHeaderSize: maxHeaderBytes,
      // Cameras' web servers are written by hand: a bare LF, a space too many, both lengths at once.
      insecureHTTPParser: true,
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
      socket.once('connect', () => {
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
