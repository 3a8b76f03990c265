/** The port to segment files, made of core/media/mp4. */
import { HubError } from '#core/base/errors.ts';
import type { SegmentFiles } from '#core/hub/segment-files.ts';
import { repairSegment, SegmentError } from '#core/media/mp4/box-reader.ts';
import { readSegmentInit, readSegmentMedia } from '#core/media/mp4/segment-reader.ts';

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
