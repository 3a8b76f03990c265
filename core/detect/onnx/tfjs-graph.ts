/** Reads a TensorFlow.js graph model (`model.json` + weights): nodes by name, and constants as 32-bit floats. */
import { HubError } from '#core/base/errors.ts';

export interface TfNode {
  name: string;
  op: string;
  /** Names of nodes; an output index (`:1`) or control mark (`^`) does not occur in the part that is used. */
  input: string[];
  attr: Record<string, TfAttribute>;
}

interface TfAttribute {
  s?: string;
  list?: { i?: string[]; s?: string[] };
}

interface TfWeight {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: string };
}

interface TfModelJson {
  modelTopology: { node: { name: string; op: string; input?: string[]; attr?: Record<string, TfAttribute> }[] };
  weightsManifest: { weights: TfWeight[] }[];
}

export interface TfConstant {
  shape: readonly number[];
  values: Float32Array;
}

export class TfGraph {
  readonly #nodes = new Map<string, TfNode>();
  readonly #constants = new Map<string, TfConstant>();

  /** Throws `model_invalid` when the two files do not fit together. */
  constructor(json: string, weights: Uint8Array) {
    const model = JSON.parse(json) as TfModelJson;
    for (const { name, op, input, attr } of model.modelTopology.node)
      this.#nodes.set(name, { name, op, input: input ?? [], attr: attr ?? {} });
    let offset = 0;
    for (const weight of model.weightsManifest.flatMap((group) => group.weights)) {
      const count = weight.shape.reduce((product, size) => product * size, 1);
      const half = weight.quantization?.dtype === 'float16';
      const bytes = weights.subarray(offset, offset + count * (half ? 2 : 4));
      if (bytes.length !== count * (half ? 2 : 4))
        throw new HubError('model_invalid', "The built-in model's files are cut short. Install Porchlight again.");
      offset += bytes.length;
      // Integers (axes, sizes) are written anew by the conversion.
      if (weight.dtype === 'float32')
        this.#constants.set(weight.name, { shape: weight.shape, values: half ? fromHalf(bytes) : fromSingle(bytes) });
    }
  }

  node(name: string): TfNode {
    const found = this.#nodes.get(name);
    if (!found)
      throw new HubError('model_invalid', `The built-in model has no node "${name}". Install Porchlight again.`);
    return found;
  }

  constant(name: string): TfConstant {
    const found = this.#constants.get(name);
    if (!found)
      throw new HubError('model_invalid', `The built-in model has no values "${name}". Install Porchlight again.`);
    return found;
  }
}

function fromSingle(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** IEEE 754 half precision, little endian. */
function fromHalf(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(new Uint8Array(bytes).buffer);
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}
