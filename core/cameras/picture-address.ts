/**
 * Whether an http address of a camera gives pictures: motion JPEG, or one JPEG. Reads the head of the answer and hangs up.
 * Invariant: the password goes to that address alone, over TLS only after its certificate was looked at; redirects are not
 * followed; at most two requests are made.
 */
import http from 'node:http';
import type { Socket } from 'node:net';
import { Authenticator, chooseChallenge } from '#core/base/camera-auth.ts';
import type { TlsPins } from '#core/base/camera-trust.ts';
import { HubError } from '#core/base/errors.ts';
import { trustedSocket } from './onvif/trusted-socket.ts';

const answerMs = 4_000;
const mostHeadBytes = 16 * 1024;

export interface PictureTarget {
  url: string;
  username: string | null;
  password: string | null;
  /** Which certificates must be shown. Absent: any will do. */
  pins?: TlsPins | undefined;
}
interface Head {
  status: number;
  type: string;
  challenges: string[];
}

/** False when it gives something else or nothing. Throws `camera_wrong_password`, `camera_certificate` and the signal's reason. */
export async function givesPictures(target: PictureTarget, signal: AbortSignal): Promise<boolean> {
  const url = new URL(target.url);
  const uri = url.pathname + url.search;
  const first = await head(url, target.pins, null, signal);
  if (first?.status !== 401) return isPicture(first);
  const challenge = chooseChallenge(first.challenges);
  const user = new Authenticator(target.username ?? '', target.password ?? '');
  if (target.username === null || challenge === null || !user.accept(challenge)) throw refused(url.host, target);
  const second = await head(url, target.pins, user.header('GET', uri), signal);
  if (second?.status === 401) throw refused(url.host, target);
  return isPicture(second);
}

function isPicture(answer: Head | null): boolean {
  return answer?.status === 200 && /^(?:multipart\/x-mixed-replace|image\/jpeg)\b/i.test(answer.type);
}

function refused(host: string, { username }: PictureTarget): HubError {
  const what = username === null ? 'wants a user name and a password' : 'refused the user name or password (HTTP 401)';
  return new HubError('camera_wrong_password', `The camera at ${host} ${what}. Type those of the camera.`);
}

/** Null when nothing that can be understood came in time. Throws `camera_certificate` and the signal's reason. */
async function head(
  url: URL,
  pins: TlsPins | undefined,
  authorization: string | null,
  signal: AbortSignal,
): Promise<Head | null> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  let secured: Socket | null = null;
  if (url.protocol === 'https:') {
    const [host, port] = [url.hostname.replace(/^\[|\]$/g, ''), url.port === '' ? 443 : Number(url.port)];
    const trust = pins && { pins };
    try {
      secured = await trustedSocket({ title: `The camera at ${url.host}`, host, port, trust }, inTime);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HubError) throw error;
      return null;
    }
  }
  return await headOver(url, secured, authorization, signal, inTime);
}

/** `secured`: the connection, over TLS. */
function headOver(
  url: URL,
  secured: Socket | null,
  authorization: string | null,
  signal: AbortSignal,
  inTime: AbortSignal,
): Promise<Head | null> {
  return new Promise((resolve, reject) => {
    const options = {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? 80 : Number(url.port),
      path: url.pathname + url.search,
      method: 'GET',
      headers: { host: url.host, ...(authorization === null ? {} : { authorization }) },
      ...(secured === null ? { agent: false } : { createConnection: () => secured }),
      maxHeaderSize: mostHeadBytes,
      signal: inTime,
    };
    const request = http.request(options, (answer) => {
      const challenges = answer.headersDistinct['www-authenticate'] ?? [];
      resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', challenges });
      request.destroy();
    });
    request.on('error', () => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve(null);
    });
    request.end();
  });
}
