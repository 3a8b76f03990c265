/**
 * CenterNet-MobileNetV3 (COCO-80), from TensorFlow.js to ONNX. What changes on the way: channels first; input of bytes
 * (height, width, RGB) of any size that is a multiple of 32; only the classes that Porchlight knows; the head ends at the
 * class logits, since the peaks are found quicker by our own code (families/centernet.ts).
 * Invariant: the numbers are those of the original for every class that is kept.
 */
import { HubError } from '#core/base/errors.ts';
import { objectLabels } from '#core/domain/detection.ts';
import { cocoLabels } from '../families/coco.ts';
import { OnnxGraphWriter } from './graph-writer.ts';
import { TfGraph, type TfConstant, type TfNode } from './tfjs-graph.ts';

const logitsNode = 'tower_0/CenternetHead/centernet_cls_output/BiasAdd';
const sizesNode = 'tower_0/wh';
const imageNode = 'tower_0/images';

/** Throws `model_invalid` if the source is not the model it should be. */
export function convertCenternet(json: string, weights: Uint8Array): Uint8Array {
  const conversion = new Conversion(new TfGraph(json, weights));
  return conversion.run();
}

class Conversion {
  readonly #graph: TfGraph;
  readonly #out = new OnnxGraphWriter();
  /** Source node -> ONNX tensor. */
  readonly #done = new Map<string, string>();
  readonly #keep = objectLabels.map((label) => cocoLabels.indexOf(label));

  constructor(graph: TfGraph) {
    this.#graph = graph;
  }

  run(): Uint8Array {
    const out = this.#out;
    out.input('image', 'uint8', [1, 'height', 'width', 3]);
    out.node('Cast', ['image'], 'image_float', { to: { i: 1 } });
    out.node('Transpose', ['image_float'], 'image_chw', { perm: { ints: [0, 3, 1, 2] } });
    this.#done.set(imageNode, 'image_chw');
    out.tensor('twice', [4], Float32Array.of(1, 1, 2, 2));
    out.node('Identity', [this.#convert(logitsNode)], 'logits');
    out.node('Identity', [this.#convert(sizesNode)], 'sizes');
    out.output('logits', [1, objectLabels.length, 'rows', 'columns']);
    out.output('sizes', [1, 4, 'rows', 'columns']);
    return out.finish('centernet-mobilenetv3');
  }

  /** Returns the name of the tensor that holds the node's result. */
  #convert(name: string): string {
    const known = this.#done.get(name);
    if (known !== undefined) return known;
    const node = this.#graph.node(name);
    const tensor = this.#hardSwish(node) ?? this.#hardSigmoid(node) ?? this.#plain(node);
    this.#done.set(name, tensor);
    return tensor;
  }

  #plain(node: TfNode): string {
    const { name, op, input } = node;
    switch (op) {
      case '_FusedConv2D':
      case 'Conv2D':
      case 'FusedDepthwiseConv2dNative':
      case 'DepthwiseConv2dNative':
        return this.#convolution(node);
      case 'Add':
      case 'Mul':
      case 'Relu':
      case 'Sigmoid':
      case 'Identity':
        this.#out.node(
          op,
          input.map((one) => this.#convert(one)),
          name,
        );
        return name;
      case 'Mean':
        this.#out.node('GlobalAveragePool', [this.#convert(at(input, 0))], name);
        return name;
      case 'ConcatV2':
        this.#out.node(
          'Concat',
          input.slice(0, -1).map((one) => this.#convert(one)),
          name,
          { axis: { i: 1 } },
        );
        return name;
      case 'ResizeBilinear':
        // The three resizes of this model all double the size.
        this.#out.node('Resize', [this.#convert(at(input, 0)), '', 'twice'], name, {
          mode: { s: 'linear' },
          coordinate_transformation_mode: { s: 'asymmetric' },
        });
        return name;
      case 'Const':
        return this.#scalar(name);
      default:
        throw new HubError('model_invalid', `The built-in model has an operation "${op}" that can't be converted.`);
    }
  }

