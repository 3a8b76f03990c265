/**
 * A hub without cameras, disk or workers, for tests of the interface: serves the built renderer under the real security headers
 * and answers from a made-up home. Every answer is checked against the contract before it is sent, every body when it comes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, relative, sep } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { routes, type AnswerOf, type Route, type RouteName } from '#core/api/routes.ts';
import type { Event as HubEvent, LiveEvent } from '#core/api/schemas.ts';
import { securityHeaders } from '#core/server/interface.ts';
import type { DrawnPictures } from './drawn-pictures.ts';
import { figureOf, fakeHome, type FakeHome, type HomeOptions } from './fake-home.ts';
import { fakeDetector, fakeSelfTest, fakeStorage } from './fake-answers.ts';
import { FakeNetwork } from './fake-network.ts';
import { FakeOnvif } from './fake-onvif.ts';
import { Viewer } from './fake-player-hub.ts';
import type { Clip } from './fake-player-media.ts';
import { Refusal } from './refusal.ts';

export { Refusal } from './refusal.ts';

const rendererFolder = join(import.meta.dirname, '../../dist/renderer');
export const whyNoRenderer = existsSync(join(rendererFolder, 'index.html'))
  ? null
  : 'the interface is not built (npm run build)';

/** Read once: a build that runs meanwhile must not change what a test sees. Keys are URL paths. */
const rendererFiles = new Map<string, Buffer>(
  whyNoRenderer === null
    ? readdirSync(rendererFolder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [`/${relative(rendererFolder, path).split(sep).join('/')}`, readFileSync(path)])
    : [],
);

export interface FakeHubOptions extends HomeOptions {
  pictures: DrawnPictures;
  signedIn?: boolean;
  /** Played to live viewers of cameras that are being added or that can move; without it they wait. */
  clip?: Clip;
}

interface Call {
  name: RouteName;
  params: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
export const fakeToken = 'the-token-of-the-fake-hub';

export class FakeHub {
  readonly home: FakeHome;
  /** Every call that changed or asked something, oldest first. */
  readonly calls: Call[] = [];
  /** What a call is refused with instead of being answered. */
  readonly refusals = new Map<RouteName, Refusal>();
  /** Why a stream of a camera that is being added shows nothing, by stream. */
  readonly liveTrouble = new Map<string, string>();
  /** The cameras that can be found and tried. */
  readonly network: FakeNetwork;
  /** What cameras that can do more were told. */
  readonly onvif = new FakeOnvif();
  readonly #pictures: DrawnPictures;
  readonly #clip: Clip | undefined;
  readonly #viewers = new Set<Viewer>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #listeners = new Set<WebSocket>();
  #signedIn: boolean;
  #url = '';

