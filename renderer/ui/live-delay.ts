/**
 * How long a live picture took from the hub to the screen: remembers when the hub received each of the last pictures, which the
 * fragments say (prft, ISO/IEC 14496-12 8.16.5). The timeline's own wall time is not good enough for this: it is smoothed, and
 * a recorder that was dozing when its first picture came may be a tenth of a second off. Pictures that the hub had already when
 * the viewer came say nothing, and are not measured.
 */

/** The hub counts the video's time in these. */
const ticksPerS = 90_000;
/** From NTP's epoch (1900) to that of UTC milliseconds (1970), both in seconds. */
const ntpOffsetS = 2_208_988_800;
/** Media time is rounded on its way through the browser. */
const sameS = 0.004;
const mostKept = 256;

interface Received {
  /** Of the video element, seconds. */
  mediaS: number;
  /** UTC milliseconds on the hub's clock. */
  atMs: number;
}

/** What stands at the start of a live fragment; null if it does not say when it was received. */
export function receivedAt(fragment: Uint8Array): { mediaTicks: number; atMs: number } | null {
  const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.byteLength);
  const isPrft = view.byteLength >= 32 && view.getUint32(4) === 0x70726674 && view.getUint8(8) === 1;
  if (!isPrft) return null;
  const seconds = view.getUint32(16);
  // NTP's seconds begin anew in 2036.
  const unixS = seconds - ntpOffsetS + (seconds < 0x80000000 ? 2 ** 32 : 0);
  return { atMs: unixS * 1000 + (view.getUint32(20) / 2 ** 32) * 1000, mediaTicks: Number(view.getBigUint64(24)) };
}

export class LiveDelay {
  private received: Received[] = [];

  /** @param offsetS Media time of the video element at which the fragment's timeline begins. */
  note(fragment: Uint8Array, offsetS: number): void {
    const found = receivedAt(fragment);
    if (!found) return;
    this.received.push({ mediaS: offsetS + found.mediaTicks / ticksPerS, atMs: found.atMs });
    if (this.received.length > mostKept) this.received.shift();
  }

  /** When the hub received the picture that is shown now, UTC milliseconds; null where it is not known. */
  of(mediaS: number): number | null {
    const at = this.received.findIndex((each) => Math.abs(each.mediaS - mediaS) < sameS);
    if (at < 0) return null;
    const atMs = this.received[at]?.atMs ?? null;
    this.received = this.received.slice(at + 1);
    return atMs;
  }
}
