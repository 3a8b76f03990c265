/**
 * The built-in model on disk: converted once from the npm package that ships its weights, then checked by hash at each
 * start. Converting takes about a third of a second of CPU: call it in a child process, never in the hub.
 * Invariant: a path that is returned holds exactly what the conversion of this version makes from these weights.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/base/atomic-file.ts';
import { HubError } from '#core/base/errors.ts';
import { convertCenternet } from './onnx/convert-centernet.ts';

/** Raised whenever the conversion makes other bytes. */
const conversionVersion = 1;
/** The weights this version was measured with (@vladmandic/human 3.3.6, models/centernet.bin). */
const expectedWeights = '1b635a15009071f506f9f2b3519b31c072c534888989f30d269ffd44734ef7ef';

const receipt = z.object({ version: z.number(), sourceSha256: z.string(), sha256: z.string() });

export interface StoredModel {
  path: string;
  sha256: string;
}

/** Makes the model unless it is there and whole. Throws `model_invalid` if its source is not what was tested. */
export function ensureBuiltInModel(cacheDir: string): Promise<StoredModel> {
  const path = join(cacheDir, 'centernet.onnx');
  const receiptPath = join(cacheDir, 'centernet.json');
  const source = readSource();
  const known = readReceipt(receiptPath);
  if (known?.version === conversionVersion && known.sourceSha256 === source.sha256) {
    if (hashOfFile(path) === known.sha256) return Promise.resolve({ path, sha256: known.sha256 });
  }
  const model = convertCenternet(source.json, source.weights);
  const sha256 = hashOf(model);
  mkdirSync(cacheDir, { recursive: true });
  writeFileAtomic(path, model);
  writeFileAtomic(
    receiptPath,
    JSON.stringify({ version: conversionVersion, sourceSha256: source.sha256, sha256 } satisfies z.infer<
      typeof receipt
    >),
  );
  return Promise.resolve({ path, sha256 });
}

function readSource(): { json: string; weights: Buffer; sha256: string } {
  // The package exports no model files, but its entry stands in the folder beside them.
  const models = join(dirname(createRequire(import.meta.url).resolve('@vladmandic/human')), '..', 'models');
  const json = readFileSync(join(models, 'centernet.json'), 'utf8');
  const weights = readFileSync(join(models, 'centernet.bin'));
  const sha256 = hashOf(weights);
  if (sha256 !== expectedWeights)
    throw new HubError(
      'model_invalid',
      'The weights of the built-in model are not the ones this version was tested with. Install Porchlight again.',
    );
  return { json, weights, sha256 };
}

function readReceipt(path: string): z.infer<typeof receipt> | null {
  try {
    return receipt.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Absent or damaged: the model is made anew.
    return null;
  }
}

function hashOfFile(path: string): string | null {
  try {
    return hashOf(readFileSync(path));
  } catch {
    // Absent: the model is made anew.
    return null;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
