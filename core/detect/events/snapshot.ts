/** The pictures of an event: the whole scene, and the thing itself. */
import type { AnalysisFrame } from '#core/domain/analysis-frame.ts';
import type { Box } from '#core/domain/geometry.ts';
import { clipped } from '../tracking/boxes.ts';

const sceneWidth = 1280;
const thumbWidth = 320;
const pictureEdge = 0.006;

/** Likely, large and whole is good. Only to compare pictures of one thing. */
export function pictureQuality(box: Box, score: number): number {
  const cut =
    box.x < pictureEdge || box.y < pictureEdge || box.x + box.w > 1 - pictureEdge || box.y + box.h > 1 - pictureEdge;
  return score * Math.sqrt(box.w * box.h) * (cut ? 0.5 : 1);
}

export function takePictures(frame: AnalysisFrame, box: Box): { picture: Buffer; thumb: Buffer } {
  return {
    picture: frame.jpeg({ width: sceneWidth, quality: 80 }),
    thumb: frame.jpeg({ width: thumbWidth, crop: around(box, frame.width / frame.height), quality: 75 }),
  };
}

/** The thing with room around it, in the shape of 4:3 as far as the picture allows. */
function around(box: Box, aspect: number): Box {
  const side = Math.max(box.w * aspect, (box.h * 4) / 3, 0.12) * 1.4;
  const w = Math.min(1, side / aspect);
  const h = Math.min(1, (side * 3) / 4);
  const x = Math.min(1 - w, Math.max(0, box.x + box.w / 2 - w / 2));
  const y = Math.min(1 - h, Math.max(0, box.y + box.h / 2 - h / 2));
  return clipped({ x, y, w, h }) ?? { x: 0, y: 0, w: 1, h: 1 };
}
