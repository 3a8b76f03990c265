/**
 * What the still things are made of: albedo as a function of place. Each writes linear RGB into `out`; `glow` is light
 * the surface gives off itself (lit windows at night).
 */
import { cloudy, hash2, mix, noise, smooth } from './noise.ts';

export interface Surface {
  r: number;
  g: number;
  b: number;
  glow: number;
  /** 0..1 sun left after things above (foliage, fence, hedge). */
  sun: number;
}

export const gateX = 1.2;
const gateHalf = 0.62;
export const fenceZ = 9.8;

/** Middle of the garden path at a distance from the house. */
export function pathX(z: number): number {
  return mix(0.1, gateX, smooth(4, 9.2, z));
}

function set(out: Surface, r: number, g: number, b: number): void {
  out.r = r;
  out.g = g;
  out.b = b;
}

function scale(out: Surface, k: number): void {
  out.r *= k;
  out.g *= k;
  out.b *= k;
}

export function ground(out: Surface, x: number, z: number): void {
  out.glow = 0;
  if (z < fenceZ + 0.15) {
    const off = Math.abs(x - pathX(z));
    if (off < 0.66 + 0.02 * noise(z * 6, x)) slabs(out, x - pathX(z), z, off);
    else garden(out, x, z, off);
  } else if (z < 12) pavement(out, x, z, 10);
  else if (z < 12.22) kerb(out, x, z);
  else if (z < 18.2) road(out, x, z);
  else if (z < 18.4) kerb(out, x, z);
  else if (z < 20) pavement(out, x, z, 18);
  else grass(out, x, z, 0.8);
}

function garden(out: Surface, x: number, z: number, pathOff: number): void {
  const bed = smooth(8.95, 9.05, z + 0.25 * noise(x * 1.3, 3));
  grass(out, x, z, 1);
  // A cut edge and trodden grass beside the path.
  const edge = smooth(0.9, 0.66, pathOff);
  scale(out, 1 - 0.35 * edge);
  if (bed > 0) {
    const soil = 0.045 + 0.05 * noise(x * 22, z * 22);
    out.r = mix(out.r, soil * 1.25, bed);
    out.g = mix(out.g, soil, bed);
    out.b = mix(out.b, soil * 0.75, bed);
  }
}

function grass(out: Surface, x: number, z: number, richness: number): void {
  const patch = cloudy(x * 0.55, z * 0.55);
  const blade = noise(x * 46, z * 17) * 0.6 + noise(x * 95, z * 40) * 0.4;
  const mown = Math.sin(x * 4.1 + 0.4) > 0 ? 1.07 : 0.93;
  const k = (0.55 + 0.6 * blade) * (0.75 + 0.5 * patch) * mown * richness;
  const dry = smooth(0.58, 0.8, cloudy(x * 0.9 + 40, z * 0.9));
  set(out, mix(0.105, 0.17, dry) * k, mix(0.185, 0.195, dry) * k, mix(0.058, 0.075, dry) * k);
}

function slabs(out: Surface, u: number, z: number, off: number): void {
  const row = Math.floor(z / 0.62);
  const shift = row % 2 === 0 ? 0 : 0.33;
  const column = Math.floor((u + shift) / 0.66);
  const fz = z / 0.62 - row;
  const fu = (u + shift) / 0.66 - column;
  const joint = Math.min(fz, 1 - fz) < 0.035 || Math.min(fu, 1 - fu) < 0.03;
  const k =
    0.8 + 0.28 * hash2(row, column + 50) + 0.22 * (noise(u * 30, z * 30) - 0.5) + 0.25 * (cloudy(u * 2, z * 2) - 0.5);
  set(out, 0.29 * k, 0.268 * k, 0.236 * k);
  if (joint) scale(out, 0.42);
  if (off > 0.6) scale(out, 0.72);
}

function pavement(out: Surface, x: number, z: number, z0: number): void {
  const fx = x / 0.9 - Math.floor(x / 0.9);
  const fz = (z - z0) / 0.9 - Math.floor((z - z0) / 0.9);
  const k =
    0.86 +
    0.12 * hash2(Math.floor(x / 0.9), Math.floor((z - z0) / 0.9)) +
    0.3 * (cloudy(x * 1.2, z * 1.2) - 0.5) +
    0.12 * (noise(x * 40, z * 40) - 0.5);
  set(out, 0.33 * k, 0.325 * k, 0.315 * k);
  if (Math.min(fx, 1 - fx) < 0.022 || Math.min(fz, 1 - fz) < 0.022) scale(out, 0.6);
}

