/** The built-in model, the detector process and the bus between them, with real engines. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DetectorClient } from '#core/detect/detector-client.ts';
import { Detector } from '#core/detect/detector.ts';
import { openSession } from '#core/detect/engine/session.ts';
import { ensureBuiltInModel } from '#core/detect/model-store.ts';
import { selfTest } from '#core/detect/self-test.ts';
import { HubError } from '#core/base/errors.ts';
import { objectLabels, type ObjectLabel } from '#core/domain/detection.ts';
import type { DetectorToHub, HubToDetector } from '#core/domain/worker-protocol.ts';
import { drawTestPicture, type DrawnPicture } from '#core/workers/test-picture.ts';
import { sharedFolder, skipFor } from '../support/tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'porchlight-detector-'));
const yoloxPath = join(sharedFolder, 'models/yolox_nano_416.onnx');
let modelPath: string;
let picture: DrawnPicture;

beforeAll(async () => {
  modelPath = (await ensureBuiltInModel(folder)).path;
  picture = drawTestPicture();
});
afterAll(() => {
  removeFolder(folder);
});

describe('the built-in model', () => {
  /** 512 x 512: waves, a grid and a dark block. The numbers below are what TensorFlow.js answered to it. */
  function pattern(): Uint8Array {
    const side = 512;
    const out = new Uint8Array(side * side * 3);
    const clamp = (value: number): number => Math.min(255, Math.max(0, value));
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const wave = Math.floor(64 * Math.sin(x * 0.05) * Math.cos(y * 0.031));
        const dark = x > 200 && x < 330 && y > 150 && y < 430 ? 80 : 0;
        out.set(
          [clamp(128 + wave - dark), clamp(110 + ((x * 7 + y * 13) % 31) - dark), clamp(140 - wave)],
          (y * side + x) * 3,
        );
      }
    return out;
  }

  const original: [label: ObjectLabel, row: number, column: number, score: number, ...sides: number[]][] = [
    ['person', 70, 66, 0.022881, 65.996, 129.206, 66.301, 152.955],
    ['person', 20, 20, 0.008646, 42.882, 82.383, 46.145, 84.199],
    ['car', 70, 66, 0.003366, 65.996, 129.206, 66.301, 152.955],
    ['dog', 100, 64, 0.002847, 119.164, 96.511, 137.262, 112.492],
    ['bus', 40, 90, 0.000394, 41.026, 159.509, 55.629, 214.642],
    ['bear', 64, 64, 0.000933, 58.889, 112.342, 72.692, 169.437],
  ];

  it.each(['native', 'wasm'] as const)('says in %s what the original says in TensorFlow.js', async (engine) => {
    const { session } = await openSession(readFileSync(modelPath), engine);
    const outputs = await session.run({ type: 'uint8', data: pattern(), dims: [1, 512, 512, 3] });
    const logits = outputs.get('logits')!;
    const sizes = outputs.get('sizes')!;
    expect(logits.dims).toEqual([1, objectLabels.length, 128, 128]);
    for (const [label, row, column, score, ...sides] of original) {
      const cell = row * 128 + column;
      const logit = logits.data[objectLabels.indexOf(label) * 128 * 128 + cell]!;
      expect(Math.abs(1 / (1 + Math.exp(-logit)) - score), `${label} at ${row}, ${column}`).toBeLessThan(0.001);
      for (const [index, side] of sides.entries())
        expect(Math.abs(sizes.data[index * 128 * 128 + cell]! - side)).toBeLessThan(2);
    }
    await session.release();
  });

  it('is made once, and made again when it is damaged', async () => {
    const before = statSync(modelPath).mtimeMs;
    const first = await ensureBuiltInModel(folder);
    expect(statSync(modelPath).mtimeMs).toBe(before);
    const bytes = readFileSync(modelPath);
    writeFileSync(modelPath, bytes.subarray(0, bytes.length / 2));
    expect(await ensureBuiltInModel(folder)).toEqual(first);
    expect(readFileSync(modelPath).equals(bytes)).toBe(true);
    writeFileSync(join(folder, 'centernet.json'), '{"version": 1');
    expect(await ensureBuiltInModel(folder)).toEqual(first);
  });

  it('passes its own self-test, and finds the person and the car that were drawn', async () => {
    const detector = await Detector.load(readFileSync(modelPath), 'built-in', {}, 'auto');
    const result = await selfTest(detector, picture);
    expect(result).toMatchObject({ family: 'centernet', passed: true });
    expect(result.detections.map((one) => one.label).sort()).toEqual(['car', 'person']);
    await detector.close();
  });
});

const whyNoYolox = existsSync(yoloxPath) ? null : '../shared/models is not here';
describe.skipIf(skipFor("a person's own model", whyNoYolox))("a person's own model", () => {
  it.each(['native', 'wasm'] as const)('of the YOLOX family is recognised and passes in %s', async (engine) => {
    const detector = await Detector.load(readFileSync(yoloxPath), 'yolox_nano_416.onnx', {}, engine);
    expect(detector.info).toMatchObject({ family: 'yolox', inputWidth: 416, inputHeight: 416 });
    const result = await selfTest(detector, picture);
    expect(result.passed).toBe(true);
    expect(result.message).toContain('the person');
    expect(result.message).toContain('the car');
    await detector.close();
  });
});

