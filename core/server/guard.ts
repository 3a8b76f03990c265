/**
 * Who may talk to the hub at all, decided before any route: the Host must be one of ours (a foreign name that resolves to
 * this machine is DNS rebinding), and a browser page that changes something must come from us (Origin).
 */
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { IncomingMessage } from 'node:http';
import { HubError } from '#core/base/errors.ts';

const wildcard = new Set(['0.0.0.0', '::']);

export class Guard {
  readonly #host: string;
  #port = 0;

  /** `host`: what the server binds to. */
  constructor(host: string) {
    this.#host = host.toLowerCase();
  }

  /** Known once the server listens. */
  setPort(port: number): void {
    this.#port = port;
  }

  /** Throws `forbidden_host`. */
  checkHost(request: IncomingMessage): void {
    const header = request.headers.host;
    if (header === undefined || !this.#isOurs(header))
      throw new HubError(
        'forbidden_host',
        'This address is not one of the hub. Open it as 127.0.0.1 or localhost, or by the address given with --host.',
      );
  }

  /** Throws `forbidden_origin`. For calls that change something and for WebSockets. */
  checkOrigin(request: IncomingMessage): void {
    const { origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const foreignSite = site === 'cross-site' || site === 'same-site';
    if (origin === undefined ? !foreignSite : this.#isOurOrigin(origin)) return;
    throw new HubError('forbidden_origin', 'A page of another site asked for this. Only the pages of the hub may.');
  }

  #isOurOrigin(origin: string): boolean {
    return origin.startsWith('http://') && this.#isOurs(origin.slice('http://'.length));
  }

  /** `authority`: host[:port] as a browser writes it. */
  #isOurs(authority: string): boolean {
    const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(authority);
    if (!match) return false;
    if (Number(match[2] ?? '80') !== this.#port) return false;
    const host = (match[1] ?? '').toLowerCase();
    const bare = host.startsWith('[') ? host.slice(1, -1) : host;
    if (bare === '127.0.0.1' || bare === 'localhost' || bare === '::1') return true;
    if (!wildcard.has(this.#host)) return bare === this.#host;
    // Bound to every address: the machine's own addresses and name. An address can't be rebound.
    if (isIP(bare) === 0) return bare === hostname().toLowerCase();
    return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === bare));
  }
}
