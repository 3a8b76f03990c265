import { describe, expect, it } from 'vitest';
import { referenceTimeBox } from '#core/media/mp4/reference-time.ts';
import { LiveDelay, receivedAt } from '../../../renderer/ui/live-delay.ts';

const atMs = Date.UTC(2026, 10, 22, 12, 0, 0, 250);
const fragment = (ms: number, ticks: number): Uint8Array =>
  new Uint8Array(Buffer.concat([referenceTimeBox(ms, ticks), Buffer.from('\0\0\0\bmoof', 'latin1')]));

describe('when the hub received a live picture', () => {
  it.each([
    ['now', atMs],
    ['after the seconds of NTP began anew', Date.UTC(2040, 0, 1, 0, 0, 0, 5)],
  ])('is read as it was written: %s', (_, ms) => {
    const read = receivedAt(fragment(ms, 2 ** 33 + 7));
    expect(read?.atMs).toBeCloseTo(ms, 3);
    expect(read?.mediaTicks).toBe(2 ** 33 + 7);
  });

  it('is not made up for a fragment that does not say it', () => {
    expect(receivedAt(fragment(atMs, 0).subarray(32))).toBeNull();
    expect(receivedAt(new Uint8Array(0))).toBeNull();
  });

  it('is found by the time of the picture on screen, on a later connection too, and told once', () => {
    const delay = new LiveDelay();
    delay.note(fragment(atMs, 90_000), 0);
    delay.note(fragment(atMs + 33, 3_000), 20);
    expect(delay.of(1.0001)).toBeCloseTo(atMs, 3);
    expect(delay.of(1.0001)).toBeNull();
    expect(delay.of(20 + 1 / 30)).toBeCloseTo(atMs + 33, 3);
  });

  it('is forgotten in time when pictures are never shown', () => {
    const delay = new LiveDelay();
    for (let i = 0; i < 1_000; i++) delay.note(fragment(atMs + i, i * 3_000), 0);
    expect(delay.of(100 / 30)).toBeNull();
    expect(delay.of(990 / 30)).toBeCloseTo(atMs + 990, 3);
  });
});
