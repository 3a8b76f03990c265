/** Both engines take the same file and say the same of the same picture. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Detector } from '#core/detect/detector.ts';
import { ensureBuiltInModel } from '#core/detect/model-store.ts';
import { drawTestPicture } from '#core/workers/test-picture.ts';
import { skipFor } from '../support/tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

const whyNoNative = await import('onnxruntime-node').then(
  () => null,
  () => 'onnxruntime-node is not here',
);

it.skipIf(skipFor('native and wasm engine compared', whyNoNative))(
  'native and wasm engine give the same boxes within 0.02',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-engines-'));
    try {
      const model = readFileSync((await ensureBuiltInModel(folder)).path);
      const picture = drawTestPicture();
      const native = await Detector.load(model, 'built-in', {}, 'native');
      const wasm = await Detector.load(model, 'built-in', {}, 'wasm');
      const [a, b] = [await native.detect(picture, 0.25), await wasm.detect(picture, 0.25)];
      expect(a.length).toBeGreaterThan(0);
      expect(b.map((one) => one.label)).toEqual(a.map((one) => one.label));
      for (const [index, one] of a.entries())
        for (const side of ['x', 'y', 'w', 'h'] as const)
          expect(Math.abs(one.box[side] - (b[index]?.box[side] ?? NaN))).toBeLessThan(0.02);
      await native.close();
      await wasm.close();
    } finally {
      removeFolder(folder);
    }
  },
  30_000,
);
