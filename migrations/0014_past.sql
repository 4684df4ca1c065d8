-- What one person did before costs nobody anything later: every question about it has an index of its own.

-- Which clients got a grant in which session: whom its end is told, without a look at the grants.
CREATE TABLE session_clients (
  sid TEXT NOT NULL REFERENCES sessions (sid) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  PRIMARY KEY (sid, client_id)
) /*sqlite: WITHOUT ROWID */;
INSERT INTO session_clients (sid, client_id)
  SELECT DISTINCT grants.sid, grants.client_id FROM grants JOIN sessions ON sessions.sid = grants.sid;

-- In place of grants_by_user: the newest of a person and a client, and the clients of a person.
DROP INDEX grants_by_user;
CREATE INDEX grants_by_user_and_client ON grants (sub, client_id, grant_id);

-- The last seen of a person first, without those that ended.
DROP INDEX sessions_by_user;
CREATE INDEX sessions_by_user ON sessions (sub, ended_at, seen_at);
