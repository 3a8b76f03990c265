/** The light of day and of night: a sun or lamps, a sky, an exposure. Linear RGB. */
import type { Rgb, Vec } from './view.ts';

export interface Lamp {
  at: Vec;
  colour: Rgb;
  /** Where it points; null: all round. */
  down: boolean;
}

export interface Light {
  night: boolean;
  /** Unit vector to the sun (day) or moon. */
  sun: Vec;
  sunColour: Rgb;
  /** Light from the sky above and from the ground below. */
  sky: Rgb;
  bounce: Rgb;
  lamps: readonly Lamp[];
  exposure: number;
  /** Sensor noise, standard deviation in 8-bit luma. */
  noise: number;
}

function unit(x: number, y: number, z: number): Vec {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

export const daylight: Light = {
  night: false,
  sun: unit(-0.62, 0.66, -0.2),
  sunColour: [2.5, 2.25, 1.8],
  sky: [0.6, 0.72, 0.95],
  bounce: [0.22, 0.24, 0.16],
  lamps: [],
  exposure: 0.52,
  noise: 0.9,
};

export const nightlight: Light = {
  night: true,
  sun: unit(0.4, 0.7, 0.45),
  sunColour: [0.1, 0.13, 0.2],
  sky: [0.075, 0.095, 0.16],
  bounce: [0.03, 0.03, 0.035],
  lamps: [
    { at: [-4.6, 4.7, 11.6], colour: [24, 16.5, 8.5], down: true },
    { at: [10.5, 4.9, 18.6], colour: [20, 14, 7.5], down: true },
    { at: [1.2, 2.7, 1.2], colour: [9, 7.6, 5.6], down: false },
  ],
  exposure: 0.8,
  noise: 1.7,
};

/** Light that falls on a point from all sides, without shadow: one entry per source. Reused between calls. */
export interface LitFrom {
  dir: [number, number, number];
  colour: [number, number, number];
}

/** Sources at a point, as directions with their strength there. `sunShare` 0..1: how much of the sun is not in shadow. */
export function sourcesAt(light: Light, x: number, y: number, z: number, sunShare: number): LitFrom[] {
  const out: LitFrom[] = [
    {
      dir: [...light.sun],
      colour: [light.sunColour[0] * sunShare, light.sunColour[1] * sunShare, light.sunColour[2] * sunShare],
    },
  ];
  for (const lamp of light.lamps) {
    const dx = lamp.at[0] - x;
    const dy = lamp.at[1] - y;
    const dz = lamp.at[2] - z;
    const d2 = dx * dx + dy * dy + dz * dz;
    const d = Math.sqrt(d2);
    const cone = lamp.down ? Math.max(0, dy / d) ** 1.5 : 1;
    const share = cone / (1.5 + d2);
    out.push({
      dir: [dx / d, dy / d, dz / d],
      colour: [lamp.colour[0] * share, lamp.colour[1] * share, lamp.colour[2] * share],
    });
  }
  return out;
}
