/**
 * The demo's camera: above a front door, looking over the garden at the street. World in metres: x right, y up, z away
 * from the house; the picture plane is upright (a shifted lens), so that upright things stay upright.
 */
export const width = 1280;
export const height = 720;
export const fps = 15;

/** Height of the lens above the ground. */
export const eyeY = 2.8;
/** Focal length in pixels: 75 degrees across. */
export const focal = 834;
export const centreX = 640;
/** Row of the horizon. All that is lower than the lens is below it. */
export const horizonY = 190;

export type Vec = readonly [x: number, y: number, z: number];
export type Rgb = readonly [r: number, g: number, b: number];

export function screenX(x: number, z: number): number {
  return centreX + (x * focal) / z;
}

export function screenY(y: number, z: number): number {
  return horizonY + ((eyeY - y) * focal) / z;
}

/** Linear light to 8-bit sRGB, by way of a soft shoulder for highlights. */
const toneTable = new Uint8Array(4096);
for (let i = 0; i < toneTable.length; i++) {
  const x = (i / 4095) * 4;
  const mapped = Math.min(1, (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14));
  const srgb = mapped <= 0.0031308 ? mapped * 12.92 : 1.055 * mapped ** (1 / 2.4) - 0.055;
  toneTable[i] = Math.round(srgb * 255);
}

export function tone(light: number): number {
  const index = light <= 0 ? 0 : light >= 4 ? 4095 : (light * 1023.75) | 0;
  return toneTable[index] ?? 0;
}
