/**
 * The HTTP edge: registers exactly the routes of the contract, asks who is there, validates, maps errors. No rule of the
 * home lives here; handlers are given. Invariant: nothing but the three session routes and the static shell answers a stranger.
 */
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { routes, type Route } from '#core/api/routes.ts';
import type { Clock } from '#core/base/clock.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { SessionStore } from '#core/domain/records.ts';
import { Auth, cookieName } from './auth.ts';
import { Guard } from './guard.ts';
import type { BytesAnswer, Handlers } from './handlers.ts';
import { openApiDocument } from './openapi.ts';
import { registerInterface, securityHeaders } from './interface.ts';
import { sendFile } from './send-file.ts';
import { isLines, sendLines, wantsLines } from './send-lines.ts';
import { setSessionCookie } from './session-cookie.ts';
import { SocketDoor, type SocketHandlers } from './sockets.ts';
import { validated } from './validate.ts';

export interface ServerInit {
  host: string;
  port: number;
  token: string;
  version: string;
  demo: () => boolean;
  sessions: SessionStore;
  handlers: Handlers;
  sockets: SocketHandlers;
  /** The built interface. */
  rendererDir: string;
  clock: Clock;
  logger: Logger;
}

const bodyLimitBytes = 1_000_000;

export class Server {
  readonly app: FastifyInstance;
  readonly auth: Auth;
  readonly #init: ServerInit;
  readonly #guard: Guard;
  readonly #door: SocketDoor;

  constructor(init: ServerInit) {
    this.#init = init;
    this.auth = new Auth(init.token, init.sessions, init.clock);
    this.#guard = new Guard(init.host);
    this.#guard.setPort(init.port);
    this.app = Fastify({
      logger: false,
      bodyLimit: bodyLimitBytes,
      // Longer ids than any of ours are refused before a route is looked for.
      routerOptions: { maxParamLength: 100, ignoreTrailingSlash: false },
      requestTimeout: 60_000,
      keepAliveTimeout: 30_000,
      forceCloseConnections: true,
    });
    this.#door = new SocketDoor({
      guard: this.#guard,
      isSignedIn: (request) => this.#isSignedIn(request),
      handlers: init.sockets,
      logger: init.logger,
    });
  }

  /** Registers everything; `inject` may be used after it. */
  async prepare(): Promise<void> {
    const { app } = this;
    await app.register(cookie);
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(securityHeaders);
      this.#guard.checkHost(request.raw);
      if (request.method !== 'GET' && request.method !== 'HEAD') this.#guard.checkOrigin(request.raw);
    });
    app.setErrorHandler((error, request, reply) => this.#answerError(error, request, reply));
    app.removeContentTypeParser('text/plain');
    this.#registerSession();
    for (const [name, route] of Object.entries(routes) as [string, Route][]) {
      if (name in this.#init.handlers) this.#register(route, this.#init.handlers[name as keyof Handlers] as Handler);
    }
    const document = openApiDocument(this.#init.version);
    this.#register(routes.openapi, () => document);
    await registerInterface(app, this.#init.rendererDir, (key, address) => this.auth.openWithKey(key, address));
    await app.ready();
  }

  /** Resolves with the port. Throws `port_in_use`, `bad_request` (an address that is not this machine's). */
  async listen(): Promise<number> {
    const { host, port } = this.#init;
    this.#door.attach(this.app.server);
    try {
      await this.app.listen({ host, port });
    } catch (error) {
      throw explainListen(error, host, port);
    }
    const bound = (this.app.server.address() as AddressInfo).port;
    this.#guard.setPort(bound);
    return bound;
  }

  async close(): Promise<void> {
    this.#door.close();
    await this.app.close();
  }

  #isSignedIn(request: { headers: FastifyRequest['headers']; address: string; cookie: string | undefined }): boolean {
    return this.auth.isSignedIn(request.headers.authorization, request.cookie, request.address);
  }

  #mustBeSignedIn(request: FastifyRequest): void {
    const known = this.#isSignedIn({
      headers: request.headers,
      address: request.ip,
      cookie: request.cookies[cookieName],
    });
    if (!known)
      throw new HubError(
        'unauthorised',
        'Sign in first: open the link that was printed at start, or use the token in the file api-token.',
      );
  }

  #registerSession(): void {
    const { app } = this;
    const state = (signedIn: boolean): { signedIn: boolean; demo: boolean; version: string } => ({
      signedIn,
      // Whether there is a demo tells about the home, a little; a stranger need not know.
      demo: signedIn && this.#init.demo(),
      version: this.#init.version,
    });
    app.get(routes.getSession.path, (request) =>
      state(this.#isSignedIn({ headers: request.headers, address: request.ip, cookie: request.cookies[cookieName] })),
    );
    app.post(routes.signIn.path, (request, reply) => {
      const { token } = validated(routes.signIn.body, request.body, 'body');
      setSessionCookie(reply, this.auth.signIn(token, request.ip));
      return state(true);
    });
    app.delete(routes.signOut.path, (request, reply) => {
      this.#mustBeSignedIn(request);
      this.auth.signOut(request.cookies[cookieName]);
      reply.clearCookie(cookieName, { path: '/' });
      return { ok: true };
    });
  }

  #register(route: Route, handler: Handler): void {
    this.app.route({
      method: route.method,
      url: route.path,
      onRequest: (request, _reply, done) => {
        // Before the body is read: a stranger's body is of no interest.
        this.#mustBeSignedIn(request);
        done();
      },
      handler: async (request, reply) => {
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort(new HubError('unavailable', 'The asker went away.')));
        const answer: unknown = await handler({
          params: route.params ? validated(route.params, request.params, 'address') : undefined,
          query: route.query ? validated(route.query, request.query, 'query') : undefined,
          body: route.body ? validated(route.body, request.body, 'body') : undefined,
          signal: gone.signal,
          inLines: route.lines !== undefined && wantsLines(request),
        });
        reply.code(route.status ?? 200);
        if (route.lines && isLines(answer))
          return sendLines(reply, answer, (error) => errorBody(this.#explained(error, request)));
        if (typeof route.answer !== 'string') {
          reply.header('cache-control', 'no-store');
          return answer;
        }
        return sendBytes(request, reply, route.answer, answer as BytesAnswer);
      },
    });
  }

  #answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const hubError = this.#explained(error, request);
    if (hubError.code === 'too_large') reply.header('connection', 'close');
    const wait = hubError.details?.['retryAfterS'];
    if (typeof wait === 'number') reply.header('retry-after', String(wait));
    return reply
      .code(hubError.httpStatus)
      .type('application/json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(errorBody(hubError));
  }

  /** What is not for people is logged and told as `internal`. */
  #explained(error: unknown, request: FastifyRequest): HubError {
    const known = asHubError(error);
    if (known) return known;
    const stack = error instanceof Error ? error.stack : undefined;
    this.#init.logger.error(
      { method: request.method, url: request.routeOptions.url, error: errorText(error), stack },
      'a call failed',
    );
    return new HubError('internal', 'Something went wrong inside the hub. The log in the data folder says what.');
  }
}

