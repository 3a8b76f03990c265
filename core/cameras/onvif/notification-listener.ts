/**
 * Where a camera that can't be asked for its events calls us: one small HTTP server per subscription. Invariants: it
 * listens on the one address of this machine that faces the camera, answers that camera's address alone and one path that
 * can't be guessed, and takes at most 256 KiB within 5 s, four at a time and 20 in a second; all else is cut off.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import dgram from 'node:dgram';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { HubError } from '#core/base/errors.ts';
import type { Notice } from './events-notices.ts';
import { noticesIn } from './events-notices.ts';
import type { XmlElement } from './soap-port.ts';
import { child } from './tree.ts';
import { parseXml } from './xml.ts';

const mostBytes = 256 * 1024;
const bodyMs = 5_000;
const mostAtOnce = 4;
const mostPerSecond = 20;

export interface NotificationListener {
  /** What the camera is told to call. */
  url: string;
  /** Requests that were turned away. */
  readonly refused: number;
  close(): Promise<void>;
}

/**
 * `host`: the camera, as the person typed it. `bug`: what `heard` threw, or reading did that is not the camera's fault.
 * Throws `camera_host_not_found`, `unavailable`.
 */
export async function openListener(
  host: string,
  heard: (notices: Notice[]) => void,
  bug: (error: unknown) => void,
): Promise<NotificationListener> {
  const { local, remote } = await facing(host);
  const path = `/${randomBytes(24).toString('base64url')}`;
  let refused = 0;
  let open = 0;
  let second = 0;
  let inSecond = 0;
  const admits = (request: IncomingMessage): boolean => {
    const now = Math.floor(performance.now() / 1_000);
    inSecond = now === second ? inSecond + 1 : 1;
    second = now;
    return request.method === 'POST' && samePath(request.url, path) && open < mostAtOnce && inSecond <= mostPerSecond;
  };
  const server = createServer(
    { headersTimeout: bodyMs, requestTimeout: bodyMs, keepAliveTimeout: 1_000, maxHeaderSize: 8 * 1024 },
    (request, response) => {
      if (!admits(request)) {
        refused++;
        request.socket.destroy();
        return;
      }
      open++;
      take(request, response, heard)
        .then((taken) => {
          open--;
          if (!taken) refused++;
        })
        .catch(bug);
    },
  );
  server.maxConnections = 16;
  server.setTimeout(bodyMs);
  server.on('connection', (socket) => {
    if (plain(socket.remoteAddress ?? '') === remote) return;
    refused++;
    socket.destroy();
  });
  server.on('clientError', (_error, socket) => {
    refused++;
    socket.destroy();
  });
  await listen(server, local);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(local) ? `[${local.replace(/%.*$/, '')}]` : local}:${port}${path}`,
    get refused() {
      return refused;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The messages of a SOAP envelope with a wsnt:Notify. Throws `camera_bad_description`. */
function noticesOfNotify(body: Uint8Array): Notice[] {
  const envelope = parseXml(body);
  const soapBody = child(envelope, 'Body');
  const notify: XmlElement | null = child(soapBody, 'Notify') ?? (envelope.name === 'Notify' ? envelope : null);
  if (!notify) throw new HubError('camera_bad_description', 'What the camera sent is no notification.');
  return noticesIn(notify);
}

/** Answers the camera; false if what it sent was no use. Rejects with what is our own mistake. */
async function take(
  request: IncomingMessage,
  response: ServerResponse,
  heard: (notices: Notice[]) => void,
): Promise<boolean> {
  let notices: Notice[];
  // Reading that breaks off takes the socket from the request.
  const { socket } = request;
  try {
    notices = noticesOfNotify(await bodyOf(request));
  } catch (error) {
    // Broken or hostile: not worth an answer. A bug of ours is not the camera's fault and must be seen.
    socket.destroy();
    if (error instanceof HubError || (error as NodeJS.ErrnoException).code !== undefined) return false;
    throw error;
  }
  // One-way: the camera waits for the status alone, so it is let go first.
  response.writeHead(200, { 'content-length': 0, connection: 'close' }).end();
  heard(notices);
  return true;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > mostBytes) throw new HubError('too_large', 'The camera sent too much at once.');
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

/** The address of this machine from which packets go to the host, and the host's own. A connected UDP socket sends nothing. */
async function facing(host: string): Promise<{ local: string; remote: string }> {
  const name = host.replace(/^\[|\]$/g, '');
  const socket = dgram.createSocket(isIPv6(name) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(80, name, resolve);
    });
    return { local: socket.address().address, remote: plain(socket.remoteAddress().address) };
  } catch (error) {
    const message = `There is no way to '${name}' from this machine, so its events can't be received.`;
    throw new HubError('camera_host_not_found', message, { cause: error });
  } finally {
    socket.close();
  }
}

async function listen(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new HubError('unavailable', `Events can't be received at ${address}: ${error.message}.`, { cause: error }),
      );
    });
    server.listen(0, address, resolve);
  });
}

function samePath(given: string | undefined, path: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(path)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const plain = (address: string): string =>
  address
    .replace(/^::ffff:/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();
