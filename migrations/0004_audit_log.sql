-- The audit events of one commit share a row: a third of the bytes, and a statement for ten events instead of one for
-- each. `events` is a JSON array, packed (storage/tables/audit.ts); what was there before stays as plain JSON.
-- Codes are deleted when they are spent; what a replay of one must match stays with its grant.

CREATE TABLE audit_log (
  log_key TEXT PRIMARY KEY,
  events TEXT NOT NULL
) /*sqlite: WITHOUT ROWID */;
INSERT INTO audit_log (log_key, events)
  SELECT event_id, '[{"at":' || at || ',"type":"' || type || '"'
    || COALESCE(',"reason":"' || reason || '"', '')
    || COALESCE(',"sub":"' || sub || '"', '')
    || COALESCE(',"client_id":"' || client_id || '"', '')
    || COALESCE(',"grant_id":"' || grant_id || '"', '')
    || COALESCE(',"sid":"' || sid || '"', '')
    || COALESCE(',"address":"' || address || '"', '')
    || COALESCE(',"request_id":"' || request_id || '"', '')
    || ',"details":' || details || '}]'
  FROM audit;
DROP TABLE audit;

ALTER TABLE grants ADD COLUMN code_binding TEXT;
DELETE FROM one_time WHERE consumed_at IS NOT NULL;
ALTER TABLE one_time DROP COLUMN consumed_at;
