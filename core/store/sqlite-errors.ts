/** The one mapper from SQLite's errors to ours. */
import Database from 'better-sqlite3';
import { HubError } from '#core/base/errors.ts';

export function sqliteCode(error: unknown): string | null {
  return error instanceof Database.SqliteError ? error.code : null;
}

export function isCorruption(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
}

/** What to tell a person about a database that can't be used; a bug (any other error) comes back as it was. */
export function explain(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === null) return error;
  if (isCorruption(error))
    return new HubError('database_corrupt', `The database ${path} is damaged.`, { cause: error });
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM')
    return new HubError(
      'database_read_only',
      `The database ${path} can't be written. Give this user the right to write it and its folder, then start again.`,
      { cause: error },
    );
  if (code.startsWith('SQLITE_CANTOPEN'))
    return new HubError(
      'data_folder_unwritable',
      `The database ${path} can't be opened. Check that this user may read and write its folder.`,
      { cause: error },
    );
  if (code === 'SQLITE_FULL')
    return new HubError('disk_full', `There is no room on the disk for the database ${path}. Free some space.`, {
      cause: error,
    });
  if (code.startsWith('SQLITE_BUSY'))
    return new HubError('data_folder_in_use', `Another program holds the database ${path}. Close it and start again.`, {
      cause: error,
    });
  return error;
}
