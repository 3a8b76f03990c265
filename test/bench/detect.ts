/**
 * CPU of seeing: motion per 320x180 frame and detection per 512x288 frame on both engines, and against the same weights on the
 * TensorFlow.js wasm backend at 512x512. That peer is no dependency: PORCHLIGHT_BENCH_TFJS names a node_modules folder that
 * holds @tensorflow/tfjs-core, tfjs-converter and tfjs-backend-wasm.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Detector } from '#core/detect/detector.ts';
import { ensureBuiltInModel } from '#core/detect/model-store.ts';
import { MotionDetector, motionHeight, motionWidth } from '#core/detect/motion/motion-detector.ts';
import { seededRandom } from '../support/random.ts';
import { percentile } from './process-figures.ts';
import type { Bench } from './row.ts';

const runs = 60;
const root = join(import.meta.dirname, '../..');

export const bench: Bench = async function* () {
  const random = seededRandom(5);
  const noise = (bytes: number): Uint8Array =>
    Uint8Array.from({ length: bytes }, (_, i) => 60 + ((i / 40) % 120) + random() * 8);
  const motion = new MotionDetector();
  const frames = Array.from({ length: 8 }, () => noise(motionWidth * motionHeight));
  const frame = (i: number): Uint8Array => frames[i % frames.length] ?? new Uint8Array();
  const motionMs = await cpuPer(400, (i) => {
    motion.update(frame(i), i * 200);
    return Promise.resolve();
  });
  yield {
    what: 'motion per 320x180 frame',
    measured: `${motionMs.toFixed(2)} ms of CPU`,
    target: '<= 1.3 ms',
    met: motionMs <= 1.3,
  };

  const stored = await ensureBuiltInModel(join(tmpdir(), 'porchlight-bench-media'));
  const model = readFileSync(stored.path);
  const native = await Detector.load(model, 'built-in', {}, 'native');
  const wasm = await Detector.load(model, 'built-in', {}, 'wasm');
  const small = { data: noise(512 * 288 * 3), width: 512, height: 288 };
  const square = { data: noise(512 * 512 * 3), width: 512, height: 512 };
  const nativeMs = await cpuPer(runs, () => native.detect(small, 0.25));
  yield {
    what: 'detection per 512x288 frame',
    measured: `${nativeMs.toFixed(1)} ms of CPU`,
    target: '<= 25 ms',
    met: nativeMs <= 25,
  };
  const wasmMs = await cpuPer(20, () => wasm.detect(small, 0.25));
  yield {
    what: 'detection per 512x288 frame, wasm fallback',
    measured: `${wasmMs.toFixed(1)} ms of CPU`,
    against: `native: ${nativeMs.toFixed(1)}`,
    ratio: wasmMs / nativeMs,
  };

  const modules = process.env['PORCHLIGHT_BENCH_TFJS'];
  if (modules === undefined || !existsSync(join(modules, '@tensorflow/tfjs-backend-wasm'))) {
    yield {
      what: 'detection against tfjs-wasm',
      skipped: 'PORCHLIGHT_BENCH_TFJS does not name a folder with the TensorFlow.js packages',
    };
    return;
  }
  const tfjs = await openTfjs(modules);
  // Interleaved, so that both meet the same machine.
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < 6; round++) {
    ours.push(await cpuPer(5, () => native.detect(square, 0.25)));
    peer.push(await cpuPer(3, () => tfjs(square.data)));
  }
  const peerMs = percentile(peer, 50);
  yield {
    what: 'detection per 16:9 picture, same weights',
    measured: `512x288: ${nativeMs.toFixed(1)} ms of CPU`,
    against: `tfjs wasm, whose graph takes 512x512 only: ${peerMs.toFixed(1)}`,
    ratio: nativeMs / peerMs,
    target: '<= 0.17',
    met: nativeMs / peerMs <= 1 / 6,
  };
  yield {
    what: 'the same, both at 512x512',
    measured: `${percentile(ours, 50).toFixed(1)} ms of CPU`,
    against: `tfjs wasm: ${peerMs.toFixed(1)}`,
    ratio: percentile(ours, 50) / peerMs,
  };
  await native.close();
  await wasm.close();
};

/**
 * Median ms of CPU of this process per call, over batches of 5 after a warm-up. Batches, because a single short call is below
 * the resolution of the system's CPU accounting.
 */
async function cpuPer(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const batch = 5;
  for (let i = 0; i < Math.min(8, count); i++) await work(i);
  const samples: number[] = [];
  for (let i = 0; i < count; i += batch) {
    const before = process.cpuUsage();
    for (let k = 0; k < batch; k++) await work(i + k);
    const { user, system } = process.cpuUsage(before);
    samples.push((user + system) / 1000 / batch);
  }
  return percentile(samples, 50);
}

/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- an optional peer without types here */
async function openTfjs(modules: string): Promise<(rgb: Uint8Array) => Promise<unknown>> {
  const require = createRequire(join(modules, 'x.js'));
  const tf = require('@tensorflow/tfjs-core');
  const { loadGraphModel } = require('@tensorflow/tfjs-converter');
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(modules, '@tensorflow/tfjs-backend-wasm/wasm-out/'));
  await tf.setBackend('wasm');
  await tf.ready();
  const folder = join(root, 'node_modules/@vladmandic/human/models');
  const json = JSON.parse(readFileSync(join(folder, 'centernet.json'), 'utf8'));
  const weights = readFileSync(join(folder, 'centernet.bin'));
  const model = await loadGraphModel({
    load: () =>
      Promise.resolve({
        modelTopology: json.modelTopology,
        signature: json.signature,
        weightSpecs: json.weightsManifest[0].weights,
        weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
      }),
  });
  return async (rgb) => {
    const input = tf.tidy(() => tf.cast(tf.tensor(rgb, [1, 512, 512, 3], 'int32'), 'float32'));
    const outputs = model.execute(input, ['tower_0/wh', 'tower_0/keypoints']);
    for (const output of outputs) {
      await output.data();
      output.dispose();
    }
    input.dispose();
  };
}
