/** What the manifest says of the built-in model is what the model is. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { convertCenternet } from '#core/detect/onnx/convert-centernet.ts';

interface Manifest {
  models: {
    name: string;
    source: { package: string; version: string; files: { path: string; sha256: string }[] };
    made: { sha256: string };
  }[];
}

const root = join(import.meta.dirname, '../../..');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it('the manifest names the weights that are used and the model that is made of them', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'resources/models.json'), 'utf8')) as Manifest;
  const model = manifest.models.find((one) => one.name === 'built-in')!;
  const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(packageJson.dependencies[model.source.package]).toBe(model.source.version);
  const folder = join(dirname(createRequire(import.meta.url).resolve(model.source.package)), '..');
  const [json, weights] = model.source.files.map((file) => {
    const bytes = readFileSync(join(folder, file.path));
    expect(sha256(bytes)).toBe(file.sha256);
    return bytes;
  });
  expect(sha256(convertCenternet(json!.toString('utf8'), weights!))).toBe(model.made.sha256);
});
