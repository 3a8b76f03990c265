/**
 * The still part of the picture, cast once per light: ground, fence, hedges, houses, sky, with shadows and lamps.
 * Gives 8-bit RGB and the distance of each pixel, by which moving figures pass behind the fence and before the houses.
 */
import { cloudy, hash2, mix, noise, smooth } from './noise.ts';
import { bark, fence, fenceZ, ground, hedge, type Surface } from './materials.ts';
import { houseAt, houseZ } from './houses.ts';
import { sourcesAt, type Light } from './light.ts';
import { plantBeds } from './flowers.ts';
import { shadeOfCanopies, trunks } from './trees.ts';
import { centreX, eyeY, focal, height, horizonY, tone, width, screenX, screenY } from './view.ts';

export interface Backdrop {
  /** width * height * 3. */
  rgb: Uint8ClampedArray;
  /** Metres from the picture plane; Infinity for the sky. */
  depth: Float32Array;
}

const hedgeX = 5.9;
const hedgeTop = 1.35;
const farHedgeZ = 20.4;

const surface: Surface = { r: 0, g: 0, b: 0, glow: 0, sun: 1 };
const light3 = new Float64Array(3);

export function castBackdrop(light: Light): Backdrop {
  const rgb = new Uint8ClampedArray(width * height * 3);
  const depth = new Float32Array(width * height);
  const samples = [0.25, 0.75];
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      let r = 0;
      let g = 0;
      let b = 0;
      let near = Infinity;
      for (const sy of samples) {
        for (const sx of samples) {
          const z = cast((px + sx - centreX) / focal, (py + sy - horizonY) / focal, light);
          if (z < near) near = z;
          // Averaged after toning: a bright window must not fray its frame.
          r += tone(light3[0] ?? 0);
          g += tone(light3[1] ?? 0);
          b += tone(light3[2] ?? 0);
        }
      }
      const dx = (px - centreX) / centreX;
      const dy = (py - height / 2) / (height / 2);
      const vignette = 1 - 0.13 * (dx * dx * 0.7 + dy * dy * 0.3) ** 1.3;
      const at = py * width + px;
      rgb[at * 3] = (r / 4) * vignette;
      rgb[at * 3 + 1] = (g / 4) * vignette;
      rgb[at * 3 + 2] = (b / 4) * vignette;
      depth[at] = near;
    }
  }
  plantBeds(rgb, depth, light);
  if (light.night) glare(rgb, light);
  return { rgb, depth };
}

/** Light of the ray (dx, -dy, 1) into `light3`; returns how far it went. */
function cast(dx: number, dy: number, light: Light): number {
  const groundZ = dy > 0 ? eyeY / dy : Infinity;
  const at = (z: number): number => eyeY - dy * z;

  if (dx > 0) {
    const z = hedgeX / dx;
    if (z > 3 && z < 9.7 && z < groundZ && hedge(surface, z, at(z), hedgeTop)) {
      return shade(light, hedgeX, at(z), z, -1, 0, 0, 0);
    }
  }
  for (const trunk of trunks) {
    if (trunk.z > groundZ) continue;
    const y = at(trunk.z);
    const radius = trunk.radius * (1.25 - 0.16 * y + 0.35 * Math.max(0, 0.4 - y));
    const u = (dx * trunk.z - trunk.x - 0.05 * y) / radius;
    if (Math.abs(u) < 1 && y < 5 && y > 0) {
      bark(surface, u * radius, y);
      surface.glow = 0;
      return shade(light, dx * trunk.z, y, trunk.z, u, 0, -Math.sqrt(1 - u * u), 0);
    }
  }
  const lamp = -4.6 - dx * 11.7;
  if (groundZ > 11.7 && Math.abs(lamp) < 0.055 + (at(11.7) < 0.5 ? 0.05 : 0) && at(11.7) < 4.75 && at(11.7) > 0) {
    surface.r = surface.g = surface.b = 0.06;
    surface.glow = 0;
    return shade(light, dx * 11.7, at(11.7), 11.7, -lamp / 0.08, 0, -0.7, 0);
  }
  if (Math.abs(dx * 11.7 + 4.35) < 0.42 && Math.abs(at(11.7) - 4.75) < 0.07) {
    surface.r = surface.g = surface.b = 0.1;
    surface.glow = light.night ? 2.5 : 0;
    return shade(light, dx * 11.7, 4.7, 11.7, 0, -1, 0, 0);
  }
  if (groundZ > fenceZ) {
    const x = dx * fenceZ;
    if (x < hedgeX && fence(surface, x, at(fenceZ))) {
      surface.glow = 0;
      return shade(light, x, at(fenceZ), fenceZ, 0, 0, -1, 0);
    }
  }
  if (groundZ > farHedgeZ) {
    const x = dx * farHedgeZ;
    const opening =
      (x > -14.4 && x < -12.2) || (x > -2.7 && x < -0.6) || (x > 3.8 && x < 6.2) || (x > 11.6 && x < 13.6);
    if (!opening && hedge(surface, x + 70, at(farHedgeZ), 0.75)) {
      surface.glow = 0;
      return shade(light, x, at(farHedgeZ), farHedgeZ, 0, 0, -1, 0);
    }
  }
  if (groundZ > houseZ) {
    const x = dx * houseZ;
    if (houseAt(surface, x, at(houseZ), light.night)) {
      const z = shade(light, x, at(houseZ), houseZ, 0, 0, -1, 0);
      haze(light, 0.1);
      return z;
    }
  }
  if (groundZ < 90) {
    const x = dx * groundZ;
    ground(surface, x, groundZ);
    surface.sun = groundShadow(light, x, groundZ);
    const z = shade(light, x, 0, groundZ, 0, 1, 0, occlusion(x, groundZ));
    haze(light, groundZ > 20 ? 0.08 : 0);
    return z;
  }
  sky(dx, -dy, light);
  return Infinity;
}

