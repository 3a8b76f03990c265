/** How people walk: a skeleton posed by the distance walked, so that feet do not slide. Metres, radians. */
import type { Limb } from './figure.ts';
import type { Rgb, Vec } from './view.ts';

export interface Person {
  /** 1 is 1.75 m tall. */
  size: number;
  skin: Rgb;
  hair: Rgb;
  top: Rgb;
  legs: Rgb;
  shoes: Rgb;
  /** A bag on the back, or a parcel before the chest. */
  carries: 'bag' | 'parcel' | null;
  /** Length of the jacket below the hip, metres. */
  coat: number;
}

export interface Pose {
  x: number;
  z: number;
  /** Direction of walking, radians; 0 is to the right, pi/2 away from the camera. */
  heading: number;
  /** Metres walked since the start. */
  walked: number;
  /** 0 standing, 1 full stride. */
  stride: number;
}

const strideM = 1.42;

export function personLimbs(person: Person, pose: Pose): Limb[] {
  const s = person.size;
  const phase = (pose.walked / (strideM * s)) * 2 * Math.PI;
  const fx = Math.cos(pose.heading);
  const fz = Math.sin(pose.heading);
  // Right-hand side of the walker, seen from above.
  const rx = fz;
  const rz = -fx;
  const at = (forward: number, side: number, y: number): Vec => [
    pose.x + (forward * fx + side * rx) * s,
    y * s,
    pose.z + (forward * fz + side * rz) * s,
  ];
  const swing = 0.46 * pose.stride;
  const leg = (angle: number): { knee: [number, number]; ankle: [number, number]; pitch: number } => {
    const thigh = swing * Math.sin(angle) + 0.06 * pose.stride;
    const bend = 0.06 + (0.12 + 0.8 * Math.max(0, Math.cos(angle + 0.55)) ** 2) * pose.stride;
    const knee: [number, number] = [0.43 * Math.sin(thigh), -0.43 * Math.cos(thigh)];
    const shin = thigh - bend;
    const ankle: [number, number] = [knee[0] + 0.41 * Math.sin(shin), knee[1] - 0.41 * Math.cos(shin)];
    return { knee, ankle, pitch: shin * 0.75 + 0.12 };
  };
  const left = leg(phase);
  const right = leg(phase + Math.PI);
  const hipY = 0.085 - Math.min(left.ankle[1], right.ankle[1]);
  const lean = 0.045 * pose.stride;
  const chestY = hipY + 0.44;
  const neckY = hipY + 0.545;
  const twist = 0.12 * Math.sin(phase) * pose.stride;
  const limbs: Limb[] = [];
  const add = (from: Vec, to: Vec, r0: number, r1: number, colour: Rgb): void => {
    limbs.push({ from, to, r0: r0 * s, r1: r1 * s, colour });
  };
  const dark: Rgb = [person.top[0] * 0.82, person.top[1] * 0.82, person.top[2] * 0.82];

  // Trunk: two columns make it wider than deep.
  for (const side of [-1, 1]) {
    add(at(0, side * 0.062, hipY + 0.02), at(lean * 0.6, side * 0.058, hipY + 0.24), 0.118, 0.105, person.top);
    add(
      at(lean * 0.6, side * 0.058, hipY + 0.24),
      at(lean + twist * side * 0.2, side * 0.085, chestY),
      0.105,
      0.108,
      person.top,
    );
  }
  add(
    at(lean + twist * 0.15, 0.15, chestY + 0.035),
    at(lean - twist * 0.15, -0.15, chestY + 0.035),
    0.073,
    0.073,
    person.top,
  );
  if (person.coat > 0) {
    for (const side of [-1, 1])
      add(at(0, side * 0.06, hipY + 0.05), at(0, side * 0.075, hipY - person.coat), 0.12, 0.128, dark);
  } else add(at(0, -0.05, hipY), at(0, 0.05, hipY), 0.112, 0.112, person.legs);

  // Head, neck, hair.
  add(at(lean, 0, neckY - 0.05), at(lean + 0.015, 0, neckY + 0.06), 0.056, 0.052, person.skin);
  add(at(lean + 0.022, 0, neckY + 0.115), at(lean + 0.02, 0, neckY + 0.185), 0.078, 0.092, person.skin);
  add(at(lean - 0.012, 0, neckY + 0.175), at(lean + 0.006, 0, neckY + 0.215), 0.098, 0.09, person.hair);
  add(at(lean + 0.105, 0, neckY + 0.14), at(lean + 0.112, 0, neckY + 0.125), 0.018, 0.02, person.skin);

  // Legs.
  for (const [side, joint] of [
    [-1, left],
    [1, right],
  ] as const) {
    const hip = at(0, side * 0.085, hipY);
    const knee = at(joint.knee[0], side * 0.087, hipY + joint.knee[1]);
    const ankle = at(joint.ankle[0], side * 0.085, hipY + joint.ankle[1]);
    add(hip, knee, 0.098, 0.066, person.legs);
    add(knee, ankle, 0.064, 0.048, person.legs);
    const toe = at(
      joint.ankle[0] + 0.17 * Math.cos(joint.pitch),
      side * 0.095,
      hipY + joint.ankle[1] - 0.035 + 0.17 * Math.sin(joint.pitch) * 0.6,
    );
    const heel = at(joint.ankle[0] - 0.035, side * 0.085, hipY + joint.ankle[1] - 0.035);
    add(heel, toe, 0.048, 0.038, person.shoes);
  }

  // Arms swing against the legs.
  for (const side of [-1, 1]) {
    const shoulder = at(lean + side * twist * 0.2, side * 0.205, chestY + 0.03);
    if (person.carries === 'parcel') {
      const elbow = at(0.1, side * 0.25, chestY - 0.24);
      add(shoulder, elbow, 0.06, 0.05, person.top);
      add(elbow, at(0.3, side * 0.17, chestY - 0.2), 0.048, 0.04, person.top);
      add(at(0.3, side * 0.17, chestY - 0.2), at(0.34, side * 0.15, chestY - 0.2), 0.042, 0.04, person.skin);
      continue;
    }
    const angle = side * 0.5 * Math.sin(phase) * pose.stride;
    const elbowOut = [0.27 * Math.sin(angle) + lean, -0.27 * Math.cos(angle)] as const;
    const fore = angle + 0.28 + 0.18 * Math.max(0, angle);
    const elbow = at(elbowOut[0], side * 0.235, chestY + 0.03 + elbowOut[1]);
    const wrist = at(
      elbowOut[0] + 0.24 * Math.sin(fore),
      side * 0.225,
      chestY + 0.03 + elbowOut[1] - 0.24 * Math.cos(fore),
    );
    add(shoulder, elbow, 0.062, 0.05, person.top);
    add(elbow, wrist, 0.048, 0.038, person.top);
    const hand = at(
      elbowOut[0] + 0.31 * Math.sin(fore),
      side * 0.22,
      chestY + 0.03 + elbowOut[1] - 0.31 * Math.cos(fore),
    );
    add(wrist, hand, 0.036, 0.04, person.skin);
  }
  if (person.carries === 'bag') {
    add(at(-0.16, -0.05, chestY - 0.02), at(-0.17, -0.05, hipY + 0.14), 0.1, 0.12, [0.05, 0.06, 0.09]);
    add(at(-0.16, 0.05, chestY - 0.02), at(-0.17, 0.05, hipY + 0.14), 0.1, 0.12, [0.05, 0.06, 0.09]);
  }
  if (person.carries === 'parcel') {
    for (const y of [-0.24, -0.17, -0.1, -0.03]) {
      add(at(0.33, -0.14, chestY + y), at(0.33, 0.14, chestY + y), 0.075, 0.075, [0.42, 0.29, 0.16]);
    }
  }
  return limbs;
}
