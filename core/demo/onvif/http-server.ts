/**
 * The ONVIF side's HTTP server: reads SOAP, checks who calls, hands the call to its service, answers, also wrongly if told.
 * Invariant: a request is bounded in size and time, and a service answers at its own path only.
 */
import http from 'node:http';
import type net from 'node:net';
import { errorText } from '#core/base/errors.ts';
import type { Authority } from './authority.ts';
import { badAnswer, oddPrefixes, type AnswerFaults } from './bad-answers.ts';
import type { Call, Service } from './call.ts';
import { device, prefixOf } from './device.ts';
import { deviceio } from './deviceio.ts';
import { events, subscriptionManager } from './events.ts';
import { imaging } from './imaging.ts';
import { media1 } from './media1.ts';
import { media2 } from './media2.ts';
import { ptz } from './ptz.ts';
import {
  child,
  envelope,
  faultAnswer,
  Markup,
  namespaces,
  notAuthorized,
  notSupported,
  nothing,
  readSoap,
  SoapFault,
  textOf,
  xml,
  type Prefix,
  type SoapRequest,
  type Xml,
} from './soap.ts';
import { cameraMs, servicePaths, type Reach, type ServiceName, type World } from './world.ts';

const maxRequestBytes = 256 * 1024;
const services: Record<ServiceName, Service> = { device, media1, media2, ptz, imaging, events, deviceio };

/** What anyone may ask (ONVIF Core, table of access classes: PRE_AUTH). */
const forEveryone = new Set([
  'GetSystemDateAndTime',
  'GetServices',
  'GetCapabilities',
  'GetServiceCapabilities',
  'GetHostname',
]);

export interface HttpFigures {
  /** Requests by action. */
  actions: Record<string, number>;
  wrongPasswords: number;
  /** Right password, but the time stamp too far off the camera's clock. */
  wrongTimes: number;
  /** A nonce used twice; refused only by the picky. */
  replayed: number;
  snapshots: number;
}

export interface HttpOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  world: World;
  /** Null: everyone may. */
  authority: () => Authority | null;
  faults: AnswerFaults;
  /** Monotonic ms until which nothing is answered. */
  silentUntilMs: () => number;
  /** Replaces the host that the client used; '' gives paths alone; null as it is. */
  toldHost: () => string | null;
  snapshot: (profile: 'main' | 'sub') => Promise<Buffer>;
}

