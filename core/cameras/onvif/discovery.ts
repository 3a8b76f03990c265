/**
 * Finding ONVIF cameras: everywhere nearby by multicast, or at addresses that a person typed. Runs in the ONVIF process.
 * Invariants: nothing that is found is adopted, and no user name or password is ever sent; it ends within its time, and at
 * the signal every socket is closed at once. Why it is so: docs/design/discovery.md.
 */
import type { FoundDevice } from '#core/domain/onvif.ts';
import { ownNetworks } from './discovery-address.ts';
import { DiscoveryDesk } from './discovery-desk.ts';
import { askDirectly } from './discovery-direct.ts';
import { askEverywhere } from './discovery-multicast.ts';

const mostMs = 10_000;

export interface DiscoverOptions {
  /** Null: everywhere nearby. Else one address or host, `a.b.c.d/nn` or `a.b.c.d-e`. */
  address: string | null;
  /** Cut to 10 s. */
  timeoutMs: number;
}

/**
 * Tells each device once, as soon as its best address is known. Resolves when the search is over or was aborted, with what
 * went wrong or was left out, in words. Throws HubError `bad_request` for an address that can't be asked.
 */
export async function discover(
  options: DiscoverOptions,
  onFound: (device: FoundDevice) => void,
  signal: AbortSignal,
): Promise<{ problems: string[] }> {
  const timeoutMs = Math.min(Math.max(options.timeoutMs, 1), mostMs);
  const networks = ownNetworks();
  if (options.address !== null) return askDirectly(options.address, networks, timeoutMs, onFound, signal);
  const desk = new DiscoveryDesk(networks, (from) => networks.isAttached(from), onFound);
  const cancel = (): void => {
    desk.cancel();
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const problems = await askEverywhere(desk, networks, timeoutMs, signal);
    return { problems: [...problems, ...desk.end()] };
  } finally {
    signal.removeEventListener('abort', cancel);
    desk.cancel();
  }
}
