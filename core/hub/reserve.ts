/**
 * `<data>/reserve`: two megabytes that are given up when the disk is full, so that the lock, the database and the deletion of old
 * recordings have room to work. Kept again as soon as there is room.
 */
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const reserveBytes = 2_000_000;
const enoughBytes = 20_000_000;
const fullBytes = 1_000_000;

/** Call at the start and now and then. Does nothing between full and enough. */
export function tendReserve(folder: string): void {
  const path = join(folder, 'reserve');
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  const there = existsSync(path);
  if (there && freeBytes < fullBytes) rmSync(path, { force: true });
  // Not a sparse file: the blocks must be ours.
  else if (!there && freeBytes > enoughBytes) writeFileSync(path, Buffer.alloc(reserveBytes, 0x2e), { mode: 0o600 });
}
