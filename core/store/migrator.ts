/**
 * Brings a database up to date: migrations/NNNN_verb-noun.sql, forward only, each in one transaction, each with the hash
 * of the text that was run. Invariant: a database that this program does not know whole is refused, never guessed at.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { HubError } from '#core/base/errors.ts';

export interface Migration {
  number: number;
  name: string;
  sql: string;
}

export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** All migrations by number. Throws a plain Error on a gap or a wrong name: that is a bug of ours. */
export function readMigrations(folder = migrationsFolder): Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return files.map((file, index) => {
    const match = /^(\d{4})_([a-z0-9-]+)\.sql$/.exec(file);
    if (!match || Number(match[1]) !== index + 1)
      throw new Error(`Migration ${file} is out of order or misnamed (NNNN_verb-noun.sql, from 0001).`);
    return { number: index + 1, name: match[2] ?? '', sql: readFileSync(join(folder, file), 'utf8') };
  });
}

/** Hash of the text without the difference between line ends, which a checkout may change. */
function checksum(sql: string): string {
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
}

/** Throws `database_newer` if the database knows a migration that `migrations` does not, or one with another text. */
export function migrate(db: Database, migrations: readonly Migration[], nowMs: number, path: string): number {
  db.exec(`CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    -- UTC ms.
    applied_ms INTEGER NOT NULL
  ) STRICT`);
  const done = db.prepare<[], { number: number; name: string; sha256: string }>(
    'SELECT number, name, sha256 FROM migrations ORDER BY number',
  );
  const applied = done.all();
  for (const [index, row] of applied.entries()) {
    const known = migrations[index];
    if (known?.number !== row.number || checksum(known.sql) !== row.sha256)
      throw new HubError(
        'database_newer',
        `The database ${path} was made by a newer or different Porchlight (step ${row.number}, ${row.name}). ` +
          'Start that version, or choose another folder with --data.',
      );
  }
  const record = db.prepare('INSERT INTO migrations (number, name, sha256, applied_ms) VALUES (?, ?, ?, ?)');
  for (const migration of migrations.slice(applied.length)) {
    db.transaction(() => {
      db.exec(migration.sql);
      record.run(migration.number, migration.name, checksum(migration.sql), nowMs);
    })();
  }
  return migrations.length - applied.length;
}
