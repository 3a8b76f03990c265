/** TLS before a server that speaks none: shows a certificate made on the spot, counts what it was told in confidence, passes it on. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** For `skipIf`. */
export const whyNoOpenssl =
  spawnSync('openssl', ['version']).status === 0 ? null : 'openssl, which makes certificates, is not here';

/** Key and certificate of nobody known. */
export function ownCertificate(): string {
  const subject = ['-subj', '/CN=camera', '-days', '1', '-keyout', '-', '-out', '-'];
  return spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { encoding: 'utf8' })
    .stdout;
}

export interface TlsFront {
  port: number;
  /** `127.0.0.1:port` */
  address: string;
  /** Of requests, as they were before they were encrypted. */
  bytes: () => number;
  /** Another certificate from now on. */
  renew: () => void;
  stop: () => Promise<void>;
}

export async function startTlsFront(toPort: number): Promise<TlsFront> {
  let bytes = 0;
  const sockets = new Set<net.Socket>();
  const pem = ownCertificate();
  const server = tls.createServer({ key: pem, cert: pem }, (client) => {
    const behind = net.connect(toPort, '127.0.0.1');
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        behind.destroy();
      });
    }
    client.on('data', (data: Buffer) => {
      bytes += data.length;
      behind.write(data);
    });
    behind.on('data', (data: Buffer) => client.write(data));
    behind.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    bytes: () => bytes,
    renew: () => {
      const other = ownCertificate();
      server.setSecureContext({ key: other, cert: other });
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
