/**
 * Framed messages over a local socket (Unix domain socket; named pipe on Windows), for bytes that should not pass
 * through the hub. Never a TCP port. Wire: u32le length of all that follows, u16le header length, JSON header, body.
 * Invariant: a peer that breaks the framing or exceeds a limit is disconnected, never waited for.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubError } from './errors.ts';

const maxFrameBytes = 32 * 1024 * 1024;
/** A peer that does not read: above this many unsent bytes `send` drops and returns false. */
const defaultMaxQueuedBytes = 16 * 1024 * 1024;

/** One end of a bus connection. `In` and `Out` are the header types in each direction. */
export class BusConnection<In, Out> {
  onMessage: (header: In, body: Buffer) => void = () => undefined;
  onClose: () => void = () => undefined;
  /** Messages that were dropped because the peer did not read. */
  dropped = 0;
  readonly #socket: net.Socket;
  readonly #maxQueuedBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(socket: net.Socket, maxQueuedBytes = defaultMaxQueuedBytes) {
    this.#socket = socket;
    this.#maxQueuedBytes = maxQueuedBytes;
    socket.on('data', (chunk) => {
      this.#read(chunk);
    });
    socket.on('close', () => {
      this.onClose();
    });
    // 'close' always follows; the reason is of no use to the peer's user.
    socket.on('error', () => socket.destroy());
  }

  /** Bytes accepted but not yet taken by the peer. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  /** Sends one message; `body` may be several buffers, which are not copied. Returns false if it was dropped. */
  send(header: Out, body: Uint8Array | readonly Uint8Array[] = []): boolean {
    if (this.#socket.destroyed) return false;
    if (this.#socket.writableLength > this.#maxQueuedBytes) {
      this.dropped++;
      return false;
    }
    const parts = body instanceof Uint8Array ? [body] : body;
    let bodyBytes = 0;
    for (const part of parts) bodyBytes += part.byteLength;
    const json = Buffer.from(JSON.stringify(header));
    const head = Buffer.allocUnsafe(6 + json.length);
    head.writeUInt32LE(2 + json.length + bodyBytes, 0);
    head.writeUInt16LE(json.length, 4);
    json.copy(head, 6);
    this.#socket.cork();
    this.#socket.write(head);
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
    return true;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    let need = this.#frameBytes();
    if (need === null || this.#pendingBytes < need) return;
    let data = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending, this.#pendingBytes);
    while (data.length >= 4) {
      const length = data.readUInt32LE(0);
      if (length < 2 || length > maxFrameBytes) {
        this.#socket.destroy();
        return;
      }
      if (data.length < 4 + length) break;
      this.#deliver(data.subarray(4, 4 + length));
      if (this.#socket.destroyed) return;
      data = data.subarray(4 + length);
    }
    this.#pending = data.length > 0 ? [data] : [];
    this.#pendingBytes = data.length;
    need = this.#frameBytes();
    if (need !== null && need > maxFrameBytes + 4) this.#socket.destroy();
  }

  /** Bytes of the frame at the head of what is pending, or null while its length is not there yet. */
  #frameBytes(): number | null {
    let first = this.#pending[0];
    if (!first) return null;
    if (first.length < 4) {
      if (this.#pendingBytes < 4) return null;
      first = Buffer.concat(this.#pending, this.#pendingBytes);
      this.#pending = [first];
    }
    return 4 + first.readUInt32LE(0);
  }

  #deliver(frame: Buffer): void {
    const headerBytes = frame.readUInt16LE(0);
    if (2 + headerBytes > frame.length) {
      this.#socket.destroy();
      return;
    }
    let header: In;
    try {
      header = JSON.parse(frame.toString('utf8', 2, 2 + headerBytes)) as In;
    } catch {
      // Not our protocol: whatever this is, it is not a process of ours.
      this.#socket.destroy();
      return;
    }
    this.onMessage(header, frame.subarray(2 + headerBytes));
  }
}

/** Accepts connections that open with `{t: 'hello', token, role}`; others are dropped after 2 s or at the first wrong frame. */
export class BusServer<In extends { t: string }, Out extends { t: string }> {
  readonly token = randomBytes(24).toString('base64url');
  readonly path: string;
  readonly #server: net.Server;
  readonly #connections = new Set<BusConnection<In, Out>>();
  readonly #folder: string | null;

  constructor(onClient: (connection: BusConnection<In, Out>, role: string) => void) {
    if (process.platform === 'win32') {
      this.#folder = null;
      this.path = `\\\\.\\pipe\\porchlight-${randomBytes(12).toString('hex')}`;
    } else {
      // Short path: a Unix socket's address is limited to about 100 bytes. mkdtemp makes the folder 0700.
      this.#folder = mkdtempSync(join(tmpdir(), 'porchlight-'));
      this.path = join(this.#folder, 'bus');
    }
    this.#server = net.createServer((socket) => {
      this.#admit(socket, onClient);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.path, () => {
        if (this.#folder) chmodSync(this.path, 0o600);
        resolve();
      });
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#server.close();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #admit(socket: net.Socket, onClient: (connection: BusConnection<In, Out>, role: string) => void): void {
    const connection = new BusConnection<In, Out>(socket);
    const timer = setTimeout(() => socket.destroy(), 2_000);
    connection.onClose = () => {
      clearTimeout(timer);
    };
    connection.onMessage = (header) => {
      const hello = header as { t: string; token?: unknown; role?: unknown };
      if (hello.t !== 'hello' || !sameToken(hello.token, this.token) || typeof hello.role !== 'string') {
        socket.destroy();
        return;
      }
      clearTimeout(timer);
      this.#connections.add(connection);
      connection.onMessage = () => undefined;
      connection.onClose = () => undefined;
      socket.once('close', () => this.#connections.delete(connection));
      connection.send({ t: 'welcome' } as Out);
      onClient(connection, hello.role);
    };
  }
}

function sameToken(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Connects and says hello. `Out` must include the hello message. Throws `unavailable` if nothing answers within 3 s. */
export async function connectBus<In extends { t: string }, Out>(
  path: string,
  token: string,
  role: string,
): Promise<BusConnection<In, Out>> {
  const socket = net.connect(path);
  const connection = new BusConnection<In, Out>(socket);
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new HubError('unavailable', 'The local media bus did not answer.'));
    };
    const timer = setTimeout(fail, 3_000);
    connection.onClose = fail;
    connection.onMessage = (header) => {
      if (header.t !== 'welcome') {
        fail();
        return;
      }
      clearTimeout(timer);
      connection.onClose = () => undefined;
      connection.onMessage = () => undefined;
      resolve();
    };
    connection.send({ t: 'hello', token, role } as unknown as Out);
  });
  return connection;
}
