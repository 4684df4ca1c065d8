-- What one person did before costs nobody anything later: every question about it has an index of its own.

-- Which clients got a grant in which session: whom its end is told, without a look at the grants.
CREATE TABLE session_clients (
  sid TEXT NOT NULL REFERENCES sessions (sid) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  PRIMARY KEY (sid, client_id)
) /*sqlite: WITHOUT ROWID */;
INSERT INTO session_clients (sid, client_id)
  SELECT DISTINCT grants.sid, grants.client_id FROM grants JOIN sessions ON sessions.sid = grants.sid;

-- A client is deleted without a look at every grant there is: its grants are taken before it, in pieces
-- (oauth/clients/removal.ts), and the gate refuses what leads to no client. SQLite takes no foreign key away: there the
-- table is made anew. PostgreSQL's stays, as what a node of before revokes meanwhile would meet an empty one.
DROP INDEX grants_by_user;
/*sqlite: CREATE TABLE grants_new (
  grant_id TEXT PRIMARY KEY,
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
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
  refresh_idle_expires_at BIGINT,
  code_binding TEXT,
  acr TEXT,
  claims TEXT,
  user_epoch BIGINT NOT NULL DEFAULT 0,
  client_epoch BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID */;
/*sqlite: INSERT INTO grants_new SELECT grant_id, sub, client_id, sid, scope, resources, auth_time, amr, created_at,
  expires_at, revoked_at, refresh_generation, refresh_salt, refreshed_at, refresh_idle_expires_at, code_binding, acr,
  claims, user_epoch, client_epoch FROM grants */;
/*sqlite: DROP TABLE grants -- */ ALTER TABLE grants DROP CONSTRAINT grants_new_client_id_fkey;
/*sqlite: ALTER TABLE grants_new RENAME TO grants */;
CREATE INDEX consents_by_client ON consents (client_id);
CREATE INDEX interactions_by_client ON interactions (client_id);

-- In place of grants_by_user: the newest of a person and a client, and the clients of a person.
CREATE INDEX grants_by_user_and_client ON grants (sub, client_id, grant_id);

-- The last seen of a person first, without those that ended.
DROP INDEX sessions_by_user;
CREATE INDEX sessions_by_user ON sessions (sub, ended_at, seen_at);

-- What waits for one destination, the oldest first, however much waits for another; what was given up waits for no time.
DROP INDEX outbox_by_time;
CREATE INDEX outbox_by_destination ON outbox (destination, next_at, outbox_key);
UPDATE outbox SET next_at = 9007199254740991 WHERE dead_at IS NOT NULL;
