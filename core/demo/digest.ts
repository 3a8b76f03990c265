/**
 * Server side of HTTP digest authentication (RFC 7616, and RFC 2069 where a client leaves qop out, as RTSP clients may),
 * shared by the RTSP and the HTTP side of the virtual camera. Invariant: what was sent is compared in constant time, and a
 * nonce count that does not grow is refused.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const digestAlgorithms = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const hashNames: Record<DigestAlgorithm, string> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };

export type DigestVerdict = 'right' | 'wrong' | 'stale';

export interface DigestRules {
  username: string;
  password: string;
  realm: string;
  /** Offered in this order, one challenge each. */
  algorithms: readonly DigestAlgorithm[];
  /** Offer qop="auth"; old cameras don't. */
  qop: boolean;
  /** A nonce serves this many requests and is stale then; 0: for ever. */
  requestsPerNonce: number;
}

export class DigestServer {
  readonly #rules: DigestRules;
  #nonce = randomBytes(16).toString('hex');
  readonly #opaque = randomBytes(8).toString('hex');
  #used = 0;
  readonly #counts = new Map<string, number>();

  constructor(rules: DigestRules) {
    this.#rules = rules;
  }

  /** Values of the WWW-Authenticate headers. */
  challenges(stale = false): string[] {
    const { realm, algorithms, qop, requestsPerNonce } = this.#rules;
    if (stale || (requestsPerNonce > 0 && this.#used >= requestsPerNonce)) this.#renew();
    return algorithms.map((algorithm) => {
      const fields = [`realm="${realm}"`, `nonce="${this.#nonce}"`];
      // MD5 without a word of it is what most cameras say.
      if (algorithm !== 'MD5' || qop) fields.push(`algorithm=${algorithm}`);
      if (qop) fields.push('qop="auth"', `opaque="${this.#opaque}"`);
      fields.push(`stale=${stale ? 'TRUE' : 'FALSE'}`);
      return `Digest ${fields.join(', ')}`;
    });
  }

  /** `rest`: the Authorization header after the word Digest. */
  judge(method: string, rest: string): DigestVerdict {
    const { username, password, realm, algorithms, requestsPerNonce } = this.#rules;
    const fields = digestFields(rest);
    const named = (fields.get('algorithm') ?? 'MD5').toUpperCase();
    const algorithm = algorithms.find((one) => one === named);
    if (!algorithm || fields.get('username') !== username || fields.get('realm') !== realm) return 'wrong';
    const hash = (text: string): string => createHash(hashNames[algorithm]).update(text).digest('hex');
    const nonce = fields.get('nonce') ?? '';
    const secret = hash(`${username}:${realm}:${password}`);
    const what = hash(`${method}:${fields.get('uri') ?? ''}`);
    const qop = fields.get('qop');
    const middle =
      qop === undefined ? nonce : `${nonce}:${fields.get('nc') ?? ''}:${fields.get('cnonce') ?? ''}:${qop}`;
    if (!same((fields.get('response') ?? '').toLowerCase(), hash(`${secret}:${middle}:${what}`))) return 'wrong';
    if (nonce !== this.#nonce) return 'stale';
    if (requestsPerNonce > 0 && this.#used >= requestsPerNonce) return 'stale';
    if (qop !== undefined && !this.#grows(fields.get('cnonce') ?? '', fields.get('nc') ?? '')) return 'stale';
    this.#used++;
    return 'right';
  }

  #renew(): void {
    this.#nonce = randomBytes(16).toString('hex');
    this.#used = 0;
    this.#counts.clear();
  }

  #grows(cnonce: string, count: string): boolean {
    const value = Number.parseInt(count, 16);
    if (!(value > (this.#counts.get(cnonce) ?? 0))) return false;
    if (this.#counts.size > 500) this.#counts.clear();
    this.#counts.set(cnonce, value);
    return true;
  }
}

export function digestFields(rest: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const match of rest.matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)) {
    fields.set((match[1] ?? '').toLowerCase(), (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1'));
  }
  return fields;
}

export function same(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
