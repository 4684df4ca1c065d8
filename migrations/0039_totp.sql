-- The authenticator app of a user (TOTP, RFC 6238): the seed, sealed under the master key, and the step that was used last.
CREATE TABLE totp (
  sub TEXT PRIMARY KEY REFERENCES users (sub) ON DELETE CASCADE,
  seed_sealed TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  enrolled_at BIGINT NOT NULL
);
-- An authenticator app that is being set up in a session, until its first code was right: it lets nobody in and locks nobody out.
CREATE TABLE totp_enrolments (
  sid TEXT PRIMARY KEY REFERENCES sessions (sid) ON DELETE CASCADE,
  seed_sealed TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
