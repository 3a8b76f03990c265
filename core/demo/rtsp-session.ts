/**
 * One connection to the virtual camera: reads requests, answers them, sends media while playing. TCP interleaved only.
 * Invariant: a client that does not read loses whole pictures up to the next keyframe; memory stays bounded.
 */
import { randomInt } from 'node:crypto';
import type net from 'node:net';
import type { StreamName } from '#core/domain/media.ts';
import type { Playout } from './playout.ts';
import { frameStamp, RtpTrack } from './rtp-track.ts';
import type { RtspAuth } from './rtsp-auth.ts';
import { describe, garbage, reasons, type AudioKind } from './sdp.ts';

const maxRequestBytes = 16 * 1024;
const maxQueuedBytes = 4 * 1024 * 1024;
const senderReportEveryMs = 4_000;
export const backchannel = 'www.onvif.org/ver20/backchannel';

/** What the server tells a session, read anew each time so that faults work at once. */
export interface SessionWorld {
  playout: Playout;
  auth: RtspAuth | null;
  audio: AudioKind;
  sessionTimeoutS: number;
  silent(): boolean;
  stalled(): boolean;
  /** Status to answer DESCRIBE with instead, if any. */
  refusal(): number | null;
  pictureSize(path: StreamName): StreamName;
  lossEvery(): number;
  clockOffsetMs(): number;
  wrapSecondsBefore(): number | null;
  /** A loudspeaker: DESCRIBE with the backchannel required offers it. */
  talk: boolean;
  /** G.711 u-law from a client, without its RTP header. */
  heard(sound: Buffer): void;
  /** No more sessions may be set up. */
  full(): boolean;
  garbage(): 'noise' | 'no_media' | 'huge' | null;
  /** Keyframes nearer than this to the last are left out; 0: none. */
  keyframesEvery(): number;
  count(what: 'described' | 'wrongPasswords' | 'keepAlives' | 'teardowns'): void;
}

interface Request {
  method: string;
  url: string;
  headers: Map<string, string>;
}

export class RtspSession {
  frames = 0;
  droppedFrames = 0;
  firstFrame = -1;
  path: StreamName | null = null;
  playing = false;
  readonly #socket: net.Socket;
  readonly #world: SessionWorld;
  readonly #id = String(randomInt(10_000_000, 99_999_999));
  #input: Buffer = Buffer.alloc(0);
  #video: RtpTrack | null = null;
  #sound: RtpTrack | null = null;
  #talkChannel = -1;
  #lastSize: StreamName | null = null;
  #lastKey = Number.NEGATIVE_INFINITY;
  #jumpMs = 0;
  #waitForKey = false;
  #nextAudio = 0;
  #firstAudio = 0;
  #reportAtMs = 0;
  #heardAtMs: number;

  constructor(socket: net.Socket, world: SessionWorld) {
    this.#socket = socket;
    this.#world = world;
    this.#heardAtMs = world.playout.wallMs();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    // The close that follows is what the server acts on.
    socket.on('error', () => socket.destroy());
  }

  get packets(): number {
    return this.#video?.packets ?? 0;
  }

  drop(): void {
    this.#socket.resetAndDestroy();
  }

  /** RTP time stamps leap by this much from now on. */
  jump(ms: number): void {
    this.#jumpMs += ms;
  }

