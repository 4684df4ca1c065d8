-- The sign-ins in which a first factor was proven and a second is asked for. Nobody is signed in by one: it is no session.
CREATE TABLE pending_sign_ins (
  pending_key TEXT PRIMARY KEY,
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  amr TEXT NOT NULL,
  lacks TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX pending_sign_ins_by_user ON pending_sign_ins (sub);
