-- The recovery codes of a user, ten at a time. Each is found by its hash and good once; a used one stays, so that no restore
-- makes it good again.
CREATE TABLE recovery_codes (
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (sub, code_hash)
);
