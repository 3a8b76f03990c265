/** onnxruntime-web in Node: WebAssembly with SIMD, one thread. About four times the work of the native engine. */
import * as runtime from 'onnxruntime-web';
import { OrtSession } from './ort-session.ts';
import type { Session } from './session.ts';

/** Throws `model_invalid` for a bad model. */
export async function openWasmSession(model: Uint8Array): Promise<Session> {
  runtime.env.wasm.numThreads = 1;
  return await OrtSession.open('wasm', runtime, model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
}
