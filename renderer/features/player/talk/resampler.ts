/**
 * Sound from one sampling rate to another, as it comes: a windowed sinc, so that what the lower rate can't hold is taken out
 * instead of folded back as a whistle. One instance per stream; samples are -1..1.
 */
const lobes = 8;

export class Resampler {
  readonly #step: number;
  readonly #reach: number;
  readonly #cutoff: number;
  /** Input that later output still needs; its first sample has the number `#start`. */
  #kept = new Float32Array(0);
  #start: number;
  /** Place of the next output sample, in input samples. */
  #next = 0;

  constructor(fromHz: number, toHz: number) {
    this.#step = fromHz / toHz;
    this.#cutoff = Math.min(1, toHz / fromHz);
    this.#reach = Math.ceil(lobes / this.#cutoff);
    // Before the first sample there was silence.
    this.#kept = new Float32Array(this.#reach);
    this.#start = -this.#reach;
  }

  push(input: Float32Array): Float32Array<ArrayBuffer> {
    const all = new Float32Array(this.#kept.length + input.length);
    all.set(this.#kept);
    all.set(input, this.#kept.length);
    const end = this.#start + all.length;
    const out: number[] = [];
    while (this.#next + this.#reach < end) {
      out.push(this.#at(all, this.#next - this.#start));
      this.#next += this.#step;
    }
    const from = Math.max(0, Math.floor(this.#next) - this.#reach - this.#start);
    this.#kept = all.slice(from);
    this.#start += from;
    return Float32Array.from(out);
  }

  #at(samples: Float32Array, place: number): number {
    const from = Math.max(0, Math.ceil(place - this.#reach));
    const to = Math.min(samples.length - 1, Math.floor(place + this.#reach));
    let sum = 0;
    let weight = 0;
    for (let index = from; index <= to; index += 1) {
      const x = (index - place) * this.#cutoff;
      const hann = 0.5 + 0.5 * Math.cos((Math.PI * (index - place)) / this.#reach);
      const gain = (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * hann;
      sum += (samples[index] ?? 0) * gain;
      weight += gain;
    }
    return weight === 0 ? 0 : sum / weight;
  }
}

/** 16-bit little-endian, whatever this machine's own order is. */
export function pcm16(samples: Float32Array): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((sample, index) => {
    const clipped = Math.max(-1, Math.min(1, sample));
    view.setInt16(index * 2, Math.round(clipped < 0 ? clipped * 0x8000 : clipped * 0x7fff), true);
  });
  return view.buffer;
}
