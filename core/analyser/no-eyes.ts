/** Eyes that see nothing. */
import type { OpenEyes } from './eyes.ts';

export const openNoEyes: OpenEyes = () => ({
  onFrame: () => Promise.resolve(),
  update: () => undefined,
  finish: () => undefined,
  status: () => ({ motion: false, motionMsPerFrame: 0, detections: 0, detector: 'absent' }),
});
