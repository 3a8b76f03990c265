/**
 * Builds an ONNX model file (onnx.proto, IR version 8, operator set 13) out of nodes and tensors.
 * Invariant: a name stands for one tensor; nodes must be added in an order in which every input exists already.
 */
import { ProtobufWriter } from './protobuf.ts';

const floatType = 1;
const uint8Type = 2;
const irVersion = 8;
const operatorSet = 13;

export type Attribute = { f: number } | { i: number } | { s: string } | { ints: readonly number[] };
/** A number, or the name of a dimension that is known only when the model runs. */
type Dimension = number | string;

export class OnnxGraphWriter {
  readonly #nodes: ProtobufWriter[] = [];
  readonly #tensors: ProtobufWriter[] = [];
  readonly #inputs: ProtobufWriter[] = [];
  readonly #outputs: ProtobufWriter[] = [];

  input(name: string, type: 'uint8' | 'float', shape: readonly Dimension[]): void {
    this.#inputs.push(valueInfo(name, type, shape));
  }

  output(name: string, shape: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, 'float', shape));
  }

  /** A constant, row-major. */
  tensor(name: string, shape: readonly number[], values: Float32Array): void {
    const tensor = new ProtobufWriter();
    for (const size of shape) tensor.integer(1, size);
    tensor.integer(2, floatType).text(8, name);
    tensor.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    this.#tensors.push(tensor);
  }

  node(type: string, inputs: readonly string[], output: string, attributes: Record<string, Attribute> = {}): void {
    const node = new ProtobufWriter();
    for (const input of inputs) node.text(1, input);
    node.text(2, output).text(3, output).text(4, type);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#nodes.push(node);
  }

  finish(name: string): Uint8Array {
    const graph = new ProtobufWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, name);
    for (const tensor of this.#tensors) graph.message(5, tensor);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    return new ProtobufWriter()
      .integer(1, irVersion)
      .text(2, 'porchlight')
      .message(7, graph)
      .message(8, new ProtobufWriter().text(1, '').integer(2, operatorSet))
      .finish();
  }
}

function attribute(name: string, value: Attribute): ProtobufWriter {
  const out = new ProtobufWriter().text(1, name);
  if ('f' in value) return out.float(2, value.f).integer(20, 1);
  if ('i' in value) return out.integer(3, value.i).integer(20, 2);
  if ('s' in value) return out.text(4, value.s).integer(20, 3);
  for (const one of value.ints) out.integer(8, one);
  return out.integer(20, 7);
}

function valueInfo(name: string, type: 'uint8' | 'float', shape: readonly Dimension[]): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const size of shape) {
    const dimension = new ProtobufWriter();
    dimensions.message(1, typeof size === 'number' ? dimension.integer(1, size) : dimension.text(2, size));
  }
  const tensor = new ProtobufWriter().integer(1, type === 'uint8' ? uint8Type : floatType).message(2, dimensions);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
}
