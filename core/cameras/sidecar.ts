/**
 * `<data>/cameras.json`: a copy of the cameras beside the database, passwords sealed, so that a damaged database costs
 * neither the cameras nor, through their ids, the recordings. Rewritten whole at each change; demo cameras are left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from '#core/base/atomic-file.ts';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import { defaultDetectSettings, type DetectSettings } from '#core/domain/detection.ts';
import type { CameraId } from '#core/domain/ids.ts';
import { defaultPtzSettings, type CameraRecord, type PtzSettings } from '#core/domain/records.ts';

const entry = z.object({
  id: z.string().regex(/^c[a-z0-9]{12}$/),
  name: z.string().min(1).max(80),
  url: z.string().max(4096),
  subUrl: z.string().max(4096).nullable(),
  username: z.string().nullable(),
  sealedPassword: z.string().nullable(),
  record: z.enum(['continuous', 'events', 'off']),
  audio: z.boolean(),
  indoor: z.boolean(),
  detect: z.record(z.string(), z.unknown()),
  position: z.number().int().min(0),
  createdMs: z.number().int().min(0),
  // Absent in files of before ONVIF. What the camera offered is not kept: it is asked again.
  onvifUrl: z.string().max(4096).nullable().default(null),
  room: z.string().min(1).max(80).nullable().default(null),
  ptz: z.record(z.string(), z.unknown()).default({}),
  tlsPins: z.record(z.string(), z.string()).default({}),
});
const file = z.object({ version: z.literal(1), cameras: z.array(entry).max(1_000) });

export class CameraSidecar {
  readonly #path: string;
  readonly #logger: Logger;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** A full disk must not stop a camera from being changed: the failure is logged, the next change writes again. */
  write(cameras: readonly CameraRecord[]): void {
    const kept = cameras.filter((camera) => !camera.demo);
    try {
      writeFileAtomic(this.#path, `${JSON.stringify({ version: 1, cameras: kept }, null, 2)}\n`, 0o600);
    } catch (error) {
      this.#logger.error({ error: errorText(error) }, 'cameras.json could not be written');
    }
  }

  /** What was written last; none if the file is not there or makes no sense. */
  read(): CameraRecord[] {
    if (!existsSync(this.#path)) return [];
    try {
      const parsed = file.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return parsed.cameras.map((camera) => ({
        ...camera,
        id: camera.id as CameraId,
        detect: { ...defaultDetectSettings, ...(camera.detect as Partial<DetectSettings>) },
        ptz: { ...defaultPtzSettings, ...(camera.ptz as Partial<PtzSettings>) },
        onvif: null,
        demo: false,
      }));
    } catch (error) {
      this.#logger.error({ error: errorText(error) }, 'cameras.json could not be read');
      return [];
    }
  }
}
