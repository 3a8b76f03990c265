/** The cameras table. Settings of detection are kept whole as JSON; a field that an older row lacks gets its default. */
import type { Database } from 'better-sqlite3';
import { defaultDetectSettings, type DetectSettings } from '#core/domain/detection.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { RecordMode } from '#core/domain/media.ts';
import {
  defaultPtzSettings,
  type CameraOnvif,
  type CameraRecord,
  type CameraWriter,
  type PtzSettings,
} from '#core/domain/records.ts';

interface Row {
  id: string;
  name: string;
  url: string;
  sub_url: string | null;
  username: string | null;
  sealed_password: string | null;
  record: RecordMode;
  audio: number;
  indoor: number;
  detect: string;
  demo: number;
  position: number;
  created_ms: number;
  onvif_url: string | null;
  onvif: string | null;
  room: string | null;
  ptz: string | null;
  tls_pins: string | null;
}

export function cameraTable(db: Database): CameraWriter {
  const all = db.prepare<[], Row>('SELECT * FROM cameras ORDER BY position, created_ms, id');
  const one = db.prepare<[string], Row>('SELECT * FROM cameras WHERE id = ?');
  const put = db.prepare(`
    INSERT INTO cameras VALUES (:id, :name, :url, :subUrl, :username, :sealedPassword, :record, :audio, :indoor, :detect, :demo, :position, :createdMs,
      :onvifUrl, :onvif, :room, :ptz, :tlsPins)
    ON CONFLICT (id) DO UPDATE SET name = :name, url = :url, sub_url = :subUrl, username = :username,
      sealed_password = :sealedPassword, record = :record, audio = :audio, indoor = :indoor, detect = :detect,
      demo = :demo, position = :position, onvif_url = :onvifUrl, onvif = :onvif, room = :room, ptz = :ptz, tls_pins = :tlsPins`);
  const remove = db.prepare('DELETE FROM cameras WHERE id = ?');
  return {
    list: () => all.all().map(toCamera),
    get(id) {
      const row = one.get(id);
      return row ? toCamera(row) : null;
    },
    put(camera) {
      put.run({
        ...camera,
        audio: camera.audio ? 1 : 0,
        indoor: camera.indoor ? 1 : 0,
        demo: camera.demo ? 1 : 0,
        detect: JSON.stringify(camera.detect),
        onvif: camera.onvif === null ? null : JSON.stringify(camera.onvif),
        ptz: JSON.stringify(camera.ptz),
        tlsPins: JSON.stringify(camera.tlsPins),
      });
    },
    remove(id) {
      remove.run(id);
    },
  };
}

function toCamera(row: Row): CameraRecord {
  return {
    id: row.id as CameraId,
    name: row.name,
    url: row.url,
    subUrl: row.sub_url,
    username: row.username,
    sealedPassword: row.sealed_password,
    record: row.record,
    audio: row.audio === 1,
    indoor: row.indoor === 1,
    detect: { ...defaultDetectSettings, ...(JSON.parse(row.detect) as Partial<DetectSettings>) },
    demo: row.demo === 1,
    position: row.position,
    createdMs: row.created_ms,
    onvifUrl: row.onvif_url,
    onvif: row.onvif === null ? null : (JSON.parse(row.onvif) as CameraOnvif),
    room: row.room,
    ptz: { ...defaultPtzSettings, ...(JSON.parse(row.ptz ?? '{}') as Partial<PtzSettings>) },
    tlsPins: JSON.parse(row.tls_pins ?? '{}') as Record<string, string>,
  };
}
