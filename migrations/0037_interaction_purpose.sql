-- What an interaction is for (oauth/authorization/purposes), and what each step stored in it, as JSON by the name of the step
-- (oauth/authorization/steps). Identifiers of ours hold nothing that JSON escapes.
ALTER TABLE interactions ADD COLUMN purpose TEXT NOT NULL DEFAULT 'authorization';
ALTER TABLE interactions ADD COLUMN done TEXT NOT NULL DEFAULT '{}';
UPDATE interactions SET done = '{' || substr(
  COALESCE(',"select-account":{"sub":"' || selected_sub || '"}', '') ||
  COALESCE(',"login":{"sid":"' || signed_in_sid || '"}', '') ||
  COALESCE(',"consent":{' || NULLIF(substr(
    COALESCE(',"decided":{"decision":"' || decision || '","sub":"' || decided_sub || '"}', '') ||
    COALESCE(',"added":' || consent_added, ''), 2), '') || '}', ''), 2) || '}';

-- The client is absent where no app asked. SQLite makes no column optional: there the table is made anew. A node of before knows
-- none of this: what it is asked to begin or to go on with fails until it is replaced (docs/how-to/scale-out.md).
/*sqlite: CREATE TABLE interactions_new (
  interaction_id TEXT PRIMARY KEY,
  browser_hash TEXT,
  client_id TEXT REFERENCES clients (client_id) ON DELETE CASCADE,
  request TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  completed_at BIGINT,
  purpose TEXT NOT NULL,
  done TEXT NOT NULL
) */;
/*sqlite: INSERT INTO interactions_new SELECT interaction_id, browser_hash, client_id, request, created_at, expires_at,
  completed_at, purpose, done FROM interactions -- */ ALTER TABLE interactions ALTER COLUMN client_id DROP NOT NULL;
/*sqlite: DROP TABLE interactions -- */ ALTER TABLE interactions DROP COLUMN decision, DROP COLUMN decided_sub, DROP COLUMN selected_sub, DROP COLUMN signed_in_sid, DROP COLUMN consent_added;
/*sqlite: ALTER TABLE interactions_new RENAME TO interactions -- */ ALTER TABLE interactions ALTER COLUMN purpose DROP DEFAULT;
/*sqlite: CREATE INDEX interactions_by_client ON interactions (client_id) -- */ ALTER TABLE interactions ALTER COLUMN done DROP DEFAULT;
