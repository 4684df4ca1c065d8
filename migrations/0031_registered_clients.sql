-- Those that registered themselves are counted at each registration (oauth/requests/client-registration.ts).
CREATE INDEX clients_registered ON clients (client_id) WHERE registration_token IS NOT NULL AND leaving_at IS NULL;
-- What a client had that was disabled before there were epochs (0012) does not come back when it is enabled.
UPDATE clients SET epoch = epoch + 1 WHERE disabled_at IS NOT NULL;
