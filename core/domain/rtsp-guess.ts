/** What one DESCRIBE found out, for the guessing of stream paths. Pure types: core/media/rtsp asks, core/cameras decides. */
import type { HubError } from '#core/base/errors.ts';

export interface DescribedVideo {
  codec: 'h264' | 'h265';
  /** Null where the description does not say. */
  width: number | null;
  height: number | null;
  /** Equal for two paths that describe their video in the same words: likely one stream under two names. */
  fingerprint: string;
}

export type DescribeOutcome = {
  /** What the camera said of itself, cut and cleaned; empty where it said nothing. */
  server: string;
  realm: string;
} & (
  | { kind: 'video'; video: DescribedVideo }
  /** The camera answered: nothing that can be recorded is at this path. `why`: there is something, but not for us. */
  | { kind: 'nothing'; why: HubError | null }
  /** It has to do with the camera, not with the path: `camera_wrong_password`, `camera_silent`, … */
  | { kind: 'failed'; error: HubError }
);