function shade(
  light: Light,
  x: number,
  y: number,
  z: number,
  nx: number,
  ny: number,
  nz: number,
  dark: number,
): number {
  const up = 0.5 + 0.5 * ny;
  const open = 1 - dark;
  let r = (light.sky[0] * up + light.bounce[0] * (1 - up)) * open;
  let g = (light.sky[1] * up + light.bounce[1] * (1 - up)) * open;
  let b = (light.sky[2] * up + light.bounce[2] * (1 - up)) * open;
  for (const { dir, colour } of sourcesAt(light, x, y, z, surface.sun)) {
    const lambert = Math.max(0, dir[0] * nx + dir[1] * ny + dir[2] * nz);
    r += colour[0] * lambert;
    g += colour[1] * lambert;
    b += colour[2] * lambert;
  }
  const e = light.exposure;
  light3[0] = (surface.r * r + surface.glow) * e;
  light3[1] = (surface.g * g + surface.glow * 0.7) * e;
  light3[2] = (surface.b * b + surface.glow * 0.34) * e;
  surface.sun = 1;
  surface.glow = 0;
  return z;
}

function haze(light: Light, share: number): void {
  const [r, g, b] = light.night ? [0.012, 0.015, 0.026] : [0.42, 0.47, 0.52];
  light3[0] = mix(light3[0] ?? 0, r, share);
  light3[1] = mix(light3[1] ?? 0, g, share);
  light3[2] = mix(light3[2] ?? 0, b, share);
}

/** Sun left at a point of the ground: fence, hedge and trees stand in it. */
function groundShadow(light: Light, x: number, z: number): number {
  if (light.night) return 1;
  const [sx, sy, sz] = light.sun;
  let sun = shadeOfCanopies(x, z, light);
  // The fence throws its shadow away from us, onto the pavement.
  const t = (fenceZ - z) / sz;
  if (t > 0 && t < 4) {
    const y = t * sy;
    if (y < 1 && fence(surfaceOfShadow, x + t * sx, y)) sun *= 0.12;
  }
  for (const trunk of trunks) {
    const along = (trunk.z - z) / sz;
    if (along > 0 && along * sy < 4 && Math.abs(x + along * sx - trunk.x) < trunk.radius * 1.1) sun *= 0.15;
  }
  // Far pavement and road lie in the open; the hedge on the right shades away from us.
  if (x > hedgeX && z < 9.7) sun *= 0.2;
  return sun;
}
const surfaceOfShadow: Surface = { r: 0, g: 0, b: 0, glow: 0, sun: 1 };

