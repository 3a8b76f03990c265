/** Finds the children of a hub by the entry point they run. Linux (/proc). */
import { readFileSync } from 'node:fs';
import { processTree } from '../bench/process-figures.ts';

/** pid of each running child by name: recorder, analyser, detector, compat, sandbox, virtual-camera. */
export function workerPids(hubPid: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const pid of processTree(hubPid)) {
    if (pid === hubPid) continue;
    try {
      const name = /workers\/([a-z-]+)\.[tj]s/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1];
      if (name !== undefined) found.set(name, pid);
    } catch {
      continue; // ended while we looked
    }
  }
  return found;
}
