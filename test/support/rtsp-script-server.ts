/**
 * A camera that answers as a test wants: right, wrong, late, never, or as another kind of server.
 * `startScriptServer(respond)` gives full control; `playingCamera(...)` is a responder for a camera that works.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface ScriptRequest {
  method: string;
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  cseq: string;
}

/** What to send back: bytes, nothing (stay silent), or hang up. */
export type Reply = string | Buffer | null | typeof hangUp;
export const hangUp = Symbol('hang up');
export type Respond = (request: ScriptRequest, socket: Socket, connection: number) => Reply;

export interface ScriptServer {
  port: number;
  /** `rtsp://127.0.0.1:<port>/stream` */
  url: string;
  requests: ScriptRequest[];
  connections: number;
  /** Bytes that were no requests: interleaved frames from the client. */
  interleaved: Buffer[];
  sockets: Set<Socket>;
  stop(): Promise<void>;
}

/** `onConnect` may write before anything was asked. Listens on 127.0.0.1 on a free port. */
export async function startScriptServer(respond: Respond, onConnect?: (socket: Socket) => void): Promise<ScriptServer> {
  const server = createServer((socket) => {
    state.connections++;
    const number = state.connections;
    state.sockets.add(socket);
    socket.on('close', () => state.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let held = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      for (;;) {
        if (held[0] === 0x24 && held.length >= 4 && held.length >= 4 + held.readUInt16BE(2)) {
          const end = 4 + held.readUInt16BE(2);
          state.interleaved.push(Buffer.from(held.subarray(0, end)));
          held = held.subarray(end);
          continue;
        }
        const end = held[0] === 0x24 ? -1 : held.indexOf('\r\n\r\n');
        if (end < 0) return;
        const request = readRequest(held.toString('utf8', 0, end));
        held = held.subarray(end + 4);
        state.requests.push(request);
        const reply = respond(request, socket, number);
        if (reply === hangUp) socket.destroy();
        else if (reply !== null) socket.write(reply);
      }
    });
    onConnect?.(socket);
  });
  const state: ScriptServer = {
    port: 0,
    url: '',
    requests: [],
    connections: 0,
    interleaved: [],
    sockets: new Set(),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of state.sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.port = (server.address() as AddressInfo).port;
  state.url = `rtsp://127.0.0.1:${state.port}/stream`;
  return state;
}