  constructor(options: FakeHubOptions) {
    this.home = fakeHome(options);
    this.#pictures = options.pictures;
    this.#clip = options.clip;
    this.network = new FakeNetwork(() => options.pictures.scene('door', 'none', false));
    this.#signedIn = options.signedIn ?? true;
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    this.#server.on('upgrade', (request, socket, head) => {
      const live = /^\/api\/cameras\/[^/]+\/live/.test(request.url ?? '');
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (live) this.#live(webSocket, new URL(request.url ?? '/', 'http://127.0.0.1'));
        else if (/\/talk$/.test(request.url ?? '')) this.onvif.talk(webSocket);
        else {
          this.#listeners.add(webSocket);
          webSocket.on('close', () => this.#listeners.delete(webSocket));
        }
      });
    });
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.#url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    for (const viewer of this.#viewers) viewer.close();
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #plays(id: string): boolean {
    return this.network.drafts.has(id) || this.home.cameras.some((camera) => camera.id === id && camera.onvif?.ptz);
  }

  /** Cameras that are being added or that can move play the clip; the others connect for ever. */
  #live(socket: WebSocket, url: URL): void {
    const [, id = ''] = /^\/api\/cameras\/([^/]+)\/live/.exec(url.pathname) ?? [];
    const trouble = this.liveTrouble.get(url.searchParams.get('stream') ?? 'main') ?? null;
    if (!this.#clip || trouble !== null || !this.#plays(id)) {
      const state = trouble === null ? 'connecting' : 'retrying';
      socket.send(JSON.stringify({ type: 'state', state, message: trouble }));
      return;
    }
    const stream = url.searchParams.get('stream') === 'sub' ? 'sub' : 'main';
    const viewer = new Viewer(socket, this.#clip, stream, this.#clip.mime, () => false);
    this.#viewers.add(viewer);
    socket.on('close', () => {
      viewer.close();
      this.#viewers.delete(viewer);
    });
  }

  /** What `WS /api/live-events` sends. */
  tell(message: LiveEvent): void {
    for (const listener of this.#listeners) listener.send(JSON.stringify(message));
  }

  callsOf(name: RouteName): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    try {
      if (!url.pathname.startsWith('/api/')) {
        this.#file(url.pathname, response);
        return;
      }
      const call = await callOf(request, url);
      this.calls.push(call);
      const route: Route = routes[call.name];
      if (!this.#signedIn && route.open !== true) throw new Refusal(401, 'unauthorised', 'Sign in first.');
      const refusal = this.refusals.get(call.name);
      if (refusal) throw refusal;
      if (call.name === 'discoverCameras') {
        this.network.discover(response);
        return;
      }
      const answer = call.name === 'probeCamera' ? await this.network.probe(call.body, response) : this.#result(call);
      if (response.destroyed) return;
      if (typeof route.answer === 'string') {
        response.writeHead(200, { 'content-type': route.answer }).end(answer);
      } else {
        response
          .writeHead(route.status ?? 200, { 'content-type': 'application/json' })
          .end(JSON.stringify(route.answer.parse(answer)));
      }
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', String(error));
      if (!(error instanceof Refusal)) console.error('fake hub:', request.method, request.url, error);
      response
        .writeHead(refusal.status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { code: refusal.code, message: refusal.message } }));
    }
  }

  #file(path: string, response: ServerResponse): void {
    const file = rendererFiles.has(path) ? path : '/index.html';
    response
      .writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
      .end(rendererFiles.get(file));
  }

  #camera(id: string | undefined) {
    const camera = this.home.cameras.find((one) => one.id === id);
    if (!camera) throw new Refusal(404, 'not_found', 'There is no such camera.');
    return camera;
  }

  #event(id: string | undefined): HubEvent {
    const event = this.home.events.find((one) => one.id === id);
    if (!event) throw new Refusal(404, 'not_found', 'There is no such event.');
    return event;
  }

  #unreviewed(): number {
    return this.home.events.filter((event) => !event.reviewed).length;
  }

  #result({ name, params, query, body }: Call): unknown {
    const { home } = this;
    switch (name) {
      case 'getSession':
        return { signedIn: this.#signedIn, demo: home.cameras.some((camera) => camera.demo), version: '0.1.0' };
      case 'signIn':
        if ((body as { token: string }).token !== fakeToken)
          throw new Refusal(401, 'unauthorised', 'This is not the token.');
        this.#signedIn = true;
        return { signedIn: true, demo: false, version: '0.1.0' };
      case 'health':
        return { ...home.health, nowMs: Date.now() };
      case 'listCameras':
        return { cameras: home.cameras };
      case 'getCamera':
      case 'retryCamera':
      case 'trustCamera':
        return this.#camera(params['id']);
      case 'addCamera': {
        const {
          password: _password,
          url,
          subUrl,
          onvifUrl,
          room,
          username,
          detect,
          ...rest
        } = routes.addCamera.body.parse(body);
        const camera = {
          ...this.#template(),
          ...rest,
          url: url ?? 'rtsp://192.0.2.20/stream1',
          subUrl: subUrl ?? null,
          onvifUrl: onvifUrl ?? null,
          onvif: null,
          room: room ?? null,
          username: username ?? null,
          id: `c${String(900 + home.cameras.length).padStart(12, '0')}`,
          position: 50,
        };
        camera.detect = { ...camera.detect, ...(detect as Partial<typeof camera.detect> | undefined) };
        home.cameras.push(camera);
        return camera;
      }
      case 'changeCamera': {
        const camera = this.#camera(params['id']);
        const { detect, password: _password, ...patch } = body as Record<string, object>;
        Object.assign(camera, patch, { detect: { ...camera.detect, ...detect } });
        return camera;
      }
      case 'removeCamera':
        home.cameras.splice(home.cameras.indexOf(this.#camera(params['id'])), 1);
        return { ok: true };
      case 'addDraft':
        return this.network.addDraft(body);
      case 'removeDraft':
        this.network.removeDraft(params['id'] ?? '');
        return { ok: true };
      case 'cameraSnapshot':
        this.#camera(params['id']);
        return this.#pictures.scene(home.placeOf.get(params['id'] ?? '') ?? 'door', 'none', false);
      case 'recordings':
      case 'listExports':
        return this.#past(name, query);
      case 'listEvents':
        return this.#events(query);
      case 'getEvent':
        return this.#event(params['id']);
      case 'changeEvent':
        return Object.assign(this.#event(params['id']), body);
      case 'reviewEvents': {
        const { ids, reviewed } = body as { ids: string[]; reviewed: boolean };
        for (const id of ids) this.#event(id).reviewed = reviewed;
        this.tell({ type: 'events-reviewed', ids, reviewed, unreviewed: this.#unreviewed() });
        return { ok: true };
      }
      case 'eventSnapshot':
      case 'eventThumb': {
        const event = this.#event(params['id']);
        const hour = new Date(event.startMs).getHours();
        const place = home.placeOf.get(event.cameraId) ?? 'door';
        return this.#pictures[name === 'eventThumb' ? 'thumb' : 'scene'](
          place,
          figureOf(event.label),
          hour < 7 || hour > 19,
        );
      }
      case 'getSettings':
        return home.settings;
      case 'changeSettings':
        return Object.assign(home.settings, body);
      case 'storage':
        return fakeStorage(home.cameras);
      case 'detector':
        return fakeDetector;
      case 'testModel':
        return fakeSelfTest((body as { name: string }).name, this.#pictures.scene('drive', 'vehicle', false));
      case 'addDemo':
        home.cameras.push(...fakeHome({ cameras: 'demo' }).cameras);
        return { ok: true };
      case 'removeDemo':
        home.cameras = home.cameras.filter((camera) => !camera.demo);
        return { ok: true };
      default:
        return this.onvif.answer(name, params, body);
    }
  }

  #template(): AnswerOf<'getCamera'> {
    return fakeHome().cameras[0]!;
  }

  #past(name: RouteName, query: URLSearchParams): unknown {
    if (name === 'listExports') return { exports: [] };
    const to = Math.min(Number(query.get('to')), Date.now());
    const from = Math.max(Number(query.get('from')), to - 2 * 86_400_000);
    const ids = query.has('cameraId') ? [query.get('cameraId')!] : this.home.cameras.map((camera) => camera.id);
    return {
      spans:
        from < to ? ids.map((cameraId) => ({ cameraId, stream: 'main', startMs: from, endMs: to, bytes: 1e9 })) : [],
      gaps: [],
    };
  }

  #events(query: URLSearchParams): AnswerOf<'listEvents'> {
    const limit = Number(query.get('limit') ?? '100');
    const before = Number(query.get('cursor') ?? Number.MAX_SAFE_INTEGER);
    const wanted = this.home.events.filter(
      (event) =>
        event.startMs < before &&
        (!query.has('from') || event.startMs >= Number(query.get('from'))) &&
        (!query.has('to') || event.startMs < Number(query.get('to'))) &&
        (!query.has('cameraId') || event.cameraId === query.get('cameraId')) &&
        (!query.has('label') || event.label === query.get('label')) &&
        (!query.has('reviewed') || String(event.reviewed) === query.get('reviewed')),
    );
    const events = wanted.sort((a, b) => b.startMs - a.startMs).slice(0, limit);
    const last = events.at(-1);
    return {
      events,
      nextCursor: wanted.length > limit && last ? String(last.startMs) : null,
      unreviewed: this.#unreviewed(),
    };
  }
}

/** Finds the route and checks what came with it. */
async function callOf(request: IncomingMessage, url: URL): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const keys: string[] = [];
    const pattern = route.path.replace(/[.]/g, '\\.').replace(/:([a-zA-Z]+)/g, (_, key: string) => {
      keys.push(key);
      return '([^/]+)';
    });
    const match = new RegExp(`^${pattern}$`).exec(url.pathname);
    if (!match || route.method !== request.method) continue;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const checked = route.body?.safeParse(body);
    if (checked && !checked.success)
      throw new Refusal(400, 'bad_request', checked.error.issues[0]?.message ?? 'bad body');
    return {
      name,
      params: Object.fromEntries(keys.map((key, index) => [key, match[index + 1] ?? ''])),
      query: url.searchParams,
      body,
    };
  }
  throw new Refusal(404, 'not_found', 'There is nothing at this address.');
}
