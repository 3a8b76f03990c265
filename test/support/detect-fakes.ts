/** Pictures and detectors that do what a test says, for analysis without a camera and without a model. */
import type { AnalysisFrame, AnalysisSink, DetectorPort } from '#core/domain/analysis-frame.ts';
import type { Detection, EventState, ObjectLabel } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import { intersectionOverUnion } from '#core/domain/geometry.ts';
import type { EventId } from '#core/domain/ids.ts';
import { seededRandom } from './random.ts';

/** A thing in the scene: a textured rectangle that the fake detector knows by its label. */
export interface Thing {
  label: ObjectLabel;
  box: Box;
  score?: number;
  /** Grey level. */
  level?: number;
}

export interface SceneFrame extends AnalysisFrame {
  things: readonly Thing[];
}

export interface SceneOptions {
  width?: number;
  height?: number;
  noise?: number;
  /** Added to all grey levels. */
  light?: number;
}

/** A picture of a street made of stripes, with things on it. `seed` makes the noise. */
export function sceneFrame(timeMs: number, things: readonly Thing[], options: SceneOptions = {}): SceneFrame {
  const { width = 1280, height = 720, noise = 2, light = 0 } = options;
  return {
    width,
    height,
    timeMs,
    things,
    gray(w, h) {
      const random = seededRandom(timeMs + 1);
      const out = new Uint8Array(w * h);
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++)
          out[y * w + x] = clamp(90 + ((x >> 4) % 3) * 18 + light + (random() - 0.5) * 2 * noise);
      for (const { box, level = 220 } of things)
        for (let y = Math.floor(box.y * h); y < Math.min(h, (box.y + box.h) * h); y++)
          for (let x = Math.floor(box.x * w); x < Math.min(w, (box.x + box.w) * w); x++)
            out[y * w + x] = clamp(level + light + ((x + y) % 4) * 5);
      return out;
    },
    // The fake detector needs no pixels, but where the crop is: it travels in the first bytes.
    rgbCrop(x, y, w, h, outW, outH) {
      const bytes = new Uint8Array(outW * outH * 3);
      new Float32Array(bytes.buffer, 0, 4).set([x / width, y / height, w / width, h / height]);
      return bytes;
    },
    jpeg: () => Buffer.from(`jpeg at ${timeMs}`),
  };
}

const clamp = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

/** Sees the things of the frame that is shown, as far as they are in the crop. */
export class FakeDetector implements DetectorPort {
  shown: readonly Thing[] = [];
  /** Crops it was asked for, as fractions of the picture. */
  readonly asked: Box[] = [];
  /** What it answers instead, e.g. nonsense, or a promise that never settles. */
  answer: ((found: Detection[]) => Promise<{ detections: Detection[]; ms: number }>) | null = null;

  async detect(rgb: Uint8Array): Promise<{ detections: Detection[]; ms: number }> {
    const [x = 0, y = 0, w = 1, h = 1] = new Float32Array(rgb.buffer, 0, 4);
    this.asked.push({ x, y, w, h });
    const found = this.shown.flatMap(({ label, box, score = 0.6 }) => {
      const left = Math.max(x, box.x);
      const top = Math.max(y, box.y);
      const right = Math.min(x + w, box.x + box.w);
      const bottom = Math.min(y + h, box.y + box.h);
      if (right <= left || bottom <= top) return [];
      if ((right - left) * (bottom - top) < 0.5 * box.w * box.h) return [];
      return [
        { label, score, box: { x: (left - x) / w, y: (top - y) / h, w: (right - left) / w, h: (bottom - top) / h } },
      ];
    });
    return await (this.answer?.(found) ?? Promise.resolve({ detections: found, ms: 10 }));
  }
}

/** Keeps all that analysis delivers. */
export class Delivered implements AnalysisSink {
  readonly reports: EventState[] = [];
  readonly saved: { id: EventId; startMs: number; frame: Buffer }[] = [];
  readonly motion: { active: boolean; timeMs: number }[] = [];
  /** Events whose picture was not there when they were first reported. */
  readonly withoutPicture: EventId[] = [];

  saveSnapshot = (id: EventId, startMs: number, frame: Buffer): void => {
    this.saved.push({ id, startMs, frame });
  };

  onEvent = (event: EventState): void => {
    if (!this.saved.some((one) => one.id === event.id)) this.withoutPicture.push(event.id);
    this.reports.push(event);
  };

  onMotion = (active: boolean, timeMs: number): void => {
    this.motion.push({ active, timeMs });
  };

  /** The last state of each event, in the order of their beginning. */
  get events(): EventState[] {
    return [...new Map(this.reports.map((report) => [report.id, report])).values()];
  }
}

export function overlaps(a: Box, b: Box, least = 0.5): boolean {
  return intersectionOverUnion(a, b) >= least;
}