  /** Ends a session whose client has not been heard for longer than it was told to. */
  expire(nowMs: number): void {
    if (nowMs - this.#heardAtMs > this.#world.sessionTimeoutS * 1000 + 2_000) this.#socket.destroy();
  }

  /** Sends picture `frame` and the sound up to it. */
  send(frame: number): void {
    if (!this.playing || !this.path || this.#world.stalled()) return;
    const { playout } = this.#world;
    this.#socket.cork();
    if (this.#video) this.#sendPicture(frame, this.#video);
    if (this.#sound) this.#sendSound(playout.frameMs(frame), this.#sound);
    const now = playout.wallMs();
    if (now >= this.#reportAtMs) {
      this.#reportAtMs = now + senderReportEveryMs;
      const told = this.#world.clockOffsetMs();
      const ticks = (track: RtpTrack): number => this.#ticks(playout.frameMs(frame), track);
      if (this.#video) this.#write(this.#video.senderReport(ticks(this.#video), playout.frameMs(frame) + told));
      if (this.#sound) this.#write(this.#sound.senderReport(ticks(this.#sound), playout.frameMs(frame) + told));
    }
    this.#socket.uncork();
  }

  #ticks(timeMs: number, track: RtpTrack): number {
    const startMs = this.#world.playout.frameMs(this.firstFrame);
    return Math.round(((timeMs - startMs + this.#jumpMs) * track.clockRate) / 1000);
  }

  #sendPicture(frame: number, track: RtpTrack): void {
    if (!this.path) return;
    const { playout } = this.#world;
    if (this.firstFrame < 0) {
      this.firstFrame = frame;
      // The reports first: a client that knows the camera's clock from the start needs no later correction.
      this.#reportAtMs = 0;
    }
    const wanted = this.#world.pictureSize(this.path);
    let size = this.#lastSize ?? wanted;
    if (size !== wanted && playout.picture(frame, wanted).key) size = wanted;
    this.#lastSize = size;
    const picture = playout.picture(frame, size);
    if (this.#socket.writableLength > maxQueuedBytes) this.#waitForKey = true;
    if (this.#waitForKey && (!picture.key || this.#socket.writableLength > maxQueuedBytes / 2)) {
      this.droppedFrames++;
      return;
    }
    this.#waitForKey = false;
    if (picture.key) {
      if (frame - this.#lastKey < this.#world.keyframesEvery()) return;
      this.#lastKey = frame;
    }
    const nals = [
      ...(picture.key ? picture.parameterSets : []),
      frameStamp(frame, playout.wallMs(), picture.codec),
      ...picture.nals,
    ];
    const every = this.#world.lossEvery();
    for (const packet of track.video(nals, this.#ticks(playout.frameMs(frame), track), picture.codec)) {
      if (every > 0 && track.packets % every === 0) continue;
      this.#write(packet);
    }
    this.frames++;
  }

  #sendSound(untilMs: number, track: RtpTrack): void {
    const { playout, audio } = this.#world;
    const step = audio === 'aac' ? 1024 : 160;
    if (this.#nextAudio === 0) {
      this.#nextAudio = Math.ceil((untilMs / 1000) * (track.clockRate / step));
      this.#firstAudio = this.#nextAudio;
    }
    const startTicks = this.#ticks((this.#firstAudio * step * 1000) / track.clockRate, track);
    // Bounded: after a pause of the process at most two seconds of sound are made up.
    const newest = Math.floor((untilMs / 1000) * (track.clockRate / step));
    this.#nextAudio = Math.max(this.#nextAudio, newest - Math.ceil((2 * track.clockRate) / step));
    for (; this.#nextAudio <= newest; this.#nextAudio++) {
      const ticks = startTicks + (this.#nextAudio - this.#firstAudio) * step;
      if (this.#waitForKey) continue;
      const frame =
        audio === 'aac' ? playout.aacFrame(this.#nextAudio, track.clockRate) : playout.pcmuPacket(this.#nextAudio);
      if (frame) this.#write(audio === 'aac' ? track.aac(frame, ticks) : track.samples(frame, ticks));
    }
  }

  #write(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  #read(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    this.#heardAtMs = this.#world.playout.wallMs();
    if (this.#world.silent()) {
      this.#input = Buffer.alloc(0);
      return;
    }
    while (this.#input.length > 0) {
      if (this.#input[0] === 0x24) {
        if (this.#input.length < 4) return;
        const size = 4 + this.#input.readUInt16BE(2);
        if (this.#input.length < size) return;
        if (this.playing && this.#input[1] === this.#talkChannel) this.#world.heard(this.#input.subarray(4 + 12, size));
        this.#input = this.#input.subarray(size);
        continue;
      }
      const end = this.#input.indexOf('\r\n\r\n');
      if (end < 0) {
        if (this.#input.length > maxRequestBytes) this.#socket.destroy();
        return;
      }
      const request = parse(this.#input.toString('latin1', 0, end));
      const bodyBytes = Number(request?.headers.get('content-length') ?? 0);
      if (!request || !(bodyBytes >= 0 && bodyBytes <= maxRequestBytes)) {
        this.#socket.end('RTSP/1.0 400 Bad Request\r\n\r\n');
        return;
      }
      if (this.#input.length < end + 4 + bodyBytes) return;
      this.#input = this.#input.subarray(end + 4 + bodyBytes);
      this.#answer(request);
    }
  }

  #answer(request: Request): void {
    const { auth } = this.#world;
    if (request.method === 'DESCRIBE') {
      this.#world.count('described');
      const refusal = this.#world.refusal();
      if (refusal !== null) {
        const challenge = refusal === 401 ? (auth?.challenges() ?? ['Basic realm="virtual camera"']) : [];
        this.#reply(
          request,
          refusal,
          challenge.map((value) => `WWW-Authenticate: ${value}`),
        );
        return;
      }
    }
    if (auth && request.method !== 'OPTIONS') {
      const given = request.headers.get('authorization');
      const verdict = given === undefined ? 'none' : auth.judge(request.method, given);
      if (verdict !== 'right') {
        if (verdict === 'wrong') this.#world.count('wrongPasswords');
        this.#reply(
          request,
          401,
          auth.challenges(verdict === 'stale').map((value) => `WWW-Authenticate: ${value}`),
        );
        return;
      }
    }
    switch (request.method) {
      case 'OPTIONS':
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        if (this.playing) this.#world.count('keepAlives');
        this.#reply(request, 200, ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER']);
        return;
      case 'DESCRIBE':
        this.#describe(request);
        return;
      case 'SETUP':
        this.#setup(request);
        return;
      case 'PLAY':
        this.#play(request);
        return;
      case 'TEARDOWN':
        this.#world.count('teardowns');
        this.playing = false;
        this.#reply(request, 200, []);
        this.#socket.end();
        return;
      default:
        this.#reply(request, 405, []);
    }
  }

  #describe(request: Request): void {
    const path = streamOf(request.url);
    if (!path) {
      this.#reply(request, 404, []);
      return;
    }
    const { playout, audio, talk } = this.#world;
    const wantsTalk = request.headers.get('require') === backchannel;
    if (wantsTalk && !talk) {
      this.#reply(request, 551, [`Unsupported: ${backchannel}`]);
      return;
    }
    const clip = playout.clip(playout.frameNow(), this.#world.pictureSize(path));
    const form = this.#world.garbage();
    const body =
      form === null ? describe(clip, playout.clip(playout.frameNow(), 'main'), audio, wantsTalk) : garbage(form);
    const base = request.url.endsWith('/') ? request.url : `${request.url}/`;
    this.#reply(request, 200, ['Content-Type: application/sdp', `Content-Base: ${base}`], body);
  }

  #setup(request: Request): void {
    const path = streamOf(request.url);
    const track = /trackID=([012])$/.exec(request.url)?.[1];
    const transport = request.headers.get('transport') ?? '';
    const channel = Number(/interleaved=(\d+)/i.exec(transport)?.[1] ?? 2 * Number(track ?? 0));
    if (!path || track === undefined) {
      this.#reply(request, 404, []);
      return;
    }
    if (!/RTP\/AVP\/TCP/i.test(transport) || channel > 254) {
      this.#reply(request, 461, []);
      return;
    }
    if (this.path !== null && this.path !== path) {
      this.#reply(request, 459, []);
      return;
    }
    if (this.path === null && this.#world.full()) {
      this.#reply(request, 453, []);
      return;
    }
    this.path = path;
    const { playout, audio } = this.#world;
    if (track === '2') {
      this.#talkChannel = this.#world.talk ? channel : -1;
      this.#reply(request, this.#world.talk ? 200 : 404, [
        `Transport: RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
        `Session: ${this.#id};timeout=${this.#world.sessionTimeoutS}`,
      ]);
      return;
    }
    const wrap = this.#world.wrapSecondsBefore();
    const start = (clockRate: number): number =>
      wrap === null ? randomInt(0, 2 ** 32) : Math.round(2 ** 32 - wrap * clockRate);
    if (track === '0') {
      this.#video = new RtpTrack({ clockRate: 90_000, payloadType: 96, channel, firstTimestamp: start(90_000) });
    } else {
      const rate = audio === 'aac' ? (playout.clip(playout.frameNow(), 'main').aac?.sampleRate ?? 0) : 8_000;
      if (audio === 'none' || rate === 0) {
        this.#reply(request, 404, []);
        return;
      }
      const payloadType = audio === 'aac' ? 97 : 0;
      this.#sound = new RtpTrack({ clockRate: rate, payloadType, channel, firstTimestamp: start(rate) });
    }
    const ssrc = ((track === '0' ? this.#video : this.#sound)?.ssrc ?? 0).toString(16).padStart(8, '0').toUpperCase();
    this.#reply(request, 200, [
      `Transport: RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1};ssrc=${ssrc};mode="PLAY"`,
      `Session: ${this.#id};timeout=${this.#world.sessionTimeoutS}`,
    ]);
  }

  #play(request: Request): void {
    if (!this.path || (!this.#video && !this.#sound && this.#talkChannel < 0)) {
      this.#reply(request, 455, []);
      return;
    }
    const base = request.url.replace(/\/?$/, '/');
    const info = [this.#video, this.#sound].flatMap((track, index) =>
      track ? [`url=${base}trackID=${index};seq=${track.sequence};rtptime=${track.timestamp(0)}`] : [],
    );
    this.#reply(request, 200, [`Session: ${this.#id}`, 'Range: npt=now-', `RTP-Info: ${info.join(',')}`]);
    this.playing = true;
  }

  #reply(request: Request, status: number, headers: string[], body = ''): void {
    const lines = [
      `RTSP/1.0 ${status} ${reasons[status] ?? 'Error'}`,
      `CSeq: ${request.headers.get('cseq') ?? '0'}`,
      'Server: Porchlight virtual camera',
      ...headers,
    ];
    if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
    this.#write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`));
  }
}

function parse(text: string): Request | null {
  const [first, ...rest] = text.replace(/^[\r\n]+/, '').split('\r\n');
  const match = /^([A-Z_]+) (\S+) RTSP\/1\.0$/.exec(first ?? '');
  if (!match) return null;
  const headers = new Map<string, string>();
  for (const line of rest) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method: match[1] ?? '', url: match[2] ?? '', headers };
}

function streamOf(url: string): StreamName | null {
  const name = /^rtsps?:\/\/[^/]+\/([a-z]+)(?:[/?]|$)/i.exec(url)?.[1];
  return name === 'main' || name === 'sub' ? name : null;
}