export class OnvifHttpServer {
  readonly figures: HttpFigures = { actions: {}, wrongPasswords: 0, wrongTimes: 0, replayed: 0, snapshots: 0 };
  readonly #options: HttpOptions;
  #server: http.Server | null = null;
  #port: number;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  /** Rejects with the socket's own error, e.g. EADDRINUSE. */
  async start(): Promise<void> {
    const server = http.createServer({ requestTimeout: 30_000, maxHeaderSize: 16_384 }, (request, response) => {
      this.#take(request, response).catch((error: unknown) => {
        process.emitWarning(`virtual camera: ${errorText(error)}`);
        response.destroy();
      });
    });
    server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#options.host, resolve);
    });
    this.#port = (server.address() as net.AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (this.#options.world.clock.monoMs() < this.#options.silentUntilMs()) {
      request.resume();
      return;
    }
    const path = new URL(request.url ?? '/', 'http://camera').pathname;
    if (request.method === 'GET' && path.startsWith('/snapshot/')) {
      await this.#snapshot(path, request, response);
      return;
    }
    if (request.method !== 'POST' || !path.startsWith('/onvif/')) {
      request.resume();
      response.writeHead(path.startsWith('/onvif/') ? 405 : 404).end();
      return;
    }
    const text = await bodyOf(request);
    if (text === null) {
      response.writeHead(413).end();
      request.destroy();
      return;
    }
    await this.#soap(path, text, request, response);
  }

  async #soap(path: string, text: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let soap: SoapRequest | null = null;
    const headers: http.OutgoingHttpHeaders = {};
    let status = 200;
    let answer: string;
    try {
      soap = readSoap(text);
      const name = soap.body.name;
      this.figures.actions[name] = (this.figures.actions[name] ?? 0) + 1;
      const refused = this.#refusal(soap, name, request);
      if (refused) {
        if (refused.challenges.length > 0) {
          headers['WWW-Authenticate'] = refused.challenges;
          status = 401;
        }
        throw notAuthorized();
      }
      const [prefix, inside] = await this.#dispatch(path, soap, request, response);
      answer = envelope(
        soap.version,
        new Markup(`<${prefix}:${name}Response>${inside.text}</${prefix}:${name}Response>`),
        addressing(soap, name),
      );
    } catch (error) {
      if (!(error instanceof SoapFault)) throw error;
      const fault = faultAnswer(soap?.version ?? '1.2', error);
      status = status === 401 ? 401 : fault.status;
      answer = fault.text;
    }
    headers['Content-Type'] =
      soap?.version === '1.1' ? 'text/xml; charset=utf-8' : 'application/soap+xml; charset=utf-8';
    const { faults } = this.#options;
    if (faults.oddPrefixes) answer = oddPrefixes(answer);
    await badAnswer(faults, answer, status, headers, response);
  }

  /** Null: let in. */
  #refusal(soap: SoapRequest, name: string, request: http.IncomingMessage): { challenges: string[] } | null {
    const authority = this.#options.authority();
    if (!authority || forEveryone.has(name)) return null;
    return this.#judge(authority, soap.header, request);
  }

  #judge(authority: Authority, header: Xml | null, request: http.IncomingMessage): { challenges: string[] } | null {
    const now = cameraMs(this.#options.world);
    const verdict = authority.judge(request.method ?? '', request.headers.authorization, header, now);
    if (verdict.kind === 'in') {
      if (verdict.replayed === true) this.figures.replayed++;
      return null;
    }
    if (verdict.kind === 'out') {
      if (verdict.why === 'time') this.figures.wrongTimes++;
      else if (verdict.why === 'replayed') this.figures.replayed++;
      else this.figures.wrongPasswords++;
    }
    return { challenges: verdict.challenges };
  }

  async #dispatch(
    path: string,
    soap: SoapRequest,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<[Prefix, Markup]> {
    const { world } = this.#options;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const named = /^\/onvif\/subscription\/([0-9a-f]+)$/.exec(path)?.[1];
    const call: Call = {
      body: soap.body,
      header: soap.header,
      world,
      reach: this.#reach(request),
      subscriptionId: named ?? textOf(soap.header ?? undefined, 'tev:SubscriptionId') ?? null,
      signal: gone.signal,
    };
    const { ns, name } = soap.body;
    const find = (service: Service): Call | null => (Object.hasOwn(service, name) ? call : null);
    for (const service of Object.keys(services) as ServiceName[]) {
      const prefix = prefixOf[service];
      if (servicePaths[service] !== path || world.without.has(service) || ns !== namespaces[prefix]) continue;
      if (find(services[service])) return [prefix, await (services[service][name]?.(call) ?? nothing)];
    }
    const atManager = named !== undefined || (path === servicePaths.events && !world.without.has('events'));
    for (const prefix of ['tev', 'wsnt'] as const) {
      const service = subscriptionManager[prefix];
      if (atManager && ns === namespaces[prefix] && find(service))
        return [prefix, await (service[name]?.(call) ?? nothing)];
    }
    throw notSupported(name);
  }

  async #snapshot(path: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    request.resume();
    const authority = this.#options.authority();
    const refused = authority && this.#judge(authority, null, request);
    if (refused) {
      response.writeHead(401, refused.challenges.length > 0 ? { 'WWW-Authenticate': refused.challenges } : {}).end();
      return;
    }
    const profile = path === '/snapshot/main.jpg' ? 'main' : path === '/snapshot/sub.jpg' ? 'sub' : null;
    if (!profile) {
      response.writeHead(404).end();
      return;
    }
    this.figures.snapshots++;
    const jpeg = await this.#options.snapshot(profile);
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': jpeg.length }).end(jpeg);
  }

  #reach(request: http.IncomingMessage): Reach {
    const told = this.#options.toldHost();
    const local = (request.socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
    const own = local.includes(':') ? `[${local}]` : local;
    const host = told === null || told === '' ? own : told;
    return { base: told === '' ? '' : `http://${host}:${this.#port}`, host };
  }
}

/** WS-Addressing headers of the answer, where the request carried a message id. */
function addressing(soap: SoapRequest, name: string): Markup {
  const id = child(soap.header ?? undefined, 'wsa:MessageID')?.text;
  const action = child(soap.header ?? undefined, 'wsa:Action')?.text;
  if (id === undefined) return nothing;
  const answered = action?.endsWith('Request') ? action.replace(/Request$/, 'Response') : `${action ?? name}Response`;
  return xml`<wsa:Action>${answered}</wsa:Action><wsa:RelatesTo>${id}</wsa:RelatesTo>`;
}

async function bodyOf(request: http.IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxRequestBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
