/**
 * Opens the one SQLite database. Invariant: what is returned is whole, writable and at the newest schema; everything
 * else is thrown as a HubError with a sentence (sqlite-errors.ts).
 */
import { existsSync, renameSync, statSync } from 'node:fs';
import Database, { type Database as Db } from 'better-sqlite3';
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import { migrate, readMigrations } from './migrator.ts';
import { explain, isCorruption } from './sqlite-errors.ts';

/** Above this a full check would delay the start; damage is then found by the first query that meets it. */
const checkedBytes = 64 * 1024 * 1024;

export interface OpenedDatabase {
  db: Db;
  /** Where the damaged database was moved, or null if it was whole. */
  corruptMovedTo: string | null;
}

/** Throws `database_newer`, `database_read_only`, `data_folder_unwritable`, `disk_full`, `data_folder_in_use`. */
export function openDatabase(path: string, clock: Clock): OpenedDatabase {
  try {
    return { db: openWhole(path, clock), corruptMovedTo: null };
  } catch (error) {
    if (!isCorruption(error)) throw explain(error, path);
    const aside = `${path}.corrupt-${new Date(clock.nowMs()).toISOString().replaceAll(/[:.]/g, '-')}`;
    try {
      // The write-ahead log belongs to the damaged file; with a new one it would be damage again.
      for (const suffix of ['', '-wal', '-shm'])
        if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
      return { db: openWhole(path, clock), corruptMovedTo: aside };
    } catch (second) {
      throw new HubError('database_corrupt', `The database ${path} is damaged and could not be moved aside.`, {
        cause: second,
      });
    }
  }
}

function openWhole(path: string, clock: Clock): Db {
  const existing = path !== ':memory:' && existsSync(path) ? statSync(path).size : 0;
  const db = new Database(path, { timeout: 5_000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('cache_size = -16000');
    if (existing > 0 && existing <= checkedBytes) {
      const answer = db.pragma('quick_check(1)', { simple: true });
      if (answer !== 'ok') throw new Database.SqliteError(String(answer), 'SQLITE_CORRUPT');
    }
    // A file that can be read but not written passes all of the above, and on it BEGIN IMMEDIATE begins to read.
    db.exec('BEGIN IMMEDIATE; CREATE TABLE can_be_written (answer INTEGER) STRICT; ROLLBACK');
    migrate(db, readMigrations(), clock.nowMs(), path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
