/**
 * Whether an http address of a camera gives pictures: motion JPEG, or one JPEG. Reads the head of the answer and hangs up.
 * Invariant: the password goes to that address alone; redirects are not followed; at most two requests are made.
 */
import http from 'node:http';
import https from 'node:https';
import { Authenticator, chooseChallenge } from '#core/base/camera-auth.ts';
import { HubError } from '#core/base/errors.ts';

const answerMs = 4_000;
const mostHeadBytes = 16 * 1024;

export interface PictureTarget {
  url: string;
  username: string | null;
  password: string | null;
}
interface Head {
  status: number;
  type: string;
  challenges: string[];
}

/** False when it gives something else or nothing. Throws `camera_wrong_password` and the signal's reason. */
export async function givesPictures(target: PictureTarget, signal: AbortSignal): Promise<boolean> {
  const url = new URL(target.url);
  const uri = url.pathname + url.search;
  const first = await head(url, null, signal);
  if (first?.status !== 401) return isPicture(first);
  const challenge = chooseChallenge(first.challenges);
  const user = new Authenticator(target.username ?? '', target.password ?? '');
  if (target.username === null || challenge === null || !user.accept(challenge)) throw refused(url.host, target);
  const second = await head(url, user.header('GET', uri), signal);
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

/** Null when nothing that can be understood came in time. */
function head(url: URL, authorization: string | null, signal: AbortSignal): Promise<Head | null> {
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(answerMs);
    const options = {
      method: 'GET',
      headers: authorization === null ? {} : { authorization },
      agent: false,
      maxHeaderSize: mostHeadBytes,
      signal: AbortSignal.any([signal, late]),
      // Cameras sign their own certificates (docs/design/rtsp.md).
      rejectUnauthorized: false,
    } as const;
    const request = (url.protocol === 'https:' ? https : http).request(url, options, (answer) => {
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
