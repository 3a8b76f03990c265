/**
 * ONVIF device programs as other people write them: a small web server whose manners (XML, SOAP, passwords, HTTP) are data
 * (odd-onvif-makers.ts). Written from the specifications; shares no code with the client or the virtual camera.
 */
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { dressed, x, type Dress, type El } from './odd-xml.ts';

export interface Question {
  operation: string;
  /** Namespace of the operation: which service is meant. */
  ns: string;
  message: string;
  path: string;
  port: number;
}
export type Reply =
  El | { fault: string; reason?: string; status?: number } | { status: number; text?: string } | { hangUp: true };

export interface Maker {
  /** Of the device service. */
  path: string;
  dress: Dress;
  /** HTTP status of faults. */
  faultStatus?: number;
  /** `either`: the token inside the message or HTTP digest. */
  guard: 'none' | 'wsse' | 'digest' | 'html';
  /** Operations that need no password; default: the clock and the list of services. */
  open?: readonly string[];
  /** HTTP status for a message with a token in it, where only HTTP's way is known. */
  tokenStatus?: number;
  send?: 'chunked' | 'until-close' | 'plain';
  delayMs?: number;
  /** Camera minus this machine. */
  clockMs?: number;
  answers: (device: OddDevice) => Record<string, Reply | ((question: Question) => Reply | Promise<Reply>)>;
}

export interface OddDevice {
  url: string;
  port: number;
  /** A second web server of the same device. */
  otherPort: number;
  /** Where its streams are. */
  rtsp: string;
  questions: Question[];
  /** Proofs of a password that were wrong. */
  refusals: number;
  /** By the test: what is to be reported. */
  notices: El[];
  consumer: string | null;
  nowMs: () => number;
  /** An envelope in the maker's manner. */
  write: (inner: El) => string;
  asked: (operation: string) => Question[];
  stop: () => Promise<void>;
}

const user = { name: 'admin', password: 'Gr&en "door"' };
export const oddUser = { username: user.name, password: user.password };
const usuallyOpen = ['GetSystemDateAndTime', 'GetServices', 'GetCapabilities'];

