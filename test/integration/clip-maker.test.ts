/** A person's own mp4 becomes the virtual camera's clips. The mp4 is our own recording format, so nothing else is needed. */
import { fork } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClip } from '#core/demo/clip.ts';
import { segmentOf } from '#core/demo/segment-template.ts';
import { encodeAac, encodeJpegI420, H264Encoder } from '#core/media/codec/encoder.ts';
import { fragmentHead } from '#core/media/mp4/fragment.ts';
import { buildInitSection } from '#core/media/mp4/init-section.ts';
import { testClip } from '../support/virtual-camera.ts';
import { removeFolder } from '../support/remove-folder.ts';

const root = join(import.meta.dirname, '../..');
const tools = {
  videoEncoder: (options: ConstructorParameters<typeof H264Encoder>[0]) => new H264Encoder(options),
  aac: encodeAac,
  jpeg: encodeJpegI420,
  initSection: buildInitSection,
  fragmentHead,
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clip-maker-'));
});
afterAll(() => {
  removeFolder(folder);
});

/** Null when all went well, or what it said. */
async function make(...args: string[]): Promise<string | null> {
  const child = fork(join(root, 'core/workers/clip-maker.ts'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let said = 'It ended without a word.';
  child.on('message', (message: { failed: string }) => (said = message.failed));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return code === 0 ? null : said;
}

test('a file without B-frames is played as it is, with a smaller copy, its sound and the other encoding', async () => {
  const original = readClip((await testClip()).mainPath);
  const path = join(folder, 'own.mp4');
  writeFileSync(path, segmentOf(original, 0, original.pictures.length, tools).file);
  const [mainPath, subPath] = [join(folder, 'own-main.clip'), join(folder, 'own-sub.clip')];
  expect(await make(path, '', mainPath, subPath, 'both')).toBeNull();
  const main = readClip(mainPath);
  expect(main).toMatchObject({ codec: 'h264', width: 1280, height: 720, fps: 15 });
  expect(main.pictures.map((picture) => picture.key)).toEqual(original.pictures.map((picture) => picture.key));
  expect(main.pictures.every((picture, n) => picture.data.equals(original.pictures[n]!.data))).toBe(true);
  expect(main.aac?.frames.length).toBeGreaterThan(50);
  expect(main.pcmu).toHaveLength(4 * 8_000);
  const sub = readClip(subPath);
  expect(sub).toMatchObject({ codec: 'h264', width: 640, height: 360, fps: 15 });
  expect(sub.pictures).toHaveLength(main.pictures.length);
  const other = readClip(join(folder, 'own-main.other.clip'));
  expect(other).toMatchObject({ codec: 'h265', width: 1280, height: 720 });
  expect(other.parameterSets).toHaveLength(3);
  expect(other.pictures).toHaveLength(main.pictures.length);
});

test('what is no mp4 is refused in words', async () => {
  const path = join(folder, 'notes.mp4');
  writeFileSync(path, 'these are notes\n'.repeat(100));
  expect(await make(path, '', join(folder, 'a.clip'), join(folder, 'b.clip'))).toMatch(/notes\.mp4 is no mp4 file/);
});
