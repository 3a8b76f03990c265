/** Counts what a stream delivers, for the figures that are shown every five seconds. */
import type { MediaUnit } from '#core/domain/media.ts';

export interface MeterReading {
  fps: number;
  bitsPerSecond: number;
  keyframeIntervalMs: number | null;
}

const keyframeMemory = 8;

export class StreamMeter {
  #frames = 0;
  #bytes = 0;
  #sinceMono: number;
  #keyTimes: number[] = [];

  constructor(mono: number) {
    this.#sinceMono = mono;
  }

  add(unit: MediaUnit): void {
    this.#bytes += unit.data.length;
    if (unit.kind === 'audio') return;
    this.#frames++;
    if (!unit.key) return;
    this.#keyTimes.push(unit.dts90k);
    if (this.#keyTimes.length > keyframeMemory) this.#keyTimes.shift();
  }

  /** A new connection's times have nothing to do with the old one's. */
  restart(): void {
    this.#keyTimes = [];
  }

  /** What came since the last reading. */
  read(mono: number): MeterReading {
    const seconds = Math.max(0.001, (mono - this.#sinceMono) / 1000);
    const first = this.#keyTimes[0];
    const last = this.#keyTimes.at(-1);
    const reading = {
      fps: this.#frames / seconds,
      bitsPerSecond: (this.#bytes * 8) / seconds,
      keyframeIntervalMs:
        first !== undefined && last !== undefined && this.#keyTimes.length > 1
          ? (last - first) / 90 / (this.#keyTimes.length - 1)
          : null,
    };
    this.#frames = 0;
    this.#bytes = 0;
    this.#sinceMono = mono;
    return reading;
  }
}
