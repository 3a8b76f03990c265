/**
 * The memory that pictures are put together in: slabs that are used again once nobody holds a picture of theirs. Without
 * this, some megabytes a second wait for the garbage collector, which costs pages, collections and a third of the CPU.
 * Invariant: a slab comes back only when its writer and every holder have let go, and never after it was pinned. A holder
 * that forgets to let go costs nothing but the reuse: the slab is left to the garbage collector.
 */
import type { MediaMemory } from '#core/domain/media.ts';

const minSlabBytes = 64 * 1024;
/** Larger slabs are for rare giants; they are not kept. */
const maxPooledBytes = 1024 * 1024;

export class Slab implements MediaMemory {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly #pool: SlabPool;
  /** The writer's own is the first. */
  #holds = 1;
  #pinned = false;

  constructor(bytes: Buffer<ArrayBuffer>, pool: SlabPool) {
    this.bytes = bytes;
    this.#pool = pool;
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    if (this.#holds <= 0) throw new Error('picture memory was released twice');
    this.#holds--;
    if (this.#holds === 0 && !this.#pinned) this.#pool.takeBack(this.bytes);
  }

  pin(): void {
    this.#pinned = true;
  }
}

/** Shared by all streams of a process, so that memory goes where pictures are. */
export class SlabPool {
  readonly #maxIdleBytes: number;
  #idleBytes = 0;
  readonly #idle = new Map<number, Buffer<ArrayBuffer>[]>();

  /** @param maxIdleBytes 0: nothing is used again, and holding memory is of no importance. */
  constructor(maxIdleBytes = 16 * 1024 * 1024) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** Bytes that wait for use. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** At least `bytes` long, with whatever content. */
  take(bytes: number): Slab {
    const size = sizeFor(bytes);
    const known = this.#idle.get(size)?.pop();
    if (known) this.#idleBytes -= size;
    return new Slab(known ?? Buffer.allocUnsafeSlow(size), this);
  }

  /** For slabs. */
  takeBack(bytes: Buffer<ArrayBuffer>): void {
    const size = bytes.length;
    if (size > maxPooledBytes || this.#idleBytes + size > this.#maxIdleBytes) return;
    let list = this.#idle.get(size);
    if (!list) this.#idle.set(size, (list = []));
    list.push(bytes);
    this.#idleBytes += size;
  }
}

/** A few sizes only, so that what one stream gave back fits another. */
function sizeFor(bytes: number): number {
  let size = minSlabBytes;
  while (size < bytes) size *= 2;
  return size;
}
