/**
 * A hub that only the player sees: serves the built interface and the calls the player makes, with real media and a past that
 * the test describes. Loopback only.
 */
import { spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Camera, Event as HubEvent } from '#core/api/schemas.ts';
import type { AnswerOf } from '#core/api/routes.ts';
import { movedTo, type Clip } from './fake-player-media.ts';

type Gap = AnswerOf<'recordings'>['gaps'][number];
type ExportJob = AnswerOf<'getExport'>;

export interface FakePast {
  cameras: Camera[];
  stretches: { startMs: number; endMs: number }[];
  gaps: Gap[];
  events: HubEvent[];
}

const segmentMs = 10_000;
const pieceMs = 4_000;
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** As strict as the hub's own. */
const policy =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'";

export class FakePlayerHub {
  readonly past: FakePast;
  readonly clip: Clip;
  /** Paths asked for, newest last. */
  readonly asked: string[] = [];
  readonly exports = new Map<string, ExportJob>();
  theme: 'dark' | 'light' = 'dark';
  /** What a live viewer is told instead of pictures. */
  liveState: { state: string; message: string } | null = null;
  /** Declared to viewers instead of the clip's own: a codec that the browser lacks. Per stream. */
  liveMime: Partial<Record<string, string>> = {};
  /** While true no pictures are sent, without a word. */
  silent = false;
  /** While true live connections are closed as soon as they are made. */
  refusing = false;
  private readonly interfaceFolder: string;
  private readonly server: Server;
  private readonly sockets = new WebSocketServer({ noServer: true });
  private readonly viewers = new Set<Viewer>();
  private readonly previews = new Map<number, Buffer>();

  constructor(interfaceFolder: string, clip: Clip, past: FakePast) {
    this.interfaceFolder = interfaceFolder;
    this.clip = clip;
    this.past = past;
    this.server = createServer((request, response) => this.respond(request, response));
    this.server.on('upgrade', (request, socket, head) => {
      this.sockets.handleUpgrade(request, socket, head, (ws) => this.join(ws, new URL(request.url ?? '/', 'http://x')));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.dropViewers();
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get viewerCount(): number {
    return this.viewers.size;
  }

  dropViewers(): void {
    for (const viewer of this.viewers) viewer.close();
  }

  tellViewers(message: object): void {
    for (const viewer of this.viewers) viewer.socket.send(JSON.stringify(message));
  }

  private join(socket: WebSocket, url: URL): void {
    if (!url.pathname.endsWith('/live')) return;
    if (this.refusing) {
      socket.close();
      return;
    }
    const stream = url.searchParams.get('stream') === 'main' ? 'main' : 'sub';
    if (this.liveState) socket.send(JSON.stringify({ type: 'state', ...this.liveState }));
    const mime = this.liveMime[stream] ?? this.clip.mime;
    const viewer = new Viewer(socket, this.clip, stream, mime, () => this.silent || this.liveState !== null);
    this.viewers.add(viewer);
    socket.on('close', () => {
      viewer.close();
      this.viewers.delete(viewer);
    });
  }

  private respond(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://x');
    this.asked.push(url.pathname + url.search);
    if (!url.pathname.startsWith('/api/')) {
      this.file(url.pathname, response);
      return;
    }
    const body = this.api(request.method ?? 'GET', url, request, response);
    if (body === undefined) return;
    const status = body === null ? 404 : 200;
    const json = body ?? { error: { code: 'not_found', message: `The fake hub has no ${url.pathname}` } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  }

  private file(path: string, response: ServerResponse): void {
    const asked = join(this.interfaceFolder, path);
    const file = extname(path) !== '' && existsSync(asked) ? asked : join(this.interfaceFolder, 'index.html');
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(readFileSync(file));
  }

  /** null: 404. undefined: answered already. */
  private api(method: string, url: URL, request: IncomingMessage, response: ServerResponse): object | null | undefined {
    const path = url.pathname;
    const { past } = this;
    if (path === '/api/session') return { signedIn: true, demo: false, version: '0.0.0' };
    if (path === '/api/cameras') return { cameras: past.cameras };
    if (path === '/api/health') return { status: 'ok', checks: [], version: '0', uptimeMs: 1, nowMs: Date.now() };
    if (path === '/api/settings') return this.settings();
    if (path === '/api/recordings') return this.recordings(url);
    if (path === '/api/events') return this.events(url);
    if (path.startsWith('/api/exports')) return this.export(method, path, request, response);
    return this.bytes(path, url, response) ? undefined : null;
  }

  /** true: answered. */
  private bytes(path: string, url: URL, response: ServerResponse): boolean {
    const media = /\/(\d+)\/(init\.mp4|media\.m4s)$/.exec(path);
    if (media) this.media(Number(media[1]), media[2] === 'init.mp4', url, response);
    else if (path.endsWith('.jpg')) this.jpeg(Number(url.searchParams.get('at') ?? 0), response);
    else if (path.endsWith('/playlist.m3u8')) this.playlist(url, response);
    else return false;
    return true;
  }

  private settings(): object {
    return { retentionDays: 14, maxBytes: null, minFreeBytes: 0, preRollS: 5, postRollS: 5, theme: this.theme };
  }

  private recordings(url: URL): object {
    const from = Number(url.searchParams.get('from'));
    const to = Number(url.searchParams.get('to'));
    const cameraId = url.searchParams.get('cameraId');
    const within = (span: { startMs: number; endMs: number }): boolean => span.endMs > from && span.startMs < to;
    const spans = past(this.past.stretches).filter(within);
    return {
      spans: spans.map((span) => ({ cameraId, stream: 'main', bytes: 1, ...span })),
      gaps: this.past.gaps.filter(within),
    };
  }

  private events(url: URL): object {
    const from = Number(url.searchParams.get('from') ?? 0);
    const to = Number(url.searchParams.get('to') ?? Infinity);
    const events = this.past.events.filter((event) => event.startMs >= from && event.startMs < to);
    return { events, nextCursor: null, unreviewed: events.length };
  }

  private export(
    method: string,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): object | null | undefined {
    const id = /x[a-z0-9]{12}/.exec(path)?.[0];
    if (id !== undefined) {
      const job = this.exports.get(id);
      if (!job) return null;
      const progress = Math.min(1, job.progress + 0.5);
      const done = progress === 1;
      this.exports.set(id, {
        ...job,
        progress,
        state: done ? 'done' : 'running',
        bytes: done ? 1_234_567 : null,
        fileUrl: done ? `/api/exports/${id}/file` : null,
      });
      return this.exports.get(id) ?? null;
    }
    if (method !== 'POST') return null;
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const wish = JSON.parse(text) as { cameraId: string; from: number; to: number };
      const newId = `x${String(this.exports.size).padStart(12, '0')}`;
      const job: ExportJob = {
        id: newId,
        ...wish,
        format: 'mp4',
        state: 'queued',
        progress: 0,
        bytes: null,
        createdMs: 1,
        error: null,
        fileUrl: null,
      };
      this.exports.set(newId, job);
      response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(job));
    });
    return undefined;
  }

  /** A picture of the clip, so that one can see that it moves. One per second of the clip is made. */
  private jpeg(atMs: number, response: ServerResponse): void {
    const second = Math.floor(atMs / 1000) % Math.min(10, this.clip.seconds);
    let jpeg = this.previews.get(second);
    if (!jpeg) {
      const source = `testsrc2=size=240x136:rate=5:duration=${second + 1}`;
      const args = [
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        source,
        '-ss',
        String(second),
        '-frames:v',
        '1',
        '-f',
        'mjpeg',
        'pipe:1',
      ];
      jpeg = spawnSync('ffmpeg', args).stdout;
      this.previews.set(second, jpeg);
    }
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg);
  }

