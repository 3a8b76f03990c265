/**
 * ProducerReferenceTimeBox (ISO/IEC 14496-12, 8.16.5): says at which wall time a picture of the following fragment was here.
 * Players ignore it; it is how the delay from receipt to display is measured.
 */
import { writeUInt64 } from './box.ts';
import { videoTrackId } from './init-section.ts';

/** From NTP's epoch (1900) to that of UTC milliseconds (1970). */
const ntpOffsetS = 2_208_988_800;
/** The time at which the picture was put into its fragment. */
const whenFinalised = 2;

/** @param atMs UTC milliseconds. @param mediaTicks Presentation time of the picture, on the video track's clock. */
export function referenceTimeBox(atMs: number, mediaTicks: number): Buffer {
  const out = Buffer.allocUnsafe(32);
  out.writeUInt32BE(32, 0);
  out.write('prft', 4, 'latin1');
  out.writeUInt32BE(0x01000000 + whenFinalised, 8);
  out.writeUInt32BE(videoTrackId, 12);
  const seconds = Math.floor(atMs / 1000);
  // NTP's seconds begin anew in 2036.
  out.writeUInt32BE((seconds + ntpOffsetS) % 0x100000000, 16);
  out.writeUInt32BE(Math.floor(((atMs / 1000 - seconds) * 0x100000000) % 0x100000000), 20);
  writeUInt64(out, Math.max(0, Math.round(mediaTicks)), 24);
  return out;
}
