/**
 * What went wrong between us and a camera's web server, as a code and a sentence: which camera, why, what to do next.
 * Invariant: no sentence contains a password, and text from the camera is cut and cleaned.
 */
import { clean } from '#core/base/clean-text.ts';
import { HubError } from '#core/base/errors.ts';

export interface WebPlace {
  /** `Camera 'Porch'`. */
  title: string;
  /** host:port */
  where: string;
  host: string;
  tls: boolean;
}

const unreachable = ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN', 'EADDRNOTAVAIL'];
const notFound = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'];

export function titleOf(cameraName: string): string {
  return `Camera '${clean(cameraName)}'`;
}

/** `error` null: closed without a word. */
export function socketFailure(place: WebPlace, error: Error | null, connected: boolean): HubError {
  if (error instanceof HubError) return error;
  const code = error !== null && 'code' in error ? String(error.code) : '';
  const options = error === null ? {} : { cause: error };
  if (notFound.includes(code)) {
    return new HubError(
      'camera_host_not_found',
      `${place.title} can't be found: no device on the network is called '${clean(place.host)}'. Check the address, or use the camera's IP number.`,
      options,
    );
  }
  if (unreachable.includes(code)) {
    return new HubError(
      'camera_silent',
      `${place.title} can't be reached at ${place.where}. Check that it has power and is on the same network, and that the address is right.`,
      options,
    );
  }
  if (code === 'ECONNREFUSED') {
    return new HubError(
      'camera_refused_connection',
      `${place.title} refused the connection at ${place.where}. Check the port (ONVIF is often at 80, 8000, 8080 or 2020), and that ONVIF is switched on in the camera's settings.`,
      options,
    );
  }
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/.test(code) || (place.tls && !connected)) {
    return new HubError(
      'camera_tls',
      `${place.title} could not agree on an encrypted connection at ${place.where}. If the camera does not offer HTTPS there, use http:// in its address.`,
      options,
    );
  }
  if (code.startsWith('HPE_')) {
    return new HubError(
      'camera_not_onvif',
      `${place.title} answers at ${place.where}, but not as a web server. Check the port; for ONVIF it is often 80, 8000, 8080 or 2020.`,
      options,
    );
  }
  if (error === null || ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(code)) {
    return new HubError(
      'camera_closed',
      `${place.title} closed the connection at ${place.where} without an answer. It may be restarting; try again in a minute.`,
      options,
    );
  }
  return new HubError(
    'camera_error',
    `${place.title} could not be asked at ${place.where} (${clean(code === '' ? error.message : code)}). Check the address and the network.`,
    options,
  );
}

export function noAnswer(place: WebPlace, connected: boolean): HubError {
  return new HubError(
    'camera_silent',
    connected
      ? `${place.title} accepted the connection at ${place.where} but did not answer in time. Check that this is its ONVIF port, or restart the camera.`
      : `${place.title} does not answer at ${place.where}. Check that it has power and is on the network, and that the address is right.`,
  );
}

export function answerTooLarge(place: WebPlace, maxBytes: number): HubError {
  return new HubError(
    'camera_bad_description',
    `${place.title} sent an answer of more than ${Math.floor(maxBytes / 1024)} KiB, which Porchlight does not read. Check that ${place.where} is the camera.`,
  );
}

export function leadsElsewhere(title: string, location: string): HubError {
  // Whatever it says before an @ may be a password.
  const shown = clean(location.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1'));
  return new HubError(
    'camera_error',
    `${title} wants to send Porchlight to another address (${shown}), which it does not follow by itself. If that is right, enter that address.`,
  );
}