  /** Segments of 10 s on a fixed grid, each in pieces of 4 s, as the hub does it. */
  private playlist(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('from'));
    const to = Math.min(Number(url.searchParams.get('to')), Date.now());
    const lines = [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:4',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-INDEPENDENT-SEGMENTS',
    ];
    let epoch: number | null = null;
    let endedMs: number | null = null;
    for (const { startMs, endMs } of past(this.past.stretches)) {
      for (let segment = startMs; segment < endMs; segment += segmentMs) {
        const segmentEnd = Math.min(segment + segmentMs, endMs);
        let first = true;
        for (let piece = segment; piece < segmentEnd; piece += pieceMs) {
          const pieceEnd = Math.min(piece + pieceMs, segmentEnd);
          if (piece >= to || pieceEnd <= from) continue;
          epoch ??= piece;
          if (endedMs !== null && endedMs !== piece) lines.push('#EXT-X-DISCONTINUITY');
          if (first)
            lines.push(
              `#EXT-X-MAP:URI="main/${segment}/init.mp4"`,
              `#EXT-X-PROGRAM-DATE-TIME:${new Date(piece).toISOString()}`,
            );
          lines.push(
            `#EXTINF:${((pieceEnd - piece) / 1000).toFixed(3)},`,
            `main/${segment}/media.m4s?epoch=${epoch}&from=${piece}&to=${pieceEnd}`,
          );
          first = false;
          endedMs = pieceEnd;
        }
      }
    }
    lines.push('#EXT-X-ENDLIST', '');
    response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end(lines.join('\n'));
  }

  private media(segment: number, isInit: boolean, url: URL, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'video/mp4' });
    if (isInit) {
      response.end(this.clip.init);
      return;
    }
    const epoch = Number(url.searchParams.get('epoch'));
    const from = Number(url.searchParams.get('from'));
    const to = Number(url.searchParams.get('to'));
    // Every segment plays the clip from its start.
    const wanted = this.clip.pictures.filter(({ timeMs }) => segment + timeMs >= from - 1 && segment + timeMs < to - 1);
    response.end(Buffer.concat(wanted.map(({ bytes, timeMs }) => movedTo(this.clip, bytes, segment + timeMs - epoch))));
  }
}

/** Recording goes on: what reaches into the future is there up to now. */
function past(stretches: FakePast['stretches']): FakePast['stretches'] {
  return stretches.map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, Date.now()) }));
}

/** One live viewer: starts from the last keyframe at once, then a picture whenever it is due. */
export class Viewer {
  readonly socket: WebSocket;
  private readonly timer: NodeJS.Timeout;

  constructor(socket: WebSocket, clip: Clip, stream: string, mime: string, isSilent: () => boolean) {
    this.socket = socket;
    const gopMs = clip.keyframeEveryS * 1000;
    const epochMs = Math.floor((Date.now() - 700) / gopMs) * gopMs;
    let n = 0;
    let started = false;
    const send = (): void => {
      while (epochMs + (n * 1000) / clip.fps <= Date.now()) {
        const picture = clip.pictures[n % clip.pictures.length]!;
        if (!isSilent()) {
          if (!started) this.sendInit(clip, stream, mime, epochMs);
          started = true;
          socket.send(movedTo(clip, picture.bytes, (n * 1000) / clip.fps));
        }
        n++;
      }
    };
    send();
    this.timer = setInterval(send, 2);
  }

  close(): void {
    clearInterval(this.timer);
    this.socket.close();
  }

  private sendInit({ init, width, height }: Clip, stream: string, mime: string, epochMs: number): void {
    this.socket.send(JSON.stringify({ type: 'init', mime, width, height, epochMs, stream }));
    this.socket.send(init);
  }
}
