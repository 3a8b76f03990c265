/**
 * Which scene the demo camera sees when. A pure function of time, so that the seeded past is what a camera would have
 * recorded, and any process can tell what was in the picture without asking another.
 */
export const dayScenes = ['day-quiet', 'day-visitor', 'day-walker', 'day-car', 'day-dog'] as const;
export const nightScenes = ['night-quiet', 'night-walker', 'night-car', 'night-cat'] as const;
export type SceneName = (typeof dayScenes)[number] | (typeof nightScenes)[number];

/** Length of every scene. */
export const slotS = 20;

/** Between these local hours the sun is up, all year: it is a demo. */
export const sunriseHour = 7;
export const sunsetHour = 19;

/** The past is as busy as a quiet street (about 90 sightings a day); live, something comes by about once a minute. */
export type Pace = 'past' | 'live';

export function isDay(timeMs: number): boolean {
  const hour = new Date(timeMs).getHours();
  return hour >= sunriseHour && hour < sunsetHour;
}

/** `slot` is floor(Unix seconds / slotS), `slotStartMs` its start in UTC ms; local time decides between day and night. */
export function sceneAt(slot: number, slotStartMs: number, pace: Pace): SceneName {
  const day = isDay(slotStartMs);
  if (pace === 'live') {
    // Two quiet slots, then one with something in it, in turn, so that a visitor need not be lucky.
    const turn = Math.floor(slot / 3);
    if (slot % 3 !== 1) return day ? 'day-quiet' : 'night-quiet';
    return day ? pick(dayScenes, turn) : pick(nightScenes, turn);
  }
  const chance = hash(slot) / 2 ** 32;
  if (day) return chance < 1 / 28 ? pick(dayScenes, hash(slot + 7)) : 'day-quiet';
  return chance < 1 / 120 ? pick(nightScenes, hash(slot + 7)) : 'night-quiet';
}

/** One of the scenes that are not quiet. */
function pick<T extends SceneName>(scenes: readonly [T, ...T[]], n: number): T {
  return scenes[1 + (n % (scenes.length - 1))] ?? scenes[0];
}

/** Integer hash (Murmur3 finaliser); 32-bit operators are right here: it is no time. */
function hash(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
