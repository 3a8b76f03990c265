/** Which ports of a host take a connection. Nothing is said and nothing is read: the connection is closed at once. */
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import type { ErrorCode } from '#core/base/errors.ts';

/** In one home a device that listens answers within milliseconds; a sleeping battery camera or powerline link takes longer. */
const connectMs = 1_500;

/** In the order given. `failure`: why none is open. Throws the signal's reason. */
export async function openPorts(
  host: string,
  ports: readonly number[],
  signal: AbortSignal,
): Promise<{ open: number[]; failure: ErrorCode | null }> {
  signal.throwIfAborted();
  let address: string;
  try {
    ({ address } = await lookup(host));
  } catch {
    // Whatever the resolver's reason, the next step is the same: another name, or the address.
    return { open: [], failure: 'camera_host_not_found' };
  }
  const results = await Promise.all(ports.map((port) => knock(address, port, signal)));
  signal.throwIfAborted();
  const open = ports.filter((_, index) => results[index] === 'open');
  if (open.length > 0) return { open, failure: null };
  return { open, failure: results.includes('refused') ? 'camera_refused_connection' : 'camera_silent' };
}

function knock(address: string, port: number, signal: AbortSignal): Promise<'open' | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port, signal });
    const settle = (result: 'open' | 'refused' | 'silent'): void => {
      resolve(result);
      socket.destroy();
    };
    socket.setTimeout(connectMs, () => settle('silent'));
    socket.once('connect', () => settle('open'));
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
  });
}
