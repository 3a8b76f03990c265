/** Opening the database: fresh, older, newer, damaged. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import { newCameraId, newEventId } from '#core/domain/ids.ts';
import { migrate, readMigrations } from '#core/store/migrator.ts';
import { openStore } from '#core/store/store.ts';
import { removeFolder } from '../../support/remove-folder.ts';

let folder: string;
let path: string;
const clock = new ManualClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-db-'));
  path = join(folder, 'porchlight.db');
});
afterEach(() => {
  removeFolder(folder);
});

function caught(run: () => unknown): HubError {
  try {
    run();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const schemaOf = (db: Database.Database): unknown =>
  db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name").all();

describe('migrations', () => {
  it('lead to the same schema in steps as at once, and keep the rows of each step', () => {
    const all = readMigrations();
    const stepwise = new Database(':memory:');
    for (const count of all.keys()) migrate(stepwise, all.slice(0, count + 1), 1, ':memory:');
    const fresh = new Database(':memory:');
    expect(migrate(fresh, all, 1, ':memory:')).toBe(all.length);
    expect(schemaOf(stepwise)).toEqual(schemaOf(fresh));
    expect(migrate(fresh, all, 1, ':memory:')).toBe(0);
  });

  it('N-1 to N leaves what was written before as it was', () => {
    const store = openStore(path, clock);
    const id = newEventId();
    const cameraId = newCameraId();
    store.settings.change({ retentionDays: 3 });
    store.close();
    const next = {
      number: readMigrations().length + 1,
      name: 'add-note',
      sql: 'ALTER TABLE cameras ADD COLUMN note TEXT',
    };
    const db = new Database(path);
    db.prepare(
      `INSERT INTO cameras VALUES (?, 'Porch', 'rtsp://h/x', NULL, NULL, NULL, 'continuous', 1, 0, '{}', 0, 0, 5, NULL, NULL, NULL, NULL, NULL)`,
    ).run(cameraId);
    db.prepare(
      `INSERT INTO events VALUES (?, ?, 'person', NULL, 0.5, 10, 20, 0, 0, 1, 1, '["Drive"]', 0, 12, 'object', 1, NULL)`,
    ).run(id, cameraId);
    expect(migrate(db, [...readMigrations(), next], 2, path)).toBe(1);
    expect(db.prepare('SELECT id, name, note FROM cameras').all()).toEqual([
      { id: cameraId, name: 'Porch', note: null },
    ]);
    expect(db.prepare('SELECT id, zones, reviewed FROM events').all()).toEqual([
      { id, zones: '["Drive"]', reviewed: 1 },
    ]);
    db.close();
    // And the program that does not know the step refuses.
    const error = caught(() => openStore(path, clock));
    expect(error.code).toBe('database_newer');
    expect(error.message).toMatch(/newer or different Porchlight/);
  });

  it('that fail leave nothing behind', () => {
    const db = new Database(':memory:');
    const bad = { number: 1, name: 'break-it', sql: 'CREATE TABLE a (x); CREATE TABLE a (x);' };
    expect(() => migrate(db, [bad], 1, ':memory:')).toThrow();
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'a'").all()).toEqual([]);
  });

  it('have a comment at every table and at every column that carries a unit', () => {
    for (const { sql } of readMigrations()) {
      const lines = sql.split('\n');
      for (const [index, line] of lines.entries()) {
        if (/^CREATE TABLE/.test(line)) expect(lines[index - 1], line).toMatch(/^--/);
        if (/^\s+\w*(_ms|bytes|width|height)\b/.test(line)) expect(lines[index - 1], line).toMatch(/^\s+--/);
      }
    }
  });
});

describe('F45: a damaged database', () => {
  it('is moved aside and a new one is made', () => {
    openStore(path, clock).close();
    writeFileSync(path, Buffer.alloc(8_192, 0x5a));
    const store = openStore(path, clock);
    expect(store.corruptMovedTo).toMatch(/porchlight\.db\.corrupt-/);
    expect(readFileSync(store.corruptMovedTo ?? '')).toEqual(Buffer.alloc(8_192, 0x5a));
    expect(store.cameras.list()).toEqual([]);
    store.close();
    expect(openStore(path, clock).corruptMovedTo).toBeNull();
  });

  it('in the middle, where the header is whole, is noticed at the start', () => {
    const store = openStore(path, clock);
    for (let i = 0; i < 2_000; i++) store.meta.set(`key-${i}`, 'x'.repeat(100));
    store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 40_960, 40_960 + 20_000);
    writeFileSync(path, bytes);
    expect(openStore(path, clock).corruptMovedTo).not.toBeNull();
  });

  it('cut short is noticed, too', () => {
    const store = openStore(path, clock);
    for (let i = 0; i < 2_000; i++) store.meta.set(`key-${i}`, 'x'.repeat(100));
    store.close();
    writeFileSync(path, readFileSync(path).subarray(0, 60_000));
    expect(openStore(path, clock).corruptMovedTo).not.toBeNull();
    expect(readdirSync(folder).some((name) => name.includes('.corrupt-'))).toBe(true);
  });
});

describe('a database', () => {
  it('is usable after a copy was taken of it while it was open', () => {
    const store = openStore(path, clock);
    store.meta.set('a', 'b');
    copyFileSync(path, `${path}-copy`);
    copyFileSync(`${path}-wal`, `${path}-copy-wal`);
    expect(openStore(`${path}-copy`, clock).meta.get('a')).toBe('b');
    store.close();
  });

  it('keeps settings that were changed and gives defaults for the others', () => {
    const store = openStore(':memory:', clock);
    expect(store.settings.change({ retentionDays: 2, theme: undefined })).toMatchObject({
      retentionDays: 2,
      theme: 'system',
    });
    expect(store.settings.get().retentionDays).toBe(2);
  });
});
