/** A dog and a cat, trotting. Metres; `walked` drives the legs, as with people. */
import type { Limb } from './figure.ts';
import type { Pose } from './people.ts';
import type { Rgb, Vec } from './view.ts';

export interface Animal {
  kind: 'dog' | 'cat';
  /** Height at the shoulder, metres. */
  shoulderM: number;
  coat: Rgb;
  belly: Rgb;
  /** Eyes that shine at night. */
  eyes: boolean;
}

export function animalLimbs(animal: Animal, pose: Pose): Limb[] {
  const s = animal.shoulderM;
  const cat = animal.kind === 'cat';
  const phase = (pose.walked / (1.75 * s)) * 2 * Math.PI;
  const fx = Math.cos(pose.heading);
  const fz = Math.sin(pose.heading);
  const at = (forward: number, side: number, y: number): Vec => [
    pose.x + (forward * fx + side * fz) * s,
    y * s,
    pose.z + (forward * fz - side * fx) * s,
  ];
  const limbs: Limb[] = [];
  const add = (from: Vec, to: Vec, r0: number, r1: number, colour: Rgb, glow = 0): void => {
    limbs.push({ from, to, r0: r0 * s, r1: r1 * s, colour, glow });
  };
  const { coat, belly } = animal;
  const bob = 0.025 * Math.cos(phase * 2) * pose.stride;
  const back = 0.92 + bob;
  const half = cat ? 0.62 : 0.58;
  add(at(half * 0.92, 0, back - 0.2), at(0, 0, back - 0.17), cat ? 0.25 : 0.29, cat ? 0.24 : 0.24, coat);
  add(at(0, 0, back - 0.17), at(-half * 0.95, 0, back - 0.17), cat ? 0.24 : 0.235, cat ? 0.25 : 0.24, coat);
  add(at(half * 0.95, 0, back - 0.27), at(-half * 0.5, 0, back - 0.24), 0.235, 0.19, belly);
  // Neck and head; a dog's is high and long, a cat's low and round.
  const headX = half + (cat ? 0.36 : 0.34);
  const headY = back + (cat ? 0.16 : 0.2) + bob;
  add(at(half, 0, back - 0.08), at(headX - 0.06, 0, headY), 0.21, 0.16, coat);
  add(
    at(headX - 0.04, 0, headY + 0.03),
    at(headX + 0.06, 0, headY + 0.02),
    cat ? 0.19 : 0.185,
    cat ? 0.165 : 0.15,
    coat,
  );
  add(
    at(headX + 0.1, 0, headY - 0.02),
    at(headX + (cat ? 0.15 : 0.3), 0, headY - 0.05),
    cat ? 0.085 : 0.1,
    cat ? 0.07 : 0.075,
    cat ? belly : coat,
  );
  if (!cat) add(at(headX + 0.33, 0, headY - 0.03), at(headX + 0.35, 0, headY - 0.03), 0.035, 0.03, [0.02, 0.02, 0.02]);
  for (const side of [-1, 1]) {
    if (cat)
      add(at(headX - 0.02, side * 0.08, headY + 0.13), at(headX - 0.03, side * 0.105, headY + 0.24), 0.06, 0.018, coat);
    else
      add(at(headX - 0.06, side * 0.12, headY + 0.1), at(headX - 0.1, side * 0.16, headY - 0.08), 0.07, 0.06, [
        coat[0] * 0.45,
        coat[1] * 0.45,
        coat[2] * 0.45,
      ]);
    if (animal.eyes)
      add(
        at(headX + 0.14, side * 0.06, headY + 0.06),
        at(headX + 0.15, side * 0.06, headY + 0.06),
        0.026,
        0.026,
        [0.5, 0.9, 0.6],
        1.2,
      );
  }
  const wag = 0.14 * Math.sin(phase * 1.5);
  if (cat) {
    add(at(-half - 0.08, 0, back), at(-half - 0.4, wag, back + 0.22), 0.055, 0.05, coat);
    add(at(-half - 0.4, wag, back + 0.22), at(-half - 0.5, wag * 1.6, back + 0.55), 0.05, 0.04, coat);
  } else add(at(-half - 0.1, 0, back + 0.02), at(-half - 0.42, wag, back + 0.34), 0.06, 0.03, coat);
  // Trot: diagonal pairs.
  for (const [forward, side, offset] of [
    [half - 0.06, -1, 0],
    [half - 0.06, 1, Math.PI],
    [-half + 0.04, -1, Math.PI],
    [-half + 0.04, 1, 0],
  ] as const) {
    const a = 0.48 * Math.sin(phase + offset) * pose.stride;
    const lift = 0.16 * Math.max(0, Math.cos(phase + offset)) * pose.stride;
    const front = forward > 0;
    const knee = at(forward + 0.4 * Math.sin(a) + (front ? -0.03 : 0.08), side * 0.12, 0.47 + lift * 0.4);
    const paw = at(forward + 0.72 * Math.sin(a) + (front ? 0 : -0.04), side * 0.12, 0.06 + lift);
    add(at(forward, side * 0.1, back - 0.18), knee, front ? 0.13 : 0.17, 0.085, coat);
    add(knee, paw, 0.08, 0.062, coat);
    add(paw, at(forward + 0.72 * Math.sin(a) + 0.09, side * 0.12, 0.05 + lift), 0.05, 0.045, belly);
  }
  return limbs;
}
