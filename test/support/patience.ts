/** `vi.waitFor` waits for 10 s unless told otherwise: vitest's own second is short on two shared cores. */
import { vi } from 'vitest';

const patienceMs = 10_000;
const waitFor = vi.waitFor.bind(vi);
vi.waitFor = (check, options) =>
  waitFor(check, typeof options === 'number' ? options : { timeout: patienceMs, ...options });
