/** Why a camera could not be asked, in sentences for a person: which camera, why, what to do next. No password in any. */
import { clean } from '#core/base/clean-text.ts';
import { HubError } from '#core/base/errors.ts';
import type { OnvifClock } from '#core/domain/onvif.ts';
import type { HttpAnswer } from './http.ts';

export function asksForPassword(title: string): HubError {
  return new HubError('camera_wrong_password', `${title} asks for a user name and password. Enter the camera's user.`);
}

export function wrongPassword(title: string, status: string): HubError {
  return new HubError(
    'camera_wrong_password',
    `${title} refused the user name or password (${status}). Check both, and that this user may use ONVIF (some cameras keep ONVIF users of their own); Porchlight does not try again by itself, so that the camera does not lock the account.`,
  );
}

export function unknownScheme(title: string): HubError {
  return new HubError(
    'camera_wrong_password',
    `${title} asks for the password in a way Porchlight does not know. Switch its web authentication to Digest.`,
  );
}

/** The password is right, the user's rights are not enough. */
export function notAllowed(title: string, username: string): HubError {
  return new HubError(
    'not_offered',
    `${title} does not let the user '${clean(username)}' do this. Give the user more rights in the camera's settings, or use another one.`,
  );
}

export function clockRuns(title: string): HubError {
  return new HubError(
    'camera_clock',
    `${title} refuses what was signed with its own time: its clock jumps. Set the camera's clock (its web page, or NTP) and try again.`,
  );
}

export function clockOff(title: string, clock: OnvifClock): HubError {
  const by = Math.round(Math.abs(clock.offsetMs) / 1000);
  const how =
    clock.cameraMs === null
      ? 'and does not tell its time'
      : `although it was signed with its own time (${by} s ${clock.offsetMs < 0 ? 'behind' : 'ahead of'} this machine's)`;
  return new HubError(
    'camera_clock',
    `${title} says that a request was too old, ${how}. Set the camera's clock (its web page, or NTP) and try again.`,
  );
}

export function noService(title: string, service: string): HubError {
  const name = { media1: 'media', media2: 'media', deviceio: 'inputs and outputs', ptz: 'moving' }[service] ?? service;
  return new HubError('not_offered', `${title} does not offer this over ONVIF (no service for ${clean(name)}).`);
}

export function unusableAddress(title: string): HubError {
  return new HubError(
    'camera_bad_description',
    `${title} named an address that Porchlight can't use. Update the camera's firmware, or enter its RTSP address by hand.`,
  );
}

/** `spoke`: it spoke SOAP before, so it is an ONVIF camera that says no to this question without a word. */
export function statusFailure(title: string, where: string, status: number, spoke = false): HubError {
  if (status === 503 || status === 429) {
    return new HubError('camera_busy', `${title} is busy or still starting (HTTP ${status}). Try again in a minute.`);
  }
  if (spoke) {
    return new HubError(
      'camera_error',
      `${title} answered with an error and no reason (HTTP ${status}). Try again; if it stays, restart the camera.`,
    );
  }
  if (status === 404) {
    return new HubError(
      'camera_not_onvif',
      `${title} has no ONVIF service at this path of ${where} (HTTP 404). Check the address, and that ONVIF is switched on in the camera's settings.`,
    );
  }
  return new HubError(
    'camera_not_onvif',
    `${title} answers at ${where}, but not as an ONVIF camera (HTTP ${status}). Check the port, and that ONVIF is switched on in the camera's settings.`,
  );
}

/** What came is no SOAP. `spoke`: it spoke SOAP before, so it is an ONVIF camera that stumbled. */
export function notSoap(title: string, where: string, answer: HttpAnswer, spoke: boolean, cause?: HubError): HubError {
  const status = answer.status;
  if (status === 503 || status === 429) return statusFailure(title, where, status);
  const options = cause === undefined ? {} : { cause };
  const start = answer.body.subarray(0, 512).toString('latin1').trimStart().toLowerCase();
  const looksLikeXml = start.includes('<?xml') || start.includes(':envelope') || start.startsWith('<envelope');
  if (spoke || (looksLikeXml && cause !== undefined && !start.includes('<html'))) {
    const why = cause === undefined ? `HTTP ${status}` : clean(cause.message, 160);
    return new HubError(
      'camera_bad_description',
      `${title} sent an answer that Porchlight can't read: ${why} Restart the camera; if it stays, update its firmware.`,
      options,
    );
  }
  if (status === 404) return statusFailure(title, where, status);
  const what = /<html|<!doctype html/.test(start)
    ? 'a web page is there'
    : /^[[{]/.test(start)
      ? 'it sends JSON'
      : `it sends something else (HTTP ${status})`;
  return new HubError(
    'camera_not_onvif',
    `${title} answers at ${where}, but not as an ONVIF camera: ${what}. Check the port (ONVIF is often at 80, 8000, 8080 or 2020), and that ONVIF is switched on in the camera's settings.`,
    options,
  );
}
