-- The used client assertions (RFC 7523 §3), by their jti, until they are over.
CREATE TABLE spent_jtis (
  jti_key TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
-- A node of before notes them in one_time, where a new one does not look. From here on it cannot, and refuses: nothing is
-- good once here and once there (docs/how-to/scale-out.md). Beside a SQLite file that is migrated there is no such node.
/*sqlite: DELETE FROM spent_jtis -- */ ALTER TABLE one_time ADD CONSTRAINT one_time_without_jti CHECK (kind <> 'jti') NOT VALID;
