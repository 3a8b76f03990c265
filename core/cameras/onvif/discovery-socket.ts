/** A UDP socket of a search, and waiting that an abort ends. Invariant: after the signal no socket is left open. */
import dgram from 'node:dgram';

export interface SocketEvents {
  /** `from` is the sender's IP address, with its zone where it has one. */
  onDatagram(datagram: Buffer, from: string): void;
  /** Something could not be sent, or the socket broke. May come often. */
  onFault(error: Error): void;
}

export interface SearchSocket {
  send(message: Buffer, address: string, port: number): void;
  close(): void;
}

/** Bound to `address`, on a free port. Rejects when the address can't be bound. */
export async function openSocket(
  address: string,
  family: 4 | 6,
  prepare: (socket: dgram.Socket) => void,
  events: SocketEvents,
  signal: AbortSignal,
): Promise<SearchSocket> {
  const socket = dgram.createSocket({ type: family === 4 ? 'udp4' : 'udp6', ipv6Only: family === 6 });
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    signal.removeEventListener('abort', close);
    socket.close();
  };
  const fault = (error: Error): void => {
    if (open) events.onFault(error);
  };
  socket.on('message', (datagram, sender) => {
    if (open) events.onDatagram(datagram, sender.address);
  });
  try {
    await bound(socket, address);
    socket.on('error', (error) => {
      fault(error);
      close();
    });
    prepare(socket);
  } catch (error) {
    close();
    throw error;
  }
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  return {
    send: (message, to, port) => {
      if (!open) return;
      socket.send(message, port, to, (error) => {
        if (error) fault(error);
      });
    },
    close,
  };
}

function bound(socket: dgram.Socket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/** Resolves after `ms`, or at once when the signal comes. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
