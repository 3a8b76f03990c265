/**
 * Models that people put into `<data>/models`: `name.onnx`, and `name.json` beside it for what a model does not say itself.
 * Nothing in the folder is trusted: names are checked, links are not followed, sizes are bounded before anything is read.
 */
import { lstatSync, readdirSync, readFileSync, openSync, readSync, closeSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { errorText, HubError } from '#core/base/errors.ts';
import { modelNotes, type ModelNotes } from './families/recognise.ts';

export const largestModelBytes = 500 * 1024 * 1024;
const smallestModelBytes = 1024;
const mostModels = 100;
const largestNotesBytes = 256 * 1024;

export interface ModelFile {
  name: string;
  bytes: number;
}

/** The .onnx files of the folder by name; a folder that is not there holds none. */
export function listModels(folder: string): ModelFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // Nobody made the folder yet, or it can't be read: then there is nothing to offer.
    return [];
  }
  const files: ModelFile[] = [];
  for (const name of names.filter(isModelName).sort()) {
    const stat = statFile(join(folder, name));
    if (stat?.isFile()) files.push({ name, bytes: stat.size });
    if (files.length >= mostModels) break;
  }
  return files;
}

/** The path of a model by its file name. Throws `model_invalid` with what is wrong with the file. */
export function modelPath(folder: string, name: string): string {
  if (!isModelName(name))
    throw new HubError('model_invalid', `"${name}" is not the name of a model. Models are files that end in .onnx.`);
  const path = join(folder, name);
  const stat = statFile(path);
  if (!stat?.isFile())
    throw new HubError('model_invalid', `There is no model "${name}" in ${folder}. Put the file there and try again.`);
  if (stat.size > largestModelBytes)
    throw new HubError('model_invalid', `"${name}" is larger than 500 MB. Choose a smaller model.`);
  if (stat.size < smallestModelBytes)
    throw new HubError('model_invalid', `"${name}" is too short to be a model (${stat.size} bytes). Copy it again.`);
  if (!looksLikeOnnx(path))
    throw new HubError(
      'model_invalid',
      `"${name}" is not an ONNX model. Export the model as .onnx and copy that file.`,
    );
  return path;
}

/** What stands in `<model>.json`. Throws `model_invalid` if it is there and not understood. */
export function readNotes(onnxPath: string): ModelNotes {
  const path = onnxPath.replace(/\.onnx$/i, '.json');
  const stat = statFile(path);
  // The built-in model's receipt lies in the same place; it has no notes in it.
  if (!stat?.isFile()) return {};
  const name = basename(path);
  if (stat.size > largestNotesBytes) throw new HubError('model_invalid', `"${name}" is too long.`);
  try {
    return modelNotes.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new HubError('model_invalid', `"${name}" can't be read: ${errorText(error).slice(0, 200)}`, { cause: error });
  }
}

// eslint-disable-next-line no-control-regex -- refusing control characters is the purpose
const modelNamePattern = /^[^/\\:\u0000-\u001f.][^/\\:\u0000-\u001f]{0,194}\.onnx$/i;

function isModelName(name: string): boolean {
  return modelNamePattern.test(name);
}

function statFile(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

/** A ModelProto begins with its version: field 1 as a varint. Zip, HTML and Git LFS pointers do not. */
function looksLikeOnnx(path: string): boolean {
  const head = Buffer.alloc(2);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, head, 0, 2, 0) < 2) return false;
  } finally {
    closeSync(file);
  }
  return head[0] === 0x08 && (head[1] ?? 0) >= 1 && (head[1] ?? 255) < 64;
}