describe('the detector process', () => {
  const processes: ChildProcess[] = [];
  const clients: DetectorClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const child of processes.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  function start(): ChildProcess {
    const entry = join(import.meta.dirname, '../../core/workers/detector.ts');
    const child = fork(entry, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    processes.push(child);
    return child;
  }

  async function heard<T extends DetectorToHub['type']>(
    child: ChildProcess,
    type: T,
  ): Promise<Extract<DetectorToHub, { type: T }>> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${type} in time`)), 60_000);
      child.on('message', (message: DetectorToHub) => {
        if (message.type !== type) return;
        clearTimeout(timer);
        resolve(message as Extract<DetectorToHub, { type: T }>);
      });
    });
  }

  async function ready(
    engine: 'auto' | 'native' | 'wasm' = 'auto',
  ): Promise<{ child: ChildProcess; client: () => DetectorClient; engine: string }> {
    const child = start();
    const message: HubToDetector = { type: 'configure', modelPath, modelName: 'built-in', engine };
    child.send(message);
    const { path, token, engine: used } = await heard(child, 'ready');
    const client = (): DetectorClient => {
      const one = new DetectorClient({ path, token });
      clients.push(one);
      return one;
    };
    return { child, client, engine: used };
  }

  it('answers pictures of any size with what is in them', async () => {
    const detector = (await ready()).client();
    const { detections, ms } = await detector.detect(picture.data, picture.width, picture.height, 0.25);
    expect(detections.map((one) => one.label).sort()).toEqual(['car', 'person']);
    expect(ms).toBeGreaterThan(0);
    expect((await detector.detect(new Uint8Array(50 * 30 * 3), 50, 30, 0.25)).detections).toEqual([]);
  });

  it('falls to the slower engine when it is told to, and says so', async () => {
    const { engine, client } = await ready('wasm');
    expect(engine).toBe('wasm');
    expect((await client().detect(picture.data, picture.width, picture.height, 0.25)).detections).toHaveLength(2);
  });

  it('refuses a picture that is not what it says, and goes on', async () => {
    const detector = (await ready()).client();
    await expect(detector.detect(new Uint8Array(10), 320, 320, 0.25)).rejects.toThrow(/bytes/);
    await expect(detector.detect(new Uint8Array(3), 1, 1, 0.25)).rejects.toBeInstanceOf(HubError);
    expect((await detector.detect(new Uint8Array(64 * 64 * 3), 64, 64, 0.25)).detections).toEqual([]);
  });

  it('serves one who asks once before the rest of one who asks all the time', async () => {
    const { client } = await ready();
    const [greedy, modest] = [client(), client()];
    const size = 320;
    const image = new Uint8Array(size * size * 3);
    await Promise.all([greedy.detect(image, size, size, 0.25), modest.detect(image, size, size, 0.25)]);
    const order: string[] = [];
    const flood = Array.from({ length: 12 }, () =>
      greedy.detect(image, size, size, 0.25).then(() => order.push('greedy')),
    );
    const once = modest.detect(image, size, size, 0.25).then(() => order.push('modest'));
    await Promise.all([...flood, once]);
    expect(order.indexOf('modest')).toBeLessThan(6);
  });

  it('F49: while it hangs questions fail in time, and when it goes on they are answered again', async () => {
    const { child, client } = await ready();
    const detector = client();
    const image = new Uint8Array(64 * 64 * 3);
    await detector.detect(image, 64, 64, 0.25);
    child.kill('SIGSTOP');
    const startMs = performance.now();
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => detector.detect(image, 64, 64, 0.25)));
    expect(performance.now() - startMs).toBeLessThan(6_000);
    expect(answers.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    child.kill('SIGCONT');
    const deadline = performance.now() + 30_000;
    for (;;) {
      const again = await detector.detect(image, 64, 64, 0.25).catch((error: unknown) => error);
      if (!(again instanceof HubError)) break;
      expect(performance.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('F49: killed, it takes no question with it: those under way fail at once', async () => {
    const { child, client } = await ready();
    const detector = client();
    const image = new Uint8Array(512 * 288 * 3);
    await detector.detect(image, 512, 288, 0.25);
    const asked = detector.detect(image, 512, 288, 0.25);
    child.kill('SIGKILL');
    await expect(asked).rejects.toBeInstanceOf(HubError);
    await expect(detector.detect(image, 512, 288, 0.25)).rejects.toBeInstanceOf(HubError);
  });

  it.each([
    ['cut short', () => readFileSync(modelPath).subarray(0, 50_000)],
    ['a web page', () => Buffer.from(`<!doctype html>${'<p>not found</p>'.repeat(200)}`)],
  ])('ends with a sentence when the model is %s', async (_what, content) => {
    const path = join(folder, 'broken.onnx');
    writeFileSync(path, content());
    const child = start();
    const message: HubToDetector = { type: 'configure', modelPath: path, modelName: 'broken.onnx', engine: 'auto' };
    const failed = heard(child, 'failed');
    child.send(message);
    expect((await failed).message).toMatch(/model/);
    const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
    expect(code).not.toBe(0);
  });
});
