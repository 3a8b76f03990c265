/**
 * A hatchback that drives by: a side profile extruded to the car's width, cast per pixel, so that bonnet, screens and
 * roof turn up in the right perspective. Metres; u runs from the rear bumper to the front one.
 */
import { mix, smooth } from './noise.ts';
import { sourcesAt, type Light } from './light.ts';
import type { Drawn, Limb } from './figure.ts';
import { centreX, eyeY, focal, height, horizonY, screenX, screenY, tone, width, type Rgb } from './view.ts';

export interface Car {
  x: number;
  /** Middle of the car. */
  z: number;
  /** 1 drives to the right, -1 to the left. */
  direction: 1 | -1;
  paint: Rgb;
}

const length = 4.25;
const halfWidth = 0.86;
const wheels = [0.78, 3.42];
const wheelR = 0.325;

/** Upper outline of the side view. */
const outline: readonly (readonly [u: number, y: number])[] = [
  [0, 0.5],
  [0.03, 0.78],
  [0.1, 0.98],
  [0.3, 1.2],
  [0.55, 1.38],
  [0.95, 1.46],
  [1.7, 1.5],
  [2.25, 1.46],
  [2.55, 1.34],
  [3.05, 1.03],
  [3.2, 0.97],
  [3.8, 0.86],
  [4.1, 0.74],
  [4.22, 0.58],
  [4.25, 0.4],
];
const steps = 256;
const upper = Float64Array.from({ length: steps + 1 }, (_, i) => {
  const u = (i / steps) * length;
  for (let k = 1; k < outline.length; k++) {
    const a = outline[k - 1];
    const b = outline[k];
    if (a && b && u <= b[0]) return mix(a[1], b[1], (u - a[0]) / (b[0] - a[0]));
  }
  return 0.4;
});

function upperAt(u: number): number {
  return upper[Math.max(0, Math.min(steps, Math.round((u / length) * steps)))] ?? 0;
}

function inside(u: number, y: number): boolean {
  if (u < 0 || u > length) return false;
  const lower = 0.2 + 0.12 * smooth(0.5, 0, u) + 0.1 * smooth(length - 0.5, length, u);
  return y > lower && y < upperAt(u);
}

const shaded = new Float64Array(3);
let pool = new Float32Array(0);

/** Limbs of about the car's size, for its shadow. */
export function carShadowLimbs(car: Car): Limb[] {
  return [-0.45, 0, 0.45].map((side) => ({
    from: [car.x - 1.7, 0.5, car.z + side],
    to: [car.x + 1.7, 0.5, car.z + side],
    r0: 0.55,
    r1: 0.55,
    colour: [0, 0, 0],
  }));
}

export function drawCar(car: Car, light: Light, backdropDepth: Float32Array): Drawn | null {
  const near = car.z - halfWidth;
  const far = car.z + halfWidth;
  const left = Math.min(screenX(car.x - length / 2, near), screenX(car.x - length / 2, far));
  const right = Math.max(screenX(car.x + length / 2, near), screenX(car.x + length / 2, far));
  const x0 = Math.max(0, Math.floor(left) - 1);
  const w = Math.min(width, Math.ceil(right) + 1) - x0;
  const y0 = Math.max(0, Math.floor(Math.min(screenY(1.52, near), screenY(1.52, far))) - 1);
  const h = Math.min(height, Math.ceil(screenY(0, near)) + 1) - y0;
  if (w <= 0 || h <= 0) return null;
  if (pool.length < w * h * 4) pool = new Float32Array(w * h * 4);
  const rgba = pool.subarray(0, w * h * 4);
  rgba.fill(0);
  const lights = sourcesAt(light, car.x, 1, car.z, 1);
  const paint = (r: number, g: number, b: number, nx: number, ny: number, nz: number): void => {
    const up = 0.5 + 0.5 * ny;
    let lr = light.sky[0] * up + light.bounce[0] * (1 - up);
    let lg = light.sky[1] * up + light.bounce[1] * (1 - up);
    let lb = light.sky[2] * up + light.bounce[2] * (1 - up);
    for (const { dir, colour } of lights) {
      const k = Math.max(0, dir[0] * nx + dir[1] * ny + dir[2] * nz);
      lr += colour[0] * k;
      lg += colour[1] * k;
      lb += colour[2] * k;
    }
    shaded[0] = r * lr * light.exposure;
    shaded[1] = g * lg * light.exposure;
    shaded[2] = b * lb * light.exposure;
  };
  for (let py = 0; py < h; py++) {
    for (let px = 0; px < w; px++) {
      if ((backdropDepth[(py + y0) * width + px + x0] ?? Infinity) < near - 0.2) continue;
      let r = 0;
      let g = 0;
      let b = 0;
      let a = 0;
      for (let sub = 0; sub < 4; sub++) {
        const dx = (px + x0 + 0.25 + 0.5 * (sub & 1) - centreX) / focal;
        const dy = (py + y0 + 0.25 + 0.5 * (sub >> 1) - horizonY) / focal;
        if (!hit(car, dx, dy, near, far, light, paint)) continue;
        r += tone(shaded[0] ?? 0);
        g += tone(shaded[1] ?? 0);
        b += tone(shaded[2] ?? 0);
        a++;
      }
      const at = (py * w + px) * 4;
      rgba[at] = r / 4;
      rgba[at + 1] = g / 4;
      rgba[at + 2] = b / 4;
      rgba[at + 3] = a / 4;
    }
  }
  return { x0, y0, w, h, rgba, z: car.z };
}

type Paint = (r: number, g: number, b: number, nx: number, ny: number, nz: number) => void;