function errorBody({ code, message, details }: HubError): object {
  return { error: { code, message, ...(details ? { details } : {}) } };
}

type Handler = (call: {
  params: unknown;
  query: unknown;
  body: unknown;
  signal: AbortSignal;
  inLines: boolean;
}) => unknown;

function sendBytes(request: FastifyRequest, reply: FastifyReply, type: string, answer: BytesAnswer): unknown {
  reply.headers(answer.headers ?? {});
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  reply.type(type);
  if (typeof answer.body === 'object' && 'file' in answer.body) return sendFile(request, reply, answer.body.file);
  return reply.send(answer.body);
}

/** Fastify's own refusals in our words; null for a bug. */
function asHubError(error: unknown): HubError | null {
  if (error instanceof HubError) return error;
  if (!(error instanceof Error)) return null;
  const { code, statusCode } = error as Error & { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new HubError('too_large', `What was sent is larger than ${bodyLimitBytes / 1_000_000} MB.`, {
      cause: error,
    });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new HubError('bad_request', 'Send JSON, with content-type application/json.', { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new HubError('bad_request', 'What was sent could not be read. Send valid JSON.', { cause: error });
  return null;
}

function explainListen(error: unknown, host: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    return new HubError(
      'port_in_use',
      `Port ${port} on ${host} is used by another program. Close it, or choose another port with --port.`,
      { cause: error },
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new HubError('bad_request', `${host} is not an address of this machine. Choose another one with --host.`, {
      cause: error,
    });
  if (code === 'EACCES')
    return new HubError('port_in_use', `This user may not use port ${port}. Choose one above 1023 with --port.`, {
      cause: error,
    });
  return error;
}
