/**
 * Expected errors. A HubError carries a stable code that crosses the API and a sentence for a person that names
 * the thing and the next step. Anything else that is thrown is a bug and is reported as `internal`.
 */
export const errorCodes = {
  // code: HTTP status
  bad_request: 400,
  invalid_range: 400,
  unsupported_source: 400,
  unauthorised: 401,
  forbidden_host: 403,
  forbidden_origin: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  internal: 500,
  unavailable: 503,
  disk_full: 507,
  // what a camera can answer, all shown to the person who adds it
  camera_host_not_found: 422,
  camera_refused_connection: 422,
  camera_silent: 422,
  camera_wrong_password: 422,
  camera_path_not_found: 422,
  camera_too_many_connections: 422,
  camera_busy: 422,
  camera_not_rtsp: 422,
  camera_bad_description: 422,
  camera_no_video: 422,
  camera_unsupported_codec: 422,
  camera_tls: 422,
  camera_certificate: 422,
  camera_closed: 422,
  camera_error: 422,
  // what ONVIF adds
  camera_not_onvif: 422,
  camera_clock: 422,
  not_offered: 422,
  // the program itself cannot start or go on
  port_in_use: 500,
  data_folder_unwritable: 500,
  data_folder_in_use: 500,
  database_newer: 500,
  database_corrupt: 500,
  database_read_only: 500,
  model_invalid: 422,
} as const;

export type ErrorCode = keyof typeof errorCodes;

export class HubError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HubError';
    this.code = code;
    this.details = options.details;
  }

  get httpStatus(): number {
    return errorCodes[this.code];
  }
}

/** The text of anything that was thrown, for logs. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
