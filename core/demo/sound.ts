/** What the demo's street sounds like, and G.711 for cameras that speak it. Samples -1..1, mono. */
import { randomFrom } from './scene/noise.ts';
import type { SceneName } from './schedule.ts';

/** Wind in leaves, birds by day, crickets at night; steps and a car where they pass. */
export function soundscape(scene: SceneName, sampleRate: number, seconds: number): Float32Array {
  const out = new Float32Array(sampleRate * seconds);
  const random = randomFrom(scene.length * 131 + scene.charCodeAt(4));
  const night = scene.startsWith('night');
  let low = 0;
  for (let i = 0; i < out.length; i++) {
    const t = i / sampleRate;
    low += 0.06 * (random() * 2 - 1 - low);
    // The gusts have whole periods over the scene: it loops.
    out[i] = low * 0.09 * (0.6 + 0.4 * Math.sin((2 * Math.PI * 3 * t) / seconds));
  }
  const tone = (startS: number, lengthS: number, hertz: (t: number) => number, level: number): void => {
    let phase = 0;
    const from = Math.floor(startS * sampleRate);
    const count = Math.floor(lengthS * sampleRate);
    for (let i = 0; i < count && from + i < out.length; i++) {
      phase += (2 * Math.PI * hertz(i / sampleRate)) / sampleRate;
      out[from + i] = (out[from + i] ?? 0) + Math.sin(phase) * level * Math.sin((Math.PI * i) / count);
    }
  };
  if (night) {
    for (let s = 0.2; s < seconds - 0.3; s += 0.55)
      for (let k = 0; k < 3; k++) tone(s + k * 0.045, 0.03, () => 4300, 0.016);
  } else {
    for (let s = 1; s < seconds - 2; s += 1.6 + random() * 2) {
      const pitch = 2600 + random() * 1400;
      for (let k = 0; k < 4; k++) tone(s + k * 0.13, 0.09, (t) => pitch + 5200 * t - 900 * k, 0.03);
    }
  }
  const hiss = (startS: number, lengthS: number, peakS: number, level: number): void => {
    let smoothed = 0;
    for (let i = Math.floor(startS * sampleRate); i < (startS + lengthS) * sampleRate && i < out.length; i++) {
      smoothed += 0.16 * (random() * 2 - 1 - smoothed);
      const away = (i / sampleRate - peakS) / (lengthS / 5);
      out[i] = (out[i] ?? 0) + smoothed * level * Math.exp(-away * away);
    }
  };
  if (scene.endsWith('car')) hiss(2, 8, night ? 6.9 : 4, 0.7);
  if (scene === 'day-car') hiss(10, 8, 13.2, 0.55);
  if (scene.endsWith('walker') || scene === 'day-dog') for (let s = 2; s < 14; s += 0.53) hiss(s, 0.09, s + 0.03, 0.16);
  if (scene === 'day-visitor') {
    for (const [from, to] of [
      [1.5, 8],
      [11, 18],
    ] as const)
      for (let s = from; s < to; s += 0.42) hiss(s, 0.09, s + 0.03, 0.24);
  }
  return out;
}

/** G.711 u-law (ITU-T G.711), one byte per sample. */
export function ulawFromFloat(samples: Float32Array): Buffer {
  const out = Buffer.allocUnsafe(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = Math.max(-1, Math.min(1, samples[i] ?? 0));
    let magnitude = Math.min(32_635, Math.round(Math.abs(value) * 32_767)) + 132;
    let exponent = 7;
    for (let mask = 0x4000; (magnitude & mask) === 0 && exponent > 0; mask >>= 1) exponent--;
    magnitude = (magnitude >> (exponent + 3)) & 0x0f;
    out[i] = ~((value < 0 ? 0x80 : 0) | (exponent << 4) | magnitude) & 0xff;
  }
  return out;
}
