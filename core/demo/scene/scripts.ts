/** What happens in each scene: who is where at which second. All figures are out of the picture at both ends of a scene. */
import type { ObjectLabel } from '#core/domain/detection.ts';
import type { SceneName } from '../schedule.ts';
import { animalLimbs, type Animal } from './animals.ts';
import type { Car } from './car.ts';
import type { Limb } from './figure.ts';
import { pathX } from './materials.ts';
import { personLimbs, type Person, type Pose } from './people.ts';
import type { Vec } from './view.ts';

/** One figure on stage at a moment. */
export type Actor =
  { id: string; label: ObjectLabel; limbs: Limb[]; extra?: Limb[] } | { id: string; label: 'car'; car: Car };

const courier: Person = {
  size: 1.03,
  skin: [0.5, 0.33, 0.24],
  hair: [0.05, 0.035, 0.03],
  top: [0.5, 0.11, 0.07],
  legs: [0.055, 0.065, 0.1],
  shoes: [0.02, 0.02, 0.02],
  carries: 'parcel',
  coat: 0,
};
const walkerByDay: Person = {
  size: 0.97,
  skin: [0.56, 0.38, 0.29],
  hair: [0.22, 0.12, 0.05],
  top: [0.06, 0.16, 0.34],
  legs: [0.17, 0.14, 0.1],
  shoes: [0.3, 0.28, 0.26],
  carries: 'bag',
  coat: 0,
};
const dogOwner: Person = {
  size: 1,
  skin: [0.55, 0.37, 0.28],
  hair: [0.35, 0.33, 0.31],
  top: [0.34, 0.29, 0.1],
  legs: [0.06, 0.075, 0.13],
  shoes: [0.07, 0.045, 0.03],
  carries: null,
  coat: 0.16,
};
const walkerByNight: Person = {
  size: 1.02,
  skin: [0.5, 0.34, 0.26],
  hair: [0.06, 0.05, 0.04],
  top: [0.42, 0.42, 0.4],
  legs: [0.09, 0.1, 0.15],
  shoes: [0.05, 0.05, 0.05],
  carries: null,
  coat: 0.12,
};
const dog: Animal = { kind: 'dog', shoulderM: 0.6, coat: [0.3, 0.16, 0.06], belly: [0.42, 0.28, 0.14], eyes: false };
const cat: Animal = { kind: 'cat', shoulderM: 0.27, coat: [0.2, 0.19, 0.185], belly: [0.5, 0.48, 0.46], eyes: true };

/** Places to walk through, metres, at a speed; before the start and after the end nobody is there. */
function walk(
  path: readonly (readonly [x: number, z: number])[],
  startS: number,
  speed: number,
  t: number,
): Pose | null {
  let left = (t - startS) * speed;
  if (left < 0) return null;
  const walked = left;
  for (let i = 1; i < path.length; i++) {
    const a = path[i - 1];
    const b = path[i];
    if (!a || !b) continue;
    const dx = b[0] - a[0];
    const dz = b[1] - a[1];
    const metres = Math.hypot(dx, dz);
    if (left <= metres) {
      const k = left / metres;
      let heading = Math.atan2(dz, dx);
      // Turn corners over the last 60 cm instead of on the spot.
      const next = path[i + 1];
      if (next && metres - left < 0.6) {
        const turn = Math.atan2(next[1] - b[1], next[0] - b[0]) - heading;
        heading += Math.atan2(Math.sin(turn), Math.cos(turn)) * (1 - (metres - left) / 0.6) * 0.9;
      }
      return { x: a[0] + dx * k, z: a[1] + dz * k, heading, walked, stride: Math.min(1, speed / 1.35) };
    }
    left -= metres;
  }
  return null;
}

function person(id: string, who: Person, pose: Pose | null): Actor[] {
  return pose ? [{ id, label: 'person', limbs: personLimbs(who, pose) }] : [];
}

function car(
  id: string,
  startS: number,
  speed: number,
  z: number,
  direction: 1 | -1,
  paint: Car['paint'],
  t: number,
): Actor[] {
  const span = (z + 0.9) * 0.77 + 2.6;
  const x = -span + (t - startS) * speed;
  return t < startS || x > span ? [] : [{ id, label: 'car', car: { x: x * direction, z, direction, paint } }];
}

const gardenPath: readonly (readonly [number, number])[] = [9.6, 8.9, 8.1, 7.2, 6.2, 5.2, 4.2, 3].map((z) => [
  pathX(z),
  z,
]);
const toDoor: readonly (readonly [number, number])[] = [[10, 10.9], [1.75, 10.8], ...gardenPath];
const fromDoor: readonly (readonly [number, number])[] = [...gardenPath].reverse().concat([
  [1.75, 10.8],
  [10, 11],
]);

const scenes: Record<SceneName, (t: number) => Actor[]> = {
  'day-quiet': () => [],
  'night-quiet': () => [],
  'day-visitor': (t) => [
    ...person('courier', courier, walk(toDoor, 0.2, 1.75, t)),
    ...person('courier-back', { ...courier, carries: null }, walk(fromDoor, 10.8, 1.9, t)),
  ],
  'day-walker': (t) =>
    person(
      'walker',
      walkerByDay,
      walk(
        [
          [-9.4, 11.1],
          [9.4, 11.1],
        ],
        1,
        1.32,
        t,
      ),
    ),
  'day-car': (t) => [
    ...car('red', 2, 7, 13.8, 1, [0.42, 0.035, 0.03], t),
    ...car('silver', 11, 7.5, 16.7, -1, [0.42, 0.44, 0.46], t),
  ],
  'day-dog': (t) => {
    const owner = walk(
      [
        [9.6, 10.9],
        [-9.6, 10.9],
      ],
      1.2,
      1.25,
      t,
    );
    const pet = walk(
      [
        [9.6, 11.3],
        [-9.6, 11.3],
      ],
      0.2,
      1.25,
      t,
    );
    const out = person('owner', dogOwner, owner);
    if (pet) {
      const limbs = animalLimbs(dog, pet);
      const hand = owner ?? { ...pet, x: pet.x + 1.25 };
      const from: Vec = [hand.x - 0.15, 0.82, hand.z + 0.1];
      const leash: Limb = { from, to: [pet.x - 0.22, 0.52, pet.z], r0: 0.008, r1: 0.008, colour: [0.3, 0.03, 0.03] };
      out.push({ id: 'dog', label: 'dog', limbs, extra: [leash] });
    }
    return out;
  },
  'night-walker': (t) =>
    person(
      'walker',
      walkerByNight,
      walk(
        [
          [-9.4, 11],
          [9.4, 11.2],
        ],
        1,
        1.34,
        t,
      ),
    ),
  'night-car': (t) => car('dark', 5, 7, 13.8, 1, [0.07, 0.1, 0.2], t),
  'night-cat': (t) => {
    const pose = walk(
      [
        [-6.6, 7.6],
        [-2, 6.9],
        [0.6, 6.4],
        [3.4, 6.9],
        [6.7, 6.6],
      ],
      2,
      0.85,
      t,
    );
    return pose ? [{ id: 'cat', label: 'cat', limbs: animalLimbs(cat, pose) }] : [];
  },
};

/** Figures of a scene at `t` seconds, farthest first. */
export function actorsAt(scene: SceneName, t: number): Actor[] {
  const depth = (actor: Actor): number => ('car' in actor ? actor.car.z : (actor.limbs[0]?.from[2] ?? 0));
  return scenes[scene](t).sort((a, b) => depth(b) - depth(a));
}