function kerb(out: Surface, x: number, z: number): void {
  const k = 0.9 + 0.2 * (noise(x * 3, z * 20) - 0.5);
  set(out, 0.42 * k, 0.42 * k, 0.41 * k);
  const f = x / 1.1 - Math.floor(x / 1.1);
  if (f < 0.02) scale(out, 0.6);
}

function road(out: Surface, x: number, z: number): void {
  const grain = noise(x * 34, z * 34) * 0.5 + noise(x * 90, z * 90) * 0.5;
  const worn = cloudy(x * 0.35, z * 1.4);
  // Two tracks per lane are polished a little lighter by tyres.
  const lane = Math.cos(((z - 12.2) / 3) * 2 * Math.PI * 2);
  const k = 0.75 + 0.3 * grain + 0.35 * (worn - 0.5) - 0.07 * lane;
  set(out, 0.082 * k, 0.083 * k, 0.088 * k);
  const crack = Math.abs(cloudy(x * 0.8 + 9, z * 1.1) - 0.5);
  if (crack < 0.006) scale(out, 0.6);
  const dash = x / 3.2 - Math.floor(x / 3.2);
  if (Math.abs(z - 15.2) < 0.06 && dash < 0.55)
    set(out, 0.46 * (0.75 + 0.3 * grain), 0.46 * (0.75 + 0.3 * grain), 0.44);
  const hole = ((x + 3.4) / 0.33) ** 2 + ((z - 13.4) / 0.33) ** 2;
  if (hole < 1) set(out, hole > 0.8 ? 0.03 : 0.065, hole > 0.8 ? 0.03 : 0.065, 0.067);
  if (z < 12.5 || z > 17.9) scale(out, 0.78);
}

/** White pickets with two rails and an open gate. Returns false where one sees through. */
export function fence(out: Surface, x: number, y: number): boolean {
  const gap = Math.abs(x - gateX);
  const post = Math.abs(gap - gateHalf - 0.06) < 0.075;
  if (gap < gateHalf) return false;
  const inPost = post && y < 0.98;
  const f = x / 0.17 - Math.floor(x / 0.17);
  const top = 0.6 + 0.05 * (1 - Math.abs(f - 0.31) / 0.31);
  const picket = f < 0.62 && y < top && y > 0.05;
  const rail = Math.abs(y - 0.2) < 0.04 || Math.abs(y - 0.47) < 0.04;
  if (!inPost && !picket && !rail) return false;
  const k =
    (picket || inPost ? 1 : 0.78) * (0.9 + 0.12 * hash2(Math.floor(x / 0.17), 7)) * (0.82 + 0.18 * smooth(0, 0.25, y));
  set(out, 0.72 * k, 0.715 * k, 0.69 * k);
  if (picket && (f < 0.06 || f > 0.56)) scale(out, 0.86);
  return true;
}

/** Clipped hedge: leaves as mottle, darker inside. `u` runs along it. */
export function hedge(out: Surface, u: number, y: number, top: number): boolean {
  const ragged = top + 0.1 * (cloudy(u * 3, 2) - 0.5) + 0.07 * (noise(u * 26, 9) - 0.5);
  if (y > ragged || y < 0) return false;
  const leaf = noise(u * 30, y * 30) * 0.55 + noise(u * 62, y * 62) * 0.45;
  const k = (0.4 + 0.95 * leaf) * (0.55 + 0.45 * smooth(0, 0.6, y)) * (0.85 + 0.4 * smooth(top - 0.25, top, y));
  set(out, 0.075 * k, 0.17 * k, 0.05 * k);
  return true;
}

export function bark(out: Surface, u: number, y: number): void {
  const k = 0.65 + 0.7 * noise(u * 40, y * 6) + 0.2 * noise(u * 90, y * 30);
  set(out, 0.125 * k, 0.1 * k, 0.075 * k);
}
