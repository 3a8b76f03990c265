/** The houses over the road, as they stand on one line: walls, roofs, windows, doors. */
import { cloudy, hash2, mix, noise, smooth } from './noise.ts';
import type { Surface } from './materials.ts';
import type { Rgb } from './view.ts';

interface House {
  from: number;
  to: number;
  eaves: number;
  ridge: number;
  /** Front gable, or a roof that slopes towards the street. */
  gable: boolean;
  wall: Rgb;
  brick: boolean;
  roof: Rgb;
  door: Rgb;
  doorX: number;
  /** Left edge, sill, width, height of each window; whether somebody is in at night. */
  windows: readonly (readonly [x: number, y: number, w: number, h: number, lit: boolean])[];
}

export const houseZ = 25;

const houses: readonly House[] = [
  {
    from: -19.5,
    to: -9.2,
    eaves: 4.9,
    ridge: 7.6,
    gable: false,
    brick: true,
    wall: [0.34, 0.17, 0.12],
    roof: [0.13, 0.115, 0.12],
    door: [0.05, 0.16, 0.13],
    doorX: -13.2,
    windows: [
      [-17.9, 1, 1.9, 1.45, true],
      [-11.6, 1, 1.6, 1.45, false],
      [-17.6, 3.3, 1.3, 1.15, false],
      [-14, 3.3, 1.3, 1.15, true],
      [-11.4, 3.3, 1.3, 1.15, false],
    ],
  },
  {
    from: -6.4,
    to: 3.4,
    eaves: 5,
    ridge: 8.1,
    gable: true,
    brick: false,
    wall: [0.66, 0.6, 0.48],
    roof: [0.3, 0.13, 0.085],
    door: [0.3, 0.06, 0.05],
    doorX: -1.6,
    windows: [
      [-5.2, 1, 1.8, 1.4, false],
      [0.5, 1, 1.9, 1.4, true],
      [-4.9, 3.35, 1.2, 1.15, true],
      [-2.1, 3.35, 1.2, 1.15, false],
      [0.8, 3.35, 1.2, 1.15, false],
      [-2.1, 5.5, 1.1, 0.85, false],
    ],
  },
  {
    from: 6.6,
    to: 19,
    eaves: 4.7,
    ridge: 7.3,
    gable: false,
    brick: false,
    wall: [0.6, 0.62, 0.63],
    roof: [0.15, 0.17, 0.2],
    door: [0.07, 0.12, 0.26],
    doorX: 12.6,
    windows: [
      [7.8, 0.95, 2.2, 1.45, true],
      [14.8, 0.95, 2.4, 1.45, false],
      [8, 3.15, 1.3, 1.1, false],
      [11.6, 3.15, 1.3, 1.1, false],
      [15.2, 3.15, 1.4, 1.1, true],
    ],
  },
];

function paint(out: Surface, colour: Rgb, k: number): void {
  out.r = colour[0] * k;
  out.g = colour[1] * k;
  out.b = colour[2] * k;
}

/** Writes what stands at (x, y) on the line of houses; false where one sees past them. */
export function houseAt(out: Surface, x: number, y: number, night: boolean): boolean {
  out.glow = 0;
  for (const house of houses) {
    const middle = (house.from + house.to) / 2;
    const half = (house.to - house.from) / 2;
    const over = 0.45;
    const chimney = Math.abs(x - (house.from + half * 1.45)) < 0.45 && y < house.ridge + 0.65 && y > house.eaves;
    if (x < house.from - over || x > house.to + over) continue;
    const off = Math.abs(x - middle);
    if (y > house.eaves) {
      const rise = (y - house.eaves) / (house.ridge - house.eaves);
      const reach = house.gable ? (half + over) * (1 - rise) : half + over - rise * 1.9;
      if (off > reach || y > house.ridge) {
        if (!chimney) continue;
        paint(out, [0.25, 0.13, 0.1], 0.8 + 0.3 * noise(x * 9, y * 14));
        return true;
      }
      const barge = house.gable && reach - off < 0.28;
      if (house.gable && !barge) wall(out, house, x, y, night);
      else {
        const row = Math.floor(y / 0.16);
        const tile = hash2(row, Math.floor(x / 0.22 + (row % 2) * 0.5));
        const groove = y / 0.16 - row < 0.2 ? 0.7 : 1;
        paint(out, house.roof, (0.8 + 0.35 * tile + 0.25 * (cloudy(x, y) - 0.5)) * groove * (barge ? 0.75 : 1));
      }
      return true;
    }
    if (x < house.from || x > house.to) continue;
    wall(out, house, x, y, night);
    // Shade of the eaves.
    if (!house.gable) {
      const k = mix(0.55, 1, smooth(0, 0.7, house.eaves - y));
      out.r *= k;
      out.g *= k;
      out.b *= k;
    }
    return true;
  }
  return false;
}

function wall(out: Surface, house: House, x: number, y: number, night: boolean): void {
  for (const [wx, wy, w, h, lit] of house.windows) {
    const u = x - wx;
    const v = y - wy;
    if (u < -0.09 || u > w + 0.09 || v < -0.13 || v > h + 0.09) continue;
    const bar = Math.abs(u - w / 2) < 0.035 || Math.abs(v - h * 0.62) < 0.03;
    if (u < 0 || u > w || v < 0 || v > h || bar) {
      paint(out, [0.74, 0.74, 0.72], v < 0 ? 0.8 : 1);
      return;
    }
    const curtain = u < 0.24 || u > w - 0.24;
    if (night && lit) {
      out.glow = curtain ? 0.5 : 0.95 - 0.3 * Math.abs(v / h - 0.6);
      paint(out, [1, 0.72, 0.38], 0.25);
      return;
    }
    const sky = 0.1 + 0.35 * (v / h) + 0.22 * (cloudy(x * 0.7 + 9, y * 0.9) - 0.4);
    if (curtain) paint(out, [0.5, 0.48, 0.44], 0.5);
    else paint(out, [0.42, 0.52, 0.62], night ? 0.2 * sky : Math.max(0.1, sky));
    return;
  }
  const d = Math.abs(x - house.doorX);
  if (d < 0.52 && y < 2.15) {
    if (d > 0.44 || y > 2.06) paint(out, [0.7, 0.7, 0.68], 1);
    else if (y > 1.55 && d < 0.25) paint(out, [0.5, 0.55, 0.55], night ? 0.4 : 0.6);
    else paint(out, house.door, d > 0.3 && d < 0.33 ? 0.7 : 1);
    return;
  }
  if (house.brick) {
    const row = Math.floor(y / 0.11);
    const column = Math.floor(x / 0.3 + (row % 2) * 0.5);
    const joint = y / 0.11 - row < 0.16;
    paint(out, house.wall, joint ? 1.15 : 0.75 + 0.5 * hash2(row, column));
  } else paint(out, house.wall, 0.94 + 0.16 * (cloudy(x * 0.8, y * 0.8) - 0.5) + 0.05 * (noise(x * 12, y * 12) - 0.5));
  if (y < 0.35) paint(out, [0.22, 0.2, 0.18], 0.9);
}
