/**
 * TLS with a camera, up to the point where the first byte of a request may be written. Invariant: a socket is handed out only
 * after the certificate was looked at; http's own sockets send what waits as soon as the handshake is done, before anybody can.
 */
import { isIP } from 'node:net';
import tls from 'node:tls';
import { distrust, type CameraTrust } from '#core/base/camera-trust.ts';

export interface TlsPlace {
  title: string;
  host: string;
  port: number;
  trust: CameraTrust | undefined;
}

/** Throws `camera_certificate`, what the socket failed with, and the signal's reason. */
export async function trustedSocket(place: TlsPlace, signal: AbortSignal): Promise<tls.TLSSocket> {
  signal.throwIfAborted();
  const { host, port } = place;
  const outcome = Promise.withResolvers<tls.TLSSocket>();
  const socket = tls.connect({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // Cameras carry certificates they made themselves: which one it must be is looked at below.
    rejectUnauthorized: false,
  });
  const aborted = (): void => outcome.reject(signal.reason as Error);
  const closed = (): void => outcome.reject(new Error('The connection was closed.'));
  signal.addEventListener('abort', aborted, { once: true });
  socket.once('error', outcome.reject);
  socket.once('close', closed);
  socket.once('secureConnect', () => {
    const refusal = distrust(socket, place, place.trust);
    if (refusal === null) outcome.resolve(socket);
    else outcome.reject(refusal);
  });
  // Whoever uses it next hears of its end; until then, and while it dies, nobody does.
  socket.on('error', () => socket.destroy());
  try {
    const ready = await outcome.promise;
    signal.throwIfAborted();
    return ready;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', aborted);
    socket.off('error', outcome.reject);
    socket.off('close', closed);
  }
}
