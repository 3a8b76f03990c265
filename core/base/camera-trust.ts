/**
 * Whether the certificate that a camera shows is the one it showed when it was added. Invariant: who connects over TLS asks
 * here in 'secureConnect', before a byte of a request is written; a certificate that is not trusted ends the connection.
 */
import type { TLSSocket } from 'node:tls';
import { HubError } from './errors.ts';

/** `host:port` in lower case → SHA-256 of the certificate, as hex pairs with colons. */
export type TlsPins = Readonly<Record<string, string>>;

export interface ShownCertificate {
  /** `host:port` */
  address: string;
  fingerprint: string;
}

export interface CameraTrust {
  pins: TlsPins;
  /** A certificate at an address without a pin, that no authority vouches for: it is to be kept. */
  onFirst?: ((shown: ShownCertificate) => void) | undefined;
}

/** Null: go on. `title` is `Camera 'Porch'`. Without `trust` any certificate will do. */
export function distrust(
  socket: TLSSocket,
  place: { title: string; host: string; port: number },
  trust: CameraTrust | undefined,
): HubError | null {
  // `authorized` is for the name that was asked for, as the options of the connection said.
  if (trust === undefined || socket.authorized) return null;
  const address = `${place.host.toLowerCase()}:${place.port}`;
  // Without a certificate (anonymous ciphers, which are off) nothing is proven either.
  const fingerprint = (socket.getPeerCertificate().fingerprint256 as string | undefined) ?? '';
  const pinned = Object.hasOwn(trust.pins, address) ? trust.pins[address] : undefined;
  if (pinned === undefined && fingerprint !== '') {
    trust.onFirst?.({ address, fingerprint });
    return null;
  }
  if (pinned === fingerprint) return null;
  return new HubError(
    'camera_certificate',
    `${place.title} shows another certificate than when it was added. If you reset or updated the camera, open it under Cameras and choose 'Trust the new certificate'; else somebody may be listening in.`,
    { details: { pinned: true, address, fingerprint } },
  );
}
