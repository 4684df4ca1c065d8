-- A client whose deletion has begun: it goes on after a restart (oauth/clients/removal.ts).
ALTER TABLE clients ADD COLUMN leaving_at BIGINT;
CREATE INDEX clients_leaving ON clients (leaving_at) WHERE leaving_at IS NOT NULL;

-- A consent holds only in its client's consent_epoch: however many there are, all are asked again at once.
ALTER TABLE clients ADD COLUMN consent_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consents ADD COLUMN client_epoch BIGINT NOT NULL DEFAULT 0;
