-- Fingerprints (SHA-256) of the certificates that the camera showed first, as JSON: host:port → fingerprint.
ALTER TABLE cameras ADD COLUMN tls_pins TEXT CHECK (tls_pins IS NULL OR json_valid(tls_pins));
