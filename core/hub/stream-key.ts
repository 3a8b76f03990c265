/** Maps by camera and stream. */
import type { CameraId } from '#core/domain/ids.ts';
import type { StreamName } from '#core/domain/media.ts';

export function streamKey(cameraId: CameraId, stream: StreamName): string {
  return `${cameraId}/${stream}`;
}
