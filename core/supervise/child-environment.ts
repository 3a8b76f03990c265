/**
 * What a child process may know of the hub's environment, and what it is told about memory. In one place, so that the
 * benchmarks start children exactly as the hub does. Invariant: nothing secret is passed on.
 */
import { join } from 'node:path';

/** Enough to run and to find its files, and no more. */
const passedOn =
  /^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|SystemRoot|APPDATA|LOCALAPPDATA|XDG_.*|LD_LIBRARY_PATH|NODE_COMPILE_CACHE|PORCHLIGHT_.*)$/;

/** Later values win: the hub's own, then what every child gets, then `added`. */
export function childEnvironment(
  hub: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const known = Object.fromEntries(Object.entries(hub).filter(([name]) => passedOn.test(name)));
  return { ...known, MALLOC_ARENA_MAX: '2', ...added };
}

/** Compiled code is kept there: later starts are faster and do without the compiler that strips types (38 MB). */
export function compileCache(cacheFolder: string): Record<string, string> {
  return { NODE_COMPILE_CACHE: join(cacheFolder, 'compiled') };
}

/** For the recorder, whose large blocks live long: glibc gives others back at once instead of keeping holes. */
export const recorderEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