/** An RTSP answer with its Content-Length. */
export function answer(
  request: ScriptRequest,
  status: number,
  headers: Record<string, string> = {},
  body = '',
): string {
  const lines = [`RTSP/1.0 ${status} ${status === 200 ? 'OK' : 'No'}`, `CSeq: ${request.cseq}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** A 640x360 H.264 stream's real parameter sets. */
export const sampleSps = Buffer.from('67640016acb405017fcb3506060640000003004000000783c58ba8', 'hex');
export const samplePps = Buffer.from('68ef3cb0', 'hex');

export const sampleSdp = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=test',
  't=0 0',
  'a=control:*',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${sampleSps.toString('base64')},${samplePps.toString('base64')}`,
  'a=control:track1',
  '',
].join('\r\n');

export interface PlayingOptions {
  sdp?: string;
  /** Value of the Session header. */
  session?: string;
  /** Called once PLAY was answered: send media with `socket.write`. */
  onPlay?: (socket: Socket) => void;
}

/** Answers OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER and TEARDOWN like a camera in order. */
export function playingCamera(options: PlayingOptions = {}): Respond {
  return (request, socket) => {
    const session = { Session: options.session ?? 'A1B2;timeout=60' };
    switch (request.method) {
      case 'OPTIONS':
        return answer(request, 200, { Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER' });
      case 'DESCRIBE':
        return answer(
          request,
          200,
          { 'Content-Type': 'application/sdp', 'Content-Base': `${request.url}/` },
          options.sdp ?? sampleSdp,
        );
      case 'SETUP':
        return answer(request, 200, { ...session, Transport: request.headers['transport'] ?? '' });
      case 'PLAY':
        setImmediate(() => options.onPlay?.(socket));
        return answer(request, 200, session);
      default:
        return answer(request, 200, session);
    }
  };
}

export interface PacketParts {
  sequence: number;
  time: number;
  payload: Uint8Array;
  marker?: boolean;
  ssrc?: number;
  payloadType?: number;
}

/** One RTP packet. `time` may exceed 32 bits: it wraps. */
export function rtpPacket(p: PacketParts): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = (p.marker ? 0x80 : 0) + (p.payloadType ?? 96);
  head.writeUInt16BE(((p.sequence % 65_536) + 65_536) % 65_536, 2);
  head.writeUInt32BE(((p.time % 2 ** 32) + 2 ** 32) % 2 ** 32, 4);
  head.writeUInt32BE(p.ssrc ?? 0x1234, 8);
  return Buffer.concat([head, p.payload]);
}

/** `$`, channel, length, payload. */
export function interleaved(channel: number, payload: Buffer): Buffer {
  const head = Buffer.from([0x24, channel, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** A NAL unit that looks like a first slice: IDR (5) or not (1), filled with `fill`, never an emulated start code. */
export function slice(type: 1 | 5, bytes: number, fill = 0x55): Buffer {
  const nal = Buffer.alloc(bytes, fill);
  nal[0] = 0x60 | type;
  nal[1] = 0x88;
  return nal;
}

/**
 * `pictures` pictures of H.264 as interleaved packets on channel 0, a keyframe every `gop`, larger ones in FU-A pieces.
 * Each picture's NAL unit carries its number in bytes 2..6, so that a test can tell them apart.
 */
export function h264Stream(options: {
  pictures: number;
  gop?: number;
  startSequence?: number;
  startTime?: number;
  firstPicture?: number;
  bytes?: number;
  ssrc?: number;
}): { packets: Buffer[]; nals: Buffer[]; nextSequence: number; nextTime: number } {
  const { pictures, gop = 10, bytes = 3000, firstPicture = 0 } = options;
  let sequence = options.startSequence ?? 100;
  let time = options.startTime ?? 5000;
  const packets: Buffer[] = [];
  const nals: Buffer[] = [];
  const ssrc = options.ssrc === undefined ? {} : { ssrc: options.ssrc };
  const send = (payload: Uint8Array, marker: boolean): void => {
    packets.push(interleaved(0, rtpPacket({ sequence, time, payload, marker, ...ssrc })));
    sequence++;
  };
  for (let i = firstPicture; i < firstPicture + pictures; i++) {
    const key = i % gop === 0;
    const nal = slice(key ? 5 : 1, key ? bytes * 2 : bytes, 0x40 + (i % 50));
    nal.writeUInt32BE(0x40000000 + i, 2);
    nals.push(nal);
    if (key)
      send(
        Buffer.concat([
          Buffer.from([24, 0, sampleSps.length]),
          sampleSps,
          Buffer.from([0, samplePps.length]),
          samplePps,
        ]),
        false,
      );
    for (let at = 1; at < nal.length; at += 1200) {
      const end = Math.min(nal.length, at + 1200);
      const flags = (at === 1 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0);
      send(
        Buffer.concat([Buffer.from([0x60 | 28, flags | (nal[0]! & 31)]), nal.subarray(at, end)]),
        end === nal.length,
      );
    }
    time += 3000;
  }
  return { packets, nals, nextSequence: sequence, nextTime: time };
}

/** The number that `h264Stream` wrote into a picture's data (4-byte length prefix, NAL unit). */
export function pictureNumber(data: Buffer): number {
  return data.readUInt32BE(6) - 0x40000000;
}

function readRequest(text: string): ScriptRequest {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', url = ''] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { method, url, headers, cseq: headers['cseq'] ?? '' };
}
