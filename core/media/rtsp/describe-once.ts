/**
 * Asks a camera once what is at an address: one connection, one DESCRIBE (and once more with the password when the camera
 * asks for it), no session. Invariants: nothing is left open; a refused password is not sent again and appears in no outcome.
 */
import { createHash } from 'node:crypto';
import { Authenticator } from '#core/base/camera-auth.ts';
import { clean } from '#core/base/clean-text.ts';
import { HubError } from '#core/base/errors.ts';
import type { DescribedVideo, DescribeOutcome } from '#core/domain/rtsp-guess.ts';
import { connectionFailure, statusFailure, type CameraPlace } from './camera-failure.ts';
import { placeOfTarget } from './camera-place.ts';
import { chooseTracks, type ChosenVideo } from './choose-tracks.ts';
import { RtspConnection, type ConnectionTimeouts } from './rtsp-connection.ts';
import type { RtspResponse } from './rtsp-message.ts';
import { spropSets, VideoParameters } from './video-parameters.ts';

const timeouts: ConnectionTimeouts = { connectMs: 3_000, responseMs: 4_000 };

export interface DescribeTarget {
  /** Only for messages to people. */
  cameraName: string;
  /** rtsp(s)://, without user information. */
  url: string;
  username: string | null;
  password: string | null;
}

/** Never rejects but for a signal that came: then with its reason. */
export async function describeOnce(target: DescribeTarget, signal: AbortSignal): Promise<DescribeOutcome> {
  signal.throwIfAborted();
  const place = placeOfTarget(target);
  const auth = target.username === null ? null : new Authenticator(target.username, target.password ?? '');
  const said = (response: RtspResponse): { server: string; realm: string } => ({
    server: clean(response.headers.get('server') ?? ''),
    realm: clean(auth?.realm ?? realmIn(response) ?? ''),
  });
  try {
    const response = await question(target.url, place, auth, signal);
    return { ...said(response), ...judge(response) };
  } catch (error) {
    signal.throwIfAborted();
    const failed = connectionFailure(place, error instanceof Error ? error : null, true);
    return { server: '', realm: clean(auth?.realm ?? ''), kind: 'failed', error: failed };
  }

  function judge(response: RtspResponse): Judged {
    if (response.status === 200) return judgeDescription(response.body.toString('utf8'));
    const refused = statusFailure(place, response, target.username !== null);
    const aboutTheCamera = [401, 403, 407, 453, 503].includes(response.status);
    return aboutTheCamera ? { kind: 'failed', error: refused } : { kind: 'nothing', why: null };
  }

  function judgeDescription(description: string): Judged {
    try {
      return { kind: 'video', video: videoOf(chooseTracks(place, description).video) };
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return { kind: 'nothing', why: error.code === 'camera_unsupported_codec' ? error : null };
    }
  }
}

/** Some cameras close the connection with their 401 instead of waiting for the answer to it: that one gets a second. */
async function question(
  url: string,
  place: CameraPlace,
  auth: Authenticator | null,
  signal: AbortSignal,
): Promise<RtspResponse> {
  try {
    return await questionOn(url, place, auth, signal);
  } catch (error) {
    if (signal.aborted || !auth?.challenged || !(error instanceof HubError) || error.code !== 'camera_closed')
      throw error;
    return await questionOn(url, place, auth, signal);
  }
}

async function questionOn(
  url: string,
  place: CameraPlace,
  auth: Authenticator | null,
  signal: AbortSignal,
): Promise<RtspResponse> {
  const ignore = (): void => undefined;
  const events = { onPacket: ignore, onResync: ignore, onClose: ignore };
  const connection = new RtspConnection(place, auth, timeouts, events);
  const cancel = (): void => {
    connection.fail(new Error('Cancelled.'));
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await connection.request('DESCRIBE', url, { Accept: 'application/sdp' });
  } finally {
    signal.removeEventListener('abort', cancel);
    connection.fail(new Error('Done.'));
  }
}

function realmIn(response: RtspResponse): string | undefined {
  return /realm\s*=\s*"([^"]*)"/i.exec(response.headers.all('www-authenticate').join(' ').slice(0, 4_096))?.[1];
}

type Judged =
  | { kind: 'video'; video: DescribedVideo }
  | { kind: 'nothing'; why: HubError | null }
  | { kind: 'failed'; error: HubError };

function videoOf({ codec, format }: ChosenVideo): DescribedVideo {
  const parameters = new VideoParameters(codec);
  for (const nal of spropSets(format.parameters)) parameters.add(nal);
  const words = [codec, ...[...format.parameters].map(([name, value]) => `${name}=${value}`).sort()];
  return {
    codec,
    width: parameters.sps?.width ?? null,
    height: parameters.sps?.height ?? null,
    fingerprint: createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 16),
  };
}
