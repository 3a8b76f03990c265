-- Cameras that speak ONVIF: where, and what they offered when they were last asked.
ALTER TABLE cameras ADD COLUMN onvif_url TEXT CHECK (onvif_url IS NULL OR length(onvif_url) <= 4096);
-- CameraOnvif as JSON.
ALTER TABLE cameras ADD COLUMN onvif TEXT CHECK (onvif IS NULL OR json_valid(onvif));
ALTER TABLE cameras ADD COLUMN room TEXT CHECK (room IS NULL OR length(room) BETWEEN 1 AND 80);
-- PtzSettings as JSON; NULL: the defaults.
ALTER TABLE cameras ADD COLUMN ptz TEXT CHECK (ptz IS NULL OR json_valid(ptz));

-- Events that cameras report by themselves: more labels, another source, and the camera's own words.
CREATE TABLE new_events (
  id TEXT PRIMARY KEY CHECK (length(id) = 13 AND id GLOB 'e[a-z0-9]*'),
  camera_id TEXT NOT NULL REFERENCES cameras (id),
  label TEXT NOT NULL CHECK (
    label IN ('person', 'vehicle', 'animal', 'bicycle', 'motion', 'line_crossing', 'input', 'tamper')
  ),
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
  source TEXT NOT NULL CHECK (source IN ('object', 'motion', 'camera')),
  reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1)),
  -- For source 'camera': the rule, line or input as the camera names it.
  what TEXT CHECK (what IS NULL OR length(what) <= 200)
) STRICT, WITHOUT ROWID;
INSERT INTO new_events SELECT *, NULL FROM events;
DROP TABLE events;
ALTER TABLE new_events RENAME TO events;

CREATE INDEX events_by_start ON events (start_ms, id);
CREATE INDEX events_by_camera ON events (camera_id, start_ms, id);
CREATE INDEX events_unreviewed ON events (start_ms) WHERE reviewed = 0;
CREATE INDEX events_open ON events (id) WHERE end_ms IS NULL;
