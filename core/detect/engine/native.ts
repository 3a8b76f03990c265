/** onnxruntime-node, CPU provider, one thread: an optional package, so it is loaded only when it is asked for. */
import { errorText, HubError } from '#core/base/errors.ts';
import { OrtSession, type OrtRuntime } from './ort-session.ts';
import type { Session } from './session.ts';

/** Throws `unavailable` where the package or its binary is not there, `model_invalid` for a bad model. */
export async function openNativeSession(model: Uint8Array): Promise<Session> {
  let runtime: OrtRuntime;
  try {
    // Its types are those of onnxruntime-web, both re-export onnxruntime-common.
    runtime = await import('onnxruntime-node');
  } catch (error) {
    throw new HubError('unavailable', `The native inference engine can't be loaded: ${errorText(error)}`, {
      cause: error,
    });
  }
  return await OrtSession.open('native', runtime, model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Idle threads that spin burn a core and slow everything beside them.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
}
