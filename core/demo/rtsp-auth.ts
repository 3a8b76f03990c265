/**
 * Server side of RTSP authentication: Basic (RFC 7617) and Digest (RFC 7616, MD5 without qop as cameras do it, or
 * SHA-256). Invariant: comparison of what was sent takes the same time whatever it is.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { VirtualCameraAuth } from '#core/domain/virtual-camera-protocol.ts';

const realm = 'virtual camera';

export class RtspAuth {
  readonly #auth: VirtualCameraAuth;
  readonly #nonce = randomBytes(16).toString('hex');

  constructor(auth: VirtualCameraAuth) {
    this.#auth = auth;
  }

  /** Values of the WWW-Authenticate headers, preferred first. */
  challenges(): string[] {
    const { scheme } = this.#auth;
    const basic = `Basic realm="${realm}"`;
    const md5 = `Digest realm="${realm}", nonce="${this.#nonce}", stale="FALSE"`;
    if (scheme === 'basic') return [basic];
    if (scheme === 'digest') return [md5];
    if (scheme === 'both') return [md5, basic];
    return [`Digest realm="${realm}", nonce="${this.#nonce}", algorithm=SHA-256`];
  }

  accepts(method: string, authorization: string): boolean {
    const { scheme, username, password } = this.#auth;
    const space = authorization.indexOf(' ');
    const kind = authorization.slice(0, space).toLowerCase();
    const rest = authorization.slice(space + 1);
    if (kind === 'basic' && (scheme === 'basic' || scheme === 'both')) {
      return same(Buffer.from(rest, 'base64').toString('utf8'), `${username}:${password}`);
    }
    if (kind !== 'digest' || scheme === 'basic') return false;
    const fields = new Map<string, string>();
    for (const match of rest.matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)) {
      fields.set((match[1] ?? '').toLowerCase(), (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1'));
    }
    const algorithm = scheme === 'digest-sha256' ? 'sha256' : 'md5';
    const hash = (text: string): string => createHash(algorithm).update(text).digest('hex');
    if (fields.get('nonce') !== this.#nonce || fields.get('username') !== username) return false;
    const a1 = hash(`${username}:${realm}:${password}`);
    const a2 = hash(`${method}:${fields.get('uri') ?? ''}`);
    return same((fields.get('response') ?? '').toLowerCase(), hash(`${a1}:${this.#nonce}:${a2}`));
  }
}

function same(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