export async function startOddDevice(maker: Maker, rtsp = 'rtsp://127.0.0.1:554'): Promise<OddDevice> {
  let answers: ReturnType<Maker['answers']> = {};
  const nonces = new Set<string>();
  const seen = new Set<string>();
  const device: OddDevice = {
    url: '',
    port: 0,
    otherPort: 0,
    rtsp,
    questions: [],
    refusals: 0,
    notices: [],
    consumer: null,
    nowMs: () => Date.now() + (maker.clockMs ?? 0),
    write: (inner) => dressed(inner, maker.dress),
    asked: (operation) => device.questions.filter((question) => question.operation === operation),
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  const digestFits = (request: http.IncomingMessage): boolean | null => {
    const header = request.headers.authorization;
    if (header?.startsWith('Digest ') !== true) return null;
    const field = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(header)?.[1] ?? '';
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const a1 = md5(`${user.name}:IP Camera(C123):${user.password}`);
    const a2 = md5(`${request.method ?? ''}:${field('uri')}`);
    const wanted = md5(`${a1}:${field('nonce')}:${field('nc')}:${field('cnonce')}:auth:${a2}`);
    const right = nonces.has(field('nonce')) && field('uri') === request.url && field('response') === wanted;
    if (!right) device.refusals++;
    return right;
  };

  const tokenFits = (message: string): boolean | null => {
    const field = (name: string): string | null =>
      new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(message)?.[1] ?? null;
    const [name, password, nonce, created] = ['Username', 'Password', 'Nonce', 'Created'].map(field);
    if (name === null || name === undefined) return null;
    const digest = createHash('sha1')
      .update(Buffer.from(nonce ?? '', 'base64'))
      .update(`${created ?? ''}${user.password}`)
      .digest('base64');
    const fresh = Math.abs(Date.parse(created ?? '') - device.nowMs()) < 5_000 && !seen.has(nonce ?? '');
    seen.add(nonce ?? '');
    const right = name === user.name && password === digest && fresh;
    if (!right) device.refusals++;
    return right;
  };

  /** Null: come in. */
  const barred = (question: Question, request: http.IncomingMessage): Reply | 'challenge' | null => {
    if (maker.guard === 'none' || (maker.open ?? usuallyOpen).includes(question.operation)) return null;
    if (maker.guard === 'digest') {
      if (maker.tokenStatus !== undefined && question.message.includes('UsernameToken'))
        return { status: maker.tokenStatus };
      return digestFits(request) === true ? null : 'challenge';
    }
    if (tokenFits(question.message) === true) return null;
    if (maker.guard === 'html') return { status: 401, text: '<html><body><h1>401 Unauthorized</h1></body></html>' };
    return { fault: 'NotAuthorized', reason: 'Sender not Authorized' };
  };

  const send = (response: http.ServerResponse, status: number, text: string, type: string): void => {
    const bytes = Buffer.from(text);
    if (maker.send === 'plain') {
      response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length, Connection: 'keep-alive' });
      response.end(bytes);
    } else if (maker.send === 'until-close') {
      // Neither length nor chunks, as HTTP/1.0 had it.
      response.socket?.end(
        Buffer.concat([Buffer.from(`HTTP/1.0 ${status} Whatever\r\nContent-Type:${type}\r\n\r\n`), bytes]),
      );
    } else {
      response.writeHead(status, { 'Content-Type': type });
      for (let at = 0; at < bytes.length; at += 700) response.write(bytes.subarray(at, at + 700));
      response.end();
    }
  };

  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message = Buffer.concat(chunks).toString();
    const first = /Body[^>]*>\s*<((?:[\w-]+:)?)([\w]+)([^>]*)/.exec(message);
    const prefix = first?.[1] ?? '';
    const declared = prefix === '' ? 'xmlns="([^"]*)"' : `xmlns:${prefix.slice(0, -1)}="([^"]*)"`;
    const ns = new RegExp(declared).exec(prefix === '' ? (first?.[3] ?? '') : message)?.[1] ?? '';
    const { port } = request.socket.address() as AddressInfo;
    const question: Question = { operation: first?.[2] ?? 'GET', ns, message, path: request.url ?? '', port };
    device.questions.push(question);
    if (maker.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, maker.delayMs));
    const stop = barred(question, request);
    if (stop === 'challenge') {
      const nonce = randomBytes(8).toString('hex');
      nonces.add(nonce);
      response.setHeader(
        'WWW-Authenticate',
        `Digest qop="auth", realm="IP Camera(C123)", nonce="${nonce}", stale="FALSE"`,
      );
      send(response, 401, '<html>Unauthorized</html>', 'text/html');
      return;
    }
    if (question.operation === 'GET') {
      const jpeg = Buffer.from('ffd8ffe000104a46494600ffd9', 'hex');
      response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': jpeg.length }).end(jpeg);
      return;
    }
    const known = answers[`${ns} ${question.operation}`] ?? answers[question.operation];
    const reply = stop ??
      (typeof known === 'function' ? await known(question) : known) ?? { fault: 'ActionNotSupported' };
    const soap = maker.dress.version === '1.1' ? 'text/xml; charset="utf-8"' : 'application/soap+xml;charset=UTF-8';
    if ('hangUp' in reply) request.socket.destroy();
    else if ('name' in reply) send(response, 200, device.write(reply), soap);
    else if ('fault' in reply)
      send(response, reply.status ?? maker.faultStatus ?? 400, device.write(faultOf(reply, maker.dress)), soap);
    else send(response, reply.status, reply.text ?? '', 'text/html');
  };

  const servers: http.Server[] = [];
  for (const name of ['port', 'otherPort'] as const) {
    const server = http.createServer({ keepAliveTimeout: 50 }, (request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    device[name] = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  answers = maker.answers(device);
  device.url = `http://127.0.0.1:${device.port}${maker.path}`;
  return device;
}

function faultOf({ fault, reason = fault }: { fault: string; reason?: string }, dress: Dress): El {
  if (dress.version === '1.1')
    return x(
      's:Fault',
      x('faultcode', 's:Client'),
      x('faultstring', reason),
      x('detail', x('ter:code', `ter:${fault}`)),
    );
  return x(
    's:Fault',
    x('s:Code', x('s:Value', 's:Sender'), x('s:Subcode', x('s:Value', `ter:${fault}`))),
    x('s:Reason', x('s:Text', { 'xml:lang': 'en' }, reason)),
  );
}
