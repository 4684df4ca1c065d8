-- Clients that registered themselves (RFC 7591, RFC 7592): the SHA-256 of the registration access token, null for those
-- that an operator made, and when the client first got a token: one that never did is deleted after a while.
ALTER TABLE clients ADD COLUMN registration_token TEXT;
ALTER TABLE clients ADD COLUMN used_at BIGINT;
