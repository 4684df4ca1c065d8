-- The origins of the redirect URIs of each client, so that a browser's request asks for one and not for all clients.
CREATE TABLE client_origins (
  origin TEXT NOT NULL,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  PRIMARY KEY (origin, client_id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX client_origins_by_client ON client_origins (client_id);
-- The updated_at of the metadata that they are from: a server fills in what is missing, also behind a node of before.
ALTER TABLE clients ADD COLUMN origins_at BIGINT;
CREATE INDEX clients_without_origins ON clients (client_id) WHERE (origins_at IS NULL OR origins_at <> updated_at);
