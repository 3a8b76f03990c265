/**
 * The bytes of one camera connection, TCP or TLS. TCP is read into one reused buffer and, while batching, paused after
 * each read until the batcher resumes it (one system call per camera and 100 ms instead of one per packet or two).
 * Invariant: `onClose` is called exactly once, whatever happens; no other callback follows it.
 */
import net from 'node:net';
import tls from 'node:tls';
import { distrust, type CameraTrust } from '#core/base/camera-trust.ts';

const readBufferBytes = 128 * 1024;

export interface CameraSocketEvents {
  onConnect(): void;
  /** `buffer` is reused: bytes [0, length) are valid during the call only. */
  onBytes(buffer: Buffer, length: number): void;
  onClose(error: Error | null): void;
}

export interface CameraAddress {
  host: string;
  port: number;
  tls: boolean;
  /** `Camera 'Porch'`. */
  title: string;
  /** Which certificate it must show. */
  trust?: CameraTrust | undefined;
}

export class CameraSocket {
  /** The TCP connection stood, whatever came of TLS. */
  reached = false;
  readonly #socket: net.Socket;
  #batched = false;
  #closed = false;
  #error: Error | null = null;

  constructor(address: CameraAddress, events: CameraSocketEvents) {
    this.#socket = address.tls ? this.#openTls(address, events) : this.#openTcp(address, events);
    this.#socket.setKeepAlive(true, 30_000);
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('connect', () => {
      this.reached = true;
    });
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      if (this.#closed) return;
      this.#closed = true;
      events.onClose(this.#error);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Written, not yet taken by the kernel. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(data: Buffer | string): void {
    if (!this.#closed) this.#socket.write(data);
  }

  /** TLS is never batched: the library hands out records of at most 16 KiB and can't read into our buffer. */
  setBatched(batched: boolean): void {
    this.#batched = batched && !(this.#socket instanceof tls.TLSSocket);
    this.resume();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  /** Closes without a farewell. `onClose` follows unless it came already. */
  destroy(error?: Error): void {
    if (error) this.#error ??= error;
    this.#socket.destroy();
  }

  #openTcp(address: CameraAddress, events: CameraSocketEvents): net.Socket {
    const socket = net.connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBufferBytes),
        callback: (length, buffer) => {
          if (!this.#closed) events.onBytes(buffer as Buffer, length);
          // A full buffer means that more is waiting: a camera above 10 Mbit/s must not be held to one buffer per interval.
          return !this.#batched || length === readBufferBytes;
        },
      },
    });
    socket.on('connect', () => events.onConnect());
    return socket;
  }

  #openTls(address: CameraAddress, events: CameraSocketEvents): tls.TLSSocket {
    const socket = tls.connect({
      host: address.host,
      port: address.port,
      ...(net.isIP(address.host) === 0 ? { servername: address.host } : {}),
      // Cameras carry certificates they made themselves: which one it must be is looked at in 'secureConnect'.
      rejectUnauthorized: false,
    });
    socket.setNoDelay(true);
    socket.on('secureConnect', () => {
      const refusal = distrust(socket, address, address.trust);
      if (refusal === null) events.onConnect();
      else this.destroy(refusal);
    });
    socket.on('data', (chunk: Buffer) => {
      if (!this.#closed) events.onBytes(chunk, chunk.length);
    });
    return socket;
  }
}
