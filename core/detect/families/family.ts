/** What a kind of model needs to be asked and understood. One file per kind; recognise.ts picks by the tensors' shapes. */
import type { Detection } from '#core/domain/detection.ts';
import type { ModelInfo } from '#core/domain/worker-protocol.ts';
import type { InputTensor, OutputTensor } from '../engine/session.ts';

/** RGB, 3 bytes per pixel, row by row. */
export interface RgbImage {
  data: Uint8Array;
  width: number;
  height: number;
}

export interface Prepared {
  input: InputTensor;
  /** Pixels of the network's input -> fractions of the image. */
  toFractions: (x1: number, y1: number, x2: number, y2: number) => [x: number, y: number, w: number, h: number];
}

export interface Family {
  readonly name: ModelInfo['family'];
  readonly inputWidth: number | null;
  readonly inputHeight: number | null;
  readonly labels: readonly string[];
  prepare(image: RgbImage): Prepared;
  /** Boxes are fractions of the image; doubles are already merged. Values that are not numbers never come out. */
  decode(outputs: ReadonlyMap<string, OutputTensor>, prepared: Prepared, minScore: number): Detection[];
}
