/**
 * The ground of the libav wrapper: one log level, one mapper from libav's error numbers to HubError.
 * For child processes only: never import anything of this folder in the hub or the recorder.
 */
import { FFmpegError, Log } from 'node-av/lib';
import {
  AV_LOG_QUIET,
  AVERROR_DECODER_NOT_FOUND,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVERROR_EXIT,
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_HTTP_TOO_MANY_REQUESTS,
  AVERROR_HTTP_UNAUTHORIZED,
  AVERROR_INVALIDDATA,
  AVERROR_PROTOCOL_NOT_FOUND,
} from 'node-av/constants';
import { HubError, type ErrorCode } from '#core/base/errors.ts';

// libav prints addresses with their passwords and a line per damaged picture; what matters comes back as numbers.
Log.setLevel(AV_LOG_QUIET);

/** What libav says about a number, without any address in it. */
export function libavText(code: number): string {
  return FFmpegError.strerror(code);
}

/** Throws HubError `internal` for a negative number. */
export function check(code: number, what: string): void {
  if (code < 0) throw new HubError('internal', `${what} failed: ${libavText(code)}.`, { cause: new FFmpegError(code) });
}

/** True where a codec only says "nothing now" or "nothing more". */
export function isNothing(code: number): boolean {
  return code === AVERROR_EAGAIN || code === AVERROR_EOF;
}

/** Linux, macOS and Windows number some of these differently. */
const posix = {
  refused: new Set([-111, -61, -10061]),
  timedOut: new Set([-110, -60, -10060, -138]),
  unreachable: new Set([-113, -101, -65, -51, -10065, -10051]),
  reset: new Set([-104, -54, -10054, -32]),
};

/** A camera that libav could not open or read: code and a sentence that names the camera and the next step. */
export function cameraError(code: number, cameraName: string): { code: ErrorCode; message: string } {
  const camera = `Camera '${cameraName}'`;
  if (code === AVERROR_HTTP_UNAUTHORIZED || code === AVERROR_HTTP_FORBIDDEN)
    return { code: 'camera_wrong_password', message: `${camera} refused the password. Check the camera's user.` };
  if (code === AVERROR_HTTP_NOT_FOUND)
    return { code: 'camera_path_not_found', message: `${camera} has no stream at this path. Check the address.` };
  if (code === AVERROR_HTTP_TOO_MANY_REQUESTS)
    return {
      code: 'camera_too_many_connections',
      message: `${camera} takes no more connections. Close other viewers.`,
    };
  if (code === AVERROR_HTTP_SERVER_ERROR || code === AVERROR_HTTP_OTHER_4XX)
    return { code: 'camera_error', message: `${camera} answered with an error. Check that the stream is on.` };
  if (posix.refused.has(code))
    return {
      code: 'camera_refused_connection',
      message: `${camera} refused the connection. Check the port, and that the camera's stream is on.`,
    };
  if (posix.timedOut.has(code) || code === AVERROR_EXIT)
    return { code: 'camera_silent', message: `${camera} sends nothing. Check its network and power.` };
  if (posix.unreachable.has(code))
    return { code: 'camera_host_not_found', message: `${camera} can't be reached. Check the address and the network.` };
  if (code === AVERROR_EOF || posix.reset.has(code))
    return { code: 'camera_closed', message: `${camera} ended the stream.` };
  if (code === AVERROR_INVALIDDATA)
    return { code: 'camera_bad_description', message: `${camera} sends something that is not a known video stream.` };
  if (code === AVERROR_DECODER_NOT_FOUND)
    return { code: 'camera_unsupported_codec', message: `${camera} sends a video format that can't be read.` };
  if (code === AVERROR_PROTOCOL_NOT_FOUND)
    return { code: 'unsupported_source', message: `${camera}: this kind of address can't be used.` };
  return { code: 'camera_error', message: `${camera} can't be read (${libavText(code)}). Check the address.` };
}
