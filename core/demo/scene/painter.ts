/**
 * Puts a picture together: backdrop, leaves that sway, shadows, figures, sensor noise; as I420 (BT.709, limited range).
 * Only what moves is drawn anew; the rest is copied. Invariant: the same scene and number give the same bytes.
 */
import type { ObjectLabel } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import { castBackdrop } from './backdrop.ts';
import { carShadowLimbs, drawCar, type Car } from './car.ts';
import { drawFigure, type Drawn, type Limb } from './figure.ts';
import { shadeOfCanopies, leafLayers, type LeafLayer } from './trees.ts';
import type { Light } from './light.ts';
import { randomFrom, smooth } from './noise.ts';
import type { Actor } from './scripts.ts';
import { centreX, eyeY, focal, height, horizonY, screenX, screenY, width } from './view.ts';

export interface Seen {
  id: string;
  label: ObjectLabel;
  /** Fractions of the picture. */
  box: Box;
}

interface Rect {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

const lumaBytes = width * height;
const chromaBytes = lumaBytes / 4;
const noiseBytes = 1 << 20;

export class Painter {
  readonly #light: Light;
  readonly #base: Uint8ClampedArray;
  readonly #depth: Float32Array;
  readonly #work: Uint8ClampedArray;
  readonly #still: Buffer;
  readonly #leaves: LeafLayer[];
  readonly #noise: Int8Array;
  readonly #shadow = new Float32Array((width / 2) * (height / 2));
  #dirty: Rect[] = [];

  constructor(light: Light) {
    this.#light = light;
    const backdrop = castBackdrop(light);
    this.#base = backdrop.rgb;
    this.#depth = backdrop.depth;
    this.#work = new Uint8ClampedArray(this.#base);
    this.#leaves = leafLayers(light);
    this.#still = Buffer.alloc(lumaBytes * 1.5);
    toYuv(this.#base, this.#still, { x0: 0, y0: 0, x1: width, y1: height });
    const random = randomFrom(99);
    this.#noise = Int8Array.from({ length: noiseBytes }, () =>
      Math.round((random() + random() + random() + random() - 2) * 1.73 * light.noise),
    );
  }

