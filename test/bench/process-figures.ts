/** CPU time and memory of process trees, read from /proc. Linux only: elsewhere the benchmark says so and skips. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export const canMeasure = existsSync('/proc/self/schedstat');

/** All pids of a tree, root included. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const all: number[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    all.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return all;
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // the process ended while we looked
  }
}

/** Seconds of CPU that all threads of these processes have used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
      }
    } catch {
      continue; // ended while we looked
    }
  }
  return nanoseconds / 1e9;
}

/** Resident and proportional memory in MB. */
export function memoryMb(pids: readonly number[]): { rss: number; pss: number } {
  let rss = 0;
  let pss = 0;
  for (const pid of pids) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      rss += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
      pss += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      continue; // ended while we looked
    }
  }
  return { rss: rss / 1024, pss: pss / 1024 };
}

export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? Number.NaN;
}

/** CPU-seconds that the processes use in `seconds` of wall time. */
export async function cpuOver(pids: () => readonly number[], seconds: number): Promise<number> {
  const before = cpuSeconds(pids());
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return cpuSeconds(pids()) - before;
}
