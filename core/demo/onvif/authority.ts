/**
 * Who may call: WS-UsernameToken (digest and text) and HTTP digest, judged by the camera's own clock.
 * Invariant: a token whose time stamp is outside the window is worth nothing, whatever its password.
 */
import { createHash } from 'node:crypto';
import { DigestServer, same, type DigestAlgorithm } from '../digest.ts';
import { child, textOf, type Xml } from './soap.ts';

/** How far a request's Created may be from the camera's clock. */
const windowMs = 10_000;

export interface AuthorityRules {
  username: string;
  password: string;
  /** 'none' lets everyone in. */
  kinds: readonly ('wsse' | 'digest')[];
  algorithms: readonly DigestAlgorithm[];
  requestsPerNonce: number;
  /** Long nonces, nonces used before and time stamps with fractions are refused, as by some devices. */
  picky: boolean;
}

export type Verdict =
  | { kind: 'in'; replayed?: boolean }
  /** Nothing was shown: HTTP 401 with these challenges (none: a SOAP fault). */
  | { kind: 'ask'; challenges: string[] }
  /** The secret is wrong, or the time stamp too far off. */
  | { kind: 'out'; challenges: string[]; why: 'password' | 'time' | 'replayed' | 'form' };

export class Authority {
  readonly #rules: AuthorityRules;
  readonly #digest: DigestServer;
  readonly #nonces = new Map<string, number>();

  constructor(rules: AuthorityRules) {
    this.#rules = rules;
    this.#digest = new DigestServer({ ...rules, realm: 'virtual camera', qop: true });
  }

  /** `header`: the SOAP header; null for plain HTTP requests. `nowMs`: the camera's own clock. */
  judge(method: string, authorization: string | undefined, header: Xml | null, nowMs: number): Verdict {
    const { kinds } = this.#rules;
    const token = child(header ?? undefined, 'wsse:Security', 'wsse:UsernameToken');
    if (token && kinds.includes('wsse')) return this.#judgeToken(token, nowMs);
    if (!kinds.includes('digest')) return { kind: 'ask', challenges: [] };
    const given = /^digest\s+(.*)$/is.exec(authorization ?? '')?.[1];
    if (given === undefined) return { kind: 'ask', challenges: this.#digest.challenges() };
    const verdict = this.#digest.judge(method, given);
    if (verdict === 'right') return { kind: 'in' };
    if (verdict === 'stale') return { kind: 'ask', challenges: this.#digest.challenges(true) };
    return { kind: 'out', challenges: this.#digest.challenges(), why: 'password' };
  }

  #judgeToken(token: Xml, nowMs: number): Verdict {
    const { username, password, picky } = this.#rules;
    const out = (why: 'password' | 'time' | 'replayed' | 'form'): Verdict => ({ kind: 'out', challenges: [], why });
    const given = child(token, 'wsse:Password');
    if (!given || textOf(token, 'wsse:Username') !== username) return out('password');
    const type = given.attributes.get('Type') ?? '';
    if (!type.endsWith('#PasswordDigest')) return same(given.text, password) ? { kind: 'in' } : out('password');
    const nonce = textOf(token, 'wsse:Nonce') ?? '';
    const created = textOf(token, 'wsu:Created') ?? '';
    const nonceBytes = Buffer.from(nonce, 'base64');
    if (picky && (nonceBytes.length > 20 || created.length > 20)) return out('form');
    const right = createHash('sha1').update(nonceBytes).update(created).update(password).digest('base64');
    if (!same(given.text, right)) return out('password');
    const createdMs = Date.parse(created);
    if (!(Math.abs(createdMs - nowMs) <= windowMs)) return out('time');
    for (const [old, untilMs] of this.#nonces) if (untilMs < nowMs) this.#nonces.delete(old);
    // Seldom refused in the field, and there are clients (libonvif) whose random numbers begin anew each second.
    const replayed = this.#nonces.has(nonce);
    if (replayed && picky) return out('replayed');
    if (this.#nonces.size > 10_000) this.#nonces.clear();
    this.#nonces.set(nonce, nowMs + 2 * windowMs);
    return { kind: 'in', replayed };
  }
}
