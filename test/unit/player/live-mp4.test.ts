import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fragmentWithout, hasSound, mimeWithoutSound, withoutSound } from '../../../renderer/ui/live-mp4.ts';
import { skipFor, whyNoFfmpeg } from '../../support/tools.ts';
import { removeFolder } from '../../support/remove-folder.ts';

/** A second of picture and sound in one fragment each way: both tracks in each moof, so that offsets have to move. */
function withSound(): Buffer {
  const args = [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=160x96:rate=10',
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440:r=16000',
    ],
    ...['-t', '2', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '5', '-c:a', 'aac', '-b:a', '32k'],
    ...['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1'],
  ];
  return spawnSync('ffmpeg', args, { maxBuffer: 10_000_000 }).stdout;
}

function parts(bytes: Buffer): { init: Uint8Array; fragments: Uint8Array[] } {
  const init: Buffer[] = [];
  const fragments: Buffer[] = [];
  let moof: Buffer | null = null;
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const box = bytes.subarray(at, at + size);
    if (type === 'ftyp' || type === 'moov') init.push(box);
    else if (type === 'moof') moof = box;
    else if (type === 'mdat' && moof) fragments.push(Buffer.concat([moof, box]));
    at += size;
  }
  return { init: new Uint8Array(Buffer.concat(init)), fragments: fragments.map((buffer) => new Uint8Array(buffer)) };
}

function independently(file: string): { streams: string[]; pictures: number; complaints: string } {
  const streams = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_type', '-of', 'csv=p=0', file], {
    encoding: 'utf8',
  });
  const count = spawnSync(
    'ffprobe',
    [
      '-v',
      'error',
      '-count_frames',
      '-select_streams',
      'v',
      '-show_entries',
      'stream=nb_read_frames',
      '-of',
      'csv=p=0',
      file,
    ],
    { encoding: 'utf8' },
  );
  return {
    streams: streams.stdout.trim().split('\n'),
    pictures: Number(count.stdout.trim()),
    complaints: streams.stderr + count.stderr,
  };
}

describe.skipIf(skipFor('sound taken out of live video', whyNoFfmpeg))('sound taken out of live video', () => {
  it('leaves a video that an independent player reads whole and without complaint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-silent-'));
    try {
      const { init, fragments } = parts(withSound());
      const silent = withoutSound(init);
      expect(silent.removed.size).toBe(1);
      const file = join(folder, 'silent.mp4');
      const kept = fragments.flatMap((fragment) => fragmentWithout(fragment, silent.removed) ?? []);
      expect(kept.length).toBe(fragments.length);
      writeFileSync(file, Buffer.concat([silent.init, ...kept]));
      expect(independently(file)).toEqual({ streams: ['video'], pictures: 20, complaints: '' });
    } finally {
      removeFolder(folder);
    }
  });
});

describe('boxes', () => {
  it('a fragment of sound alone is dropped whole', () => {
    const box = (type: string, ...body: Buffer[]): Buffer => {
      const content = Buffer.concat(body);
      const head = Buffer.alloc(8);
      head.writeUInt32BE(content.length + 8);
      head.write(type, 4, 'latin1');
      return Buffer.concat([head, content]);
    };
    const tfhd = box('tfhd', Buffer.from([0, 2, 0, 0, 0, 0, 0, 2]));
    const fragment = new Uint8Array(Buffer.concat([box('moof', box('traf', tfhd)), box('mdat', Buffer.alloc(4))]));
    expect(fragmentWithout(fragment, new Set([2]))).toBeNull();
    expect(fragmentWithout(fragment, new Set([7]))).toBe(fragment);
  });

  it('any bytes are passed through or cut, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        withoutSound(bytes);
        fragmentWithout(bytes, new Set([1]));
      }),
    );
  });

  it('names only the video codecs', () => {
    expect(mimeWithoutSound('video/mp4; codecs="avc1.640028,mp4a.40.2"')).toBe('video/mp4; codecs="avc1.640028"');
    expect(hasSound('video/mp4; codecs="avc1.640028"')).toBe(false);
    expect(hasSound('video/mp4; codecs="hvc1.1.6.L120.90, opus"')).toBe(true);
  });
});
