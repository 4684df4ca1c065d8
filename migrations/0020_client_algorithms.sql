-- Which of PS256 and EdDSA each client has its answers signed with: there is a key of each for as long as there is a client.
CREATE TABLE client_algorithms (
  alg TEXT NOT NULL,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  PRIMARY KEY (alg, client_id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX client_algorithms_by_client ON client_algorithms (client_id);
-- The updated_at of the metadata that they are from: a server fills in what is missing, also behind a node of before.
ALTER TABLE clients ADD COLUMN algorithms_at BIGINT;
UPDATE clients SET algorithms_at = updated_at
  WHERE metadata NOT LIKE '%_signed_response_alg":"PS256"%' AND metadata NOT LIKE '%_signed_response_alg":"EdDSA"%';
CREATE INDEX clients_without_algorithms ON clients (client_id)
  WHERE (algorithms_at IS NULL OR algorithms_at <> updated_at);
