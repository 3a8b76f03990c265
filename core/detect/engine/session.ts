/**
 * An ONNX model that is loaded and can run, whichever engine carries it. Runs block the process: it lives in the detector
 * process (or a test) and nowhere else. Invariant: both engines take the same file and give the same answers.
 */
import { errorText, HubError } from '#core/base/errors.ts';

export interface TensorInfo {
  name: string;
  type: string;
  /** null where the model takes any size. */
  shape: (number | null)[];
}

export interface InputTensor {
  type: 'uint8' | 'float32';
  data: Uint8Array | Float32Array;
  dims: readonly number[];
}

export interface OutputTensor {
  data: Float32Array;
  dims: readonly number[];
}

export interface Session {
  readonly engine: 'native' | 'wasm';
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Feeds the model's first input. Throws `unavailable` if the model fails. */
  run(input: InputTensor): Promise<Map<string, OutputTensor>>;
  release(): Promise<void>;
}

export interface OpenSession {
  session: Session;
  /** Why the native engine is not used, when 'auto' fell back. */
  fallbackReason: string | null;
}

/**
 * Loads a model. Throws `model_invalid` when the file is not a model this runtime takes, `unavailable` when the engine that
 * was asked for is not there.
 */
export async function openSession(model: Uint8Array, engine: 'auto' | 'native' | 'wasm'): Promise<OpenSession> {
  if (engine === 'wasm') return { session: await openWasm(model), fallbackReason: null };
  try {
    const { openNativeSession } = await import('./native.ts');
    return { session: await openNativeSession(model), fallbackReason: null };
  } catch (error) {
    // A model that one engine can't read, the other can't either: only a missing engine is worth the second try.
    if (engine === 'native' || (error instanceof HubError && error.code === 'model_invalid')) throw error;
    return { session: await openWasm(model), fallbackReason: errorText(error) };
  }
}

async function openWasm(model: Uint8Array): Promise<Session> {
  const { openWasmSession } = await import('./wasm.ts');
  return await openWasmSession(model);
}
