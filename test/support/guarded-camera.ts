/**
 * A camera's web server that really checks passwords, its own way of doing so written here apart from the client's: WS-Security
 * tokens, HTTP digest and Basic. Counts every request that carries a password. Tests bend it into what they need.
 */
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { deviceInformation, fault12, gsoap, services, systemTime } from './onvif-corpus/device-answers.ts';

export type DigestName = 'MD5' | 'SHA-256' | 'SHA-512-256';

export interface Guard {
  username: string;
  password: string;
  /** The token inside the message is checked. */
  wsse?: boolean;
  /** HTTP challenges; 'basic' or digests by their names. */
  http?: readonly ('basic' | DigestName)[];
  qop?: boolean;
  /** Either proof is enough; else all that are switched on are needed. */
  either?: boolean;
  /** Camera minus this machine. */
  clockMs?: number;
  /** Uses of one digest nonce before it is stale. */
  nonceUses?: number;
  /** Everything needs the password, the clock too. */
  strict?: boolean;
}

export interface GuardedCamera {
  port: number;
  guard: Guard;
  /** Requests that carried a password in any form. */
  attempts: number;
  /** Of those, the ones with a proof that was checked and wrong. */
  refusals: number;
  requests: { operation: string; carried: ('wsse' | 'digest' | 'basic')[]; status: number }[];
  /** Nonces and times of the tokens that came. */
  tokens: { nonce: string; created: string }[];
  /** Answers besides the usual, by operation: XML for inside the body. */
  answers: Record<string, (message: string) => string>;
  stop(): Promise<void>;
}

const open = ['GetSystemDateAndTime', 'GetServices', 'GetCapabilities'];
const hashNames = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;

export async function startGuardedCamera(guard: Guard): Promise<GuardedCamera> {
  const nonces = new Map<string, number>();
  const seen = new Set<string>();
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(request, response, Buffer.concat(chunks).toString());
    });
  });

  function checkToken(message: string): boolean | null {
    const field = (name: string): string | null =>
      new RegExp(`<ws(?:se|u):${name}(?: [^>]*)?>([^<]*)<`).exec(message)?.[1] ?? null;
    const [user, digest, nonce, created] = [field('Username'), field('Password'), field('Nonce'), field('Created')];
    if (digest === null || nonce === null || created === null || user === null) return null;
    camera.tokens.push({ nonce, created });
    const bytes = Buffer.from(nonce, 'base64');
    const wanted = createHash('sha1')
      .update(bytes)
      .update(created + camera.guard.password)
      .digest('base64');
    const now = Date.now() + (camera.guard.clockMs ?? 0);
    const plain = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created) && bytes.length === 16;
    const fresh = !seen.has(nonce) && Math.abs(Date.parse(created) - now) <= 5_000;
    seen.add(nonce);
    return plain && fresh && unescape_(user) === camera.guard.username && digest === wanted;
  }

  function checkHttp(
    request: http.IncomingMessage,
  ): { ok: boolean; stale: boolean; scheme: 'digest' | 'basic' } | null {
    const header = request.headers.authorization;
    if (header === undefined) return null;
    const { username, password } = camera.guard;
    if (header.startsWith('Basic ')) {
      const text = Buffer.from(header.slice(6), 'base64').toString('utf8');
      const ok = (camera.guard.http ?? []).includes('basic') && text === `${username}:${password}`;
      return { ok, stale: false, scheme: 'basic' };
    }
    const p: Record<string, string> = {};
    for (const [, name, quoted, bare] of header.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
      p[name ?? ''] = quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1');
    }
    const h = (text: string): string =>
      createHash(hashNames[(p['algorithm'] ?? 'MD5') as DigestName])
        .update(text)
        .digest('hex');
    const ha1 = h(`${username}:${p['realm']}:${password}`);
    const ha2 = h(`${request.method}:${request.url}`);
    const wanted =
      camera.guard.qop === false
        ? h(`${ha1}:${p['nonce']}:${ha2}`)
        : h(`${ha1}:${p['nonce']}:${p['nc']}:${p['cnonce']}:auth:${ha2}`);
    const uses = nonces.get(p['nonce'] ?? '');
    const right = p['response'] === wanted && p['username'] === username && p['uri'] === request.url;
    if (uses === undefined) return { ok: false, stale: right, scheme: 'digest' };
    nonces.set(p['nonce'] ?? '', uses + 1);
    const stale = uses >= (camera.guard.nonceUses ?? Infinity);
    return { ok: right && !stale, stale: right && stale, scheme: 'digest' };
  }

  function answer(request: http.IncomingMessage, response: http.ServerResponse, message: string): void {
    const operation = /<s:Body[^>]*><(?:\w+:)?(\w+)/.exec(message)?.[1] ?? '';
    const token = checkToken(message);
    const web = checkHttp(request);
    const carried: GuardedCamera['requests'][number]['carried'] = [];
    if (token !== null) carried.push('wsse');
    if (web !== null) carried.push(web.scheme);
    if (carried.length > 0) camera.attempts++;
    const reply = (status: number, inner: string, headers: Record<string, string | string[]> = {}): void => {
      camera.requests.push({ operation, carried, status });
      const wrong = (camera.guard.wsse === true && token === false) || (web !== null && !web.ok && !web.stale);
      if (wrong && status !== 200) camera.refusals++;
      response.writeHead(status, { 'Content-Type': 'application/soap+xml', ...headers });
      response.end(inner === '' ? '' : gsoap.wrap(inner));
    };
    const { wsse = false, http: schemes = [], either = false, strict = false } = camera.guard;
    const free = open.includes(operation) && !strict;
    const good = either
      ? (wsse && token === true) || (schemes.length > 0 && web?.ok === true)
      : (!wsse || token === true) && (schemes.length === 0 || web?.ok === true);
    if (!free && !good) {
      const challenge = schemes.length > 0 && web?.ok !== true && !(either && token !== null);
      if (!challenge) {
        reply(400, fault12('Sender', 'ter:NotAuthorized', 'Sender not Authorized'));
        return;
      }
      const headers = schemes.map((scheme) => {
        if (scheme === 'basic') return 'Basic realm="cam"';
        const nonce = randomBytes(9).toString('base64');
        nonces.set(nonce, 0);
        const qop = camera.guard.qop === false ? '' : ', qop="auth"';
        return `Digest realm="cam, \\"inside\\"", nonce="${nonce}", algorithm=${scheme}${qop}, stale=${web?.stale === true}`;
      });
      reply(401, '', { 'WWW-Authenticate': headers });
      return;
    }
    const own = camera.answers[operation];
    if (own) {
      reply(200, own(message));
      return;
    }
    switch (operation) {
      case 'GetSystemDateAndTime': {
        reply(200, systemTime(Date.now() + (camera.guard.clockMs ?? 0)));
        return;
      }
      case 'GetServices': {
        reply(200, services(`http://127.0.0.1:${camera.port}`, ['device', 'media']));
        return;
      }
      case 'GetDeviceInformation': {
        reply(200, deviceInformation);
        return;
      }
      default: {
        reply(500, fault12('Receiver', 'ter:ActionNotSupported', 'Not here'));
        return;
      }
    }
  }

  const camera: GuardedCamera = {
    port: 0,
    guard,
    attempts: 0,
    refusals: 0,
    requests: [],
    tokens: [],
    answers: {},
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  camera.port = (server.address() as AddressInfo).port;
  return camera;
}

function unescape_(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => names[name] ?? '');
}
