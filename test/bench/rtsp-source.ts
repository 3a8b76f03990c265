/**
 * A load source for the benchmarks: an RTSP server that plays prepared RTP packets on many paths, each with a phase of its
 * own, at as little cost as possible, so that what is measured is the reader. `RAW <path>` on the same port sends the same
 * bytes without RTSP, for the receive-and-write floor.
 * usage: rtsp-source.ts port clip.h264 audio.aac fps [clip2.h264 audio.aac fps …]; path /<clip number>/<anything>.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';

const maxPayload = 1400;

interface Prepared {
  fps: number;
  sps: Buffer;
  pps: Buffer;
  /** Interleaved packets of one frame, back to back; sequence and time are patched in when sent. */
  frames: { data: Buffer; packetOffsets: number[] }[];
  audio: Buffer[];
}

interface Client {
  socket: net.Socket;
  clip: Prepared;
  startMs: number;
  sentFrames: number;
  sentAudio: number;
  videoSequence: number;
  audioSequence: number;
}

function prepare(videoFile: string, audioFile: string, fps: number): Prepared {
  const nals = splitAnnexB(readFileSync(videoFile));
  const units: Buffer[][] = [];
  let sps = Buffer.alloc(0);
  let pps = Buffer.alloc(0);
  for (const nal of nals) {
    const type = (nal[0] ?? 0) & 31;
    if (type === 9) units.push([]);
    else if (type === 7) sps = Buffer.from(nal);
    else if (type === 8) pps = Buffer.from(nal);
    else if (type !== 6) units.at(-1)?.push(nal);
  }
  return {
    fps,
    sps,
    pps,
    frames: units.filter((unit) => unit.length > 0).map(packetise),
    audio: splitAdts(readFileSync(audioFile)),
  };
}

function splitAnnexB(data: Buffer): Buffer[] {
  const out: Buffer[] = [];
  let start = data.indexOf('000001', 0, 'hex');
  while (start >= 0) {
    const next = data.indexOf('000001', start + 3, 'hex');
    let end = next < 0 ? data.length : next;
    while (end > start + 3 && data[end - 1] === 0) end--;
    out.push(data.subarray(start + 3, end));
    start = next;
  }
  return out;
}

function splitAdts(data: Buffer): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0; at + 7 <= data.length;) {
    const length = (((data[at + 3] ?? 0) & 3) << 11) | ((data[at + 4] ?? 0) << 3) | ((data[at + 5] ?? 0) >> 5);
    if (length < 8) break;
    out.push(data.subarray(at + 7, at + length));
    at += length;
  }
  return out;
}

function packetise(nals: Buffer[]): { data: Buffer; packetOffsets: number[] } {
  const payloads: Buffer[] = [];
  for (const nal of nals) {
    if (nal.length <= maxPayload) payloads.push(nal);
    else
      for (let at = 1; at < nal.length; at += maxPayload - 2) {
        const part = nal.subarray(at, Math.min(nal.length, at + maxPayload - 2));
        const first = nal[0] ?? 0;
        const flags = (at === 1 ? 0x80 : 0) | (at + part.length === nal.length ? 0x40 : 0);
        payloads.push(Buffer.concat([Buffer.from([(first & 0xe0) | 28, flags | (first & 31)]), part]));
      }
  }
  const packetOffsets: number[] = [];
  const parts: Buffer[] = [];
  let offset = 0;
  payloads.forEach((payload, i) => {
    packetOffsets.push(offset);
    const head = Buffer.alloc(16);
    head.write('$', 0);
    head.writeUInt16BE(12 + payload.length, 2);
    head[4] = 0x80;
    head[5] = 96 | (i === payloads.length - 1 ? 0x80 : 0);
    head.writeUInt32BE(0x1234, 12);
    parts.push(head, payload);
    offset += 16 + payload.length;
  });
  return { data: Buffer.concat(parts), packetOffsets };
}

const [port, ...rest] = process.argv.slice(2);
const clips: Prepared[] = [];
for (let i = 0; i + 2 < rest.length; i += 3) clips.push(prepare(rest[i] ?? '', rest[i + 1] ?? '', Number(rest[i + 2])));
const clients = new Set<Client>();

