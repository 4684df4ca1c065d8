-- What ends whole and at once, however much there is of it: a session lives only in its user's session_epoch, a grant
-- only in its user's grant_epoch and its client's epoch. Raising one ends everything that was begun before, also what
-- is being written at that moment.
ALTER TABLE users ADD COLUMN session_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN grant_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN user_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN client_epoch BIGINT NOT NULL DEFAULT 0;
