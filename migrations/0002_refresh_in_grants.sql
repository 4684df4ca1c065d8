-- A grant has one chain of refresh tokens, so the chain's state is part of the grant's row: one row and one index less
-- to write for each authorization, one read less for each refresh. Refresh tokens issued before end here: their
-- clients ask for authorization again, which a live session answers at once.
-- On SQLite the tables that grow are kept in their primary key's own tree; a one_time row needs no foreign key, as
-- the gate refuses what leads to no grant.

CREATE TABLE grants_new (
  grant_id TEXT PRIMARY KEY,
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  sid TEXT,
  scope TEXT NOT NULL,
  resources TEXT NOT NULL,
  auth_time BIGINT NOT NULL,
  amr TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  refresh_generation BIGINT,
  refresh_salt TEXT,
  refreshed_at BIGINT,
  refresh_idle_expires_at BIGINT
) /*sqlite: WITHOUT ROWID */;
INSERT INTO grants_new (grant_id, sub, client_id, sid, scope, resources, auth_time, amr, created_at, expires_at, revoked_at)
  SELECT grant_id, sub, client_id, sid, scope, resources, auth_time, amr, created_at, expires_at, revoked_at FROM grants;

CREATE TABLE one_time_new (
  kind TEXT NOT NULL,
  value_key TEXT NOT NULL,
  grant_id TEXT,
  payload TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  consumed_at BIGINT,
  PRIMARY KEY (kind, value_key)
) /*sqlite: WITHOUT ROWID */;
INSERT INTO one_time_new (kind, value_key, grant_id, payload, expires_at, consumed_at)
  SELECT kind, value_key, grant_id, payload, expires_at, consumed_at FROM one_time;

CREATE TABLE revoked_tokens_new (
  jti TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
INSERT INTO revoked_tokens_new (jti, expires_at) SELECT jti, expires_at FROM revoked_tokens;

CREATE TABLE audit_new (
  event_id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  type TEXT NOT NULL,
  reason TEXT,
  sub TEXT,
  client_id TEXT,
  grant_id TEXT,
  sid TEXT,
  address TEXT,
  request_id TEXT,
  details TEXT NOT NULL
) /*sqlite: WITHOUT ROWID */;
INSERT INTO audit_new (event_id, at, type, reason, sub, client_id, grant_id, sid, address, request_id, details)
  SELECT event_id, at, type, reason, sub, client_id, grant_id, sid, address, request_id, details FROM audit;

DROP TABLE one_time;
DROP TABLE refresh_families;
DROP TABLE grants;
DROP TABLE revoked_tokens;
DROP TABLE audit;
ALTER TABLE grants_new RENAME TO grants;
ALTER TABLE one_time_new RENAME TO one_time;
ALTER TABLE revoked_tokens_new RENAME TO revoked_tokens;
ALTER TABLE audit_new RENAME TO audit;
CREATE INDEX grants_by_user ON grants (sub);
