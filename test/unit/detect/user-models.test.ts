/** Files that people put into the folder of models: what is wrong with them is said by name. */
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Detector } from '#core/detect/detector.ts';
import { listModels, modelPath, readNotes } from '#core/detect/user-models.ts';
import { removeFolder } from '../../support/remove-folder.ts';

describe('models of a person', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'porchlight-models-'));
  });
  afterEach(() => removeFolder(folder));

  const onnxLike = (bytes: number): Buffer => {
    const data = Buffer.alloc(bytes);
    data.set([0x08, 0x08]);
    return data;
  };

  it('lists files that end in .onnx, and no links or folders that are not there', () => {
    writeFileSync(join(folder, 'b.onnx'), onnxLike(2000));
    writeFileSync(join(folder, 'readme.txt'), 'no model');
    symlinkSync('/etc/hostname', join(folder, 'a.onnx'));
    expect(listModels(folder)).toEqual([{ name: 'b.onnx', bytes: 2000 }]);
    expect(listModels(join(folder, 'absent'))).toEqual([]);
  });

  it.each(['../b.onnx', 'b.txt', '.onnx', 'a/b.onnx'])('refuses the name %s', (name) => {
    expect(() => modelPath(folder, name)).toThrow('is not the name of a model');
  });

  it('says of a file what is wrong with it', () => {
    writeFileSync(join(folder, 'short.onnx'), onnxLike(100));
    writeFileSync(join(folder, 'page.onnx'), '<html>'.padEnd(2000));
    expect(() => modelPath(folder, 'short.onnx')).toThrow('too short');
    expect(() => modelPath(folder, 'page.onnx')).toThrow('is not an ONNX model');
    expect(() => modelPath(folder, 'absent.onnx')).toThrow('There is no model "absent.onnx"');
  });

  it('refuses notes that are not understood', () => {
    writeFileSync(join(folder, 'm.json'), '{"family":"none"}');
    expect(() => readNotes(join(folder, 'm.onnx'))).toThrow('"m.json" can\'t be read');
    expect(readNotes(join(folder, 'other.onnx'))).toEqual({});
  });

  it('a model that was cut off does not load', async () => {
    await expect(Detector.load(onnxLike(2000), 'cut', {}, 'wasm')).rejects.toMatchObject({ code: 'model_invalid' });
  });
});
