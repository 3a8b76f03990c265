/** The two trees of the garden: where they stand, their leaves as a layer that sways, their dappled shade. */
import { cloudy, randomFrom, smooth } from './noise.ts';
import { sourcesAt, type Light } from './light.ts';
import { focal, height, screenX, screenY, tone, width } from './view.ts';

export const trunks = [
  { x: -4.3, z: 8, radius: 0.16 },
  { x: 6.9, z: 10.4, radius: 0.11 },
] as const;

interface Ball {
  x: number;
  y: number;
  z: number;
  r: number;
}

/** Leaves hang above the lens only, so that no figure is ever behind or before them. */
export const canopies: readonly { balls: readonly Ball[]; leaves: number; leafM: number; hue: number; seed: number }[] =
  [
    {
      balls: [
        { x: -4.6, y: 4.3, z: 8, r: 1.1 },
        { x: -3.4, y: 4.5, z: 8.3, r: 0.95 },
        { x: -5.6, y: 4.6, z: 8.2, r: 1.15 },
        { x: -4.2, y: 5.4, z: 8, r: 1.3 },
        { x: -2.7, y: 5.05, z: 8.2, r: 0.75 },
        { x: -6.5, y: 5.2, z: 8.4, r: 1.2 },
      ],
      leaves: 5200,
      leafM: 0.062,
      hue: 0,
      seed: 11,
    },
    {
      balls: [
        { x: 6.9, y: 4.3, z: 10.4, r: 0.95 },
        { x: 7.8, y: 4.7, z: 10.6, r: 1.05 },
        { x: 6.1, y: 4.9, z: 10.3, r: 0.9 },
        { x: 7.1, y: 5.4, z: 10.4, r: 1.2 },
        { x: 8.6, y: 4.6, z: 10.9, r: 0.9 },
      ],
      leaves: 4600,
      leafM: 0.06,
      hue: 1,
      seed: 23,
    },
  ];

/** Sun left under the trees, 0..1, with flecks of light. */
export function shadeOfCanopies(x: number, z: number, light: Light): number {
  let sun = 1;
  for (const { balls } of canopies) {
    for (const ball of balls) {
      const t = ball.y / light.sun[1];
      const d = Math.hypot(x - (ball.x - light.sun[0] * t), z - (ball.z - light.sun[2] * t)) / ball.r;
      if (d < 1.3) sun *= 1 - smooth(1.2, 0.75, d) * smooth(0.34, 0.5, cloudy(x * 2.6 + 7, z * 2.6));
    }
  }
  return Math.max(0.08, sun);
}

/** Leaves of one tree, premultiplied, for a rectangle of the picture. */
export interface LeafLayer {
  x0: number;
  y0: number;
  w: number;
  h: number;
  /** w * h * 4: r, g, b times alpha, alpha. */
  rgba: Float32Array;
  seed: number;
}

/** Margin for the sway, pixels. */
const margin = 8;

export function leafLayers(light: Light): LeafLayer[] {
  return canopies.map((canopy) => {
    let left = width;
    let right = 0;
    let bottom = 0;
    for (const ball of canopy.balls) {
      left = Math.min(left, screenX(ball.x - ball.r, ball.z) - margin);
      right = Math.max(right, screenX(ball.x + ball.r, ball.z) + margin);
      bottom = Math.max(bottom, screenY(ball.y - ball.r, ball.z) + margin);
    }
    const x0 = Math.max(0, Math.floor(left / 2) * 2);
    const layer: LeafLayer = {
      x0,
      y0: 0,
      w: Math.min(width, Math.ceil(right / 2) * 2) - x0,
      h: Math.min(height, Math.ceil(bottom / 2) * 2),
      rgba: new Float32Array(0),
      seed: canopy.seed,
    };
    layer.rgba = new Float32Array(layer.w * layer.h * 4);
    const random = randomFrom(canopy.seed);
    const leaves = Array.from({ length: canopy.leaves }, () => {
      const ball = canopy.balls[Math.floor(random() * canopy.balls.length)];
      const azimuth = random() * 2 * Math.PI;
      const up = random() * 2 - 1;
      const out = Math.cbrt(0.25 + 0.75 * random());
      const flat = Math.sqrt(1 - up * up);
      const normal = [flat * Math.cos(azimuth), up, flat * Math.sin(azimuth)] as const;
      const r = (ball?.r ?? 1) * out;
      return {
        x: (ball?.x ?? 0) + normal[0] * r,
        y: (ball?.y ?? 0) + normal[1] * r * 0.85,
        z: (ball?.z ?? 8) + normal[2] * r,
        normal,
        depth: out,
        tint: random(),
        angle: random() * Math.PI,
      };
    }).sort((a, b) => b.z - a.z);
    for (const leaf of leaves) {
      const sun = smooth(0.5, 1, leaf.depth);
      let r = light.sky[0] * (0.35 + 0.35 * leaf.normal[1]);
      let g = light.sky[1] * (0.35 + 0.35 * leaf.normal[1]);
      let b = light.sky[2] * (0.35 + 0.35 * leaf.normal[1]);
      for (const { dir, colour } of sourcesAt(light, leaf.x, leaf.y, leaf.z, 1)) {
        // Leaves let light through: wrapped Lambert.
        const k =
          Math.max(0, 0.35 + 0.65 * (dir[0] * leaf.normal[0] + dir[1] * leaf.normal[1] + dir[2] * leaf.normal[2])) *
          sun;
        r += colour[0] * k;
        g += colour[1] * k;
        b += colour[2] * k;
      }
      const t = 0.55 + 0.75 * leaf.tint;
      const e = light.exposure;
      stampLeaf(layer, leaf, canopy.leafM, [
        tone(r * (0.1 + 0.05 * canopy.hue + 0.03 * leaf.tint) * t * e),
        tone(g * 0.2 * t * e),
        tone(b * (0.045 - 0.012 * canopy.hue) * t * e),
      ]);
    }
    return layer;
  });
}

function stampLeaf(
  layer: LeafLayer,
  leaf: { x: number; y: number; z: number; angle: number },
  sizeM: number,
  colour: readonly [number, number, number],
): void {
  const cx = screenX(leaf.x, leaf.z) - layer.x0;
  const cy = screenY(leaf.y, leaf.z) - layer.y0;
  const long = (sizeM * focal) / leaf.z;
  const cos = Math.cos(leaf.angle) / long;
  const sin = Math.sin(leaf.angle) / long;
  for (let y = Math.max(0, Math.floor(cy - long)); y <= Math.min(layer.h - 1, Math.ceil(cy + long)); y++) {
    for (let x = Math.max(0, Math.floor(cx - long)); x <= Math.min(layer.w - 1, Math.ceil(cx + long)); x++) {
      const u = (x - cx) * cos + (y - cy) * sin;
      const v = ((y - cy) * cos - (x - cx) * sin) * 1.7;
      const alpha = Math.max(0, Math.min(1, (1 - Math.sqrt(u * u + v * v)) * long * 0.6));
      if (alpha === 0) continue;
      const at = (y * layer.w + x) * 4;
      for (let c = 0; c < 3; c++)
        layer.rgba[at + c] = (layer.rgba[at + c] ?? 0) * (1 - alpha) + (colour[c] ?? 0) * alpha;
      layer.rgba[at + 3] = (layer.rgba[at + 3] ?? 0) * (1 - alpha) + alpha;
    }
  }
}
