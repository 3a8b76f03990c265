/** Questions that a camera need not be able to answer. Invariant: only its "no" becomes null; silence, a refused password and our own bugs are thrown on. */
import { HubError, type ErrorCode } from '#core/base/errors.ts';

const refusals = new Set<ErrorCode>(['not_offered', 'camera_error', 'camera_bad_description', 'camera_path_not_found']);

export const isRefusal = (error: unknown): boolean => error instanceof HubError && refusals.has(error.code);

/** What `work` gives, or null where the camera does not offer it or answers it wrongly. */
export async function optional<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}
