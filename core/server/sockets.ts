/**
 * The WebSocket door: the same Host, Origin and session checks as HTTP, then the sockets of the contract.
 * Invariant: a socket that does not answer pings for a minute is closed; none outlives the server.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { routes } from '#core/api/routes.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { cookieName } from './auth.ts';
import type { Guard } from './guard.ts';
import { validated } from './validate.ts';

export interface SocketHandlers {
  /** Throws HubErrors before the socket is accepted. */
  live(cameraId: string, stream: 'main' | 'sub' | undefined): (socket: WebSocket) => void;
  /** Speaking through a camera. Throws HubErrors before the socket is accepted. */
  talk(cameraId: string): (socket: WebSocket) => void;
  events(socket: WebSocket): void;
}

interface DoorInit {
  guard: Guard;
  isSignedIn: (request: {
    headers: IncomingMessage['headers'];
    address: string;
    cookie: string | undefined;
  }) => boolean;
  handlers: SocketHandlers;
  logger: Logger;
}

const mostSockets = 500;
const cameraPath = /^\/api\/cameras\/([^/]{1,100})\/(live|talk)$/;

export class SocketDoor {
  readonly #init: DoorInit;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false });
  readonly #alive = new WeakSet<WebSocket>();
  readonly #pinger: NodeJS.Timeout;

  constructor(init: DoorInit) {
    this.#init = init;
    this.#pinger = setInterval(() => this.#ping(), 30_000);
    this.#pinger.unref();
  }

  attach(http: HttpServer): void {
    http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      try {
        const accept = this.#admit(request);
        this.#server.handleUpgrade(request, socket, head, (webSocket) => {
          this.#alive.add(webSocket);
          webSocket.on('pong', () => this.#alive.add(webSocket));
          webSocket.on('error', (error) => {
            this.#init.logger.debug({ error: errorText(error) }, 'a socket failed');
            webSocket.terminate();
          });
          accept(webSocket);
        });
      } catch (error) {
        refuse(socket, error, this.#init.logger);
      }
    });
  }

  close(): void {
    clearInterval(this.#pinger);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #admit(request: IncomingMessage): (socket: WebSocket) => void {
    const { guard, isSignedIn, handlers } = this.#init;
    guard.checkHost(request);
    guard.checkOrigin(request);
    const address = request.socket.remoteAddress ?? '';
    if (!isSignedIn({ headers: request.headers, address, cookie: sessionCookie(request.headers.cookie) }))
      throw new HubError('unauthorised', 'Sign in first.');
    if (this.#server.clients.size >= mostSockets)
      throw new HubError('too_many', 'Too many pages are open. Close some of them.');
    const url = new URL(request.url ?? '/', 'http://hub');
    if (url.pathname === routes.liveEvents.path) return (socket) => handlers.events(socket);
    const [, cameraId, what] = cameraPath.exec(url.pathname) ?? [];
    if (cameraId === undefined) throw new HubError('not_found', 'There is no socket at this address.');
    if (what === 'talk') return handlers.talk(cameraId);
    const { stream } = validated(routes.cameraLive.query, Object.fromEntries(url.searchParams), 'query');
    return handlers.live(cameraId, stream);
  }

  #ping(): void {
    for (const socket of this.#server.clients) {
      if (!this.#alive.has(socket)) {
        socket.terminate();
        continue;
      }
      this.#alive.delete(socket);
      socket.ping();
    }
  }
}

function sessionCookie(header: string | undefined): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === cookieName) return value;
  }
  return undefined;
}

function refuse(socket: Duplex, error: unknown, logger: Logger): void {
  const known = error instanceof HubError ? error : new HubError('internal', 'Something went wrong inside the hub.');
  if (known.code === 'internal') logger.error({ error: errorText(error) }, 'a socket could not be opened');
  const body = JSON.stringify({ error: { code: known.code, message: known.message } });
  socket.end(
    `HTTP/1.1 ${known.httpStatus} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
