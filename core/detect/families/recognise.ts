/** Which family a model belongs to, told by the shapes of its tensors, and corrected by a `model.json` beside it. */
import { z } from 'zod';
import { HubError } from '#core/base/errors.ts';
import { objectLabels } from '#core/domain/detection.ts';
import type { Session } from '../engine/session.ts';
import { centernet } from './centernet.ts';
import { cocoLabels } from './coco.ts';
import type { Family } from './family.ts';
import { yolov8, yolox, yoloxCells, type YoloInit } from './yolo.ts';

/** `<model>.json` beside `<model>.onnx`: what the tensors can't tell. */
export const modelNotes = z.object({
  family: z.enum(['yolox', 'yolov8']).optional(),
  /** Classes in the model's order; COCO's 80 if left out. */
  labels: z.array(z.string().max(80)).min(1).max(2000).optional(),
  order: z.enum(['rgb', 'bgr']).optional(),
  /** Pixel values are multiplied by this. */
  scale: z.number().positive().max(10).optional(),
});
export type ModelNotes = z.infer<typeof modelNotes>;

const sizeWhenFree = 416;
const largestInput = 1280;

/** Throws `model_invalid` with what was found and what is understood. */
export function recogniseFamily(session: Pick<Session, 'inputs' | 'outputs'>, notes: ModelNotes): Family {
  const input = session.inputs[0];
  const output = session.outputs[0];
  if (!input || !output || session.inputs.length !== 1) throw unknown(session);
  if (input.type === 'uint8' && input.shape.length === 4 && input.shape[3] === 3) {
    const names = session.outputs.map((one) => one.name);
    if (names.includes('logits') && names.includes('sizes') && output.shape[1] === objectLabels.length)
      return centernet;
    throw unknown(session);
  }
  if (input.type !== 'float32' || input.shape.length !== 4 || input.shape[1] !== 3 || output.shape.length !== 3)
    throw unknown(session);
  const init = yoloInit(input.shape, notes);
  const [, rows, columns] = output.shape as [unknown, number | null, number | null];
  const cells = yoloxCells(init.width, init.height);
  if (columns === 5 + init.labels.length && (rows === cells || rows === null) && notes.family !== 'yolov8')
    return yolox(init);
  if (rows === 4 + init.labels.length && notes.family !== 'yolox') return yolov8(init);
  throw unknown(session);
}

function yoloInit(shape: readonly (number | null)[], notes: ModelNotes): YoloInit {
  const height = shape[2] ?? sizeWhenFree;
  const width = shape[3] ?? sizeWhenFree;
  if (width < 32 || height < 32 || width > largestInput || height > largestInput)
    throw new HubError(
      'model_invalid',
      `This model's input of ${width} x ${height} is not usable: 32 to 1280 pixels are.`,
    );
  return {
    width,
    height,
    labels: notes.labels ?? cocoLabels,
    format: {
      ...(notes.order === undefined ? {} : { order: notes.order }),
      ...(notes.scale === undefined ? {} : { scale: notes.scale }),
    },
  };
}

function unknown(session: Pick<Session, 'inputs' | 'outputs'>): HubError {
  const text = (list: Session['inputs']): string =>
    list.map((one) => `${one.name} ${one.type}[${one.shape.map((size) => size ?? '?').join('x')}]`).join(', ') ||
    'nothing';
  return new HubError(
    'model_invalid',
    `This is a model, but not of a kind Porchlight can read. It takes ${text(session.inputs)} and answers ` +
      `${text(session.outputs)}. Models that work: YOLOX (1xNx85) and those with the YOLOv8 head (1x84xN); ` +
      'for other classes than COCO put their names into a .json file of the same name.',
  );
}