/** Darkness in corners where little sky is seen. */
function occlusion(x: number, z: number): number {
  const nearFence = Math.abs(x - 1.2) > 0.7 ? 0.35 * smooth(0.45, 0, Math.abs(z - fenceZ)) : 0;
  const nearHedge = z < 9.7 ? 0.55 * smooth(0.9, 0, Math.abs(hedgeX - x)) : 0;
  const nearHouse = 0.35 * smooth(1.6, 0, houseZ - z) + 0.4 * smooth(0.7, 0, Math.abs(farHedgeZ - z));
  let nearTrunk = 0;
  for (const trunk of trunks) nearTrunk += 0.5 * smooth(0.7, 0.1, Math.hypot(x - trunk.x, z - trunk.z));
  return Math.min(0.8, nearFence + nearHedge + nearHouse + nearTrunk);
}

function sky(dx: number, dy: number, light: Light): void {
  // A line of far trees.
  const crown = 0.075 + 0.055 * cloudy(dx * 7 + 20, 1) + 0.012 * noise(dx * 90, 4);
  if (dy < crown) {
    const leaf = 0.6 + 0.8 * noise(dx * 190, dy * 190) * (0.6 + 0.4 * smooth(crown - 0.03, crown, dy));
    const k = light.night ? 0.018 : 0.24;
    light3[0] = 0.42 * leaf * k;
    light3[1] = 0.72 * leaf * k;
    light3[2] = 0.34 * leaf * k;
    haze(light, 0.22);
    return;
  }
  const up = smooth(0, 0.26, dy);
  if (light.night) {
    const star = hash2(Math.floor(dx * 420), Math.floor(dy * 420));
    const twinkle = star > 0.9965 ? (star - 0.9965) * 60 : 0;
    const cloud = smooth(0.5, 0.75, cloudy(dx * 2.2 + 3, dy * 7)) * 0.012;
    light3[0] = mix(0.026, 0.007, up) + twinkle + cloud;
    light3[1] = mix(0.03, 0.011, up) + twinkle + cloud;
    light3[2] = mix(0.055, 0.03, up) + twinkle + cloud * 1.2;
    const moon = Math.hypot(dx - 0.31, dy - 0.168);
    const halo = 0.05 / (1 + (moon / 0.02) ** 2);
    const disc = smooth(0.0165, 0.0145, moon) * (0.75 + 0.5 * (cloudy(dx * 90, dy * 90) - 0.4));
    light3[0] += halo + disc * 1.1;
    light3[1] += halo + disc * 1.08;
    light3[2] += halo * 1.15 + disc;
    return;
  }
  const cloud = smooth(0.5, 0.72, cloudy(dx * 2.4 + 5.2, dy * 8.5 + 1.3));
  const body = 0.86 + 0.4 * (cloudy(dx * 5 + 5.3, dy * 14 + 1.6) - 0.45);
  const glow = Math.exp(-((dx + 0.85) ** 2 + (dy - 0.3) ** 2) * 5);
  light3[0] = mix(mix(0.5, 0.17, up), body, cloud) + 0.5 * glow;
  light3[1] = mix(mix(0.64, 0.34, up), body * 1.005, cloud) + 0.4 * glow;
  light3[2] = mix(mix(0.82, 0.72, up), body * 1.03, cloud) + 0.22 * glow;
}

/** Light that scatters in the lens around lamps. */
function glare(rgb: Uint8ClampedArray, light: Light): void {
  for (const lamp of light.lamps) {
    if (!lamp.down) continue;
    const cx = screenX(lamp.at[0] + 0.15, lamp.at[2]);
    const cy = screenY(lamp.at[1], lamp.at[2]);
    const radius = 170;
    for (let y = Math.max(0, Math.floor(cy - radius)); y < Math.min(height, cy + radius); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x < Math.min(width, cx + radius); x++) {
        const d = Math.hypot(x - cx, y - cy);
        const k = smooth(radius, 0, d) * (90 / (1 + (d / 14) ** 2) + 16);
        const at = (y * width + x) * 3;
        rgb[at] = (rgb[at] ?? 0) + k;
        rgb[at + 1] = (rgb[at + 1] ?? 0) + k * 0.76;
        rgb[at + 2] = (rgb[at + 2] ?? 0) + k * 0.45;
      }
    }
  }
}
