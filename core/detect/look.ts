/** One look at a picture: regions cropped, asked, and the answers brought together in fractions of the whole picture. */
import type { AnalysisFrame, DetectorPort } from '#core/domain/analysis-frame.ts';
import type { Detection } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import { suppressDoubles } from './families/suppress.ts';
import type { Region } from './regions.ts';
import { clipped, isFiniteBox } from './tracking/boxes.ts';

/** What a crop's edge cuts is likely seen whole elsewhere, or only a part of something. */
const cutFactor = 0.7;
const edge = 0.012;
const overlap = 0.5;

/** `cut`: an edge of the crop went through it, so its box is only a part of the thing. */
export interface Sighting extends Detection {
  cut: boolean;
}

export interface Look {
  detections: Sighting[];
  /** Time the detector took in all. */
  ms: number;
}

export interface LookOptions {
  minScore: number;
  /** For thermal cameras that show warm things white. */
  invert: boolean;
}

/** Rejects as the detector does. */
export async function lookAt(
  frame: AnalysisFrame,
  regions: readonly Region[],
  detector: DetectorPort,
  options: LookOptions,
): Promise<Look> {
  const answers = await Promise.all(
    regions.map(async (region) => {
      const rgb = frame.rgbCrop(region.x, region.y, region.w, region.h, region.outW, region.outH);
      if (options.invert) for (let i = 0; i < rgb.length; i++) rgb[i] = 255 - (rgb[i] ?? 0);
      const { detections, ms } = await detector.detect(rgb, region.outW, region.outH, options.minScore);
      return { detections: detections.flatMap((one) => inPicture(one, region, frame)), ms };
    }),
  );
  const detections = answers.flatMap((answer) => answer.detections);
  return {
    detections: regions.length > 1 ? suppressDoubles(detections, overlap) : detections,
    ms: answers.reduce((sum, answer) => sum + answer.ms, 0),
  };
}

/** A detection in a region as one of the picture; none for what is no box. */
function inPicture(detection: Detection, region: Region, { width, height }: AnalysisFrame): Sighting[] {
  if (!isFiniteBox(detection.box) || !Number.isFinite(detection.score)) return [];
  const { x, y, w, h } = detection.box;
  const box: Box | null = clipped({
    x: (region.x + x * region.w) / width,
    y: (region.y + y * region.h) / height,
    w: (w * region.w) / width,
    h: (h * region.h) / height,
  });
  if (!box) return [];
  // The picture's own edge cuts things, too, but there is nothing more to see of them.
  const cut =
    (x < edge && region.x > 0) ||
    (y < edge && region.y > 0) ||
    (x + w > 1 - edge && region.x + region.w < width) ||
    (y + h > 1 - edge && region.y + region.h < height);
  return [{ label: detection.label, score: cut ? detection.score * cutFactor : detection.score, box, cut }];
}