function hit(car: Car, dx: number, dy: number, near: number, far: number, light: Light, paint: Paint): boolean {
  const along = (z: number): number => length / 2 + car.direction * (dx * z - car.x);
  const yAt = (z: number): number => eyeY - dy * z;
  const u = along(near);
  const y = yAt(near);
  for (const wheel of wheels) {
    const d = Math.hypot(u - wheel, y - wheelR);
    if (d < wheelR) {
      const hub = d < wheelR * 0.66;
      const spoke = hub && Math.cos(Math.atan2(y - wheelR, u - wheel) * 5) > -0.2;
      const k = hub ? (spoke ? 0.42 : 0.08) : 0.03;
      paint(k, k, k * 1.03, 0, 0.25, -0.97);
      return true;
    }
  }
  if (inside(u, y)) {
    side(car, u, y, light, paint);
    return true;
  }
  if (!inside(along(far), yAt(far))) return false;
  // Somewhere between the two sides the ray enters through the upper outline.
  let out = near;
  let within = far;
  for (let i = 0; i < 12; i++) {
    const middle = (out + within) / 2;
    if (inside(along(middle), yAt(middle))) within = middle;
    else out = middle;
  }
  top(car, along(within), (within - near) / (far - near), light, paint);
  return true;
}

function side(car: Car, u: number, y: number, light: Light, paint: Paint): void {
  const roof = upperAt(u);
  const [pr, pg, pb] = car.paint;
  for (const wheel of wheels) {
    if (Math.hypot(u - wheel, y - wheelR) < wheelR + 0.06) {
      paint(0.012, 0.012, 0.013, 0, 0, -1);
      return;
    }
  }
  const glassFrom = 0.52 + Math.max(0, (y - 1) * 0.55);
  const glassTo = 3 - Math.max(0, (y - 0.98) * 1.5);
  const pillar = Math.abs(u - 1.72) < 0.035 || Math.abs(u - 0.98 - (y - 1) * 0.25) < 0.05;
  if (y > 0.98 && y < roof - 0.075 && u > glassFrom && u < glassTo) {
    if (pillar) paint(0.02, 0.02, 0.022, 0, 0.2, -0.9);
    else {
      const k = light.night
        ? 0.02
        : 0.05 + 0.2 * smooth(1, 1.4, y) + 0.07 * smooth(0.06, 0, Math.abs(u - 1.2 - y * 0.4));
      paint(k * 0.85, k * 0.97, k * 1.1, 0, 0.35, -0.93);
    }
    return;
  }
  if (u > 4.0 && y > 0.6 && y < 0.72) {
    paint(0.8, 0.8, 0.78, 0, 0.3, -0.95);
    if (light.night) shaded[0] = shaded[1] = shaded[2] = 2.6;
    return;
  }
  if (u < 0.2 && y > 0.72 && y < 0.95) {
    paint(0.4, 0.02, 0.02, 0, 0.2, -0.95);
    if (light.night) shaded[0] = 1.1;
    return;
  }
  const doorGap =
    y > 0.36 && y < 0.98 && (Math.abs(u - 1.05) < 0.012 || Math.abs(u - 1.74) < 0.012 || Math.abs(u - 2.9) < 0.012);
  const sill = y < 0.33;
  const handle = Math.abs(y - 0.86) < 0.022 && ((u > 1.16 && u < 1.32) || (u > 1.86 && u < 2.02));
  // The flank is a barrel with a crease: it looks up above and down below.
  const ny = mix(-0.5, 0.62, smooth(0.3, 1, y)) - 0.25 * smooth(0.05, 0, Math.abs(y - 0.8));
  const nz = -Math.sqrt(Math.max(0.05, 1 - ny * ny));
  if (sill) paint(0.03, 0.03, 0.032, 0, -0.2, -0.97);
  else if (doorGap || handle) paint(pr * 0.3, pg * 0.3, pb * 0.3, 0, ny, nz);
  else {
    paint(pr, pg, pb, 0, ny, nz);
    const gloss =
      (light.night ? 0.01 : 0.09) * smooth(0.06, 0, Math.abs(y - 0.9)) + (light.night ? 0 : 0.03) * smooth(0.5, 1, y);
    shaded[0] = (shaded[0] ?? 0) + gloss;
    shaded[1] = (shaded[1] ?? 0) + gloss;
    shaded[2] = (shaded[2] ?? 0) + gloss * 1.1;
  }
}

function top(car: Car, u: number, across: number, light: Light, paint: Paint): void {
  const slope = (upperAt(u + 0.04) - upperAt(u - 0.04)) / 0.08;
  const n = Math.hypot(slope, 1);
  const nx = (-slope / n) * car.direction;
  const ny = 1 / n;
  const edge = across < 0.07 || across > 0.93;
  const screen = (u > 2.42 && u < 3.08) || (u > 0.14 && u < 0.52);
  const [pr, pg, pb] = car.paint;
  if (screen && !edge) {
    const k = light.night ? 0.03 : 0.22;
    paint(k * 0.8, k * 0.95, k * 1.1, nx, ny, 0);
  } else if (u > 4.12 || u < 0.04) paint(pr * 0.7, pg * 0.7, pb * 0.7, nx, ny, 0);
  else {
    paint(pr, pg, pb, nx, ny, 0);
    const gloss = light.night ? 0.006 : 0.11;
    shaded[0] = (shaded[0] ?? 0) + gloss;
    shaded[1] = (shaded[1] ?? 0) + gloss;
    shaded[2] = (shaded[2] ?? 0) + gloss * 1.15;
  }
}
