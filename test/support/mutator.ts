/**
 * Makes hostile input out of honest: bytes changed, missing, doubled, moved, cut; words of the trade put where they do not
 * belong; two seeds crossed. Seeded, so that a run that failed can be repeated.
 */
import { seededRandom } from './random.ts';

export interface Mutator {
  /** A mutation of one of the seeds. */
  next(): Buffer;
}

const mostBytes = 700_000;
/** What parsers trip over. */
const nasty = [
  '\0',
  '\r\n',
  '\n\n',
  '\r\n\r\n',
  '"',
  "'",
  '\\',
  '=',
  ',',
  ';',
  '<',
  '>',
  '</',
  '/>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?x ?>',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '&a;',
  '&#x0;',
  '&#1114112;',
  '&lt;',
  '%00',
  '-1',
  '0',
  '4294967296',
  '99999999999999999999',
  '1e999',
  'NaN',
  '__proto__',
  'constructor',
  '\ufeff',
  '\ud800',
  '\u202e',
  'xmlns=""',
  'xmlns:x="y"',
  ' token="x"',
  'http://127.0.0.1/',
  'rtsp://[::1',
  '@',
  '../../',
  'Digest ',
  'Basic ',
  'nonce="',
  '$\0\xff\xff',
];

export function createMutator(seeds: readonly (string | Uint8Array)[], seed: number): Mutator {
  const random = seededRandom(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const sources = seeds.map((each) => Buffer.from(each as Uint8Array));
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const splice = (data: Buffer, at: number, gone: number, inside: Buffer): Buffer =>
    Buffer.concat([data.subarray(0, at), inside, data.subarray(at + gone)]);

  const kinds: ((data: Buffer) => Buffer)[] = [
    (data) => {
      const copy = Buffer.from(data);
      for (let i = 0; i <= below(8); i++) copy[below(copy.length)] = below(256);
      return copy;
    },
    (data) => splice(data, below(data.length), 0, Buffer.from(pick(nasty))),
    (data) => splice(data, below(data.length), below(20), Buffer.from(pick(nasty))),
    (data) => splice(data, below(data.length), below(Math.min(200, data.length)), Buffer.alloc(0)),
    (data) => data.subarray(0, below(data.length)),
    (data) => {
      // A piece again and again.
      const at = below(data.length);
      const piece = data.subarray(at, at + 1 + below(60));
      const times = below(20) === 0 ? below(5_000) : below(20);
      return splice(data, at, 0, Buffer.concat(Array.from({ length: times }, () => piece)));
    },
    (data) => {
      const other = pick(sources);
      return Buffer.concat([data.subarray(0, below(data.length)), other.subarray(below(other.length))]);
    },
    (data) => {
      // A number of another size.
      const text = data.toString('latin1');
      const numbers = [...text.matchAll(/\d+/g)];
      if (numbers.length === 0) return data;
      const hit = pick(numbers);
      return splice(
        data,
        hit.index,
        hit[0].length,
        Buffer.from(pick(['-1', '0', '1e308', '9'.repeat(1 + below(30)), '0x7f', ''])),
      );
    },
    (data) => {
      // A tag or a word swapped with another.
      const text = data.toString('latin1');
      const words = [...text.matchAll(/[\w:]+/g)];
      if (words.length < 2) return data;
      const [a, b] = [pick(words), pick(words)];
      return splice(data, a.index, a[0].length, Buffer.from(b[0], 'latin1'));
    },
  ];

  return {
    next() {
      let data: Buffer = pick(sources);
      for (let rounds = 1 + below(4); rounds > 0 && data.length > 0; rounds--) data = pick(kinds)(data);
      return data.subarray(0, mostBytes);
    },
  };
}
