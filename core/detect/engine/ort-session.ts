/** What both builds of ONNX Runtime have in common: the same JavaScript surface over another core. */
import type * as Ort from 'onnxruntime-web';
import { errorText, HubError } from '#core/base/errors.ts';
import type { InputTensor, OutputTensor, Session, TensorInfo } from './session.ts';

export type OrtRuntime = Pick<typeof Ort, 'InferenceSession' | 'Tensor'>;

export class OrtSession implements Session {
  readonly engine: 'native' | 'wasm';
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly #runtime: OrtRuntime;
  readonly #session: Ort.InferenceSession;

  private constructor(engine: 'native' | 'wasm', runtime: OrtRuntime, session: Ort.InferenceSession) {
    this.engine = engine;
    this.#runtime = runtime;
    this.#session = session;
    this.inputs = session.inputMetadata.map(tensorInfo);
    this.outputs = session.outputMetadata.map(tensorInfo);
  }

  static async open(
    engine: 'native' | 'wasm',
    runtime: OrtRuntime,
    model: Uint8Array,
    options: Ort.InferenceSession.SessionOptions,
  ): Promise<OrtSession> {
    try {
      return new OrtSession(engine, runtime, await runtime.InferenceSession.create(model, options));
    } catch (error) {
      throw new HubError('model_invalid', `This file is not a model that can be used: ${firstLine(error)}`, {
        cause: error,
      });
    }
  }

  async run(input: InputTensor): Promise<Map<string, OutputTensor>> {
    const name = this.#session.inputNames[0] ?? '';
    const dims = [...input.dims];
    const tensor =
      input.type === 'uint8'
        ? new this.#runtime.Tensor('uint8', input.data as Uint8Array, dims)
        : new this.#runtime.Tensor('float32', input.data as Float32Array, dims);
    let results: Ort.InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run({ [name]: tensor });
    } catch (error) {
      throw new HubError('unavailable', `The model failed on a picture: ${firstLine(error)}`, { cause: error });
    }
    const outputs = new Map<string, OutputTensor>();
    for (const [key, value] of Object.entries(results)) {
      const { data, dims: shape } = value;
      if (data instanceof Float32Array) outputs.set(key, { data, dims: shape });
    }
    return outputs;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

function tensorInfo(meta: Ort.InferenceSession.ValueMetadata): TensorInfo {
  if (!meta.isTensor) return { name: meta.name, type: 'other', shape: [] };
  return {
    name: meta.name,
    type: meta.type,
    shape: meta.shape.map((size) => (typeof size === 'number' ? size : null)),
  };
}

function firstLine(error: unknown): string {
  return (errorText(error).split('\n')[0] ?? '').slice(0, 200);
}
