/**
 * Where an error of a camera belongs on the screen and what can be done about it. The sentence itself is the hub's and names the
 * cause; here is only what it can't hold: a longer word of help, and which buttons lead on.
 */
import { ApiError } from '../../client/api.ts';

export type NextStep = 'address' | 'password' | 'again' | 'examples' | 'plain' | 'cameras';

export interface Guide {
  /** The field that is wrong, or null when none is. */
  field: 'address' | 'password' | null;
  help: string | null;
  /** In the order in which they are offered. */
  next: readonly NextStep[];
}

const wrongAddress = (help: string | null, ...next: NextStep[]): Guide => ({ field: 'address', help, next });
const notAField = (help: string | null, ...next: NextStep[]): Guide => ({ field: null, help, next });

const guides: Record<string, Guide> = {
  camera_wrong_password: {
    field: 'password',
    help: 'Many cameras keep a user of their own for ONVIF or RTSP, made in the camera’s settings. Nothing is tried again by itself, so that the camera does not lock the account.',
    next: ['password'],
  },
  camera_host_not_found: wrongAddress('Give the numbers of the address if the name is not known here.', 'address'),
  camera_refused_connection: wrongAddress(
    'Something is there, but not at this port. Common ports: 80, 8080, 8000, 2020 for ONVIF, 554 and 8554 for RTSP.',
    'address',
    'again',
  ),
  camera_silent: wrongAddress(
    'Is the camera switched on, and in the same network as this machine?',
    'again',
    'address',
  ),
  camera_path_not_found: wrongAddress('The host is right, what comes after it is not.', 'examples', 'address'),
  camera_not_onvif: wrongAddress(
    'It may be something else, or a camera whose ONVIF is switched off in its settings. Its stream address works too.',
    'examples',
    'address',
  ),
  camera_not_rtsp: wrongAddress('Something else answers at this port. Cameras use 554 or 8554.', 'address', 'examples'),
  camera_tls: wrongAddress(
    'Without encryption, the picture and the sign-in can be read by others in your network.',
    'plain',
    'address',
  ),
  camera_no_video: wrongAddress('It may be the address of sound alone.', 'examples', 'address'),
  camera_unsupported_codec: notAField(
    'Set the stream to H.264 or H.265 in the camera’s own settings.',
    'again',
    'address',
  ),
  camera_too_many_connections: notAField(
    'Close its other viewers: the maker’s app, another recorder, an open browser window.',
    'again',
  ),
  camera_clock: notAField(
    'Sign-ins carry the time. Set the camera’s date, time and time zone in its own settings, or restart it.',
    'again',
  ),
  camera_busy: notAField(null, 'again'),
  camera_closed: notAField(null, 'again', 'address'),
  camera_error: notAField(null, 'again', 'address'),
  camera_bad_description: notAField(null, 'again', 'examples'),
  unsupported_source: wrongAddress(null, 'examples', 'address'),
  bad_request: wrongAddress(null, 'address'),
  conflict: wrongAddress(null, 'cameras', 'address'),
  too_many: notAField(null, 'again'),
};
const unknown: Guide = notAField(null, 'again');

export function guideOf(error: Error): Guide {
  return error instanceof ApiError ? (guides[error.code] ?? unknown) : unknown;
}

export const isWrongPassword = (error: Error | null): boolean =>
  error instanceof ApiError && error.code === 'camera_wrong_password';
