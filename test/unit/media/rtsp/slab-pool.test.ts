import { describe, expect, test } from 'vitest';
import { AccessUnitBuffer } from '#core/media/rtsp/access-unit-buffer.ts';
import { SlabPool, type Slab } from '#core/media/rtsp/slab-pool.ts';

interface Held {
  data: Buffer;
  memory: Slab;
  value: number;
}

/** One picture of `bytes` bytes of one value. */
function picture(buffer: AccessUnitBuffer, bytes: number, value: number): Held {
  buffer.beginNal();
  buffer.append(Buffer.alloc(bytes, value), 0, bytes);
  buffer.endNal();
  const data = buffer.take();
  const memory = buffer.memory;
  if (!memory) throw new Error('a picture lies somewhere');
  return { data, memory, value };
}

function isWhole({ data, value }: Held): boolean {
  return data.readUInt32BE(0) === data.length - 4 && data.subarray(4).every((byte) => byte === value);
}

describe('picture memory', () => {
  test('a held picture keeps its bytes while the memory of those let go is written again', () => {
    const pool = new SlabPool();
    const streams = [new AccessUnitBuffer(pool), new AccessUnitBuffer(pool)];
    const held: Held[] = [];
    const slabs = new Set<ArrayBufferLike>();
    let state = 1;
    const random = (below: number): number => {
      state = (state * 48_271) % 0x7fffffff;
      return state % below;
    };
    for (let i = 0; i < 5_000; i++) {
      const stream = streams[random(2)];
      if (!stream) throw new Error('no stream');
      const made = picture(stream, random(20) === 0 ? 40_000 + random(120_000) : 1 + random(9_000), i % 251);
      slabs.add(made.data.buffer);
      if (random(3) > 0) {
        made.memory.hold();
        held.push(made);
      }
      while (held.length > 60) {
        const [gone] = held.splice(random(held.length), 1);
        if (!gone) continue;
        expect(isWhole(gone)).toBe(true);
        gone.memory.release();
      }
    }
    expect(held.every(isWhole)).toBe(true);
    // 5,000 pictures are some 60 MB: most of it went through memory that had been used before.
    expect(slabs.size).toBeLessThan(120);
  });

  test('pinned memory is never written again', () => {
    const pool = new SlabPool();
    const buffer = new AccessUnitBuffer(pool);
    const pinned = picture(buffer, 1_000, 7);
    pinned.memory.pin();
    for (let i = 0; i < 500; i++) picture(buffer, 5_000, 9);
    expect(isWhole(pinned)).toBe(true);
  });

  test('a pool that keeps nothing leaves every picture to its receiver for good', () => {
    const buffer = new AccessUnitBuffer(new SlabPool(0));
    const pictures = Array.from({ length: 300 }, (_, i) => picture(buffer, 3_000, i % 251));
    expect(pictures.every(isWhole)).toBe(true);
  });

  test('what waits for use is bounded', () => {
    const pool = new SlabPool(256 * 1024);
    const slabs = Array.from({ length: 10 }, () => pool.take(64 * 1024));
    for (const slab of slabs) slab.release();
    expect(pool.idleBytes).toBe(256 * 1024);
  });

  test('letting go twice is a fault that is told', () => {
    const slab = new SlabPool().take(1);
    slab.release();
    expect(() => {
      slab.release();
    }).toThrow('twice');
  });
});
