/** What the documentation claims is true of the code, both ways. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '#core/base/errors.ts';
import { cameraUsage } from '#core/demo/onvif/camera-options.ts';
import { faultNames } from '#core/demo/onvif/faults.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Package {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}
const manifest = JSON.parse(read('package.json')) as Package;

describe('docs/ref/errors.md', () => {
  const documented = new Map([...read('docs/ref/errors.md').matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map((row) => [row[1] ?? '', Number(row[2])]));

  it('lists every code with its status, and no other', () => {
    expect(Object.fromEntries(documented)).toEqual(errorCodes);
  });
});

describe('docs/design/dependencies.md', () => {
  const text = read('docs/design/dependencies.md');

  it.each(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }))('gives a reason for %s', (name) => {
    expect(text).toContain(`\`${name}\``);
  });

  it('every version is pinned exactly', () => {
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }).filter(([, version]) => !/^\d/.test(version));
    expect(ranges).toEqual([]);
  });
});

describe('docs/guide/virtual-camera.md', () => {
  const text = read('docs/guide/virtual-camera.md');

  it('has a row for every fault, and no other', () => {
    const rows = [...(text.split('## Faults')[1] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1] ?? '');
    expect(rows.sort()).toEqual([...faultNames].sort());
  });

  it('names every option of the command line', () => {
    const options = [...cameraUsage.matchAll(/^ {2}(--[\w-]+)/gm)].map((match) => match[1] ?? '');
    expect(options.filter((name) => name !== '--help' && !text.includes(name))).toEqual([]);
  });
});

describe('README.md', () => {
  it('names only commands that exist', () => {
    const commands = [...read('README.md').matchAll(/npm (?:run )?(\w[\w-]*)/g)].map((match) => match[1] ?? '');
    const builtIn = new Set(['install', 'and', 'it']);
    expect(commands.filter((name) => !builtIn.has(name) && !(name in manifest.scripts))).toEqual([]);
  });
});