  /** Picture `n` of `count`: leaves come round after `count`. Returns I420 bytes of its own and what is to be seen. */
  paint(actors: readonly Actor[], n: number, count: number): { i420: Buffer; seen: Seen[] } {
    const i420 = Buffer.from(this.#still);
    for (const rect of this.#dirty) this.#restore(rect);
    this.#dirty = [];
    for (const layer of this.#leaves) this.#sway(layer, n / count);
    const seen: Seen[] = [];
    for (const actor of actors) this.#shade('car' in actor ? carShadowLimbs(actor.car) : actor.limbs);
    for (const actor of actors) {
      if ('car' in actor && this.#light.night) this.#headlights(actor.car);
    }
    for (const actor of actors) {
      const drawn = this.#draw(actor);
      if (!drawn) continue;
      const box = this.#blend(drawn);
      if (box) seen.push({ id: actor.id, label: actor.label, box });
    }
    for (const rect of this.#dirty) toYuv(this.#work, i420, rect);
    this.#grain(i420, n);
    return { i420, seen };
  }

  #draw(actor: Actor): Drawn | null {
    if ('car' in actor) return drawCar(actor.car, this.#light, this.#depth);
    const first = actor.limbs[0]?.from ?? [0, 0, 0];
    const sun = this.#light.night ? 1 : shadeOfCanopies(first[0], first[2], this.#light);
    if (actor.extra) {
      const leash = drawFigure(actor.extra, this.#light, sun, this.#depth);
      if (leash) this.#blend(leash);
    }
    return drawFigure(actor.limbs, this.#light, sun, this.#depth);
  }

  #mark(x0: number, y0: number, x1: number, y1: number): Rect {
    const rect = {
      x0: Math.max(0, Math.floor(x0 / 2) * 2),
      y0: Math.max(0, Math.floor(y0 / 2) * 2),
      x1: Math.min(width, Math.ceil(x1 / 2) * 2),
      y1: Math.min(height, Math.ceil(y1 / 2) * 2),
    };
    if (rect.x1 > rect.x0 && rect.y1 > rect.y0) this.#dirty.push(rect);
    return rect;
  }

  #restore({ x0, y0, x1, y1 }: Rect): void {
    for (let y = y0; y < y1; y++) {
      const from = (y * width + x0) * 3;
      this.#work.set(this.#base.subarray(from, from + (x1 - x0) * 3), from);
    }
  }

  /** Leaves shifted sideways by two waves with whole periods over the scene, so that it loops without a jump. */
  #sway(layer: LeafLayer, turn: number): void {
    const { rgba, w, h } = layer;
    const work = this.#work;
    this.#mark(layer.x0, layer.y0, layer.x0 + w, layer.y0 + h);
    const slow = turn * 2 * Math.PI * 5 + layer.seed;
    const fast = turn * 2 * Math.PI * 11 + layer.seed * 2;
    for (let y = 0; y < h; y++) {
      const rowAt = ((y + layer.y0) * width + layer.x0) * 3;
      let whole = 0;
      let part = 0;
      for (let x = 0; x < w; x++) {
        if ((x & 7) === 0) {
          const shift = 1.7 * Math.sin(slow + x * 0.012 + y * 0.015) + 0.8 * Math.sin(fast + x * 0.05 - y * 0.04);
          whole = Math.floor(shift);
          part = shift - whole;
        }
        const sx = x + whole;
        if (sx < 0 || sx >= w - 1) continue;
        const a = (y * w + sx) * 4;
        const alpha = (rgba[a + 3] ?? 0) * (1 - part) + (rgba[a + 7] ?? 0) * part;
        if (alpha < 0.004) continue;
        const to = rowAt + x * 3;
        const keep = 1 - alpha;
        work[to] = (work[to] ?? 0) * keep + (rgba[a] ?? 0) * (1 - part) + (rgba[a + 4] ?? 0) * part;
        work[to + 1] = (work[to + 1] ?? 0) * keep + (rgba[a + 1] ?? 0) * (1 - part) + (rgba[a + 5] ?? 0) * part;
        work[to + 2] = (work[to + 2] ?? 0) * keep + (rgba[a + 2] ?? 0) * (1 - part) + (rgba[a + 6] ?? 0) * part;
      }
    }
  }

  /** Shadow of limbs on the ground: by day along the sun, at night a soft one below. At half resolution: it is soft. */
  #shade(limbs: readonly Limb[]): void {
    const { night } = this.#light;
    const [sx, sy, sz] = night ? [0, 1, 0] : this.#light.sun;
    const soft = night ? 0.22 : 0.05;
    const strength = night ? 0.45 : 0.62;
    const half = width / 2;
    let all: Rect | null = null;
    for (const limb of limbs) {
      const ax = limb.from[0] - (sx * limb.from[1]) / sy;
      const az = limb.from[2] - (sz * limb.from[1]) / sy;
      const bx = limb.to[0] - (sx * limb.to[1]) / sy;
      const bz = limb.to[2] - (sz * limb.to[1]) / sy;
      const r = Math.max(limb.r0, limb.r1) + soft;
      const nearZ = Math.max(4, Math.min(az, bz) - r);
      const farZ = Math.max(az, bz) + r;
      if (farZ <= nearZ) continue;
      const x0 = Math.max(
        0,
        Math.floor(Math.min(screenX(Math.min(ax, bx) - r, nearZ), screenX(Math.min(ax, bx) - r, farZ)) / 2),
      );
      const x1 = Math.min(
        half - 1,
        Math.ceil(Math.max(screenX(Math.max(ax, bx) + r, nearZ), screenX(Math.max(ax, bx) + r, farZ)) / 2),
      );
      const y0 = Math.max(0, Math.floor(screenY(0, farZ) / 2));
      const y1 = Math.min(height / 2 - 1, Math.ceil(screenY(0, nearZ) / 2));
      if (x1 < x0 || y1 < y0) continue;
      const dx = bx - ax;
      const dz = bz - az;
      const length2 = Math.max(1e-9, dx * dx + dz * dz);
      for (let y = y0; y <= y1; y++) {
        const z = (eyeY * focal) / (y * 2 + 1 - horizonY);
        for (let x = x0; x <= x1; x++) {
          const gx = ((x * 2 + 1 - centreX) * z) / focal;
          const t = Math.max(0, Math.min(1, ((gx - ax) * dx + (z - az) * dz) / length2));
          const ex = gx - ax - dx * t;
          const ez = z - az - dz * t;
          const d = Math.sqrt(ex * ex + ez * ez);
          const rr = limb.r0 + (limb.r1 - limb.r0) * t;
          if (d > rr + soft) continue;
          const k = strength * smooth(rr + soft, Math.max(0, rr - soft), d);
          if (k > (this.#shadow[y * half + x] ?? 0)) this.#shadow[y * half + x] = k;
        }
      }
      all = all
        ? { x0: Math.min(all.x0, x0), y0: Math.min(all.y0, y0), x1: Math.max(all.x1, x1), y1: Math.max(all.y1, y1) }
        : { x0, y0, x1, y1 };
    }
    if (!all) return;
    this.#mark(all.x0 * 2, all.y0 * 2, all.x1 * 2 + 2, all.y1 * 2 + 2);
    for (let y = all.y0; y <= all.y1; y++) {
      for (let x = all.x0; x <= all.x1; x++) {
        const k = this.#shadow[y * half + x] ?? 0;
        if (k === 0) continue;
        this.#shadow[y * half + x] = 0;
        for (let c = 0; c < 4; c++) this.#darken(x * 2 + (c & 1), y * 2 + (c >> 1), 1 - k, 1 - k * 0.93);
      }
    }
  }

  /** Multiplies a pixel of the ground; things that stand on it are left alone. */
  #darken(x: number, y: number, k: number, kBlue: number): void {
    const at = y * width + x;
    const groundZ = (eyeY * focal) / (y + 0.5 - horizonY);
    if (Math.abs((this.#depth[at] ?? 0) - groundZ) > 0.25) return;
    const work = this.#work;
    work[at * 3] = (work[at * 3] ?? 0) * k;
    work[at * 3 + 1] = (work[at * 3 + 1] ?? 0) * k;
    work[at * 3 + 2] = (work[at * 3 + 2] ?? 0) * kBlue;
  }

  /** The pool of light before a car at night, and the glare of its lamps. */
  #headlights(car: Car): void {
    const front = car.x + car.direction * 2.1;
    const z0 = car.z - 1.6;
    const z1 = car.z + 1.6;
    const reach = front + car.direction * 7;
    const rect = this.#mark(
      Math.min(screenX(front, z0), screenX(reach, z0)),
      screenY(0, z1),
      Math.max(screenX(front, z0), screenX(reach, z0)),
      screenY(0, z0),
    );
    for (let y = rect.y0; y < rect.y1; y++) {
      const z = (eyeY * focal) / (y + 0.5 - horizonY);
      for (let x = rect.x0; x < rect.x1; x++) {
        const ahead = (((x - centreX) * z) / focal - front) * car.direction;
        const off = Math.abs(z - car.z) / (0.55 + 0.16 * ahead);
        const k = smooth(0, 0.8, ahead) * smooth(7, 1, ahead) * smooth(1.15, 0.3, off);
        if (k > 0) this.#darken(x, y, 1 + 2.1 * k, 1 + 1.6 * k);
      }
    }
    const cx = screenX(front, car.z - 0.6);
    const cy = screenY(0.66, car.z - 0.6);
    const glare = this.#mark(cx - 40, cy - 40, cx + 40, cy + 40);
    for (let y = glare.y0; y < glare.y1; y++) {
      for (let x = glare.x0; x < glare.x1; x++) {
        const d = Math.hypot(x - cx, y - cy);
        const k = smooth(40, 0, d) * (150 / (1 + (d / 7) ** 2));
        const at = (y * width + x) * 3;
        for (let c = 0; c < 3; c++) this.#work[at + c] = (this.#work[at + c] ?? 0) + k * (1 - 0.09 * c);
      }
    }
  }

  /** Returns where it is to be seen, or null when it is all hidden. */
  #blend(drawn: Drawn): Box | null {
    const { x0, y0, w, h, rgba } = drawn;
    this.#mark(x0, y0, x0 + w, y0 + h);
    const work = this.#work;
    let left = w;
    let right = -1;
    let top = h;
    let bottom = -1;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const a = (y * w + x) * 4;
        const alpha = rgba[a + 3] ?? 0;
        if (alpha === 0) continue;
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        bottom = y;
        const to = ((y + y0) * width + x + x0) * 3;
        work[to] = (work[to] ?? 0) * (1 - alpha) + (rgba[a] ?? 0);
        work[to + 1] = (work[to + 1] ?? 0) * (1 - alpha) + (rgba[a + 1] ?? 0);
        work[to + 2] = (work[to + 2] ?? 0) * (1 - alpha) + (rgba[a + 2] ?? 0);
      }
    }
    if (right < 0) return null;
    return {
      x: (x0 + left) / width,
      y: (y0 + top) / height,
      w: (right - left + 1) / width,
      h: (bottom - top + 1) / height,
    };
  }

  #grain(i420: Buffer, n: number): void {
    const noise = this.#noise;
    const offset = (n * 7919 * 13) % noiseBytes;
    for (let i = 0; i < lumaBytes; i++) {
      const v = (i420[i] ?? 0) + (noise[(i + offset) & (noiseBytes - 1)] ?? 0);
      i420[i] = v < 16 ? 16 : v > 235 ? 235 : v;
    }
  }
}

/** BT.709 limited range, 8-bit fixed point; `rect` has even corners. */
function toYuv(rgb: Uint8ClampedArray, i420: Buffer, { x0, y0, x1, y1 }: Rect): void {
  for (let y = y0; y < y1; y += 2) {
    for (let x = x0; x < x1; x += 2) {
      let rs = 0;
      let gs = 0;
      let bs = 0;
      for (let k = 0; k < 4; k++) {
        const at = (y + (k >> 1)) * width + x + (k & 1);
        const r = rgb[at * 3] ?? 0;
        const g = rgb[at * 3 + 1] ?? 0;
        const b = rgb[at * 3 + 2] ?? 0;
        i420[at] = 16 + ((47 * r + 157 * g + 16 * b + 128) >> 8);
        rs += r;
        gs += g;
        bs += b;
      }
      const c = (y >> 1) * (width / 2) + (x >> 1);
      i420[lumaBytes + c] = 128 + ((-26 * rs - 86 * gs + 112 * bs + 512) >> 10);
      i420[lumaBytes + chromaBytes + c] = 128 + ((112 * rs - 102 * gs - 10 * bs + 512) >> 10);
    }
  }
}

/** Half the size in both directions, by averaging. */
export function halve(i420: Buffer, w: number, h: number): Buffer {
  const out = Buffer.allocUnsafe(i420.length / 4);
  let from = 0;
  let to = 0;
  for (const [pw, ph] of [
    [w, h],
    [w / 2, h / 2],
    [w / 2, h / 2],
  ] as const) {
    for (let y = 0; y < ph; y += 2) {
      let a = from + y * pw;
      for (let x = 0; x < pw; x += 2, a += 2) {
        out[to++] = ((i420[a] ?? 0) + (i420[a + 1] ?? 0) + (i420[a + pw] ?? 0) + (i420[a + pw + 1] ?? 0) + 2) >> 2;
      }
    }
    from += pw * ph;
  }
  return out;
}