function play(socket: net.Socket, path: string): void {
  const clip = clips[Number(/^\/?(\d+)\//.exec(path)?.[1] ?? 0)];
  if (!clip) {
    socket.destroy();
    return;
  }
  const client: Client = {
    socket,
    clip,
    startMs: performance.now() + Math.random() * 1000,
    sentFrames: 0,
    sentAudio: 0,
    videoSequence: 0,
    audioSequence: 0,
  };
  clients.add(client);
  socket.on('close', () => clients.delete(client));
}

setInterval(() => {
  const now = performance.now();
  for (const client of clients) {
    const due = Math.floor(((now - client.startMs) / 1000) * client.clip.fps);
    while (client.sentFrames < due) sendFrame(client);
    const audioDue = Math.floor((now - client.startMs) / 64);
    while (client.sentAudio < audioDue) sendAudio(client);
  }
}, 4);

function sendFrame(client: Client): void {
  const frame = client.clip.frames[client.sentFrames % client.clip.frames.length];
  if (!frame) return;
  const data = Buffer.from(frame.data);
  const time = Math.round((client.sentFrames * 90_000) / client.clip.fps) % 2 ** 32;
  for (const at of frame.packetOffsets) {
    data.writeUInt16BE(client.videoSequence, at + 6);
    data.writeUInt32BE(time, at + 8);
    client.videoSequence = (client.videoSequence + 1) & 0xffff;
  }
  client.sentFrames++;
  client.socket.write(data);
}

function sendAudio(client: Client): void {
  const frame = client.clip.audio[client.sentAudio % client.clip.audio.length];
  if (!frame) return;
  const data = Buffer.alloc(20 + frame.length);
  data.write('$', 0);
  data[1] = 2;
  data.writeUInt16BE(16 + frame.length, 2);
  data[4] = 0x80;
  data[5] = 97 | 0x80;
  data.writeUInt16BE(client.audioSequence, 6);
  data.writeUInt32BE((client.sentAudio * 1024) % 2 ** 32, 8);
  data.writeUInt32BE(0x5678, 12);
  data.writeUInt16BE(16, 16);
  data.writeUInt16BE(frame.length << 3, 18);
  frame.copy(data, 20);
  client.audioSequence = (client.audioSequence + 1) & 0xffff;
  client.sentAudio++;
  client.socket.write(data);
}

net
  .createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    let pending = '';
    let path = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const raw = /^RAW (\S+)\n/.exec(pending);
      if (raw) {
        pending = '';
        play(socket, raw[1] ?? '');
        return;
      }
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const request = pending.slice(0, end);
        pending = pending.slice(end + 4);
        const [method = '', url = ''] = request.split(' ');
        const sequence = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '0';
        const answer = (headers: string, body = ''): void => {
          socket.write(
            `RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\nSession: 1;timeout=60\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
          );
        };
        if (method === 'OPTIONS') answer('Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n');
        else if (method === 'DESCRIBE') {
          path = new URL(url.replace(/^rtsp/, 'http')).pathname;
          const clip = clips[Number(/^\/?(\d+)\//.exec(path)?.[1] ?? 0)];
          const sets = clip ? `${clip.sps.toString('base64')},${clip.pps.toString('base64')}` : '';
          answer(
            `Content-Type: application/sdp\r\nContent-Base: ${url}/\r\n`,
            `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=bench\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n` +
              `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${sets}\r\na=control:video\r\nm=audio 0 RTP/AVP 97\r\n` +
              `a=rtpmap:97 mpeg4-generic/16000/1\r\na=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408\r\na=control:audio\r\n`,
          );
        } else if (method === 'SETUP') {
          const channel = url.endsWith('audio') ? '2-3' : '0-1';
          answer(`Transport: RTP/AVP/TCP;unicast;interleaved=${channel}\r\n`);
        } else if (method === 'PLAY') {
          answer('RTP-Info: url=video;seq=0;rtptime=0,url=audio;seq=0;rtptime=0\r\n');
          play(socket, path);
        } else answer('');
      }
      // Interleaved RTCP of the reader would pile up here; it never holds an end of request.
      if (pending.length > 65_536) pending = '';
    });
  })
  .listen(Number(port), '127.0.0.1', () => {
    process.stdout.write('ready\n');
  });
