/** An image scaled into a fixed input, shape kept, top left, the rest grey: what YOLO models are trained on. */
import type { Prepared, RgbImage } from './family.ts';

export interface PixelFormat {
  order: 'rgb' | 'bgr';
  /** Pixel values are multiplied by this: 1 for 0..255, 1/255 for 0..1. */
  scale: number;
  /** Where the image goes: YOLOX puts it top left, YOLOv8 into the middle. */
  place: 'top-left' | 'centre';
}

const fill = 114;

export function letterbox(image: RgbImage, width: number, height: number, format: PixelFormat): Prepared {
  const ratio = Math.min(width / image.width, height / image.height);
  const w = Math.max(1, Math.round(image.width * ratio));
  const h = Math.max(1, Math.round(image.height * ratio));
  const left = format.place === 'centre' ? (width - w) >> 1 : 0;
  const top = format.place === 'centre' ? (height - h) >> 1 : 0;
  const area = width * height;
  const data = new Float32Array(3 * area).fill(fill * format.scale);
  const columns = taps(image.width, w);
  const rows = taps(image.height, h);
  for (let y = 0; y < h; y++) {
    const row = rows[y];
    if (!row) continue;
    const upper = row.first * image.width * 3;
    const lower = row.second * image.width * 3;
    for (let x = 0; x < w; x++) {
      const column = columns[x];
      if (!column) continue;
      const a = column.first * 3;
      const b = column.second * 3;
      const to = (y + top) * width + x + left;
      for (let c = 0; c < 3; c++) {
        const above = mix(image.data[upper + a + c] ?? 0, image.data[upper + b + c] ?? 0, column.weight);
        const below = mix(image.data[lower + a + c] ?? 0, image.data[lower + b + c] ?? 0, column.weight);
        const plane = format.order === 'rgb' ? c : 2 - c;
        data[plane * area + to] = mix(above, below, row.weight) * format.scale;
      }
    }
  }
  return {
    input: { type: 'float32', data, dims: [1, 3, height, width] },
    toFractions: (x1, y1, x2, y2) => [(x1 - left) / w, (y1 - top) / h, (x2 - x1) / w, (y2 - y1) / h],
  };
}

const mix = (a: number, b: number, weight: number): number => a + (b - a) * weight;

/** For each target pixel the two source pixels it lies between (bilinear, pixel centres aligned). */
function taps(from: number, to: number): { first: number; second: number; weight: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const first = Math.floor(at);
    return { first, second: Math.min(from - 1, first + 1), weight: at - first };
  });
}
