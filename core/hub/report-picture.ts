/** A picture of now for an event that a camera reported: the camera's own where it analyses by itself, else from the ring. */
import { errorText, HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { CameraAsker } from './camera-asker.ts';
import type { TakePicture } from './event-pictures.ts';

interface Init {
  asker: CameraAsker;
  pictures: { snapshot(camera: CameraRecord, stream: StreamName | null, width: number | null): Promise<Buffer> };
  logger: Logger;
}

const cameraAnswersMs = 2_500;

/** Small ones are always made here, from one keyframe: cameras give one size only. */
export function reportPicture({ asker, pictures, logger }: Init): TakePicture {
  /** Cameras that have no snapshot address; asked again after the next start. */
  const without = new Set<string>();
  return async (camera, width) => {
    const key = `${camera.id} ${camera.onvifUrl ?? ''}`;
    if (width === null && camera.detect.source === 'camera' && !without.has(key)) {
      try {
        const profile = camera.onvif?.mainProfile ?? null;
        const { jpeg } = await asker.ask(camera, 'snapshot', { profile }, { timeoutMs: cameraAnswersMs });
        return Buffer.from(jpeg);
      } catch (error) {
        if (error instanceof HubError && error.code === 'not_offered') without.add(key);
        logger.debug({ camera: camera.id, error: errorText(error) }, 'a camera gave no snapshot');
      }
    }
    return await pictures.snapshot(camera, null, width);
  };
}
