/** From a point of the screen to a point of the picture that is fitted ("contain", centred) into a box. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Fractions of the picture, or null beside it. `shape`: width over height of the picture. */
export function picturePoint(x: number, y: number, box: Box, shape: number): { x: number; y: number } | null {
  const width = Math.min(box.width, box.height * shape);
  const height = width / shape;
  const fx = (x - box.left - (box.width - width) / 2) / width;
  const fy = (y - box.top - (box.height - height) / 2) / height;
  return fx >= 0 && fx <= 1 && fy >= 0 && fy <= 1 ? { x: fx, y: fy } : null;
}
