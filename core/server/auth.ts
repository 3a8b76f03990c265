/**
 * Who is asking. Either the bearer token of `<data>/api-token`, or a session cookie got from it or from the one-time link
 * printed at start. Only hashes of cookies are kept; a wrong token is compared in constant time and counted per address.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { SessionStore } from '#core/domain/records.ts';

export const cookieName = 'porchlight_session';
export const sessionDays = 30;
const dayMs = 86_400_000;
/** Wrong tokens one address may send within a minute. */
const failuresPerMinute = 10;
const mostCountedAddresses = 10_000;

export class Auth {
  readonly #tokenHash: Buffer;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();
  #openKeyHash: Buffer | null = null;

  constructor(token: string, sessions: SessionStore, clock: Clock) {
    this.#tokenHash = hash(token);
    this.#sessions = sessions;
    this.#clock = clock;
  }

  /** The key of the link that is printed at start. Good once; a new one makes the old one worthless. */
  newOpenKey(): string {
    const key = randomBytes(24).toString('base64url');
    this.#openKeyHash = hash(key);
    return key;
  }

  /** The cookie's value for a good key, else null. */
  openWithKey(key: string, address: string): string | null {
    this.#refuseIfTooMany(address);
    if (!this.#openKeyHash || !timingSafeEqual(this.#openKeyHash, hash(key))) {
      this.#countFailure(address);
      return null;
    }
    this.#openKeyHash = null;
    return this.#newSession();
  }

  /** The cookie's value. Throws `unauthorised`, `too_many`. */
  signIn(token: string, address: string): string {
    this.#refuseIfTooMany(address);
    if (!timingSafeEqual(this.#tokenHash, hash(token.trim()))) {
      this.#countFailure(address);
      throw new HubError('unauthorised', 'This is not the token. It stands in the file api-token in the data folder.');
    }
    return this.#newSession();
  }

  signOut(cookie: string | undefined): void {
    if (cookie !== undefined) this.#sessions.remove(hash(cookie).toString('hex'));
  }

  /** Throws `too_many` if this address sent too many wrong bearer tokens. */
  isSignedIn(authorization: string | undefined, cookie: string | undefined, address: string): boolean {
    if (authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (token !== undefined && timingSafeEqual(this.#tokenHash, hash(token))) return true;
      this.#refuseIfTooMany(address);
      this.#countFailure(address);
      return false;
    }
    if (cookie === undefined || cookie.length > 100) return false;
    const nowMs = this.#clock.nowMs();
    return this.#sessions.touch(hash(cookie).toString('hex'), nowMs, nowMs - sessionDays * dayMs);
  }

  #newSession(): string {
    const cookie = randomBytes(32).toString('base64url');
    this.#sessions.add(hash(cookie).toString('hex'), this.#clock.nowMs());
    return cookie;
  }

  #refuseIfTooMany(address: string): void {
    const failures = this.#failures.get(address);
    if (!failures) return;
    const leftMs = failures.sinceMs + 60_000 - this.#clock.monoMs();
    if (leftMs <= 0) {
      this.#failures.delete(address);
      return;
    }
    if (failures.count >= failuresPerMinute)
      throw new HubError('too_many', 'Too many wrong tokens from this address. Wait a minute and try again.', {
        details: { retryAfterS: Math.ceil(leftMs / 1_000) },
      });
  }

  #countFailure(address: string): void {
    const failures = this.#failures.get(address);
    if (failures) {
      failures.count++;
      return;
    }
    if (this.#failures.size >= mostCountedAddresses) this.#failures.clear();
    this.#failures.set(address, { count: 1, sinceMs: this.#clock.monoMs() });
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
