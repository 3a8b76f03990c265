/**
 * Asks one address over HTTP whether it speaks ONVIF: the time of day, which every device tells everybody. No user name or
 * password is sent. Invariants: the answer is bounded in size and time; of a redirect only the step to https on the same
 * host is followed, once.
 */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { at } from './tree.ts';
import { parseXml } from './xml.ts';

const connectMs = 400;
const answerMs = 1_500;
const mostBytes = 64 * 1024;
const devicePath = '/onvif/device_service';
/** In the words that device programs look for which don't read XML (envelope.ts). */
const question =
  '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">' +
  '<s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
  '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>';

export type Knock =
  /** Nothing answered at all: likely nobody is there. */
  | 'silent'
  /** Somebody is there, but not at this port. */
  | 'closed'
  | 'other'
  /** A web server that wants a password before it says what it is. */
  | 'locked'
  | { url: string };

/** `host` is an IP address; `title` is how the URL names it. */
export async function knock(host: string, port: number, title: string, signal: AbortSignal): Promise<Knock> {
  const reached = await reach(host, port, signal);
  if (reached !== 'open') return reached;
  const secure = port === 443 || port === 8443;
  const first = await ask({ host, port, title, secure, path: devicePath }, signal);
  if (first === null) return 'other';
  const location = first.location;
  if (location === null) return verdict(first, `${secure ? 'https' : 'http'}://${title}:${port}${devicePath}`);
  const to = URL.canParse(location) ? new URL(location) : null;
  if (to?.protocol !== 'https:' || secure) return 'other';
  // Whatever host it names: the one that was asked.
  const securePort = Number(to.port || 443);
  const path = to.pathname === '/' ? devicePath : to.pathname;
  const second = await ask({ host, port: securePort, title, secure: true, path }, signal);
  return second === null ? 'other' : verdict(second, `https://${title}:${securePort}${path}`);
}

/** A TCP connection that is given up again at once when it stands. */
function reach(host: string, port: number, signal: AbortSignal): Promise<'open' | 'closed' | 'silent'> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (result: 'open' | 'closed' | 'silent'): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      resolve(result);
    };
    const aborted = (): void => {
      end('silent');
    };
    const timer = setTimeout(aborted, connectMs);
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('connect', () => {
      end('open');
    });
    socket.on('error', (error) => {
      end('code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') ? 'closed' : 'silent');
    });
    if (signal.aborted) aborted();
  });
}

interface Answer {
  status: number;
  location: string | null;
  body: Buffer;
}

/** The answer, or null when none came that could be one. */
function ask(
  to: { host: string; port: number; title: string; secure: boolean; path: string },
  signal: AbortSignal,
): Promise<Answer | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => request.destroy(), answerMs);
    const end = (answer: Answer | null): void => {
      clearTimeout(timer);
      resolve(answer);
      request.destroy();
    };
    const options: https.RequestOptions = {
      host: to.host,
      port: to.port,
      path: to.path,
      method: 'POST',
      agent: false,
      signal,
      headers: {
        Host: `${to.title.replace(/%25[^\]]*/, '')}:${to.port}`,
        'Content-Type': 'application/soap+xml; charset=utf-8',
        'Content-Length': Buffer.byteLength(question),
        Connection: 'close',
      },
      // Cameras sign their own certificates, and nothing secret is said here.
      rejectUnauthorized: false,
      // Small cameras' web servers are written by hand: a bare LF, a space too many.
      insecureHTTPParser: true,
      maxHeaderSize: 16 * 1024,
    };
    const request = (to.secure ? https : http).request(options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const whole = (): void => {
        const status = response.statusCode ?? 0;
        const moved = status >= 300 && status < 400;
        end({ status, location: moved ? (response.headers.location ?? '') : null, body: Buffer.concat(chunks) });
      };
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) end(null);
        else chunks.push(chunk);
      });
      response.on('end', whole);
      response.on('error', () => {
        end(null);
      });
      response.on('close', () => {
        end(null);
      });
    });
    request.on('error', () => {
      end(null);
    });
    request.on('close', () => {
      end(null);
    });
    request.end(question);
  });
}

/** ONVIF is who answers the question, or refuses it in ONVIF's words. */
function verdict(answer: Answer, url: string): Knock {
  const plain = url.replace(/^(http:\/\/.*?):80\//, '$1/').replace(/^(https:\/\/.*?):443\//, '$1/');
  try {
    const envelope = parseXml(answer.body);
    const body = envelope.name === 'Envelope' ? at(envelope, 'Body') : null;
    if (at(body, 'GetSystemDateAndTimeResponse') !== null) return { url: plain };
    const fault = at(body, 'Fault');
    if (fault !== null && answer.body.includes('onvif.org')) return { url: plain };
  } catch {
    // A web page, a picture, nothing: not a camera's answer, which is all that is asked here.
  }
  return answer.status === 401 ? 'locked' : 'other';
}
