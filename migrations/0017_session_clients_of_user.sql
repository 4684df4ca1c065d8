-- The clients of a person from one to the next, however many sessions each took part in.
ALTER TABLE session_clients ADD COLUMN sub TEXT NOT NULL DEFAULT '';
UPDATE session_clients SET sub = (SELECT sessions.sub FROM sessions WHERE sessions.sid = session_clients.sid);
CREATE INDEX session_clients_by_user ON session_clients (sub, client_id, sid);
