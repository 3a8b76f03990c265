/**
 * Server side of RTSP authentication: Basic (RFC 7617) and Digest (RFC 7616; RFC 2069 as old cameras do it).
 * Invariant: a switch of the scheme holds for the next request of every session.
 */
import type { VirtualCameraAuth, VirtualCameraFault } from '#core/domain/virtual-camera-protocol.ts';
import { DigestServer, same, type DigestRules } from './digest.ts';

const realm = 'virtual camera';

export class RtspAuth {
  readonly #auth: VirtualCameraAuth;
  #refusing = false;
  #rules: DigestRules;
  #digest: DigestServer;

  constructor(auth: VirtualCameraAuth) {
    this.#auth = auth;
    this.#rules = this.#usual();
    this.#digest = new DigestServer(this.#rules);
  }

  apply(fault: Extract<VirtualCameraFault, { kind: 'digest' | 'refuse_password' | 'none' }>): void {
    if (fault.kind === 'digest') this.#rules = { ...this.#rules, ...fault };
    else if (fault.kind === 'refuse_password') this.#refusing = fault.on;
    else {
      this.#rules = this.#usual();
      this.#refusing = false;
    }
    this.#digest = new DigestServer(this.#rules);
  }

  /** Values of the WWW-Authenticate headers, preferred first. */
  challenges(stale = false): string[] {
    const { scheme } = this.#auth;
    const basic = `Basic realm="${realm}"`;
    if (scheme === 'basic') return [basic];
    const digest = this.#digest.challenges(stale);
    return scheme === 'both' ? [...digest, basic] : digest;
  }

  judge(method: string, authorization: string): 'right' | 'wrong' | 'stale' {
    const { scheme, username, password } = this.#auth;
    const space = authorization.indexOf(' ');
    const kind = authorization.slice(0, space).toLowerCase();
    const rest = authorization.slice(space + 1);
    if (this.#refusing) return 'wrong';
    if (kind === 'basic' && (scheme === 'basic' || scheme === 'both')) {
      return same(Buffer.from(rest, 'base64').toString('utf8'), `${username}:${password}`) ? 'right' : 'wrong';
    }
    if (kind !== 'digest' || scheme === 'basic') return 'wrong';
    return this.#digest.judge(method, rest);
  }

  /** MD5 without qop is what most cameras have. */
  #usual(): DigestRules {
    const { scheme, username, password } = this.#auth;
    const algorithms = scheme === 'digest-sha256' ? (['SHA-256'] as const) : (['MD5'] as const);
    return { username, password, realm, algorithms, qop: false, requestsPerNonce: 0 };
  }
}
