/** Exports, settings, facts about the data folder, and browser sessions: tables that need little more than get and put. */
import type { Database } from 'better-sqlite3';
import {
  defaultSettings,
  type ExportRecord,
  type ExportWriter,
  type HubSettings,
  type MetaStore,
  type SessionStore,
  type SettingsWriter,
} from '#core/domain/records.ts';

const exportColumns = `id, camera_id AS cameraId, title, from_ms AS fromMs, to_ms AS toMs, format, state, progress, bytes,
  created_ms AS createdMs, error`;

export function exportTable(db: Database): ExportWriter {
  const one = db.prepare<[string], ExportRecord>(`SELECT ${exportColumns} FROM exports WHERE id = ?`);
  const all = db.prepare<[], ExportRecord>(`SELECT ${exportColumns} FROM exports ORDER BY created_ms DESC, id`);
  const put = db.prepare(`
    INSERT OR REPLACE INTO exports (id, camera_id, title, from_ms, to_ms, format, state, progress, bytes, created_ms, error)
    VALUES (:id, :cameraId, :title, :fromMs, :toMs, :format, :state, :progress, :bytes, :createdMs, :error)`);
  const remove = db.prepare('DELETE FROM exports WHERE id = ?');
  return {
    get: (id) => one.get(id) ?? null,
    list: () => all.all(),
    put(job) {
      put.run(job);
    },
    remove(id) {
      remove.run(id);
    },
  };
}

export function settingsTable(db: Database): SettingsWriter {
  const all = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM settings');
  const put = db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)');
  const get = (): HubSettings => {
    const changed = Object.fromEntries(all.all().map((row) => [row.key, JSON.parse(row.value) as unknown]));
    return { ...defaultSettings, ...(changed as Partial<HubSettings>) };
  };
  return {
    get,
    change: db.transaction((patch: Parameters<SettingsWriter['change']>[0]) => {
      for (const [key, value] of Object.entries(patch))
        if (value !== undefined && key in defaultSettings) put.run(key, JSON.stringify(value));
      return get();
    }),
  };
}

export function metaTable(db: Database): MetaStore {
  const one = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const put = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  return {
    get: (key) => one.get(key) ?? null,
    set(key, value) {
      put.run(key, value);
    },
  };
}

export function sessionTable(db: Database): SessionStore {
  const add = db.prepare('INSERT OR REPLACE INTO sessions (token_hash, created_ms, last_used_ms) VALUES (?, ?, ?)');
  const last = db.prepare<[string], number>('SELECT last_used_ms FROM sessions WHERE token_hash = ?').pluck();
  const use = db.prepare('UPDATE sessions SET last_used_ms = ? WHERE token_hash = ?');
  const remove = db.prepare('DELETE FROM sessions WHERE token_hash = ?');
  const expire = db.prepare('DELETE FROM sessions WHERE last_used_ms < ?');
  return {
    add(hash, nowMs) {
      add.run(hash, nowMs, nowMs);
    },
    touch(hash, nowMs, aliveAfterMs) {
      const lastMs = last.get(hash);
      if (lastMs === undefined) return false;
      if (lastMs < aliveAfterMs) {
        expire.run(aliveAfterMs);
        return false;
      }
      // Once a minute is exact enough for an expiry counted in days, and a write for each request is not needed.
      if (nowMs - lastMs > 60_000) use.run(nowMs, hash);
      return true;
    },
    remove(hash) {
      remove.run(hash);
    },
  };
}
