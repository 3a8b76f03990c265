/**
 * What went wrong with a camera, as a code and a sentence for a person: which camera, why, what to do next.
 * Invariant: no sentence contains a password, and text from the camera is cut and cleaned.
 */
import type { CameraTrust } from '#core/base/camera-trust.ts';
import { clean } from '#core/base/clean-text.ts';
import type { ErrorCode } from '#core/base/errors.ts';
import { HubError } from '#core/base/errors.ts';
import type { RtspResponse } from './rtsp-message.ts';

export interface CameraPlace {
  /** For messages: `Camera 'Porch'`. */
  title: string;
  host: string;
  port: number;
  tls: boolean;
  trust?: CameraTrust | undefined;
}

export function failure(place: CameraPlace, code: ErrorCode, rest: string, cause?: unknown): HubError {
  return new HubError(code, `${place.title} ${rest}`, cause === undefined ? {} : { cause });
}

/** A connection that failed or broke; `null` when the camera closed it without an error. */
export function connectionFailure(place: CameraPlace, error: Error | null, connected: boolean): HubError {
  if (error instanceof HubError) return error;
  const code = error !== null && 'code' in error ? String(error.code) : '';
  const where = `${place.host}:${place.port}`;
  const say = (errorCode: ErrorCode, rest: string): HubError => failure(place, errorCode, rest, error ?? undefined);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL' || code === 'EAI_NODATA') {
    return say(
      'camera_host_not_found',
      `can't be found: no device on the network is called '${clean(place.host)}'. Check the address, or use the camera's IP number.`,
    );
  }
  if (code === 'ECONNREFUSED') {
    return say(
      'camera_refused_connection',
      `refused the connection at ${where}. Check the port, and that RTSP is switched on in the camera's settings.`,
    );
  }
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/.test(code) || (place.tls && !connected)) {
    if (!['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN'].includes(code)) {
      return tlsFailure(place, error ?? undefined);
    }
  }
  if (['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN'].includes(code)) {
    return say(
      'camera_silent',
      `can't be reached at ${where}. Check that it has power and is on the same network, and that the address is right.`,
    );
  }
  if (error === null || code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED') {
    return say(
      'camera_closed',
      'closed the connection. It may be restarting, or have too many viewers; Porchlight will connect again.',
    );
  }
  return say(
    'camera_error',
    `could not be reached at ${where} (${clean(code || error.message)}). Check the address and the network.`,
  );
}

export function tlsFailure(place: CameraPlace, cause?: Error): HubError {
  return failure(
    place,
    'camera_tls',
    `could not agree on an encrypted connection at ${place.host}:${place.port}. If the camera does not offer RTSP over TLS, use rtsp:// instead of rtsps://.`,
    cause,
  );
}

export function noAnswer(place: CameraPlace, connected: boolean): HubError {
  return failure(
    place,
    'camera_silent',
    connected
      ? `accepted the connection at ${place.host}:${place.port} but does not answer. Check that this is its RTSP port, or restart the camera.`
      : `does not answer at ${place.host}:${place.port}. Check that it has power and is on the network, and that the address is right.`,
  );
}

export function notRtsp(place: CameraPlace, what: string): HubError {
  return failure(
    place,
    'camera_not_rtsp',
    `answers at ${place.host}:${place.port}, but not as a camera stream: ${what}. Check the port; RTSP is usually 554.`,
  );
}

/** A connection that was a camera stream and is none any more. */
export function nonsense(place: CameraPlace): HubError {
  return failure(
    place,
    'camera_error',
    'sends data that is not a camera stream. Porchlight will connect again; if it stays so, restart the camera.',
  );
}

/** An answer that is not a success, for any request but those that may fail. */
export function statusFailure(place: CameraPlace, response: RtspResponse, hadPassword: boolean): HubError {
  const status = `RTSP ${response.status}`;
  switch (response.status) {
    case 401:
      return hadPassword
        ? failure(
            place,
            'camera_wrong_password',
            `refused the password (${status}). Check the user name and password; Porchlight does not try again by itself, so that the camera does not lock the account.`,
          )
        : failure(
            place,
            'camera_wrong_password',
            `asks for a user name and password (${status}). Enter the camera's user.`,
          );
    case 403:
      return failure(
        place,
        'camera_wrong_password',
        `does not let this user see the stream (${status}). Check the user's rights in the camera's settings.`,
      );
    case 404:
      return failure(
        place,
        'camera_path_not_found',
        `has no stream at this path (${status}). Check the part of the address after the host, for example with the camera's manual.`,
      );
    case 453:
      return failure(
        place,
        'camera_too_many_connections',
        `has no connection left (${status}). Close other viewers or recorders of this camera, or lower its bit rate.`,
      );
    case 461:
      return failure(
        place,
        'unsupported_source',
        `can't send this stream over TCP (${status}). Switch its RTSP transport to TCP in the camera's settings.`,
      );
    case 503:
      return failure(place, 'camera_busy', `is busy or still starting (${status}). Porchlight will try again.`);
    default:
      return failure(
        place,
        'camera_error',
        `answered with an error: ${status} ${clean(response.reason)}. Restart the camera; if it stays, check its address and settings.`,
      );
  }
}
