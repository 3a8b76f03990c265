-- The hub's own state. All times are UTC milliseconds (integers). Paths are never stored: they follow from ids and times.

-- One row per camera. Addresses are stored without user information.
CREATE TABLE cameras (
  id TEXT PRIMARY KEY CHECK (length(id) = 13 AND id GLOB 'c[a-z0-9]*'),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  url TEXT NOT NULL CHECK (length(url) <= 4096),
  sub_url TEXT CHECK (sub_url IS NULL OR length(sub_url) <= 4096),
  username TEXT,
  -- Sealed by the hub's secret box; never clear text.
  sealed_password TEXT,
  record TEXT NOT NULL CHECK (record IN ('continuous', 'events', 'off')),
  audio INTEGER NOT NULL CHECK (audio IN (0, 1)),
  indoor INTEGER NOT NULL CHECK (indoor IN (0, 1)),
  -- DetectSettings as JSON.
  detect TEXT NOT NULL CHECK (json_valid(detect)),
  demo INTEGER NOT NULL CHECK (demo IN (0, 1)),
  -- Order on the wall, from 0.
  position INTEGER NOT NULL CHECK (position >= 0),
  -- UTC ms.
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0)
) STRICT, WITHOUT ROWID;

-- One row per finished segment file. Written after the file's bytes are on disk, removed after the file is gone.
CREATE TABLE segments (
  camera_id TEXT NOT NULL REFERENCES cameras (id),
  stream TEXT NOT NULL CHECK (stream IN ('main', 'sub')),
  -- UTC ms; also the file's name.
  start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
  -- UTC ms. The upper bound (15 min) lets spans be mended by looking at neighbours only.
  end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms AND end_ms - start_ms <= 900000),
  -- Size of the file in bytes.
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  -- ftyp + moov in bytes: the init section.
  init_bytes INTEGER NOT NULL CHECK (init_bytes > 0 AND init_bytes <= bytes),
  frames INTEGER NOT NULL CHECK (frames >= 0),
  video_codec TEXT NOT NULL,
  audio_codec TEXT,
  -- Pixels.
  width INTEGER NOT NULL CHECK (width >= 0),
  -- Pixels.
  height INTEGER NOT NULL CHECK (height >= 0),
  -- Pairs of varints: byte offset and tenths of a millisecond after start_ms, each as the difference from the pair before.
  keyframes BLOB NOT NULL,
  -- Packets were lost inside.
  damaged INTEGER NOT NULL CHECK (damaged IN (0, 1)),
  PRIMARY KEY (camera_id, stream, start_ms)
) STRICT, WITHOUT ROWID;

-- Retention asks for the oldest of all cameras.
CREATE INDEX segments_by_start ON segments (start_ms, end_ms, bytes);

-- Contiguous runs of segments per camera and stream, kept in the same transaction as the segments. What the timeline reads.
CREATE TABLE spans (
  camera_id TEXT NOT NULL REFERENCES cameras (id),
  stream TEXT NOT NULL CHECK (stream IN ('main', 'sub')),
  -- UTC ms: start of the first segment.
  start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
  -- UTC ms: the latest end.
  end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms),
  -- Sum over the segments, in bytes.
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  -- Number of segments.
  segments INTEGER NOT NULL CHECK (segments > 0),
  PRIMARY KEY (camera_id, stream, start_ms)
) STRICT, WITHOUT ROWID;

-- Why nothing was recorded.
CREATE TABLE gaps (
  camera_id TEXT NOT NULL REFERENCES cameras (id),
  stream TEXT NOT NULL CHECK (stream IN ('main', 'sub')),
  -- UTC ms.
  start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
  -- UTC ms.
  end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms),
  reason TEXT NOT NULL,
  PRIMARY KEY (camera_id, stream, start_ms, reason)
) STRICT, WITHOUT ROWID;

-- What was seen. Pictures lie beside, named after the id.
CREATE TABLE events (
  id TEXT PRIMARY KEY CHECK (length(id) = 13 AND id GLOB 'e[a-z0-9]*'),
  camera_id TEXT NOT NULL REFERENCES cameras (id),
  label TEXT NOT NULL CHECK (label IN ('person', 'vehicle', 'animal', 'bicycle', 'motion')),
  sub_label TEXT,
  -- 0..1
  score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
  -- UTC ms.
  start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
  -- UTC ms; NULL while it goes on.
  end_ms INTEGER CHECK (end_ms IS NULL OR end_ms >= start_ms),
  -- Box in the best picture, fractions 0..1 of its width and height.
  box_x REAL NOT NULL CHECK (box_x BETWEEN 0 AND 1),
  box_y REAL NOT NULL CHECK (box_y BETWEEN 0 AND 1),
  box_w REAL NOT NULL CHECK (box_w BETWEEN 0 AND 1),
  box_h REAL NOT NULL CHECK (box_h BETWEEN 0 AND 1),
  -- Names of zones as a JSON array.
  zones TEXT NOT NULL CHECK (json_valid(zones)),
  stationary INTEGER NOT NULL CHECK (stationary IN (0, 1)),
  -- UTC ms of the best picture.
  snapshot_ms INTEGER NOT NULL CHECK (snapshot_ms >= 0),
  source TEXT NOT NULL CHECK (source IN ('object', 'motion')),
  reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_start ON events (start_ms, id);
CREATE INDEX events_by_camera ON events (camera_id, start_ms, id);
CREATE INDEX events_unreviewed ON events (start_ms) WHERE reviewed = 0;
CREATE INDEX events_open ON events (id) WHERE end_ms IS NULL;

-- Export jobs: durable, so that a restart goes on with them. They outlive their camera.
CREATE TABLE exports (
  id TEXT PRIMARY KEY CHECK (length(id) = 13 AND id GLOB 'x[a-z0-9]*'),
  camera_id TEXT NOT NULL,
  -- The camera's name when it was asked for.
  title TEXT NOT NULL,
  -- UTC ms.
  from_ms INTEGER NOT NULL CHECK (from_ms >= 0),
  -- UTC ms.
  to_ms INTEGER NOT NULL CHECK (to_ms > from_ms),
  format TEXT NOT NULL CHECK (format IN ('mp4')),
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- 0..1
  progress REAL NOT NULL CHECK (progress BETWEEN 0 AND 1),
  -- Size of the finished file in bytes.
  bytes INTEGER CHECK (bytes IS NULL OR bytes >= 0),
  -- UTC ms.
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  error TEXT
) STRICT, WITHOUT ROWID;

-- One row per setting that was changed; the value is JSON.
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- Facts about this data folder, e.g. when the hub was last alive.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Browser sessions. Only a hash of the cookie is kept.
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
  -- UTC ms.
  created_ms INTEGER NOT NULL,
  -- UTC ms.
  last_used_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
