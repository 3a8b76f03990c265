/** Pictures on request, made by an analyser: the one of now, or an exact recorded one. */
import type { CameraId } from '#core/domain/ids.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { Analysers } from './analysers.ts';
import type { Recordings } from './recordings.ts';

interface Init {
  analysers: Analysers;
  recordings: Recordings;
}

/** Tiles of a wall ask together: the same picture is made once a second at most. */
const freshMs = 1_000;
const mostCached = 64;

export class Pictures {
  readonly #init: Init;
  readonly #cache = new Map<string, { atMs: number; jpeg: Promise<Buffer> }>();

  constructor(init: Init) {
    this.#init = init;
  }

  /** `stream` null: the best there is. Throws `unavailable`. */
  async snapshot(camera: CameraRecord, stream: StreamName | null, width: number | null): Promise<Buffer> {
    // A small picture comes from the small stream: it costs a tenth.
    const small = width !== null && width <= 704;
    const wanted = stream ?? (small ? 'sub' : 'main');
    const chosen: StreamName = wanted === 'sub' && camera.subUrl === null ? 'main' : wanted;
    const key = `${camera.id}/${chosen}/${width ?? 'full'}`;
    const nowMs = performance.now();
    const cached = this.#cache.get(key);
    if (cached && nowMs - cached.atMs < freshMs) return await cached.jpeg;
    if (this.#cache.size >= mostCached) this.#cache.clear();
    const jpeg = this.#init.analysers.snapshot(camera.id, chosen, width).then((picture) => picture.jpeg);
    this.#cache.set(key, { atMs: nowMs, jpeg });
    return await jpeg;
  }

  /** Throws `not_found`, `unavailable`. */
  async frame(cameraId: CameraId, atMs: number, width: number | null): Promise<Buffer> {
    const { recordings, analysers } = this.#init;
    const segment = recordings.segmentAt(cameraId, atMs);
    const offsetMs = Math.max(0, atMs - segment.startMs);
    return (await analysers.frame(cameraId, recordings.pathOf(segment), offsetMs, width)).jpeg;
  }
}
