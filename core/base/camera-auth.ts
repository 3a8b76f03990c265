/**
 * Answers to `WWW-Authenticate`: Digest (RFC 7616 and 2617: MD5, SHA-256, SHA-512-256, with and without -sess) and
 * Basic (RFC 7617). The strongest digest offered is used; Basic only when there is no digest we know.
 * Invariant: a password is never sent again for a challenge it already answered.
 */
import { createHash, randomBytes } from 'node:crypto';

export interface Challenge {
  scheme: 'digest' | 'basic';
  realm: string;
  nonce: string;
  opaque: string | null;
  /** As the server wrote it; null when it named none (then MD5). */
  algorithm: string | null;
  qop: 'auth' | 'auth-int' | null;
  stale: boolean;
}

const hashes: Record<string, { name: string; rank: number }> = {
  md5: { name: 'md5', rank: 1 },
  'sha-256': { name: 'sha256', rank: 2 },
  'sha-512-256': { name: 'sha512-256', rank: 3 },
};

/** The challenge to answer among those in the headers, or null when none is of a kind we know. */
export function chooseChallenge(headers: readonly string[]): Challenge | null {
  let best: Challenge | null = null;
  for (const header of headers) {
    for (const each of splitChallenges(header)) {
      const challenge = readChallenge(each.scheme, each.parameters);
      if (challenge && (best === null || rank(challenge) > rank(best))) best = challenge;
    }
  }
  return best;
}

/** Keeps the challenge of one connection and answers it, counting nonce uses. */
export class Authenticator {
  readonly #username: string;
  readonly #password: string;
  #challenge: Challenge | null = null;
  #count = 0;
  #clientNonce = '';

  constructor(username: string, password: string) {
    this.#username = username;
    this.#password = password;
  }

  /** A challenge came. */
  get challenged(): boolean {
    return this.#challenge !== null;
  }

  /** What the camera calls itself in its challenge; null before one came. */
  get realm(): string | null {
    return this.#challenge?.realm ?? null;
  }

  /** True when the challenge is one that was not answered yet: only then is another attempt of any use. */
  accept(challenge: Challenge): boolean {
    const old = this.#challenge;
    const fresh = old === null || old.scheme !== challenge.scheme || old.nonce !== challenge.nonce;
    if (fresh) {
      this.#challenge = challenge;
      this.#count = 0;
      this.#clientNonce = randomBytes(8).toString('hex');
    }
    return fresh;
  }

  /** The Authorization header's value, or null before a challenge came. */
  header(method: string, uri: string): string | null {
    const c = this.#challenge;
    if (c === null) return null;
    if (c.scheme === 'basic') {
      return `Basic ${Buffer.from(`${this.#username}:${this.#password}`, 'utf8').toString('base64')}`;
    }
    this.#count++;
    return digestHeader(c, this.#username, this.#password, method, uri, this.#clientNonce, this.#count);
  }
}

/** Exported for the RFC's test vectors. */
export function digestHeader(
  c: Challenge,
  username: string,
  password: string,
  method: string,
  uri: string,
  clientNonce: string,
  count: number,
): string {
  const key = (c.algorithm ?? 'MD5').toLowerCase();
  const session = key.endsWith('-sess');
  const hashName = hashes[session ? key.slice(0, -5) : key]?.name ?? 'md5';
  const hash = (text: string): string => createHash(hashName).update(text, 'utf8').digest('hex');
  let ha1 = hash(`${username}:${c.realm}:${password}`);
  if (session) ha1 = hash(`${ha1}:${c.nonce}:${clientNonce}`);
  const ha2 = hash(c.qop === 'auth-int' ? `${method}:${uri}:${hash('')}` : `${method}:${uri}`);
  const nc = count.toString(16).padStart(8, '0');
  const response = hash(
    c.qop === null ? `${ha1}:${c.nonce}:${ha2}` : `${ha1}:${c.nonce}:${nc}:${clientNonce}:${c.qop}:${ha2}`,
  );
  const parts = [
    `username="${quote(username)}"`,
    `realm="${quote(c.realm)}"`,
    `nonce="${quote(c.nonce)}"`,
    `uri="${quote(uri)}"`,
    `response="${response}"`,
  ];
  if (c.algorithm !== null) parts.push(`algorithm=${c.algorithm}`);
  if (c.opaque !== null) parts.push(`opaque="${quote(c.opaque)}"`);
  if (c.qop !== null) parts.push(`qop=${c.qop}`, `nc=${nc}`);
  if (c.qop !== null || session) parts.push(`cnonce="${clientNonce}"`);
  return `Digest ${parts.join(', ')}`;
}

function quote(text: string): string {
  return text.replace(/(["\\])/g, '\\$1');
}

function rank(challenge: Challenge): number {
  if (challenge.scheme === 'basic') return 0;
  return hashes[(challenge.algorithm ?? 'MD5').toLowerCase().replace(/-sess$/, '')]?.rank ?? 0;
}

function readChallenge(scheme: string, p: Map<string, string>): Challenge | null {
  const realm = p.get('realm') ?? '';
  const base = { realm, nonce: '', opaque: null, algorithm: null, qop: null, stale: false };
  if (scheme === 'basic') return { scheme: 'basic', ...base };
  if (scheme !== 'digest') return null;
  const algorithm = p.get('algorithm') ?? null;
  if (algorithm !== null && !/^[\w-]+$/.test(algorithm)) return null;
  if (!((algorithm ?? 'MD5').toLowerCase().replace(/-sess$/, '') in hashes)) return null;
  const offered = (p.get('qop') ?? '').toLowerCase().split(/[\s,]+/);
  const qop = offered.includes('auth') ? 'auth' : offered.includes('auth-int') ? 'auth-int' : null;
  return {
    scheme: 'digest',
    realm,
    nonce: p.get('nonce') ?? '',
    opaque: p.get('opaque') ?? null,
    algorithm,
    qop,
    stale: (p.get('stale') ?? '').toLowerCase() === 'true',
  };
}

/** One header may hold several challenges, separated by commas like their parameters: a word before a space and `name=` starts one. */
function splitChallenges(header: string): { scheme: string; parameters: Map<string, string> }[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  const token = /([A-Za-z][\w-]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,"]*)))?[\s,]*/g;
  for (const match of header.slice(0, 4096).matchAll(token)) {
    const name = (match[1] ?? '').toLowerCase();
    const value = match[2] === undefined ? match[3] : match[2].replace(/\\(.)/g, '$1');
    if (value === undefined) found.push({ scheme: name, parameters: new Map() });
    else found.at(-1)?.parameters.set(name, value.replace(/[\r\n\0]/g, ''));
  }
  return found;
}
