/**
 * Moving figures: a body is a set of round limbs (tapered capsules), drawn as shaded impostors at twice the resolution
 * into a small buffer with depth, which gives smooth edges and limbs that pass in front of each other.
 */
import { sourcesAt, type Light, type LitFrom } from './light.ts';
import { centreX, eyeY, focal, height, horizonY, tone, width, type Rgb, type Vec } from './view.ts';

export interface Limb {
  from: Vec;
  to: Vec;
  /** Radii at both ends, metres. */
  r0: number;
  r1: number;
  colour: Rgb;
  /** Light it gives off, e.g. eyes and lamps. */
  glow?: number;
}

/** Where a drawn figure ended up, and its pixels. */
export interface Drawn {
  x0: number;
  y0: number;
  w: number;
  h: number;
  /** w * h * 4, premultiplied 8-bit colour and alpha 0..1. */
  rgba: Float32Array;
  /** Distance by which other things cover it. */
  z: number;
}

const scale = 2;
let colours = new Float32Array(0);
let depths = new Float32Array(0);
let pool = new Float32Array(0);

/** Buffer of `count` numbers that is reused; valid until the next figure is drawn. */
function buffers(pixels: number): void {
  if (depths.length < pixels) {
    depths = new Float32Array(pixels);
    colours = new Float32Array(pixels * 3);
  }
  depths.fill(Infinity, 0, pixels);
}

interface Flat {
  ax: number;
  ay: number;
  ra: number;
  az: number;
  bx: number;
  by: number;
  rb: number;
  bz: number;
}

function flatten(limb: Limb): Flat {
  const ka = focal / limb.from[2];
  const kb = focal / limb.to[2];
  return {
    ax: centreX + limb.from[0] * ka,
    ay: horizonY + (eyeY - limb.from[1]) * ka,
    ra: limb.r0 * ka,
    az: limb.from[2],
    bx: centreX + limb.to[0] * kb,
    by: horizonY + (eyeY - limb.to[1]) * kb,
    rb: limb.r1 * kb,
    bz: limb.to[2],
  };
}

/** Draws a body; null when it is outside the picture. `sunShare`: how much of the sun reaches it. */
export function drawFigure(
  limbs: readonly Limb[],
  light: Light,
  sunShare: number,
  backdropDepth: Float32Array,
): Drawn | null {
  const flats = limbs.map(flatten);
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  let z = 0;
  for (const f of flats) {
    left = Math.min(left, f.ax - f.ra, f.bx - f.rb);
    right = Math.max(right, f.ax + f.ra, f.bx + f.rb);
    top = Math.min(top, f.ay - f.ra, f.by - f.rb);
    bottom = Math.max(bottom, f.ay + f.ra, f.by + f.rb);
    z += (f.az + f.bz) / (2 * flats.length);
  }
  const x0 = Math.max(0, Math.floor(left) - 1);
  const y0 = Math.max(0, Math.floor(top) - 1);
  const w = Math.min(width, Math.ceil(right) + 1) - x0;
  const h = Math.min(height, Math.ceil(bottom) + 1) - y0;
  if (w <= 0 || h <= 0 || z < 1) return null;
  buffers(w * h * scale * scale);
  const first = limbs[0];
  const lights = sourcesAt(light, first?.from[0] ?? 0, 1, z, sunShare);
  limbs.forEach((limb, index) => {
    const flat = flats[index];
    if (flat) drawLimb(limb, flat, { x0, y0, w, h }, light, lights);
  });
  return resolve(x0, y0, w, h, z, backdropDepth);
}

function drawLimb(
  limb: Limb,
  f: Flat,
  box: { x0: number; y0: number; w: number; h: number },
  light: Light,
  lights: readonly LitFrom[],
): void {
  const wide = box.w * scale;
  const tall = box.h * scale;
  const ax = (f.ax - box.x0) * scale;
  const ay = (f.ay - box.y0) * scale;
  const bx = (f.bx - box.x0) * scale;
  const by = (f.by - box.y0) * scale;
  const ra = f.ra * scale;
  const rb = f.rb * scale;
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = Math.max(1e-6, dx * dx + dy * dy);
  const xFrom = Math.max(0, Math.floor(Math.min(ax - ra, bx - rb)));
  const xTo = Math.min(wide - 1, Math.ceil(Math.max(ax + ra, bx + rb)));
  const yFrom = Math.max(0, Math.floor(Math.min(ay - ra, by - rb)));
  const yTo = Math.min(tall - 1, Math.ceil(Math.max(ay + ra, by + rb)));
  const [cr, cg, cb] = limb.colour;
  const e = light.exposure;
  const glow = limb.glow ?? 0;
  for (let y = yFrom; y <= yTo; y++) {
    for (let x = xFrom; x <= xTo; x++) {
      const qx = x + 0.5 - ax;
      const qy = y + 0.5 - ay;
      const t = Math.max(0, Math.min(1, (qx * dx + qy * dy) / length2));
      const ox = qx - dx * t;
      const oy = qy - dy * t;
      const r = ra + (rb - ra) * t;
      const d2 = ox * ox + oy * oy;
      if (d2 >= r * r) continue;
      const nx = ox / r;
      const ny = -oy / r;
      const nz = -Math.sqrt(1 - d2 / (r * r));
      const z = f.az + (f.bz - f.az) * t + (limb.r0 + (limb.r1 - limb.r0) * t) * nz;
      const at = y * wide + x;
      if (z >= (depths[at] ?? 0)) continue;
      depths[at] = z;
      const up = 0.5 + 0.5 * ny;
      let lr = light.sky[0] * up + light.bounce[0] * (1 - up);
      let lg = light.sky[1] * up + light.bounce[1] * (1 - up);
      let lb = light.sky[2] * up + light.bounce[2] * (1 - up);
      for (const { dir, colour } of lights) {
        const k = dir[0] * nx + dir[1] * ny + dir[2] * nz;
        if (k <= 0) continue;
        lr += colour[0] * k;
        lg += colour[1] * k;
        lb += colour[2] * k;
      }
      colours[at * 3] = (cr * lr + glow) * e;
      colours[at * 3 + 1] = (cg * lg + glow) * e;
      colours[at * 3 + 2] = (cb * lb + glow * 0.8) * e;
    }
  }
}

/** Averages the doubled pixels that nothing of the backdrop covers. */
function resolve(x0: number, y0: number, w: number, h: number, z: number, backdropDepth: Float32Array): Drawn {
  if (pool.length < w * h * 4) pool = new Float32Array(w * h * 4);
  const rgba = pool.subarray(0, w * h * 4);
  rgba.fill(0);
  const wide = w * scale;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const behind = backdropDepth[(y + y0) * width + x + x0] ?? Infinity;
      let r = 0;
      let g = 0;
      let b = 0;
      let a = 0;
      for (let sy = 0; sy < scale; sy++) {
        for (let sx = 0; sx < scale; sx++) {
          const at = (y * scale + sy) * wide + x * scale + sx;
          const d = depths[at] ?? Infinity;
          // The ground a foot stands on is no cover: 25 cm of grace.
          if (d === Infinity || d > behind + 0.25) continue;
          r += tone(colours[at * 3] ?? 0);
          g += tone(colours[at * 3 + 1] ?? 0);
          b += tone(colours[at * 3 + 2] ?? 0);
          a++;
        }
      }
      if (a === 0) continue;
      const to = (y * w + x) * 4;
      rgba[to] = r / 4;
      rgba[to + 1] = g / 4;
      rgba[to + 2] = b / 4;
      rgba[to + 3] = a / 4;
    }
  }
  return { x0, y0, w, h, rgba, z };
}
