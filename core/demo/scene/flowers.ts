/** Flowers and leaves in the beds along the fence and beside the path, stamped into the backdrop with their distance. */
import { randomFrom } from './noise.ts';
import { sourcesAt, type Light } from './light.ts';
import { pathX } from './materials.ts';
import { focal, height, screenX, screenY, tone, width, type Rgb } from './view.ts';

const petals: readonly Rgb[] = [
  [0.75, 0.1, 0.16],
  [0.85, 0.55, 0.06],
  [0.8, 0.78, 0.74],
  [0.5, 0.16, 0.55],
  [0.85, 0.32, 0.42],
];

interface Stamp {
  x: number;
  y: number;
  z: number;
  r: number;
  colour: Rgb;
}

export function plantBeds(rgb: Uint8ClampedArray, depth: Float32Array, light: Light): void {
  const random = randomFrom(5);
  const stamps: Stamp[] = [];
  for (let clump = 0; clump < 74; clump++) {
    const beside = clump % 6 === 0;
    const z = beside ? 6.4 + random() * 2.3 : 9.12 + random() * 0.45;
    const x = beside ? pathX(z) + (random() < 0.5 ? -1 : 1) * (0.86 + random() * 0.1) : -7 + random() * 12.6;
    if (!beside && Math.abs(x - pathX(z)) < 0.95) continue;
    const tall = 0.1 + random() * 0.24;
    const petal = petals[Math.floor(random() * petals.length)] ?? [1, 1, 1];
    for (let i = 0; i < 46; i++) {
      const up = random();
      const spread = 0.17 * (1 - 0.45 * up);
      const green = 0.5 + 0.8 * random();
      const bloom = up > 0.62 && random() < 0.42;
      const k = 0.45 + 0.6 * up;
      stamps.push({
        x: x + (random() - 0.5) * 2 * spread,
        y: up * tall,
        z: z + (random() - 0.5) * 0.2,
        r: bloom ? 0.028 : 0.022,
        colour: bloom
          ? [petal[0] * (0.7 + 0.4 * random()), petal[1] * (0.7 + 0.4 * random()), petal[2]]
          : [0.085 * green * k, 0.18 * green * k, 0.06 * green * k],
      });
    }
  }
  stamps.sort((a, b) => b.z - a.z);
  for (const stamp of stamps) {
    let [r, g, b] = light.sky;
    for (const { dir, colour } of sourcesAt(light, stamp.x, stamp.y, stamp.z, 0.75)) {
      const k = 0.35 + 0.5 * Math.max(0, dir[1]);
      r += colour[0] * k;
      g += colour[1] * k;
      b += colour[2] * k;
    }
    const e = light.exposure;
    const colour = [
      tone(stamp.colour[0] * r * e),
      tone(stamp.colour[1] * g * e),
      tone(stamp.colour[2] * b * e),
    ] as const;
    const cx = screenX(stamp.x, stamp.z);
    const cy = screenY(stamp.y, stamp.z);
    const radius = (stamp.r * focal) / stamp.z;
    for (let y = Math.max(0, Math.floor(cy - radius)); y <= Math.min(height - 1, Math.ceil(cy + radius)); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x <= Math.min(width - 1, Math.ceil(cx + radius)); x++) {
        const alpha = Math.max(0, Math.min(1, radius + 0.4 - Math.hypot(x + 0.5 - cx, y + 0.5 - cy)));
        const at = y * width + x;
        if (alpha === 0 || (depth[at] ?? 0) < stamp.z - 0.6) continue;
        for (let c = 0; c < 3; c++) rgb[at * 3 + c] = (rgb[at * 3 + c] ?? 0) * (1 - alpha) + (colour[c] ?? 0) * alpha;
        if (alpha > 0.5) depth[at] = stamp.z;
      }
    }
  }
}
