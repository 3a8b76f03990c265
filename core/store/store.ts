/** The store: one database, one writer, a repository per table. Methods are synchronous and throw HubErrors only at opening. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '#core/base/clock.ts';
import type {
  CameraWriter,
  EventWriter,
  ExportWriter,
  MetaStore,
  SegmentWriter,
  SessionStore,
  SettingsWriter,
} from '#core/domain/records.ts';
import { cameraTable } from './camera-table.ts';
import { openDatabase } from './database.ts';
import { eventTable } from './event-table.ts';
import { segmentTable } from './segment-table.ts';
import { exportTable, metaTable, sessionTable, settingsTable } from './small-tables.ts';

export interface Store {
  readonly cameras: CameraWriter;
  readonly segments: SegmentWriter;
  readonly events: EventWriter;
  readonly exports: ExportWriter;
  readonly settings: SettingsWriter;
  readonly meta: MetaStore;
  readonly sessions: SessionStore;
  /** Where a damaged database was moved at opening, or null. */
  readonly corruptMovedTo: string | null;
  /** Runs `change` in one transaction. */
  inTransaction(change: () => void): void;
  close(): void;
}

/** `path` may be ':memory:'. Throws as openDatabase does. */
export function openStore(path: string, clock: Clock): Store {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const { db, corruptMovedTo } = openDatabase(path, clock);
  return {
    cameras: cameraTable(db),
    segments: segmentTable(db),
    events: eventTable(db),
    exports: exportTable(db),
    settings: settingsTable(db),
    meta: metaTable(db),
    sessions: sessionTable(db),
    corruptMovedTo,
    inTransaction(change) {
      db.transaction(change)();
    },
    close() {
      db.close();
    },
  };
}
