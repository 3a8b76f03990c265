/** Removes a test's folder, also while a child that lost its parent a moment ago still writes its last file into it. */
import { rmSync } from 'node:fs';

const waitMs = 10_000;
const stepMs = 50;

/** Tries for 10 s, then throws what stood in the way. A folder that is not there is removed already. */
export function removeFolder(path: string): void {
  const until = Date.now() + waitMs;
  for (;;) {
    try {
      rmSync(path, { recursive: true, force: true });
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs);
    }
  }
}
