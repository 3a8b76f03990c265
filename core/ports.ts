/** The parts of the hub that live elsewhere, as the ports the hub's services know. Loaded when first needed, so that the start stays fast. */
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CameraRegistry } from '#core/cameras/registry.ts';
import type { PullTarget } from '#core/domain/media.ts';
import type { DataFolder } from '#core/hub/data-folder.ts';
import type { ModelPort } from '#core/hub/detector-link.ts';
import type { Offer } from '#core/hub/probe.ts';
import type { SegmentFiles } from '#core/hub/segment-files.ts';
import { repairSegment, SegmentError } from '#core/media/mp4/box-reader.ts';
import { readSegmentInit, readSegmentMedia } from '#core/media/mp4/segment-reader.ts';
import type { Store } from '#core/store/store.ts';

const probeMs = 3_000;

/** Throws every `camera_…` code. */
export async function measureCamera(target: PullTarget, clock: Clock): Promise<Offer> {
  const [{ probeRtsp }, { ReadBatcher }] = await Promise.all([
    import('#core/media/rtsp/probe.ts'),
    import('#core/media/rtsp/read-batcher.ts'),
  ]);
  const found = await probeRtsp(target, { clock, batcher: new ReadBatcher() }, { measureMs: probeMs });
  const { firstKeyframe, ...offer } = found;
  return { ...offer, keyframe: firstKeyframe.unit.data };
}

export const segmentFiles: SegmentFiles = {
  async repair(path) {
    try {
      const scan = await repairSegment(path);
      if (scan.frames === 0 || scan.videoCodec === null) return null;
      return {
        durationMs: scan.durationMs,
        bytes: scan.validBytes,
        initBytes: scan.initBytes,
        frames: scan.frames,
        keyframes: scan.fragments
          .filter((fragment) => fragment.key)
          .map((fragment) => ({ offset: fragment.offset, timeMs: fragment.decodeMs })),
        videoCodec: scan.videoCodec,
        audioCodec: scan.audioCodec,
        width: scan.width,
        height: scan.height,
      };
    } catch (error) {
      if (error instanceof SegmentError && error.reason !== 'unreadable') return null;
      throw error;
    }
  },
  readInit: (path) => asNotFound(readSegmentInit(path)),
  readMedia: (path, range) => asNotFound(readSegmentMedia(path, range)),
};

async function asNotFound<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error;
    throw new HubError('not_found', 'This part of the recording is not there any more, or can not be read.', {
      cause: error,
    });
  }
}

const noModels = (): never => {
  throw new HubError('unavailable', 'Detection models are not part of this installation.');
};

export function detectionModels(_modelsDir: string, _cacheDir: string): ModelPort {
  return {
    builtIn: () => Promise.reject(new HubError('unavailable', 'The detector is not part of this installation.')),
    list: () => Promise.resolve([]),
    path: () => Promise.resolve().then(noModels),
    selfTest: () => Promise.resolve().then(noModels),
  };
}

interface DemoParts {
  registry: CameraRegistry;
  store: Store;
  folder: DataFolder;
  removeCamera: (id: string) => Promise<void>;
  clock: Clock;
  logger: Logger;
}
export interface DemoPort {
  /** `add`: as the command line asked. A demo that is there already goes on. */
  start(add: boolean): Promise<void>;
  stop(): Promise<void>;
  add(): Promise<void>;
  remove(): Promise<void>;
}

export function openDemo(_parts: DemoParts): DemoPort {
  return {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    add: () => Promise.reject(new HubError('unavailable', 'The demo is not part of this installation.')),
    remove: () => Promise.resolve(),
  };
}