  /** x * relu6(x + 3) / 6, however it is nested: one pass instead of four. */
  #hardSwish(node: TfNode): string | null {
    if (node.op !== 'Mul') return null;
    const relu = node.input.map((one) => this.#graph.node(one)).find((one) => one.op === 'Relu6');
    const scaled = node.input.map((one) => this.#graph.node(one)).find((one) => one.op === 'Mul');
    if (!relu || !scaled || !this.#isConstant(scaled, 1 / 6)) return null;
    const x = scaled.input.find((one) => this.#graph.node(one).op !== 'Const');
    if (x === undefined || this.#plusThree(relu) !== x) return null;
    const gate = `${node.name}/gate`;
    this.#out.node('HardSigmoid', [this.#convert(x)], gate, { alpha: { f: 1 / 6 }, beta: { f: 0.5 } });
    this.#out.node('Mul', [this.#convert(x), gate], node.name);
    return node.name;
  }

  /** relu6(x + 3) / 6. */
  #hardSigmoid(node: TfNode): string | null {
    if (node.op !== 'Mul' || !this.#isConstant(node, 1 / 6)) return null;
    const relu = node.input.map((one) => this.#graph.node(one)).find((one) => one.op === 'Relu6');
    const x = relu ? this.#plusThree(relu) : null;
    if (x === null) return null;
    this.#out.node('HardSigmoid', [this.#convert(x)], node.name, { alpha: { f: 1 / 6 }, beta: { f: 0.5 } });
    return node.name;
  }

  /** The x of relu6(x + 3), else null. */
  #plusThree(relu: TfNode): string | null {
    const sum = this.#graph.node(at(relu.input, 0));
    if (sum.op !== 'Add' || !this.#isConstant(sum, 3)) return null;
    return sum.input.find((one) => this.#graph.node(one).op !== 'Const') ?? null;
  }

  /** Whether one operand is this number (as close as half precision holds it). */
  #isConstant(node: TfNode, value: number): boolean {
    const constant = node.input.find((one) => this.#graph.node(one).op === 'Const');
    if (constant === undefined) return false;
    const { values } = this.#graph.constant(constant);
    return values.length === 1 && Math.abs((values[0] ?? NaN) - value) < 1e-3;
  }

  #scalar(name: string): string {
    const { values } = this.#graph.constant(name);
    if (values.length !== 1) throw new HubError('model_invalid', `The built-in model has an odd constant "${name}".`);
    this.#out.tensor(name, [], values);
    return name;
  }

  #convolution(node: TfNode): string {
    const depthwise = node.op.includes('Depthwise');
    let kernel = this.#graph.constant(at(node.input, 1));
    let bias = node.input.length > 2 ? this.#graph.constant(at(node.input, 2)) : null;
    if (node.name === logitsNode) {
      kernel = keepChannels(kernel, this.#keep);
      bias = bias && keepChannels(bias, this.#keep);
    }
    const [h, w, inputs, outputs] = kernel.shape as [number, number, number, number];
    const stride = Number(node.attr['strides']?.list?.i?.[1] ?? 1);
    const inputsOf = [this.#convert(at(node.input, 0)), `${node.name}/kernel`];
    this.#out.tensor(
      `${node.name}/kernel`,
      depthwise ? [inputs * outputs, 1, h, w] : [outputs, inputs, h, w],
      channelsFirst(kernel, depthwise),
    );
    if (bias) {
      this.#out.tensor(`${node.name}/bias`, bias.shape, bias.values);
      inputsOf.push(`${node.name}/bias`);
    }
    const relu = (node.attr['fused_ops']?.list?.s ?? []).includes(Buffer.from('Relu').toString('base64'));
    const result = relu ? `${node.name}/linear` : node.name;
    this.#out.node('Conv', inputsOf, result, {
      kernel_shape: { ints: [h, w] },
      strides: { ints: [stride, stride] },
      pads: { ints: samePadding(h, w, stride) },
      group: { i: depthwise ? inputs : 1 },
    });
    if (relu) this.#out.node('Relu', [result], node.name);
    return node.name;
  }
}

/** TensorFlow's SAME for sizes that the stride divides: what is odd goes to the bottom and right. */
function samePadding(h: number, w: number, stride: number): number[] {
  const before = (size: number): number => Math.floor(Math.max(0, size - stride) / 2);
  const after = (size: number): number => Math.max(0, size - stride) - before(size);
  return [before(h), before(w), after(h), after(w)];
}

/** [h][w][in][out] -> [out][in][h][w], for depthwise [h][w][in][multiplier] -> [in * multiplier][1][h][w]. */
function channelsFirst({ shape, values }: TfConstant, depthwise: boolean): Float32Array {
  const [h, w, inputs, outputs] = shape as [number, number, number, number];
  const area = h * w;
  const out = new Float32Array(values.length);
  for (let cell = 0; cell < area; cell++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++) {
        const channel = depthwise ? i * outputs + o : o * inputs + i;
        out[channel * area + cell] = values[(cell * inputs + i) * outputs + o] ?? 0;
      }
  return out;
}

/** The chosen entries of the last axis. */
function keepChannels({ shape, values }: TfConstant, keep: readonly number[]): TfConstant {
  const channels = shape.at(-1) ?? 0;
  const rows = values.length / channels;
  const out = new Float32Array(rows * keep.length);
  for (let row = 0; row < rows; row++)
    for (const [to, from] of keep.entries()) out[row * keep.length + to] = values[row * channels + from] ?? 0;
  return { shape: [...shape.slice(0, -1), keep.length], values: out };
}

function at(list: readonly string[], index: number): string {
  const found = list[index];
  if (found === undefined) throw new HubError('model_invalid', 'A node of the built-in model lacks an input.');
  return found;
}
