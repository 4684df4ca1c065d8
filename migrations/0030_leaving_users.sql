-- A user whose deletion has begun: it goes on after a restart (identity/users.ts).
ALTER TABLE users ADD COLUMN leaving_at BIGINT;
CREATE INDEX users_leaving ON users (leaving_at) WHERE leaving_at IS NOT NULL;
